// Every switch of the Graph stand-in, with the item of docs/graph.md §9 it implements. The defaults are a polite, but real-looking, Graph.

/** How a delta token that is too old is refused (§9 item 45). */
export type TokenRefusal =
  /** 400 `syncStateNotFound`, as documented. */
  | 'syncStateNotFound'
  /** 400 `Request_UnsupportedQuery` "DeltaLink older than 30 days is not supported.", as seen in practice. */
  | 'olderThan30Days'
  /** 410 with a `Location` that has an empty `$deltatoken`. */
  | 'gone'
  /** 400 `resyncRequired`. */
  | 'resyncRequired';

/** What one tenant's Graph does. Shares are between 0 and 1, times are milliseconds. All of it may be changed while the stand-in runs. */
export interface GraphSettings {
  /** Item 9: the function name in links; `asAsked` repeats the caller's. */
  linkForm: 'short' | 'long' | 'asAsked';
  /** Item 11: users on a delta page, drawn anew for each page; never above 200. */
  smallestPage: number;
  largestPage: number;
  /** Item 11: whether `Prefer: odata.maxpagesize` below 200 has an effect (unverified for users). */
  honourMaxPageSize: boolean;
  /** Item 12: share of page boundaries at which empty pages come first, and how many in a row. */
  emptyPageShare: number;
  emptyPageRun: number;
  /** Item 14: the old effect of `$expand` on delta, users repeated across pages. */
  expandRepeatsUsers: boolean;
  /** Item 14: `$orderby` on delta is refused (true) or ignored (false). */
  refuseOrderBy: boolean;
  /** Item 22: tokens work only for the tenant and application they were issued to. */
  bindTokens: boolean;
  /** Item 24: share of a first round's entries that are tombstones of objects nobody knew. */
  tombstoneShare: number;
  /** Item 25: a restored user is reported only when a selected property changed, too. */
  restoreNeedsChange: boolean;
  /** Item 26: share of users that come twice in a round. */
  repeatShare: number;
  /** Item 26: of two entries for one user the newer comes last. */
  newestLast: boolean;
  /** Item 27: share of earlier changes that are delivered again in a later round. */
  replayShare: number;
  /** Item 28: share of users that come although nothing about them changed. */
  falsePositiveShare: number;
  /** Item 29: a change is withheld for 0 to this many rounds. */
  lagRounds: number;
  /** Item 29: after a change its old and then its new state are delivered once more. */
  alternateOldAndNew: boolean;
  /** Item 30: share of users created and deleted between two rounds of which nothing is said; the others leave a tombstone. */
  shortLivedSilence: number;
  /** Item 31: share of users whose changes during a round are already seen in that round; the next round has them in any case. */
  readAheadShare: number;
  /** Item 31: changes made while a round is paged are lost. */
  loseChangesWhilePaging: boolean;
  /** Item 33: a new user comes without mail and licences first, and complete in the next round. */
  lateProvisioning: boolean;
  /** Item 34: with `$select=*` only the first page has all properties. */
  starSelectShrinks: boolean;
  /** Item 37: share of managers that come on a second entry, after everything else. */
  separateManagerShare: number;
  /** Item 38: share of managers that delta never tells. */
  omittedManagerShare: number;
  /** Item 42: users on a page of a list with `$expand`, whatever `$top` says; one forum thread saw 100 (docs/graph.md §2). */
  largestExpandedPage: number;
  /** Item 42: a list ends after so many users, without a link, although there are more. */
  listEndsAfter: number | null;
  /** Item 43: whether lists and counts can be filtered; if not, 400 `Request_UnsupportedQuery` or 501 `NotImplemented`. */
  listFilters: 'answered' | 'unsupported' | 'notImplemented';
  /** Item 43: `$expand` together with an advanced query is refused, as documented, or answered, as seen (docs/graph.md §1.6). */
  expandAdvancedQueries: boolean;
  /** Item 43: `/users/$count` without a filter says so many more, or fewer, than there are: its index is behind. */
  countError: number;
  /** Item 42: age at which a page token of a list is refused. */
  listTokenMaxAgeMs: number;
  /** Item 42: the page token got by reading a page a second time is refused. */
  refuseTokensOfRetriedPages: boolean;
  /** Item 44: lists show the directory as it was this long ago. */
  listReplicaLagMs: number;
  /** Item 45: age at which a delta token is refused, and how. */
  deltaTokenMaxAgeMs: number;
  tokenRefusal: TokenRefusal;
  /** Item 46: age at which an unfinished round is refused. */
  roundMaxAgeMs: number;
  /** Item 48: false for tenants without change tracking (Azure AD B2C, External ID). */
  changeTracking: boolean;
  /** Item 49: pages of more than one page link to themselves. */
  loopNextLink: boolean;
  /** Item 49: a round never ends. */
  endlessRound: boolean;
  /** Item 50: resource units are counted and refused above the quota. */
  throttle: boolean;
  /** Item 50: replaces the quota of the tenant's size class, in resource units per 10 s. */
  resourceUnitsPer10s: number | null;
  /** Delay before each answer. */
  latencyMs: number;
  /** Item 51: how long a stalled answer takes. */
  stallMs: number;
}

const day = 86_400_000;

export const defaultSettings: Readonly<GraphSettings> = {
  linkForm: 'asAsked',
  smallestPage: 150,
  largestPage: 200,
  honourMaxPageSize: false,
  emptyPageShare: 0.03,
  emptyPageRun: 1,
  expandRepeatsUsers: false,
  refuseOrderBy: false,
  bindTokens: true,
  tombstoneShare: 0.05,
  restoreNeedsChange: false,
  repeatShare: 0.01,
  newestLast: true,
  replayShare: 0.01,
  falsePositiveShare: 0,
  lagRounds: 0,
  alternateOldAndNew: false,
  shortLivedSilence: 0.5,
  readAheadShare: 0.5,
  loseChangesWhilePaging: false,
  lateProvisioning: false,
  starSelectShrinks: false,
  separateManagerShare: 0.02,
  omittedManagerShare: 0.01,
  largestExpandedPage: 999,
  listEndsAfter: null,
  listFilters: 'answered',
  expandAdvancedQueries: false,
  countError: 0,
  listTokenMaxAgeMs: 10 * 60_000,
  refuseTokensOfRetriedPages: false,
  listReplicaLagMs: 0,
  deltaTokenMaxAgeMs: 7 * day,
  tokenRefusal: 'syncStateNotFound',
  roundMaxAgeMs: 30 * day,
  changeTracking: true,
  loopNextLink: false,
  endlessRound: false,
  throttle: true,
  resourceUnitsPer10s: null,
  latencyMs: 0,
  stallMs: 30_000,
};

/** Everything that makes the feed surprising switched off: every user once, in one page as full as possible, managers complete. */
export const plainSettings: Partial<GraphSettings> = {
  smallestPage: 200,
  largestPage: 200,
  emptyPageShare: 0,
  tombstoneShare: 0,
  repeatShare: 0,
  replayShare: 0,
  readAheadShare: 0,
  separateManagerShare: 0,
  omittedManagerShare: 0,
};
