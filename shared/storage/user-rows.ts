// How a user becomes a row and back. This is the hottest codec of the system, so it is written by hand.
import { accountKinds, decisions, type DirectoryFields, presences, type User } from '../domain/user.ts';
import type { Properties } from '../ports/tables.ts';
import { gather, spread } from './document.ts';

/** One line of a user's own history, newest last; bounded, the audit log has everything. */
export interface HistoryLine {
  readonly at: string;
  readonly what: string;
  readonly by: string;
  readonly why: string | null;
}

export interface StoredUser {
  readonly user: User;
  /** Of the fields and the manager; equal digests mean nothing to write. */
  readonly digest: string;
  readonly history: readonly HistoryLine[];
  readonly etag: string;
}

const historyLines = 50;

/** Appends to a history and forgets the oldest lines. */
export function withHistory(history: readonly HistoryLine[], line: HistoryLine): readonly HistoryLine[] {
  return [...history, line].slice(-historyLines);
}

export function encodeUser({ user, digest, history }: Omit<StoredUser, 'etag'>): Properties {
  const optional = {
    managerId: user.managerId,
    decidedAt: user.decidedAt,
    decidedBy: user.decidedBy,
    decisionReason: user.decisionReason,
    recreatedFrom: user.recreatedFrom,
    removedAt: user.removedAt,
  };
  return {
    ...spread('fields', JSON.stringify(user.fields)),
    ...(history.length > 0 ? spread('history', JSON.stringify(history)) : {}),
    digest,
    decision: user.decision,
    presence: user.presence,
    kind: user.kind,
    kindReasons: JSON.stringify(user.kindReasons),
    decisionRevision: user.decisionRevision,
    arrivedAt: user.arrivedAt,
    ...Object.fromEntries(Object.entries(optional).filter((entry): entry is [string, string] => entry[1] !== null)),
  };
}

function oneOf<T extends string>(allowed: readonly T[], value: unknown, name: string): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new Error(`A user row holds an unknown ${name}.`);
  return found;
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Reads a row written by `encodeUser`. @throws Error when the row is not one. */
export function decodeUser(tenantId: string, objectId: string, properties: Properties, etag: string): StoredUser {
  const history = gather('history', properties);
  const user: User = {
    tenantId,
    objectId,
    fields: JSON.parse(gather('fields', properties)) as DirectoryFields,
    managerId: textOrNull(properties['managerId']),
    decision: oneOf(decisions, properties['decision'], 'decision'),
    presence: oneOf(presences, properties['presence'], 'presence'),
    kind: oneOf(accountKinds, properties['kind'], 'kind'),
    kindReasons: JSON.parse(String(properties['kindReasons'] ?? '[]')) as string[],
    decisionRevision: Number(properties['decisionRevision']),
    decidedAt: textOrNull(properties['decidedAt']),
    decidedBy: textOrNull(properties['decidedBy']),
    decisionReason: textOrNull(properties['decisionReason']),
    arrivedAt: String(properties['arrivedAt']),
    recreatedFrom: textOrNull(properties['recreatedFrom']),
    removedAt: textOrNull(properties['removedAt']),
  };
  return { user, digest: String(properties['digest']), history: history === '' ? [] : (JSON.parse(history) as HistoryLine[]), etag };
}
