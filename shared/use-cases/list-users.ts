// A page of users of one status: candidates come from a sorted list, the live rows decide who is shown.
import type { IndexFacets } from '../domain/packed-line.ts';
import { matchesSearch } from '../domain/person-text.ts';
import { departmentFacet, facetsOf, isTrueLine, kindPrefix, type ListName, type ListOrder, type UserStatus } from '../domain/user-lists.ts';
import type { AccountKind, User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import type { CompanyState } from '../storage/company-state.ts';
import { openUsers } from './company-users.ts';

export interface UserQuery {
  readonly status: UserStatus;
  readonly order: ListOrder;
  readonly limit: number;
  readonly cursor: string | null;
  readonly kind: AccountKind | null;
  readonly department: string | null;
  /** Object id of the manager. */
  readonly managerId: string | null;
  readonly search: string | null;
}

export interface UserPage {
  readonly users: readonly User[];
  /** Where to go on; `null` at the end. A page may be shorter than asked for and still have a next one. */
  readonly cursor: string | null;
}

/** Calls of the list per page before an unfinished page is handed out with a cursor. */
const mostReads = 8;

/** A filter on what the list itself knows; none when nothing is filtered, because a page then needs far fewer leaves. */
export function filterOf({
  kind,
  department,
  managerId,
  search,
}: Pick<UserQuery, 'kind' | 'department' | 'managerId' | 'search'>): ((facets: IndexFacets) => boolean) | undefined {
  if (kind === null && department === null && managerId === null && search === null) return undefined;
  const wanted = department === null ? null : departmentFacet(department);
  return (facets) =>
    (kind === null || facets.kind === kind) &&
    (wanted === null || facets.department === wanted) &&
    (managerId === null || facets.manager === managerId) &&
    (search === null || matchesSearch(facets.text ?? '', search));
}

/** Nearly everybody is a person: this many leaves hold a page of them, and reading on costs nothing when they do not. */
const leavesOfPersons = 2;

/** Whatever made a first reading short, people decided or filtered out, is read over in larger pieces. */
const leavesOfMore = 16;

/** The list that serves a query, and the part of it: everybody who is no person is on a list of their own kind. */
export function placeOf({ status, order, kind }: Pick<UserQuery, 'status' | 'order' | 'kind'>): {
  readonly list: ListName;
  readonly prefix: string;
} {
  if (kind === null || kind === 'person') return { list: `${status}-${order}`, prefix: '' };
  return { list: `${status}-${order}-kinds`, prefix: kindPrefix(kind) };
}

const asksForPersonsOnly = ({ kind, department, managerId, search }: UserQuery) =>
  kind === 'person' && department === null && managerId === null && search === null;

/**
 * Reads one page.
 * @param state of the company, when it has just been read
 */
export async function listUsers(
  ports: Pick<Ports, 'tables' | 'index'>,
  companyId: string,
  query: UserQuery,
  state: CompanyState | null = null,
): Promise<UserPage> {
  const opened = await openUsers(ports, companyId, state);
  if (!opened) return { users: [], cursor: null };
  const { scope, users } = opened;
  const { list, prefix } = placeOf(query);
  const index = ports.index(scope, list);
  const match = filterOf(query);
  const shown: User[] = [];
  let { cursor } = query;
  for (let read = 0; read < mostReads && shown.length < query.limit; read += 1) {
    const first = asksForPersonsOnly(query) ? { mostLeaves: leavesOfPersons } : {};
    const page = await index.read({
      prefix,
      limit: query.limit - shown.length,
      ...(cursor === null ? {} : { cursor }),
      ...(match === undefined ? {} : { match }),
      ...(read === 0 ? first : { mostLeaves: leavesOfMore }),
    });
    const present = await users.readMany(page.entries.map((entry) => entry.id));
    for (const entry of page.entries) {
      const user = present.get(entry.id)?.user;
      if (user && isTrueLine(user, list, entry.key) && (match === undefined || match(facetsOf(user, list)))) shown.push(user);
    }
    cursor = page.next;
    if (cursor === null) break;
  }
  return { users: shown, cursor };
}
