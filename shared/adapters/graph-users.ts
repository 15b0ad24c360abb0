// Reads whole users with their managers from the plain user list, for the first load of a large tenant: `users/delta` cannot be cut
// into parts that are read side by side, the list can (docs/graph.md §1.6).
import * as z from 'zod';
import { selectedFields } from '../domain/directory-fields.ts';
import type { DirectoryFields } from '../domain/user.ts';
import type { Answer, ListedUser, UsersPage } from '../ports/directory.ts';
import type { Reading } from './graph-ask.ts';
import { filterOption } from './graph-counts.ts';
import { fields, objectId, unreadable } from './graph-delta.ts';
import { readList } from './graph-list.ts';
import { versionPath } from './graph-link.ts';

const properties = ['id', ...selectedFields].join(',');

/**
 * First page for a prefix, `''` for everybody. `startswith` is a plain query, so no ConsistencyLevel is sent: `$expand` is documented
 * as unsupported with advanced ones. That pages with `$expand` hold 999 users is reported by some and denied by others (docs/graph.md
 * §1.6, §2), so nothing relies on it.
 */
export function usersPath(prefix: string): string {
  const filter = prefix === '' ? '' : `&${filterOption(prefix)}`;
  return `${versionPath}users?$select=${properties}&$expand=manager($select=id)&$top=999${filter}`;
}

const identity = z.object({ id: objectId, manager: z.object({ id: objectId }).nullish() });

/** @param origin the host the link must lead to */
export function readUsersPage(origin: string, text: string): Reading<UsersPage> {
  const list = readList(origin, text);
  if (!list.ok) return list;
  return { ok: true, value: { entries: list.value.entries.map(readUser), nextLink: list.value.nextLink } };
}

function readUser(raw: unknown, index: number): ListedUser {
  const known = identity.safeParse(raw);
  if (!known.success) return unreadable(raw, index, known.error);
  const stated = fields.safeParse(raw);
  if (!stated.success) return unreadable(raw, index, stated.error);
  return { kind: 'live', objectId: known.data.id, fields: withValues(stated.data), managerId: known.data.manager?.id ?? null };
}

/** The properties that have a value; a list shows those that were never set, too (see `ListedUser`). */
function withValues(shown: Readonly<Record<string, unknown>>): DirectoryFields {
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== null && value !== undefined));
}

/** The refusal of a list has nothing to do with change tracking, which the same code is about elsewhere (docs/graph.md §0 fact 6). */
export function ofList<T>(answer: Answer<T>): Answer<T> {
  if (answer.ok || answer.failure.kind !== 'unsupported') return answer;
  const detail = { ...answer.failure.detail, sentence: 'This tenant does not answer lists of users by the beginning of their names.' };
  return { ok: false, failure: { kind: 'unsupported', detail } };
}
