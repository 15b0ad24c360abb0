// The sorted lists of users (pending by name, teams, look-up by mail) that make a page cheap whatever a company's size.

import type { IndexEntry, IndexFacets, IndexPage } from '../domain/packed-index.ts';
import type { IndexPart } from '../domain/packed-position.ts';

/**
 * One page. `key` or `prefix` choose a part of the index; `match` filters by facets without reading rows.
 * A call does bounded work: with few matches it may answer fewer than `limit` entries, even none, and a cursor.
 */
export type IndexRead = IndexPart & {
  readonly limit: number;
  /** `next` of the page before, or `cursorAfter(entry)`. */
  readonly cursor?: string;
  readonly match?: (facets: IndexFacets) => boolean;
  /** Most leaves (of up to 250 entries) to read per run; 16 unless told. */
  readonly mostLeaves?: number;
};

export interface CompactWish {
  /**
   * The entries of a batch (at most 1,000) whose rows say the same as their key: these stay, with the facets given back,
   * so the caller can correct them; the others are dropped. Entries younger than `inFlightMilliseconds` are kept without
   * asking. Must throw when it cannot tell.
   */
  readonly keep: (entries: readonly IndexEntry[]) => Promise<readonly IndexEntry[]>;
  /** Compact only when there are more packed runs than this, */
  readonly mostRuns: number;
  /** or more loose entries than this. */
  readonly mostLoose: number;
}

/**
 * - `notNeeded`: below both thresholds, nothing was written.
 * - `superseded`: another compaction was faster; nothing was dropped or replaced.
 * - `compacted`: one packed run is left; `looseLeft` says that there were too many loose entries for one go: compact again.
 */
export type CompactOutcome =
  | { readonly outcome: 'notNeeded' }
  | { readonly outcome: 'superseded' }
  | { readonly outcome: 'compacted'; readonly kept: number; readonly dropped: number; readonly looseLeft: boolean };

/**
 * One sorted list of one company: a superset hint. A writer adds an entry BEFORE it changes the row, each time, whether
 * or not it was added before, and changes the row within `inFlightMilliseconds` of the call or adds again; a reader
 * checks each entry against its row. What was added and is true is then always found, whatever crashes in between.
 * There is no removal: an entry dropped by one writer could be the one that another writer is about to rely on.
 */
export interface UserIndex {
  /** For a few entries: one small write per 100, no reading, no conflicts. Repeating is harmless. */
  readonly add: (entries: readonly IndexEntry[]) => Promise<void>;
  /** For hundreds to tens of thousands at once: written packed. All or nothing; repeating is harmless. */
  readonly addMany: (entries: readonly IndexEntry[]) => Promise<void>;
  readonly read: (request: IndexRead) => Promise<IndexPage>;
  /** Packs everything into one run and drops what is no longer true. Safe at any time, also twice at once. */
  readonly compact: (wish: CompactWish) => Promise<CompactOutcome>;
}
