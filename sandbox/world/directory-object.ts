// The words in which the sandbox's world speaks about one directory object: what Graph shows of it, and what it really is.
import type { AccountKind } from '../../shared/domain/user.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * Properties of a Graph `user`, by their official names. An absent property was never set, `null` was cleared
 * (docs/graph.md §0 fact 9); both matter to delta.
 */
export interface UserFields {
  readonly id: string;
  readonly displayName?: string | null;
  readonly userPrincipalName?: string | null;
  readonly mail?: string | null;
  readonly accountEnabled?: boolean | null;
  readonly userType?: string | null;
  readonly [property: string]: Json | undefined;
}

/** A manager as a user has it: another user, or a contact that is not in `/users` (Graph resource `user`, relationship `manager`). */
export interface ManagerReference {
  readonly id: string;
  readonly type: 'user' | 'orgContact';
}

/** Values of `mailboxSettings.userPurpose` (docs/graph.md §4.2). */
export type Purpose = 'user' | 'linked' | 'shared' | 'room' | 'equipment' | 'others';

/** What the object really is; Graph never says it in a list. */
export interface Truth {
  readonly kind: AccountKind;
  /** `none`: no mailbox in Exchange Online; `hidden`: Graph may not say (an access policy, a guest). */
  readonly purpose: Purpose | 'none' | 'hidden';
}

/** `deleted` is soft-deleted and restorable, `purged` is gone for good. */
export type ObjectState = 'live' | 'deleted' | 'purged';

/** One object at one version of its directory. */
export interface Snapshot {
  readonly fields: UserFields;
  readonly manager: ManagerReference | null;
  readonly state: ObjectState;
  readonly truth: Truth;
}

export const changeKinds = ['created', 'changed', 'deleted', 'purged', 'restored'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** One committed change. The n-th change of a directory has version n. */
export interface Change {
  readonly version: number;
  readonly ordinal: number;
  /** Milliseconds since 1970 on the sandbox's clock. */
  readonly at: number;
  readonly kind: ChangeKind;
  /** Names of the properties that changed, `manager` among them. */
  readonly properties: readonly string[];
}

/** The unchanging start of a directory: generated from a seed, or read from an export. Objects are numbered from 0. */
export interface Baseline {
  readonly count: number;
  readonly live: number;
  readonly at: (ordinal: number) => Snapshot;
  readonly idAt: (ordinal: number) => string;
  readonly stateAt: (ordinal: number) => ObjectState;
  readonly managerAt: (ordinal: number) => ManagerReference | null;
  /** Cheaper than `at` where a directory is searched by name. */
  readonly userPrincipalNameAt: (ordinal: number) => string;
  readonly ordinalOf: (id: string) => number | undefined;
}
