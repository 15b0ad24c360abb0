// How lines from several places become one sequence, and how a page is cut from it.

import type { IndexEntry, IndexFacets, Line } from './packed-line.ts';
import { compareStatements, entryFrom, facetsFrom, isHere, lineFrom } from './packed-line.ts';
import { behind } from './packed-position.ts';

/**
 * How long a writer may take from the start of adding an entry to changing the row it points at. Compaction keeps
 * younger entries unasked, because their rows may not say yet what the entry says. A slower writer adds again first.
 */
export const inFlightMilliseconds = 3_600_000;

/** All that a source holds from where it was asked up to, but excluding, `before`: in order, perhaps several of one position. */
export interface Stretch {
  readonly lines: readonly Line[];
  readonly before: string;
}

/** The number of lines below a position, in lines in order. */
export function countBelow(lines: readonly Line[], position: string): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle]?.position ?? position) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Lines in order, one per position: the one that counts. Texts sort as their positions do, because the blank behind a
 * position sorts before everything a longer one could go on with, and sorting texts needs no comparing function.
 */
export function sortedOnce(lines: readonly Line[]): readonly Line[] {
  const sorted: Line[] = [];
  for (const text of lines.map((line) => line.text).toSorted()) {
    const line = lineFrom(text);
    const last = sorted.at(-1);
    if (last?.position !== line.position) sorted.push(line);
    else if (compareStatements(last, line) < 0) sorted[sorted.length - 1] = line;
  }
  return sorted;
}

/** What several sources hold together, as far as all of them were read. */
export function mergeStretches(stretches: readonly Stretch[], end: string): Stretch {
  const before = stretches.reduce((least, stretch) => (stretch.before < least ? stretch.before : least), end);
  const known = stretches.flatMap(({ lines }) => lines.slice(0, countBelow(lines, before)));
  return { lines: sortedOnce(known), before };
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
  const shown: Line[] = [];
  for (const line of stretch.lines) {
    if (!isHere(line) || (match !== undefined && !match(facetsFrom(line)))) continue;
    const last = shown.at(-1);
    if (shown.length === limit && last !== undefined) return { entries: shown.map(entryFrom), next: behind(last.position) };
    shown.push(line);
  }
  return { entries: shown.map(entryFrom), next: stretch.before < end ? stretch.before : null };
}
