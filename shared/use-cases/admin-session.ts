// An admin's session in the portal: an opaque id, stored as a hash, proven once by a sign-in with Microsoft.
// What the person may do is read from the grants at every request, so a removed admin is out at once.
import * as z from 'zod';
import { personName, type Principal } from '../domain/access.ts';
import { Refusal } from '../domain/errors.ts';
import { joinToken, splitToken } from '../domain/secrets.ts';
import type { Ports } from '../ports/ports.ts';
import { documentWrite, readDocument } from '../storage/document.ts';
import { signInStepPartition } from '../storage/sign-in-steps.ts';
import { hashSecret, matchesHash } from './hashing.ts';

const sessionSchema = z.object({
  principal: z.object({
    kind: z.literal('person'),
    tenantId: z.string(),
    objectId: z.string(),
    name: z.string(),
    appRoles: z.array(z.string()),
  }),
  expiresAt: z.string(),
});

const attemptSchema = z.object({
  secretHash: z.string(),
  sessionHash: z.string(),
  codeVerifier: z.string(),
  nonce: z.string(),
  returnTo: z.string(),
  expiresAt: z.string(),
});

const sessions = 'session';
const attempts = 'sign-in';
const sessionMs = 12 * 3_600_000;
const attemptMs = 15 * 60_000;
export const signedInPath = '/signed-in';

/** Only paths of our own pages; anything else would send people elsewhere after signing in. */
const safeReturn = (path: string | null) => (path !== null && /^\/(?!\/)[\w/-]*$/.test(path) ? path : '/');

/** Starts a sign-in with Microsoft, with any organisation's account. */
export async function startSignIn(
  ports: Ports,
  returnTo: string | null,
): Promise<{ readonly url: string; readonly browserSecret: string }> {
  const attemptId = ports.ids.newId();
  const secret = ports.ids.newSecret();
  const browserSecret = ports.ids.newSecret();
  const start = await ports.signIn.start({
    tenant: 'organizations',
    redirectUri: `${ports.operation.publicUrl}${signedInPath}`,
    state: joinToken(attemptId, secret),
    chooseAccount: true,
  });
  const attempt = {
    secretHash: hashSecret(secret),
    sessionHash: hashSecret(browserSecret),
    codeVerifier: start.codeVerifier,
    nonce: start.nonce,
    returnTo: safeReturn(returnTo),
    expiresAt: new Date(ports.clock.now().getTime() + attemptMs).toISOString(),
  };
  await ports.tables.access.write(attempts, [documentWrite.insert(attemptId, attempt)]);
  return { url: start.url, browserSecret };
}

export interface SignInRedirect {
  readonly state: string | null;
  readonly code: string | null;
  readonly browserSecret: string | null;
}

/** Finishes a sign-in: each attempt works once, in the browser that started it. @throws Refusal `sign-in-failed`. */
export async function finishSignIn(
  ports: Ports,
  redirect: SignInRedirect,
): Promise<{ readonly session: string; readonly returnTo: string }> {
  const token = splitToken(redirect.state);
  const key = { partition: attempts, row: token?.id ?? '-' };
  const found = await readDocument(ports.tables.access, key, attemptSchema);
  if (!token || !found || redirect.code === null || redirect.browserSecret === null) throw new Refusal('sign-in-failed');
  const attempt = found.value;
  const isOurs = matchesHash(token.secret, attempt.secretHash) && matchesHash(redirect.browserSecret, attempt.sessionHash);
  if (!isOurs || Date.parse(attempt.expiresAt) <= ports.clock.now().getTime()) throw new Refusal('sign-in-failed');
  const spent = await ports.tables.access.write(key.partition, [{ kind: 'remove', row: key.row, etag: found.etag }]);
  if (spent.kind !== 'done') throw new Refusal('sign-in-failed');
  const outcome = await ports.signIn.finish({
    tenant: 'organizations',
    redirectUri: `${ports.operation.publicUrl}${signedInPath}`,
    code: redirect.code,
    codeVerifier: attempt.codeVerifier,
    nonce: attempt.nonce,
  });
  if (outcome.kind === 'refused') throw new Refusal('sign-in-failed', { detail: outcome.sentence });
  const { tenantId, objectId, displayName, userName, appRoles } = outcome.account;
  const sessionId = ports.ids.newSecret();
  const principal: Principal = { kind: 'person', tenantId, objectId, name: personName(displayName, userName), appRoles };
  const expiresAt = new Date(ports.clock.now().getTime() + sessionMs).toISOString();
  await ports.tables.access.write(sessions, [documentWrite.insert(hashSecret(sessionId), { principal, expiresAt })]);
  return { session: sessionId, returnTo: attempt.returnTo };
}

export async function principalOfSession(ports: Pick<Ports, 'tables' | 'clock'>, session: string): Promise<Principal | undefined> {
  const found = await readDocument(ports.tables.access, { partition: sessions, row: hashSecret(session) }, sessionSchema);
  return found && Date.parse(found.value.expiresAt) > ports.clock.now().getTime() ? found.value.principal : undefined;
}

export async function endSession(ports: Pick<Ports, 'tables'>, session: string): Promise<void> {
  await ports.tables.access.write(sessions, [{ kind: 'remove', row: hashSecret(session) }]);
}

/** Forgets sessions and sign-ins that have expired. */
export async function dropExpiredSessions(ports: Pick<Ports, 'tables' | 'clock'>): Promise<number> {
  const expirySchema = z.looseObject({ expiresAt: z.string() });
  let dropped = 0;
  for (const partition of [sessions, attempts, signInStepPartition]) {
    for await (const { row } of ports.tables.access.range({ partition })) {
      const found = await readDocument(ports.tables.access, { partition, row }, expirySchema);
      if (!found || Date.parse(found.value.expiresAt) > ports.clock.now().getTime()) continue;
      await ports.tables.access.write(partition, [{ kind: 'remove', row }]);
      dropped += 1;
    }
  }
  return dropped;
}
