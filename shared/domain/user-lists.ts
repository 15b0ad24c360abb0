// Which lists a user stands on, under which key, and whether a line found on a list is still true.
import type { Counts } from './counts.ts';
import { invertedInstant, keptKey } from './packed-position.ts';
import { foldText, searchTextOf, sortKeyOf } from './person-text.ts';
import { type AccountKind, accountKinds, decisions, presences, type User } from './user.ts';

export const userStatuses = ['pending', 'approved', 'denied', 'removed'] as const;
/** What is shown: removed people are on the removed list whatever was decided; everybody else by the decision. */
export type UserStatus = (typeof userStatuses)[number];

export const listOrders = ['name', 'arrival'] as const;
export type ListOrder = (typeof listOrders)[number];

/** `-kinds` lists hold everybody who is no person, by kind first: rooms among 100,000 people are found without looking at them. */
export type StatusList = `${UserStatus}-${ListOrder}` | `${UserStatus}-${ListOrder}-kinds`;
export type ListName = StatusList | 'team' | 'mail';

/** A line on a list: the sort key, the object id, and what can be filtered without reading the user. */
export interface ListEntry {
  readonly list: ListName;
  readonly key: string;
  readonly objectId: string;
  readonly facets: ListFacets;
  /**
   * The revision of the decision that puts the user on the list, or takes them off it (`gone`). On the lists of removed
   * people, teams and mails it is always 0: nobody is ever said to have gone from there.
   */
  readonly version: number;
  readonly gone?: true;
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

/** Where the users of one kind stand on a `-kinds` list; no kind's start is another kind's. */
export const kindPrefix = (kind: AccountKind) => `${kind} `;

const kindKey = (user: User, order: ListOrder) => keptKey(kindPrefix(user.kind) + orderKey(user, order));

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

const versionOf = (user: User, status: UserStatus) => (status === 'removed' ? 0 : user.decisionRevision);

/** The lines of a user on the lists of a status, as if it were the user's. */
function statusEntries(user: User, status: UserStatus): readonly ListEntry[] {
  const facets = facetsOf(user, `${status}-name`);
  const { objectId, kind } = user;
  const version = versionOf(user, status);
  return listOrders.flatMap((order): readonly ListEntry[] => {
    const key = orderKey(user, order);
    const main: ListEntry = { list: `${status}-${order}`, key, objectId, facets, version };
    if (kind === 'person') return [main];
    return [main, { ...main, list: `${status}-${order}-kinds`, key: kindKey(user, order) }];
  });
}

/** Every line a user must be found under. */
export function listEntriesOf(user: User): readonly ListEntry[] {
  const entries = [...statusEntries(user, statusOf(user))];
  const mail = mailKey(user.fields.mail);
  const { objectId, managerId } = user;
  if (managerId !== null) entries.push({ list: 'team', key: managerId, objectId, facets: {}, version: 0 });
  if (mail !== '') entries.push({ list: 'mail', key: mail, objectId, facets: {}, version: 0 });
  return entries;
}

const sameFacets = (left: ListFacets, right: ListFacets) =>
  left.kind === right.kind && left.department === right.department && left.manager === right.manager && left.text === right.text;

const sameLine = (left: ListEntry, right: ListEntry) =>
  left.list === right.list && left.key === right.key && left.version === right.version && sameFacets(left.facets, right.facets);

/** The lines that must be written before a change is: those the user had not, or had with other facets. */
export function newListEntries(before: User | undefined, after: User): readonly ListEntry[] {
  if (before === undefined) return listEntriesOf(after);
  const known = listEntriesOf(before);
  return listEntriesOf(after).filter((entry) => !known.some((old) => sameLine(old, entry)));
}

/**
 * The lines that may be written after a decision is stored: they hide those the user had as somebody not yet so decided. They
 * speak of what can never be undone, that the row has had this revision, so they may come late or not at all.
 */
export function leftListEntries(before: User | undefined, after: User): readonly ListEntry[] {
  if (before === undefined || before.decision === after.decision || statusOf(before) === 'removed') return [];
  return statusEntries(before, statusOf(before)).map((entry) => ({ ...entry, facets: {}, version: after.decisionRevision, gone: true }));
}

interface StatusPlace {
  readonly status: UserStatus;
  readonly order: ListOrder;
  /** Whether it is the list of those who are no persons. */
  readonly byKind: boolean;
}

const statusPlaces: ReadonlyMap<ListName, StatusPlace> = new Map(
  userStatuses.flatMap((status) =>
    listOrders.flatMap((order): readonly (readonly [ListName, StatusPlace])[] => [
      [`${status}-${order}`, { status, order, byKind: false }],
      [`${status}-${order}-kinds`, { status, order, byKind: true }],
    ]),
  ),
);

/** Every list there is. */
export const listNames: readonly ListName[] = [...statusPlaces.keys(), 'team', 'mail'];

/** Whether a line read from a list still speaks of this user; lines are written before the user and never taken away in time. */
export function isTrueLine(user: User, list: ListName, key: string): boolean {
  const place = statusPlaces.get(list);
  if (place === undefined) return key === (list === 'team' ? user.managerId : mailKey(user.fields.mail));
  if (statusOf(user) !== place.status || (place.byKind && user.kind === 'person')) return false;
  return key === (place.byKind ? kindKey(user, place.order) : orderKey(user, place.order));
}

/** The most users who can be on a list. */
export function mostOnList(counts: Counts, list: ListName): number {
  const place = statusPlaces.get(list);
  const combinations = decisions.flatMap((decision) => presences.map((presence) => ({ decision, presence })));
  const shown = combinations.filter((combination) => place === undefined || statusOf(combination) === place.status);
  const kinds = accountKinds.filter((kind) => kind !== 'person' || place?.byKind !== true);
  return shown.reduce(
    (sum, { decision, presence }) => kinds.reduce((more, kind) => more + (counts[`${decision}.${presence}.${kind}`] ?? 0), sum),
    0,
  );
}
