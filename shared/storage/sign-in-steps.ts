// Sign-ins that are half done: the password was right, and a second factor must follow. Each opens its next step and nothing else.
import * as z from 'zod';
import { type SignInStep, signInSteps } from '../domain/second-factor.ts';
import type { Tables } from '../ports/tables.ts';
import { documentWrite, type Found, readDocument } from './document.ts';

export interface HalfSignIn {
  readonly companyId: string;
  readonly objectId: string;
  readonly next: SignInStep;
  /** Where wrong codes are counted: with the wrong passwords of this account. */
  readonly gate: string;
  /** The account's number of sessions when the password was right. */
  readonly generation: number;
  readonly expiresAt: string;
}

const schema: z.ZodType<HalfSignIn> = z.object({
  companyId: z.string(),
  objectId: z.string(),
  next: z.enum(signInSteps),
  gate: z.string(),
  generation: z.number(),
  expiresAt: z.string(),
});

export const signInStepPartition = 'manager-step';

export async function insertStep(tables: Pick<Tables, 'access'>, row: string, value: HalfSignIn): Promise<void> {
  await tables.access.write(signInStepPartition, [documentWrite.insert(row, value)]);
}

export async function readStep(tables: Pick<Tables, 'access'>, row: string): Promise<Found<HalfSignIn> | undefined> {
  return await readDocument(tables.access, { partition: signInStepPartition, row }, schema);
}

/** Of two who end a step at the same moment, one gets `done`. @param etag absent: whatever it is by now */
export async function removeStep(tables: Pick<Tables, 'access'>, row: string, etag?: string): Promise<'done' | 'changed'> {
  const outcome = await tables.access.write(signInStepPartition, [{ kind: 'remove', row, ...(etag === undefined ? {} : { etag }) }]);
  return outcome.kind === 'done' ? 'done' : 'changed';
}
