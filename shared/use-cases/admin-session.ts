// An admin's session in the portal: an opaque id, stored as a hash, proven once by a sign-in with Microsoft.
// What the person may do is read from the grants at every request, so a removed admin is out at once.
import * as z from 'zod';
import { personName, type Principal } from '../domain/access.ts';
import type { Ports } from '../ports/ports.ts';
import { documentWrite, readDocument } from '../storage/document.ts';
import { hashSecret } from './hashing.ts';
import { finishAttempt, type SignInRedirect, startAttempt } from './microsoft-attempts.ts';

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

export const adminSessionPartition = 'session';
const sessions = adminSessionPartition;
const sessionMs = 12 * 3_600_000;

/** Only paths of our own pages; anything else would send people elsewhere after signing in. */
const safeReturn = (path: string | null) => (path !== null && /^\/(?!\/)[\w/-]*$/.test(path) ? path : '/');

/** Starts a sign-in with Microsoft, with any organisation's account. */
export async function startSignIn(
  ports: Ports,
  returnTo: string | null,
): Promise<{ readonly url: string; readonly browserSecret: string }> {
  return await startAttempt(ports, { who: 'admin', tenant: 'organizations', about: safeReturn(returnTo) });
}

/** Finishes a sign-in: each attempt works once, in the browser that started it. @throws Refusal `sign-in-failed`. */
export async function finishSignIn(
  ports: Ports,
  redirect: SignInRedirect,
): Promise<{ readonly session: string; readonly returnTo: string }> {
  const { account, about } = await finishAttempt(ports, 'admin', redirect);
  const { tenantId, objectId, displayName, userName, appRoles } = account;
  const sessionId = ports.ids.newSecret();
  const principal: Principal = { kind: 'person', tenantId, objectId, name: personName(displayName, userName), appRoles };
  const expiresAt = new Date(ports.clock.now().getTime() + sessionMs).toISOString();
  await ports.tables.access.write(sessions, [documentWrite.insert(hashSecret(sessionId), { principal, expiresAt })]);
  return { session: sessionId, returnTo: about };
}

export async function principalOfSession(ports: Pick<Ports, 'tables' | 'clock'>, session: string): Promise<Principal | undefined> {
  const found = await readDocument(ports.tables.access, { partition: sessions, row: hashSecret(session) }, sessionSchema);
  return found && Date.parse(found.value.expiresAt) > ports.clock.now().getTime() ? found.value.principal : undefined;
}

export async function endSession(ports: Pick<Ports, 'tables'>, session: string): Promise<void> {
  await ports.tables.access.write(sessions, [{ kind: 'remove', row: hashSecret(session) }]);
}
