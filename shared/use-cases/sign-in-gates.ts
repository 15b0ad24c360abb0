// Gates before everything that can be guessed at: failures are counted for what was typed and for where it comes from.
import * as z from 'zod';
import { Refusal } from '../domain/errors.ts';
import {
  accountRule,
  addressRule,
  afterFailure,
  type AttemptRule,
  type Attempts,
  resetRule,
  waitBefore,
} from '../domain/sign-in-attempts.ts';
import type { Ports } from '../ports/ports.ts';
import { changeDocument, readDocument } from '../storage/document.ts';
import { hashSecret } from './hashing.ts';

const attemptsSchema: z.ZodType<Attempts> = z.object({ failures: z.number(), lastAt: z.string() });

export interface Gate {
  readonly row: string;
  readonly rule: AttemptRule;
}

/** By what was typed, not by who has it: an address without an account is held up in the same way. */
const typed = (companyId: string, mail: string) => hashSecret(`${companyId} ${mail.trim().toLowerCase()}`);

export const signInGates = (companyId: string, mail: string, address: string): readonly Gate[] => [
  { row: `mail~${typed(companyId, mail)}`, rule: accountRule },
  { row: `address~${hashSecret(address)}`, rule: addressRule },
];

/** Every request counts here, since none says whether it was right. */
export const resetGates = (companyId: string, mail: string, address: string): readonly Gate[] => [
  { row: `reset~${typed(companyId, mail)}`, rule: resetRule },
  { row: `reset-address~${hashSecret(address)}`, rule: addressRule },
];

const partition = 'sign-in-attempts';

/** @throws Refusal `too-many-attempts` with the seconds to wait */
export async function requireOpenGates(ports: Pick<Ports, 'tables' | 'clock'>, all: readonly Gate[]): Promise<void> {
  const now = ports.clock.now();
  const found = await Promise.all(all.map(async ({ row }) => await readDocument(ports.tables.access, { partition, row }, attemptsSchema)));
  const wait = Math.max(...all.map(({ rule }, index) => waitBefore(found[index]?.value, rule, now)));
  if (wait > 0) throw new Refusal('too-many-attempts', { facts: { waitSeconds: Math.ceil(wait / 1000) } });
}

/** A failure is counted before anything is looked at, and taken back when it was right: many at once cannot slip through together. */
export async function countAttempt(ports: Pick<Ports, 'tables' | 'clock'>, all: readonly Gate[]): Promise<void> {
  const now = ports.clock.now();
  for (const { row, rule } of all) {
    await changeDocument(ports.tables.access, { partition, row }, attemptsSchema, (present) => afterFailure(present, rule, now));
  }
}

/** Forgets the failures of an account; those of an address stay, or one account would open the way to all others. */
export async function forgive({ tables }: Pick<Ports, 'tables'>, [first]: readonly Gate[]): Promise<void> {
  if (first !== undefined) await tables.access.write(partition, [{ kind: 'remove', row: first.row }]);
}
