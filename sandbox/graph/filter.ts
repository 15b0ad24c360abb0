// The part of OData's `$filter` that lists of users understand: comparisons, startswith, endswith, not, and, or (docs/graph.md §1.6).
import type { UserFields } from '../world/directory-object.ts';
import { badRequest, unsupportedQuery } from './answer.ts';
import { type FilterCursor, filterCursor } from './filter-tokens.ts';
import { directoryProperties } from './properties.ts';

export interface UserFilter {
  readonly matches: (fields: UserFields) => boolean;
  /** Needs `ConsistencyLevel: eventual` with `$count=true` (docs/graph.md §1.6). */
  readonly advanced: boolean;
  /** Set when only this id can match. */
  readonly id?: string;
  /** Set (lower case) when only user principal names with this beginning can match; `alone` when each of them does. */
  readonly userPrincipalName?: { readonly prefix: string; readonly alone: boolean };
}

const everyProperty = new Map(directoryProperties.map((name) => [name.toLowerCase(), name]));

/** Reads a filter. @throws GraphError 400 when it is malformed or uses something the stand-in does not know. */
export function parseFilter(text: string): UserFilter {
  const cursor = filterCursor(text);
  const filter = either(cursor);
  if (cursor.next() !== undefined) throw cursor.malformed();
  return filter;
}

function either(cursor: FilterCursor): UserFilter {
  let left = both(cursor);
  while (cursor.accept('or')) {
    const [first, second] = [left, both(cursor)];
    left = { matches: (user) => first.matches(user) || second.matches(user), advanced: first.advanced || second.advanced };
  }
  return left;
}

function both(cursor: FilterCursor): UserFilter {
  let left = single(cursor);
  while (cursor.accept('and')) {
    const [first, second] = [left, single(cursor)];
    const named = first.userPrincipalName ?? second.userPrincipalName;
    left = {
      ...second,
      ...first,
      ...(named === undefined ? {} : { userPrincipalName: { ...named, alone: false } }),
      matches: (user) => first.matches(user) && second.matches(user),
      advanced: first.advanced || second.advanced,
    };
  }
  return left;
}

function single(cursor: FilterCursor): UserFilter {
  if (cursor.accept('not')) {
    const inner = single(cursor);
    return { matches: (user) => !inner.matches(user), advanced: true };
  }
  if (cursor.accept('(')) {
    const inner = either(cursor);
    cursor.take(')');
    return inner;
  }
  if (cursor.accept('startswith')) return textEdge(cursor, false);
  return cursor.accept('endswith') ? textEdge(cursor, true) : comparison(cursor);
}

/** `startswith(property,'text')` or `endswith(property,'text')`, after the function's name. */
function textEdge(cursor: FilterCursor, atEnd: boolean): UserFilter {
  cursor.take('(');
  const name = property(cursor);
  cursor.take(',');
  const wanted = cursor.take().value.toLowerCase();
  cursor.take(')');
  const matches = (user: UserFields): boolean => {
    const value = user[name];
    return typeof value === 'string' && (atEnd ? value.toLowerCase().endsWith(wanted) : value.toLowerCase().startsWith(wanted));
  };
  const named = name === 'userPrincipalName' && !atEnd;
  return { matches, advanced: atEnd, ...(named ? { userPrincipalName: { prefix: wanted, alone: true } } : {}) };
}

function comparison(cursor: FilterCursor): UserFilter {
  const name = property(cursor);
  const operator = cursor.take().value.toLowerCase();
  const wanted = literal(cursor);
  const equal = (user: UserFields): boolean => {
    const value = user[name] ?? null;
    return typeof value === 'string' && typeof wanted === 'string' ? value.toLowerCase() === wanted.toLowerCase() : value === wanted;
  };
  if (operator === 'eq') return { matches: equal, advanced: false, ...(name === 'id' ? { id: String(wanted).toLowerCase() } : {}) };
  if (operator === 'ne') return { matches: (user) => !equal(user), advanced: true };
  throw unsupportedQuery(`The operator '${operator}' is not supported in the filter.`);
}

function property(cursor: FilterCursor): string {
  const { value } = cursor.take();
  const name = everyProperty.get(value.toLowerCase());
  if (name === undefined) throw badRequest(`Could not find a property named '${value}' on type 'microsoft.graph.user'.`);
  return name;
}

function literal(cursor: FilterCursor): string | boolean | null {
  const { quoted, value } = cursor.take();
  if (quoted) return value;
  if (value === 'null') return null;
  if (value === 'true' || value === 'false') return value === 'true';
  throw cursor.malformed();
}
