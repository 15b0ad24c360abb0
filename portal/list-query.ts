// What an admin filters a list by: kept in the address, so that reload, back and a shared link show the same list.
import type { AccountKind } from '../shared/domain/user.ts';
import { foldText } from '../shared/domain/person-text.ts';
import type { ListOrder, UserStatus } from '../shared/domain/user-lists.ts';
import { kindWords } from './words.ts';

export interface ListFilters {
  readonly sort: ListOrder;
  readonly kind: AccountKind | null;
  readonly department: string;
  readonly search: string;
}

export const noFilters: ListFilters = { sort: 'name', kind: null, department: '', search: '' };

const isKind = (value: string | null): value is AccountKind => value !== null && Object.hasOwn(kindWords, value);
/** The lengths the API takes. */
export const longestFilter = { department: 200, search: 100 } as const;
function lineOf(value: string | null, max: number): string {
  const line = (value ?? '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, max)
    .toWellFormed()
    .trim();
  // An accent without a letter, say, looks for nothing, and the API refuses it.
  return foldText(line) === '' ? '' : line;
}

/** Reads the filters of an address; whatever is not understood is left out. */
export function readFilters(search: string): ListFilters {
  const query = new URLSearchParams(search);
  const kind = query.get('kind');
  return {
    sort: query.get('sort') === 'arrival' ? 'arrival' : 'name',
    kind: isKind(kind) ? kind : null,
    department: lineOf(query.get('department'), longestFilter.department),
    search: lineOf(query.get('search'), longestFilter.search),
  };
}

function fieldsOf({ sort, kind, department, search }: ListFilters): Readonly<Record<string, string>> {
  const found = { department: lineOf(department, longestFilter.department), search: lineOf(search, longestFilter.search) };
  return {
    ...(sort === 'name' ? {} : { sort }),
    ...(kind === null ? {} : { kind }),
    ...(found.department === '' ? {} : { department: found.department }),
    ...(found.search === '' ? {} : { search: found.search }),
  };
}

/** The part of the address after the path: empty or beginning with `?`. */
export function writeFilters(filters: ListFilters): string {
  const query = new URLSearchParams(fieldsOf(filters)).toString();
  return query === '' ? '' : `?${query}`;
}

/** The query of one page for the API. */
export function userQuery(status: UserStatus, filters: ListFilters, page: string | null, limit = 50): Readonly<Record<string, string>> {
  return { status, ...fieldsOf(filters), limit: String(limit), ...(page === null ? {} : { page }) };
}

/** The same list as a spreadsheet. */
export function csvPath(companyId: string, status: UserStatus, filters: ListFilters): string {
  return `/api/v1/companies/${companyId}/users.csv?${new URLSearchParams({ status, ...fieldsOf(filters) }).toString()}`;
}

/** True when somebody may be missing because of a filter; the order hides nobody. */
export function isFiltered({ kind, department, search }: ListFilters): boolean {
  return kind !== null || department.trim() !== '' || search.trim() !== '';
}
