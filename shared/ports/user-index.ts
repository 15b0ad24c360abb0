// The sorted lists of users (pending by name, teams, look-up by mail) that make a page cheap whatever a company's size.

import type { IndexPage } from '../domain/packed-index.ts';
import type { IndexEntry, IndexFacets, IndexStatement } from '../domain/packed-line.ts';
import type { IndexPart } from '../domain/packed-position.ts';

/**
 * One page. `key` or `prefix` choose a part of the index; `match` filters by facets without reading rows.
 * A call does bounded work: with few matches, or many entries gone since the last compaction, it may answer fewer than
 * `limit` entries, even none, and a cursor.
 */
export type IndexRead = IndexPart & {
  readonly limit: number;
  /** `next` of the page before, or `cursorAfter(entry)`. */
  readonly cursor?: string;
  readonly match?: (facets: IndexFacets) => boolean;
  /** Most leaves (of up to 250 entries) to read per run; 16 unless told. Loose rows are read in proportion. */
  readonly mostLeaves?: number;
};

/** What a writer knows about lines that it adds. */
export interface Addition {
  /** The index is likely to have nothing packed yet: saves looking; being wrong costs a call. */
  readonly first?: boolean;
  /** They are a list's share of a load, after which it is compacted: packed even when they are few beside what is there. */
  readonly ofLoad?: boolean;
}

export interface CompactWish {
  /** Compact when there are more packed runs than this, */
  readonly mostRuns: number;
  /** or more loose lines than this and than a twenty-fifth of the packed ones. */
  readonly mostLoose: number;
  /** Ask which entries are true when more than this many are left; never when absent. */
  readonly mostLines?: number;
  /**
   * The entries of a batch (at most 10,000) whose rows say the same as their key: these stay, with the facets given back,
   * so the caller can correct them; the others are dropped. Entries younger than `inFlightMilliseconds` are kept without
   * asking. Must throw when it cannot tell.
   */
  readonly keep: (entries: readonly IndexEntry[]) => Promise<readonly IndexEntry[]>;
}

/**
 * - `notNeeded`: below all thresholds, nothing was written.
 * - `superseded`: another compaction was faster; nothing was dropped or replaced.
 * - `compacted`: one packed run is left; `looseLeft` says that there were too many loose lines for one go: compact again.
 *
 * `lines` is the number of packed lines there are now.
 */
export type CompactOutcome =
  | { readonly outcome: 'notNeeded'; readonly lines: number }
  | { readonly outcome: 'superseded' }
  | { readonly outcome: 'compacted'; readonly lines: number; readonly looseLeft: boolean };

/**
 * One sorted list of one company: a superset hint. A writer adds an entry BEFORE it changes the row, each time, whether
 * or not it was added before, and changes the row within `inFlightMilliseconds` of the call or adds again; a reader
 * checks each entry against its row. What was added and is true is then always found, whatever crashes in between.
 *
 * An entry added with `gone` hides the one of the same key and id up to its version: added AFTER the row has changed,
 * with the version that no longer agrees. It may come late, twice or not at all; it cannot hide what became true
 * later, because that was added with a higher version. An entry whose row has no such version must never be added as gone.
 */
export interface UserIndex {
  /** For a few: one small write per 100, no reading, no conflicts. Repeating is harmless. */
  readonly add: (statements: readonly IndexStatement[]) => Promise<void>;
  /**
   * For hundreds to tens of thousands at once: written packed, all or nothing, or as loose lines when they are few
   * beside what is there. Repeating is harmless.
   */
  readonly addMany: (statements: readonly IndexStatement[], addition?: Addition) => Promise<void>;
  readonly read: (request: IndexRead) => Promise<IndexPage>;
  /** Packs everything into one run, without what has gone, and drops what is no longer true where asking pays. Safe at any time, also twice at once. */
  readonly compact: (wish: CompactWish) => Promise<CompactOutcome>;
}
