// What an entry of a packed index is, how the same entry from several places becomes one, and how a page is cut from a stretch.

import { behind, keptKey, positionOf } from './packed-position.ts';

/**
 * How long a writer may take from the start of adding an entry to changing the row it points at. Compaction keeps
 * younger entries unasked, because their rows may not say yet what the entry says. A slower writer adds again first.
 */
export const inFlightMilliseconds = 3_600_000;

const longestFacet = 512;
const facetNames = ['kind', 'department', 'manager', 'text'] as const;

/** Small texts to filter by without reading the row; each is kept up to 512 UTF-16 units. Hints, as old as the entry. */
export interface IndexFacets {
  readonly kind?: string;
  readonly department?: string;
  readonly manager?: string;
  readonly text?: string;
}

/** One line of an index. (key, id) is its identity; the key, already normalised, is what the index sorts by (UTF-16 units). */
export interface IndexEntry {
  readonly key: string;
  /** 1 to 110 characters of `[A-Za-z0-9_-]`. */
  readonly id: string;
  readonly facets: IndexFacets;
}

/** An entry with its place and its age. */
export interface PlacedEntry extends IndexEntry {
  readonly position: string;
  /** Milliseconds since 1970; 0 once compaction has found the entry true. */
  readonly addedAt: number;
}

/** All that a source holds from where it was asked up to, but excluding, `before`; in order unless said otherwise. */
export interface Stretch {
  readonly entries: readonly PlacedEntry[];
  readonly before: string;
}

/** An entry as the index keeps it: key and facets cut to what fits. @throws {RangeError} for an unusable id */
export function placeEntry(entry: IndexEntry, addedAt: number): PlacedEntry {
  const kept = facetNames.flatMap((name) => {
    const value = entry.facets[name];
    return value === undefined ? [] : [[name, value.slice(0, longestFacet)]];
  });
  const facets: IndexFacets = Object.fromEntries(kept);
  return { key: keptKey(entry.key), id: entry.id, facets, position: positionOf(entry), addedAt };
}

/** Entries in order, one per position: the one added last. */
export function sortedOnce(entries: readonly PlacedEntry[]): readonly PlacedEntry[] {
  const sorted = entries.toSorted((left, right) => {
    if (left.position !== right.position) return left.position < right.position ? -1 : 1;
    return left.addedAt - right.addedAt;
  });
  return sorted.filter((entry, index) => sorted[index + 1]?.position !== entry.position);
}

/** What several sources hold together, as far as all of them were read. The sources need no order of their own. */
export function mergeStretches(stretches: readonly Stretch[], end: string): Stretch {
  const before = stretches.reduce((least, stretch) => (stretch.before < least ? stretch.before : least), end);
  const known = stretches.flatMap((stretch) => stretch.entries.filter((entry) => entry.position < before));
  return { entries: sortedOnce(known), before };
}

/** Entries in order, and the cursor to go on from; `null` when there is nothing behind them. */
export interface IndexPage {
  readonly entries: readonly IndexEntry[];
  readonly next: string | null;
}

export interface PageWish {
  readonly limit: number;
  readonly end: string;
  readonly match?: (facets: IndexFacets) => boolean;
}

/** The first `limit` matching entries of a merged stretch; fewer, with a cursor, when the stretch ends before the index does. */
export function pageOf(stretch: Stretch, wish: PageWish): IndexPage {
  const { match, limit, end } = wish;
  const matching = match === undefined ? stretch.entries : stretch.entries.filter((entry) => match(entry.facets));
  const shown = matching.slice(0, limit);
  const entries = shown.map(({ key, id, facets }) => ({ key, id, facets }));
  const last = shown.at(-1);
  if (matching.length > limit && last !== undefined) return { entries, next: behind(last.position) };
  return { entries, next: stretch.before < end ? stretch.before : null };
}
