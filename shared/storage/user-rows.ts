// How a user becomes a row and back. This is the hottest codec of the system, so it is written by hand.
import { parseStored } from '../domain/stored-json.ts';
import { accountKinds, decisions, type DirectoryFields, type Presence, presences, type User } from '../domain/user.ts';
import type { Properties, Value } from '../ports/tables.ts';
import { gather, spread } from './document.ts';

/** One line of a user's own history, newest last; bounded, the audit log has everything. */
export interface HistoryLine {
  readonly at: string;
  readonly what: string;
  readonly by: string;
  readonly why: string | null;
  /** The decision job that wrote this line, by which a repeat after a crash knows its own work. */
  readonly jobId?: string;
}

export interface StoredUser {
  readonly user: User;
  /** Of the fields and the manager; equal digests mean nothing to write. */
  readonly digest: string;
  readonly history: readonly HistoryLine[];
  readonly etag: string;
}

/** A stored user without the fields. */
export interface UserOutline {
  readonly objectId: string;
  readonly digest: string;
  readonly managerId: string | null;
  readonly presence: Presence;
  readonly removedAt: string | null;
}

const historyLines = 50;

/** Appends to a history and forgets the oldest lines. */
export function withHistory(history: readonly HistoryLine[], line: HistoryLine): readonly HistoryLine[] {
  return [...history, line].slice(-historyLines);
}

export function encodeUser({ user, digest, history }: Omit<StoredUser, 'etag'>): Properties {
  const properties: Record<string, Value> = {
    ...spread('fields', JSON.stringify(user.fields)),
    digest,
    decision: user.decision,
    presence: user.presence,
    kind: user.kind,
    kindReasons: JSON.stringify(user.kindReasons),
    decisionRevision: user.decisionRevision,
    arrivedAt: user.arrivedAt,
  };
  if (history.length > 0) Object.assign(properties, spread('history', JSON.stringify(history)));
  for (const name of optionalTexts) {
    const text = user[name];
    if (text !== null) properties[name] = text;
  }
  return properties;
}

/** Table Storage has no null: these are absent instead. */
const optionalTexts = ['managerId', 'decidedAt', 'decidedBy', 'decisionReason', 'recreatedFrom', 'removedAt'] as const;

function oneOf<T extends string>(allowed: readonly T[], value: unknown, name: string): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new Error(`A user row holds an unknown ${name}.`);
  return found;
}

/**
 * What to merge into the row of `before` so that it says what `after` says. A merge cannot take a property away, so what is no longer
 * there becomes an empty text, which reads as nothing.
 */
export function encodeDifference(before: Omit<StoredUser, 'etag'>, after: Omit<StoredUser, 'etag'>): Properties {
  const old = encodeUser(before);
  const wanted = encodeUser(after);
  const difference: Record<string, Value> = {};
  for (const [name, value] of Object.entries(wanted)) if (old[name] !== value) difference[name] = value;
  for (const name of Object.keys(old)) if (!(name in wanted)) difference[name] = '';
  return difference;
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** What of a row the counts are made of. @throws Error when the row is no user's */
export function decodeCounted(properties: Properties): Pick<User, 'decision' | 'presence' | 'kind'> {
  return {
    decision: oneOf(decisions, properties['decision'], 'decision'),
    presence: oneOf(presences, properties['presence'], 'presence'),
    kind: oneOf(accountKinds, properties['kind'], 'kind'),
  };
}

/** Reads a row written by `encodeUser`. @throws Error when the row is not one. */
export function decodeUser(tenantId: string, objectId: string, properties: Properties, etag: string): StoredUser {
  const history = gather('history', properties);
  const user: User = {
    tenantId,
    objectId,
    fields: parseStored(gather('fields', properties)) as DirectoryFields,
    managerId: textOrNull(properties['managerId']),
    ...decodeCounted(properties),
    kindReasons: parseStored(String(properties['kindReasons'] ?? '[]')) as string[],
    decisionRevision: Number(properties['decisionRevision']),
    decidedAt: textOrNull(properties['decidedAt']),
    decidedBy: textOrNull(properties['decidedBy']),
    decisionReason: textOrNull(properties['decisionReason']),
    arrivedAt: String(properties['arrivedAt']),
    recreatedFrom: textOrNull(properties['recreatedFrom']),
    removedAt: textOrNull(properties['removedAt']),
  };
  return { user, digest: String(properties['digest']), history: history === '' ? [] : (parseStored(history) as HistoryLine[]), etag };
}

/** The properties that `decodeOutline` needs. */
export const outlineProperties = ['digest', 'managerId', 'presence', 'removedAt'] as const;

export function decodeOutline(objectId: string, properties: Properties): UserOutline {
  return {
    objectId,
    digest: String(properties['digest']),
    managerId: textOrNull(properties['managerId']),
    presence: oneOf(presences, properties['presence'], 'presence'),
    removedAt: textOrNull(properties['removedAt']),
  };
}
