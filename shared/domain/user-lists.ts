// Which lists a user stands on, under which key, and whether a line found on a list is still true.
import { invertedInstant, keptKey } from './packed-position.ts';
import { foldText, searchTextOf, sortKeyOf } from './person-text.ts';
import type { AccountKind, User } from './user.ts';

export const userStatuses = ['pending', 'approved', 'denied', 'removed'] as const;
/** What is shown: removed people are on the removed list whatever was decided; everybody else by the decision. */
export type UserStatus = (typeof userStatuses)[number];

export const listOrders = ['name', 'arrival'] as const;
export type ListOrder = (typeof listOrders)[number];

export type ListName = `${UserStatus}-${ListOrder}` | 'team' | 'mail';

/** A line on a list: the sort key, the object id, and what can be filtered without reading the user. */
export interface ListEntry {
  readonly list: ListName;
  readonly key: string;
  readonly objectId: string;
  readonly facets: ListFacets;
}

export interface ListFacets {
  readonly kind?: AccountKind;
  /** Folded department, shortened. */
  readonly department?: string;
  readonly manager?: string;
  /** Folded name and addresses for substring search. */
  readonly text?: string;
}

export function statusOf(user: Pick<User, 'decision' | 'presence'>): UserStatus {
  return user.presence === 'removed' ? 'removed' : user.decision;
}

const longestDepartment = 40;
export const departmentFacet = (department: string | null | undefined) => foldText(department ?? '').slice(0, longestDepartment);

/** The key as the index keeps it. */
export function orderKey(user: User, order: ListOrder): string {
  const { displayName, mail, userPrincipalName } = user.fields;
  return order === 'name' ? keptKey(sortKeyOf(displayName, mail, userPrincipalName)) : invertedInstant(user.arrivedAt);
}

const longestMailKey = 120;
/** Addresses compare without case and without marks; empty for nobody. */
export const mailKey = (mail: string | null | undefined) => keptKey(foldText(mail ?? '').slice(0, longestMailKey));

/** What a list keeps of a user besides the key; teams and look-ups by mail keep nothing. */
export function facetsOf(user: User, list: ListName): ListFacets {
  if (list === 'team' || list === 'mail') return {};
  return {
    kind: user.kind,
    department: departmentFacet(user.fields.department),
    ...(user.managerId === null ? {} : { manager: user.managerId }),
    text: searchTextOf(user.fields),
  };
}

/** Every line a user must be found under. */
export function listEntriesOf(user: User): readonly ListEntry[] {
  const status = statusOf(user);
  const facets = facetsOf(user, `${status}-name`);
  const entries: ListEntry[] = listOrders.map((order) => ({
    list: `${status}-${order}`,
    key: orderKey(user, order),
    objectId: user.objectId,
    facets,
  }));
  if (user.managerId !== null) entries.push({ list: 'team', key: user.managerId, objectId: user.objectId, facets: {} });
  const mail = mailKey(user.fields.mail);
  if (mail !== '') entries.push({ list: 'mail', key: mail, objectId: user.objectId, facets: {} });
  return entries;
}

const sameFacets = (left: ListFacets, right: ListFacets) =>
  left.kind === right.kind && left.department === right.department && left.manager === right.manager && left.text === right.text;

/** The lines that must be written before a change is: those the user had not, or had with other facets. */
export function newListEntries(before: User | undefined, after: User): readonly ListEntry[] {
  const known = before ? listEntriesOf(before) : [];
  return listEntriesOf(after).filter(
    (entry) => !known.some((old) => old.list === entry.list && old.key === entry.key && sameFacets(old.facets, entry.facets)),
  );
}

/** Whether a line read from a list still speaks of this user; lines are written before the user and never taken away in time. */
export function isTrueLine(user: User, status: UserStatus, order: ListOrder, key: string): boolean {
  return statusOf(user) === status && orderKey(user, order) === key;
}
