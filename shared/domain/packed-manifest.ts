// The table of contents of a packed index: which runs of leaves it consists of and where each leaf begins.

import type { Leaf } from './packed-leaf.ts';
import { longestText } from './packed-leaf.ts';
import type { PositionRange } from './packed-position.ts';
import { separatorBetween } from './packed-position.ts';
import { parseStored } from './stored-json.ts';

/** A sorted, immutable sequence of leaves. Leaf `n` holds the positions from `starts[n]` up to `starts[n + 1]`. */
export interface Run {
  /** Unique for ever: a name is given once, so a run that is in a manifest always means the same leaves. */
  readonly name: string;
  readonly starts: readonly string[];
  readonly counts: readonly number[];
}

export interface Manifest {
  readonly runs: readonly Run[];
}

/** Consecutive leaves of a run, both ends included, which hold everything from where they were sought up to `before`. */
export interface LeafSpan {
  readonly first: number;
  readonly last: number;
  readonly before: string;
}

/** A leaf without its text, which may be long gone from memory when the run is complete. */
export type LeafOutline = Omit<Leaf, 'text'>;

/** The run that consists of these leaves, in order. Starts are as short as they can be: the manifest must fit in a row. */
export function runOf(name: string, leaves: readonly LeafOutline[]): Run {
  const starts = leaves.map((leaf, index) => {
    const previous = leaves[index - 1];
    return previous === undefined ? '' : separatorBetween(previous.last, leaf.first);
  });
  return { name, starts, counts: leaves.map((leaf) => leaf.count) };
}

/** The manifest with a run added (nothing changes for a run of no leaves). */
export function withRun(manifest: Manifest, run: Run): Manifest {
  return run.starts.length === 0 ? manifest : { runs: [...manifest.runs, run] };
}

/**
 * The manifest with `output` in place of the runs it was merged from; runs added meanwhile stay. `null` when one of
 * `merged` is gone: somebody else replaced it, and `output` may lack what they know.
 */
export function withRunsReplaced(manifest: Manifest, merged: readonly Run[], output: Run): Manifest | null {
  const names = new Set(merged.map((run) => run.name));
  const rest = manifest.runs.filter((run) => !names.has(run.name));
  return manifest.runs.length - rest.length === names.size ? withRun({ runs: rest }, output) : null;
}

export function hasRun(manifest: Manifest, name: string): boolean {
  return manifest.runs.some((run) => run.name === name);
}

/** Lines in all runs, those that more than one of them holds counted again. */
export function packedLines(manifest: Manifest): number {
  return manifest.runs.reduce((sum, run) => run.counts.reduce((more, count) => more + count, sum), 0);
}

/** The leaves to read for about `entries` entries of a range: at least one, at most `mostLeaves`. */
export function leafSpan(run: Run, range: PositionRange, wish: { readonly entries: number; readonly mostLeaves: number }): LeafSpan {
  const { starts, counts } = run;
  const first = Math.max(
    starts.findLastIndex((start) => start <= range.from),
    0,
  );
  let last = first;
  // A leaf entered in the middle may have nothing left: only whole leaves count.
  let found = range.from <= (starts[first] ?? '') ? (counts[first] ?? 0) : 0;
  while (found < wish.entries && last - first + 1 < wish.mostLeaves) {
    const next = starts[last + 1];
    if (next === undefined || next >= range.end) break;
    last += 1;
    found += counts[last] ?? 0;
  }
  return { first, last, before: starts[last + 1] ?? range.end };
}

/** The manifest as texts that each fit in a string property. 400 leaves (100,000 entries) usually make one. */
export function packManifest(manifest: Manifest): readonly string[] {
  const text = JSON.stringify(manifest.runs.map(({ name, starts, counts }) => [name, starts, counts]));
  return Array.from({ length: Math.ceil(text.length / longestText) }, (_, part) =>
    text.slice(part * longestText, (part + 1) * longestText),
  );
}

/** The manifest that {@link packManifest} made these texts of. */
export function unpackManifest(texts: readonly string[]): Manifest {
  const runs = parseStored(texts.join('')) as readonly (readonly [string, readonly string[], readonly number[]])[];
  return { runs: runs.map(([name, starts, counts]) => ({ name, starts, counts })) };
}
