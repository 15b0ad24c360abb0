// Reads directories to their ends the way a sync does, so that contract tests can compare what arrived with what is true.
import { mergeFields } from '../../shared/domain/directory-fields.ts';
import type { Answer, DeltaEntry, Directory, ListedUser, UsersPage } from '../../shared/ports/directory.ts';
import type { DirectoryFields } from '../../shared/domain/user.ts';

/** What a reader knows of one user after some rounds. */
export interface KnownUser {
  readonly fields: DirectoryFields;
  readonly managerId: string | null;
  readonly presence: 'live' | 'restorable' | 'final';
}

export interface Round {
  readonly entries: readonly DeltaEntry[];
  readonly links: readonly string[];
  readonly deltaLink: string;
}

/** The value, or a failed test that says why there is none. */
export function valueOf<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(`${answer.failure.kind}: ${answer.failure.detail.sentence}`);
  return answer.value;
}

/** Follows a round from its start or a stored link to its delta link. */
export async function readRound(directory: Directory, start: string | null): Promise<Round> {
  const entries: DeltaEntry[] = [];
  const links: string[] = [];
  for (let link = start; links.length < 1_000; ) {
    const page = valueOf(await directory.deltaPage(link));
    entries.push(...page.entries);
    links.push(page.next.link);
    if (page.next.kind === 'deltaLink') return { entries, links, deltaLink: page.next.link };
    link = page.next.link;
  }
  throw new Error('The round has no end.');
}

/** Applies entries in order of arrival, by the port's rules about absent fields and managers; tombstones of strangers are passed over. */
export function apply(known: ReadonlyMap<string, KnownUser>, entries: readonly DeltaEntry[]): ReadonlyMap<string, KnownUser> {
  const after = new Map(known);
  for (const entry of entries) {
    if (entry.kind === 'unreadable') throw new Error(entry.reason);
    const before = after.get(entry.objectId);
    if (entry.kind === 'tombstone') {
      if (before !== undefined) after.set(entry.objectId, { ...before, presence: entry.reason });
      continue;
    }
    const managerId = managerAfter(before?.managerId ?? null, entry);
    after.set(entry.objectId, { fields: mergeFields(before?.fields ?? {}, entry.fields), managerId, presence: 'live' });
  }
  return after;
}

function managerAfter(stored: string | null, { manager }: Extract<DeltaEntry, { kind: 'live' }>): string | null {
  if (manager === undefined) return stored;
  if (manager.kind === 'set') return manager.managerId;
  return stored !== null && manager.managerIds.includes(stored) ? null : stored;
}

/** The users of the plain list whose names begin with a prefix, `''` for everybody, page by page. */
export async function readUsers(directory: Directory, prefix: string): Promise<readonly Extract<ListedUser, { kind: 'live' }>[]> {
  const users: Extract<ListedUser, { kind: 'live' }>[] = [];
  let link: string | null = null;
  do {
    const page: UsersPage = valueOf(await directory.usersPage(link, prefix));
    for (const entry of page.entries) {
      if (entry.kind === 'unreadable') throw new Error(entry.reason);
      users.push(entry);
    }
    link = page.nextLink;
  } while (link !== null);
  return users;
}

/** Everybody's manager by the manager list, or that of the users whose names begin with a prefix. */
export async function readManagers(directory: Directory, prefix?: string): Promise<ReadonlyMap<string, string | null>> {
  const managers = new Map<string, string | null>();
  let link: string | null = null;
  do {
    const page: { readonly entries: readonly { objectId: string; managerId: string | null }[]; readonly nextLink: string | null } = valueOf(
      await directory.managerPage(link, prefix),
    );
    for (const { objectId, managerId } of page.entries) managers.set(objectId, managerId);
    link = page.nextLink;
  } while (link !== null);
  return managers;
}
