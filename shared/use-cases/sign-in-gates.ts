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
  withoutAttempt,
} from '../domain/sign-in-attempts.ts';
import { networkOf } from '../domain/network.ts';
import { mailKey } from '../domain/user-lists.ts';
import type { Ports } from '../ports/ports.ts';
import { changeDocument, type Patience, readDocument } from '../storage/document.ts';
import { type Dropped, dropRows } from '../storage/expired-rows.ts';
import { hashSecret } from './hashing.ts';

type GatePorts = Pick<Ports, 'tables' | 'clock' | 'pause' | 'random' | 'log'>;

const attemptsSchema: z.ZodType<Attempts> = z.object({ failures: z.number(), lastAt: z.string() });

export interface Gate {
  readonly row: string;
  readonly rule: AttemptRule;
}

/**
 * By what was typed, not by who has it: an address without an account is held up in the same way. Compared as the directory does it, or
 * every accent and every capital would be a gate of its own before one and the same account.
 */
const typed = (companyId: string, mail: string) => hashSecret(`${companyId} ${mailKey(mail)}`);

/** Names the gate of an account, for a step of the sign-in in which no address is typed. */
export const accountGate = (companyId: string, mail: string) => `mail~${typed(companyId, mail)}`;

/** Before passwords and codes. @param account from `accountGate` */
export const signInGates = (account: string, address: string): readonly Gate[] => [
  { row: account, rule: accountRule },
  { row: `address~${hashSecret(networkOf(address))}`, rule: addressRule },
];

/** Every request counts here, since none says whether it was right. */
export const resetGates = (companyId: string, mail: string, address: string): readonly Gate[] => [
  { row: `reset~${typed(companyId, mail)}`, rule: resetRule },
  { row: `reset-address~${hashSecret(networkOf(address))}`, rule: addressRule },
];

const partition = 'sign-in-attempts';

const [shortestSpreadMs, longestSpreadMs] = [20, 200];

/** An office that comes to work signs in at the same moment and shares a row: tries that are spread out all get their turn, in seconds. */
const patienceOf = ({ pause, random }: GatePorts): Patience => ({
  attempts: 60,
  pause: async (attempt) => await pause(random() * Math.min(longestSpreadMs, shortestSpreadMs * 2 ** attempt)),
});

function requireOpen(present: Attempts | undefined, rule: AttemptRule, now: Date): void {
  const wait = waitBefore(present, rule, now);
  if (wait > 0) throw new Refusal('too-many-attempts', { facts: { waitSeconds: Math.ceil(wait / 1000) } });
}

/** An attempt that was counted as a failure before it was looked at. */
export interface CountedAttempt {
  /**
   * It was right: the account's failures are forgotten. Those of the address stay, but for this attempt, or one account would open the way
   * to all others.
   */
  readonly forgive: () => Promise<void>;
  /** It was right and more must follow: as if it had not been made, and nothing is forgotten. */
  readonly takeBack: () => Promise<void>;
}

/**
 * Counts an attempt, if it may be made at all. A gate is looked at in the write that counts: many at once cannot slip through together.
 * @throws Refusal `too-many-attempts` with the seconds to wait
 */
export async function countAttempt(ports: GatePorts, all: readonly Gate[]): Promise<CountedAttempt> {
  // The same instant for all tries: time that passes between them opens no gate.
  const now = ports.clock.now();
  const { access } = ports.tables;
  const patience = patienceOf(ports);
  // All are looked at before one is changed, so that waiting for one does not count at the other.
  const found = await Promise.all(all.map(async ({ row }) => await readDocument(access, { partition, row }, attemptsSchema)));
  for (const [index, { rule }] of all.entries()) requireOpen(found[index]?.value, rule, now);
  const takeBacks: (() => Promise<void>)[] = [];
  for (const { row, rule } of all) {
    let before: Attempts | undefined;
    const countThis = (present: Attempts | undefined): Attempts => {
      requireOpen(present, rule, now);
      before = present;
      return afterFailure(present, rule, now);
    };
    await changeDocument(access, { partition, row }, attemptsSchema, countThis, patience);
    takeBacks.push(async () => {
      const withoutThis = (present: Attempts | undefined) => present && withoutAttempt(present, before, now.toISOString());
      await changeDocument(access, { partition, row }, attemptsSchema, withoutThis, patience);
    });
  }
  const [account] = all;
  const [, ...others] = takeBacks;
  const forget = async () => {
    if (account !== undefined) await access.write(partition, [{ kind: 'remove', row: account.row }]);
  };
  return {
    forgive: async () => await tryAll(ports, [forget, ...others]),
    takeBack: async () => await tryAll(ports, takeBacks),
  };
}

/** What was right stays right: a failure that stays counted by mistake costs a free one and is forgotten in time. */
async function tryAll({ log }: GatePorts, changes: readonly (() => Promise<void>)[]): Promise<void> {
  for (const change of changes) {
    try {
      await change();
    } catch (error) {
      const facts = { error: error instanceof Error ? error.name : 'unknown' };
      log('warning', 'An attempt that was right stays counted as a failure.', facts);
    }
  }
}

const longestMemoryMs = Math.max(...[accountRule, addressRule, resetRule].map(({ forgottenAfterMs }) => forgottenAfterMs));

/** Drops failures that count no more. */
export async function dropForgottenAttempts({ tables, clock }: Pick<Ports, 'tables' | 'clock'>): Promise<Dropped> {
  const before = clock.now().getTime() - longestMemoryMs;
  return await dropRows(tables.access, partition, attemptsSchema, ({ lastAt }) => Date.parse(lastAt) <= before);
}
