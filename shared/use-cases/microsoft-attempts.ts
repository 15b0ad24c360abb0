// A sign-in with Microsoft, from sending the browser away until it is known who came back: each attempt works once, in the browser that
// started it, for a quarter of an hour, and for the kind of session it was started for.
import * as z from 'zod';
import { Refusal } from '../domain/errors.ts';
import { joinToken, splitToken } from '../domain/secrets.ts';
import type { Ports } from '../ports/ports.ts';
import type { SignedIn } from '../ports/sign-in.ts';
import { documentWrite, readDocument } from '../storage/document.ts';
import { hashSecret, matchesHash } from './hashing.ts';

const schema = z.object({
  secretHash: z.string(),
  sessionHash: z.string(),
  codeVerifier: z.string(),
  nonce: z.string(),
  tenant: z.string(),
  about: z.string(),
  expiresAt: z.string(),
});

/** Rows of their own for each kind, so that one cannot be finished as the other. */
const partitions = { admin: 'sign-in', manager: 'manager-sign-in' } as const;
type Who = keyof typeof partitions;
export const attemptPartitions: readonly string[] = Object.values(partitions);

const lifeMs = 15 * 60_000;
/** The one redirect address of all sign-ins. */
export const signedInPath = '/signed-in';

export interface NewAttempt {
  readonly who: Who;
  /** `organizations`, or the id of the only tenant that will do. */
  readonly tenant: string;
  /** What is to be known when the browser is back. */
  readonly about: string;
}

/** Where to send the browser, and the value of the cookie that binds the attempt to it. */
export async function startAttempt(
  ports: Ports,
  { who, tenant, about }: NewAttempt,
): Promise<{ readonly url: string; readonly browserSecret: string }> {
  const attemptId = ports.ids.newId();
  const secret = ports.ids.newSecret();
  const browserSecret = ports.ids.newSecret();
  const redirectUri = `${ports.operation.publicUrl}${signedInPath}`;
  const start = await ports.signIn.start({ tenant, redirectUri, state: joinToken(attemptId, secret), chooseAccount: true });
  const attempt: z.output<typeof schema> = {
    secretHash: hashSecret(secret),
    sessionHash: hashSecret(browserSecret),
    codeVerifier: start.codeVerifier,
    nonce: start.nonce,
    tenant,
    about,
    expiresAt: new Date(ports.clock.now().getTime() + lifeMs).toISOString(),
  };
  await ports.tables.access.write(partitions[who], [documentWrite.insert(attemptId, attempt)]);
  return { url: start.url, browserSecret };
}

const keyOf = (who: Who, state: string | null) => ({ partition: partitions[who], row: splitToken(state)?.id ?? '-' });

/** Whether a redirect belongs to an attempt of this kind; says nothing about whether it is right. */
export async function isAttemptOf({ tables }: Pick<Ports, 'tables'>, who: Who, state: string | null): Promise<boolean> {
  return (await tables.access.get(keyOf(who, state))) !== undefined;
}

export interface SignInRedirect {
  readonly state: string | null;
  readonly code: string | null;
  readonly browserSecret: string | null;
}

/** Who came back. @throws Refusal `sign-in-failed` */
export async function finishAttempt(
  ports: Ports,
  who: Who,
  redirect: SignInRedirect,
): Promise<{ readonly account: SignedIn; readonly about: string }> {
  const token = splitToken(redirect.state);
  const key = keyOf(who, redirect.state);
  const found = await readDocument(ports.tables.access, key, schema);
  if (!token || !found || redirect.code === null || redirect.browserSecret === null) throw new Refusal('sign-in-failed');
  const attempt = found.value;
  const isOurs = matchesHash(token.secret, attempt.secretHash) && matchesHash(redirect.browserSecret, attempt.sessionHash);
  if (!isOurs || Date.parse(attempt.expiresAt) <= ports.clock.now().getTime()) throw new Refusal('sign-in-failed');
  const spent = await ports.tables.access.write(key.partition, [{ kind: 'remove', row: key.row, etag: found.etag }]);
  if (spent.kind !== 'done') throw new Refusal('sign-in-failed');
  const outcome = await ports.signIn.finish({
    tenant: attempt.tenant,
    redirectUri: `${ports.operation.publicUrl}${signedInPath}`,
    code: redirect.code,
    codeVerifier: attempt.codeVerifier,
    nonce: attempt.nonce,
  });
  if (outcome.kind === 'refused') throw new Refusal('sign-in-failed', { detail: outcome.sentence });
  return { account: outcome.account, about: attempt.about };
}
