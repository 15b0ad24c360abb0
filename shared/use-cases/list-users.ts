// A page of users of one status: candidates come from a sorted list, the live rows decide who is shown.
import type { IndexFacets } from '../domain/packed-index.ts';
import { keptKey } from '../domain/packed-position.ts';
import { matchesSearch } from '../domain/person-text.ts';
import { departmentFacet, isTrueLine, type ListOrder, type UserStatus } from '../domain/user-lists.ts';
import type { AccountKind, User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
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
function filterOf({ kind, department, managerId, search }: UserQuery): ((facets: IndexFacets) => boolean) | undefined {
  if (kind === null && department === null && managerId === null && search === null) return undefined;
  const wanted = department === null ? null : departmentFacet(department);
  return (facets) =>
    (kind === null || facets.kind === kind) &&
    (wanted === null || facets.department === wanted) &&
    (managerId === null || facets.manager === managerId) &&
    (search === null || matchesSearch(facets.text ?? '', search));
}

/** Reads one page. */
export async function listUsers(ports: Pick<Ports, 'tables' | 'index'>, companyId: string, query: UserQuery): Promise<UserPage> {
  const opened = await openUsers(ports, companyId);
  if (!opened) return { users: [], cursor: null };
  const { scope, users } = opened;
  const index = ports.index(scope, `${query.status}-${query.order}`);
  const match = filterOf(query);
  const shown: User[] = [];
  let { cursor } = query;
  for (let read = 0; read < mostReads && shown.length < query.limit; read += 1) {
    const page = await index.read({
      limit: query.limit - shown.length,
      ...(cursor === null ? {} : { cursor }),
      ...(match === undefined ? {} : { match }),
    });
    const present = await users.readMany(page.entries.map((entry) => entry.id));
    for (const entry of page.entries) {
      const user = present.get(entry.id)?.user;
      if (user && isTrueLine(user, query.status, query.order, keptKey(entry.key))) shown.push(user);
    }
    cursor = page.next;
    if (cursor === null) break;
  }
  return { users: shown, cursor };
}
