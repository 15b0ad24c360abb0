// What Muster asks of a Microsoft 365 tenant's directory. The Graph adapter answers these; tests use a fake held to the same contract.
import type { DirectoryFields } from '../domain/user.ts';

/** What one entry says about the manager: nothing, a new one, or that a named one is no longer it (docs/graph.md §2 rules 1–3). */
export type ManagerStatement =
  | { readonly kind: 'set'; readonly managerId: string }
  | { readonly kind: 'removed'; readonly managerIds: readonly string[] };

/** One entry of `users/delta`, parsed. */
export type DeltaEntry =
  | { readonly kind: 'live'; readonly objectId: string; readonly fields: DirectoryFields; readonly manager?: ManagerStatement }
  /** `restorable`: soft-deleted (`changed`); `final`: permanently deleted (`deleted`). */
  | { readonly kind: 'tombstone'; readonly objectId: string; readonly reason: 'restorable' | 'final' }
  /** An entry we could not read; it must block the end of the round (docs/graph.md §10 item 6). */
  | { readonly kind: 'unreadable'; readonly reason: string };

export type NextStep = { readonly kind: 'nextLink'; readonly link: string } | { readonly kind: 'deltaLink'; readonly link: string };

export interface DeltaPage {
  /** Looking at them may be what takes the time: ask for the next page first. */
  readonly entries: readonly DeltaEntry[];
  readonly next: NextStep;
}

/** Whose fault a loss of access is, so that the right owner is told (docs/graph.md §10 item 46). */
export type AccessOwner = 'ours' | 'theirs' | 'gone';

/** Why a directory request has no answer, classified by status and codes, never by message text. */
export type DirectoryFailure =
  /** Wait this long, then ask the same again. `scope` is `application` when every tenant is affected. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number; readonly scope: 'tenant' | 'application'; readonly detail: FailureDetail }
  /** Network faults, 5xx, truncated or foreign bodies: the same request may work later. */
  | { readonly kind: 'transient'; readonly detail: FailureDetail }
  /** The delta or page token is no longer accepted: a new full round is needed, nobody is removed. */
  | { readonly kind: 'tokenRefused'; readonly detail: FailureDetail }
  /** The page token aged out inside a round: go back to the last stored link. */
  | { readonly kind: 'pageTokenExpired'; readonly detail: FailureDetail }
  /** This tenant type has no change tracking (B2C, External ID): no retry helps. */
  | { readonly kind: 'unsupported'; readonly detail: FailureDetail }
  | { readonly kind: 'accessLost'; readonly owner: AccessOwner; readonly detail: FailureDetail }
  /** The answer breaks the contract (neither link, foreign host in a link, …). */
  | { readonly kind: 'broken'; readonly detail: FailureDetail };

/** For logs and run records: no token, no link, no personal data. */
export interface FailureDetail {
  readonly status: number | null;
  readonly code: string | null;
  readonly requestId: string | null;
  /** One sentence for people. */
  readonly sentence: string;
}

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: DirectoryFailure };

/** Counted per directory session for the run record. */
export interface DirectoryUsage {
  readonly requests: number;
  readonly retries: number;
  readonly throttledMs: number;
}

export interface ManagerPage {
  readonly entries: readonly { readonly objectId: string; readonly managerId: string | null }[];
  readonly nextLink: string | null;
}

/** One user of the plain list, as the list shows the user now. */
export type ListedUser =
  | {
      readonly kind: 'live';
      readonly objectId: string;
      /**
       * Properties without a value are left out: a list shows what was never set like what was cleared, and delta leaves out only the
       * former (docs/graph.md §0 fact 9). So a list fills an empty store; it must not be merged into a full one.
       */
      readonly fields: DirectoryFields;
      /** A statement either way, unlike silence in the feed: `null` says that the list shows no manager (docs/graph.md §2). */
      readonly managerId: string | null;
    }
  | { readonly kind: 'unreadable'; readonly reason: string };

export interface UsersPage {
  readonly entries: readonly ListedUser[];
  readonly nextLink: string | null;
}

/** One tenant's directory. Short waits (up to a few seconds) and a few retries happen inside; longer waits are returned as `throttled`. */
export interface Directory {
  /** Starts (`null`) or continues a delta chain. Links are sent byte for byte as they were received. */
  readonly deltaPage: (link: string | null) => Promise<Answer<DeltaPage>>;
  /**
   * A deltaLink for everything that changes from now on, without reading anybody (`$deltatoken=latest`). What a list read later shows
   * and what this link brings are all there is, but for a replica that was behind (docs/graph.md §1.6, §9 items 17 and 44).
   */
  readonly startDelta: () => Promise<Answer<string>>;
  /**
   * One page of the plain list: the users whose user principal name begins with `prefix`, without regard to case; `''` is everybody.
   * `null` starts, and from then on the link alone says where. Up to 999 users come, but an empty or a short page is not the end.
   * `unsupported` means that the tenant does not answer this list; `pageTokenExpired` and `tokenRefused`, that it must be read anew.
   */
  readonly usersPage: (link: string | null, prefix: string) => Promise<Answer<UsersPage>>;
  /** Every user's manager by `$expand`, up to 999 users a page; `null` starts. A prefix narrows it as in `usersPage`. */
  readonly managerPage: (link: string | null, prefix?: string) => Promise<Answer<ManagerPage>>;
  /** Asks for up to 20 object ids at once whether they exist; an id missing from the map could not be answered. */
  readonly lookUp: (objectIds: readonly string[]) => Promise<Answer<ReadonlyMap<string, 'exists' | 'absent'>>>;
  /** `/users/$count`; used only for progress and plausibility. */
  readonly countUsers: () => Promise<Answer<number>>;
  /** How many users each of up to 20 prefixes has, in one request; a prefix missing from the map could not be answered. */
  readonly countByPrefix: (prefixes: readonly string[]) => Promise<Answer<ReadonlyMap<string, number>>>;
  /** The smallest request that proves permission, with a fresh token (cache bypassed). */
  readonly probe: () => Promise<Answer<null>>;
  readonly usage: () => DirectoryUsage;
}

/** Opens one tenant's directory; costs nothing until the first request. */
export type OpenDirectory = (tenantId: string) => Directory;
