// How many users a company has, by decision, presence and kind: a small record that is kept up with each change and merged over shards.
import { accountKinds, decisions, isActive, presences } from './user.ts';
import type { AccountKind, Decision, Presence, User } from './user.ts';

type CountKey = `${Decision}.${Presence}.${AccountKind}`;
type CountedUser = Pick<User, 'decision' | 'presence' | 'kind'>;

/** Users per decision, presence and kind; a combination nobody has is left out. */
export type Counts = Readonly<Partial<Record<CountKey, number>>>;

export type CountsByKind = Readonly<Record<AccountKind, number>>;

/**
 * What pages show. Every user is in exactly one of the shown statuses `pending`, `approved`, `denied` and `removed`: whoever is
 * removed is shown as removed whatever was decided; everybody else by the decision.
 */
export interface CountsSummary {
  /** Decision pending, presence not `removed`. */
  readonly pending: number;
  /** Decision approved, presence not `removed`; includes missing people, who are not active. */
  readonly approved: number;
  /** Decision denied, presence not `removed`. */
  readonly denied: number;
  /** Presence `removed`, any decision. */
  readonly removed: number;
  /** `isActive`: approved and present or held. What is billed. */
  readonly active: number;
  /** Presence `held`, any decision. */
  readonly held: number;
  /** Users on the list: presence not `removed`, any decision (pending + approved + denied). */
  readonly found: number;
  /** The `found` users per kind. */
  readonly byKind: CountsByKind;
  /** The `pending` users per kind. */
  readonly pendingByKind: CountsByKind;
}

export const emptyCounts: Counts = {};

/** Every combination there is, with its key spelled once. */
const combinations = decisions.flatMap((decision) =>
  presences.flatMap((presence) => accountKinds.map((kind) => ({ decision, presence, kind, key: keyOf({ decision, presence, kind }) }))),
);

export function addUser(counts: Counts, user: CountedUser): Counts {
  return change(counts, keyOf(user), 1);
}

/** Throws a RangeError when no such user was counted: the record and the users have come apart and need a recount. */
export function removeUser(counts: Counts, user: CountedUser): Counts {
  return change(counts, keyOf(user), -1);
}

/** Follows one user's change; the same object when the change does not concern the counts. Throws like `removeUser`. */
export function moveUser(counts: Counts, before: CountedUser, after: CountedUser): Counts {
  return keyOf(before) === keyOf(after) ? counts : addUser(removeUser(counts, before), after);
}

export function sumCounts(list: readonly Counts[]): Counts {
  return pick((key) => list.reduce((sum, counts) => sum + (counts[key] ?? 0), 0));
}

/** How many users are of the combinations that `counted` takes. */
export function countWhere(counts: Counts, counted: (user: CountedUser) => boolean): number {
  return combinations.filter(counted).reduce((sum, { key }) => sum + (counts[key] ?? 0), 0);
}

export function summarise(counts: Counts): CountsSummary {
  const count = (counted: (user: CountedUser) => boolean): number => countWhere(counts, counted);
  const perKind = (counted: (user: CountedUser) => boolean): CountsByKind => {
    const of = (kind: AccountKind): number => count((user) => user.kind === kind && counted(user));
    return {
      person: of('person'),
      sharedMailbox: of('sharedMailbox'),
      room: of('room'),
      equipment: of('equipment'),
      serviceAccount: of('serviceAccount'),
      resourceAccount: of('resourceAccount'),
      guest: of('guest'),
      unknown: of('unknown'),
    };
  };
  const isPending = (user: CountedUser): boolean => user.decision === 'pending' && isFound(user);
  return {
    pending: count(isPending),
    approved: count((user) => user.decision === 'approved' && isFound(user)),
    denied: count((user) => user.decision === 'denied' && isFound(user)),
    removed: count((user) => !isFound(user)),
    active: count(isActive),
    held: count((user) => user.presence === 'held'),
    found: count(isFound),
    byKind: perKind(isFound),
    pendingByKind: perKind(isPending),
  };
}

/** Everybody counted, removed people included; users are never deleted, so this only grows. */
export function headcount(counts: Counts): number {
  const { found, removed } = summarise(counts);
  return found + removed;
}

/** JSON of the combinations somebody has, in a fixed order: equal counts are equal text. */
export function encodeCounts(counts: Counts): string {
  return JSON.stringify(sumCounts([counts]));
}

/**
 * Reads what `encodeCounts` wrote. Keys this version does not know (a kind of a later one) are left out. Throws a RangeError for a
 * text that is no such record or holds anything but whole numbers from zero: only a recount can repair that.
 */
export function decodeCounts(text: string): Counts {
  const record = parseRecord(text);
  return pick((key) => {
    const value: unknown = Object.hasOwn(record, key) ? record[key] : 0;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw new RangeError(`Stored counts hold no usable number for "${key}".`);
  });
}

function isFound(user: Pick<User, 'presence'>): boolean {
  return user.presence !== 'removed';
}

function keyOf({ decision, presence, kind }: CountedUser): CountKey {
  return `${decision}.${presence}.${kind}`;
}

function change(counts: Counts, key: CountKey, step: 1 | -1): Counts {
  const { [key]: current = 0, ...others } = counts;
  const next = current + step;
  if (next < 0) throw new RangeError(`No user is counted as "${key}", so none can be taken away.`);
  return next === 0 ? others : { ...others, [key]: next };
}

function pick(numberFor: (key: CountKey) => number): Counts {
  const entries = combinations.map(({ key }) => [key, numberFor(key)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value > 0));
}

function parseRecord(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (cause) {
    throw new RangeError('Stored counts are not JSON.', { cause });
  }
  throw new RangeError('Stored counts are not a record.');
}
