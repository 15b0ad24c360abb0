// One attempt to join a tenant: what it is bound to, which step it has reached, and the secret its next step must show.
import * as z from 'zod';
import type { Tables } from '../ports/tables.ts';
import { documentWrite, type Found, readDocument } from './document.ts';
import { type Dropped, dropRows } from './expired-rows.ts';

export const connectStages = ['consent', 'signIn', 'confirm', 'used'] as const;
export type ConnectStage = (typeof connectStages)[number];

export interface ConnectAttempt {
  readonly attemptId: string;
  readonly companyId: string;
  /** Who started it, as shown to others. */
  readonly startedBy: string;
  /** The same, for asking again whether they still may. */
  readonly starter: { readonly tenantId: string; readonly objectId: string };
  /** Hash of the cookie that was set in the browser that started it. */
  readonly sessionHash: string;
  readonly stage: ConnectStage;
  /** Hash of the secret part of the state parameter (or form token) that the present stage expects. */
  readonly secretHash: string;
  readonly expiresAt: string;
  /** The tenant named by the redirect: a claim until a sign-in has proven it. */
  readonly claimedTenantId: string | null;
  readonly codeVerifier: string | null;
  readonly nonce: string | null;
  /** Proven by a validated ID token. */
  readonly provenAccount: string | null;
  readonly provenTenantName: string | null;
}

const attemptSchema: z.ZodType<ConnectAttempt> = z.object({
  attemptId: z.string(),
  companyId: z.string(),
  startedBy: z.string(),
  starter: z.object({ tenantId: z.string(), objectId: z.string() }),
  sessionHash: z.string(),
  stage: z.enum(connectStages),
  secretHash: z.string(),
  expiresAt: z.string(),
  claimedTenantId: z.string().nullable(),
  codeVerifier: z.string().nullable(),
  nonce: z.string().nullable(),
  provenAccount: z.string().nullable(),
  provenTenantName: z.string().nullable(),
});

const partition = 'connect';

export async function createAttempt(tables: Tables, attempt: ConnectAttempt): Promise<void> {
  await tables.access.write(partition, [documentWrite.insert(attempt.attemptId, attempt)]);
}

export async function readAttempt(tables: Tables, attemptId: string): Promise<Found<ConnectAttempt> | undefined> {
  return await readDocument(tables.access, { partition, row: attemptId }, attemptSchema);
}

/** Moves an attempt on; `changed` when the same step was taken before (a replay or a double click). */
export async function replaceAttempt(tables: Tables, attempt: ConnectAttempt, etag: string): Promise<'done' | 'changed'> {
  const outcome = await tables.access.write(partition, [documentWrite.replace(attempt.attemptId, attempt, etag)]);
  return outcome.kind === 'done' ? 'done' : 'changed';
}

/** Forgets attempts that expired before `before`. */
export async function dropExpiredAttempts(tables: Tables, before: Date): Promise<Dropped> {
  return await dropRows(tables.access, partition, attemptSchema, ({ expiresAt }) => Date.parse(expiresAt) < before.getTime());
}
