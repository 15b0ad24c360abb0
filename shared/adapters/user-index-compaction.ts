// Compaction: everything an index has becomes one packed run, without the entries that are no longer true.

import type { IndexEntry, PlacedEntry, Stretch } from '../domain/packed-index.ts';
import { inFlightMilliseconds, mergeStretches, placeEntry } from '../domain/packed-index.ts';
import { cutLeaves } from '../domain/packed-leaf.ts';
import type { LeafOutline, Manifest, Run } from '../domain/packed-manifest.ts';
import { hasRun, leafSpan, runOf, withRunsReplaced } from '../domain/packed-manifest.ts';
import { positionOf, rangeOf } from '../domain/packed-position.ts';
import type { CompactOutcome, CompactWish } from '../ports/user-index.ts';
import { isNamed, runName } from './user-index-leaves.ts';
import type { LooseStretch } from './user-index-loose.ts';
import type { ReadManifest } from './user-index-manifest.ts';
import type { IndexParts } from './user-index-tables.ts';

/** Loose rows packed in one go: their keys are held in memory until they are deleted. */
const mostLoosePacked = 20_000;
const looseRowsOfReading = 1_000;
const leavesOfReading = 8;
const entriesOfAsking = 1_000;

/** The inputs were replaced by somebody else while they were read. */
const superseded = { outcome: 'superseded' } as const;

/**
 * Merges runs and loose rows stretch by stretch into new leaves, swaps the manifest, deletes the loose rows it has read
 * and leaves of long ago that no manifest names. The leaves it replaces stay until a later compaction, for readers
 * that hold the old manifest. Interrupted anywhere, it leaves an index that says the same or more.
 */
export async function compactIndex(parts: IndexParts, wish: CompactWish): Promise<CompactOutcome> {
  const begunAt = parts.now();
  const before = await parts.manifest.read();
  if (before.manifest.runs.length <= wish.mostRuns && !(await parts.loose.moreThan(wish.mostLoose))) return { outcome: 'notNeeded' };
  // Listed before the manifest changes, so that who is about to name one of them is noticed, or notices, by If-Match.
  const old = await parts.leaves.begunBefore(begunAt - inFlightMilliseconds);
  const written = await writeMerged(parts, { runs: before.manifest.runs, begunAt, keep: wish.keep });
  if (written === null) return superseded;
  const after = await swapManifest(parts, before, written.run, begunAt);
  if (after === null) return superseded;
  await parts.loose.remove(written.looseRowKeys);
  await parts.leaves.remove(old.filter((rowKey) => !isNamed(rowKey, before.manifest) && !isNamed(rowKey, after)));
  return { outcome: 'compacted', kept: written.kept, dropped: written.dropped, looseLeft: written.looseLeft };
}

interface Inputs {
  readonly runs: readonly Run[];
  readonly begunAt: number;
  readonly keep: CompactWish['keep'];
}

interface Written {
  readonly run: Run;
  readonly kept: number;
  readonly dropped: number;
  readonly looseRowKeys: readonly string[];
  readonly looseLeft: boolean;
}

async function writeMerged(parts: IndexParts, { runs, begunAt, keep }: Inputs): Promise<Written | null> {
  const name = runName(begunAt, parts.newId());
  const { from, end } = rangeOf({});
  const readers = runs.map((run) =>
    remembering((at) =>
      parts.leaves.read(run, leafSpan(run, { from: at, end }, { entries: Number.POSITIVE_INFINITY, mostLeaves: leavesOfReading }), at),
    ),
  );
  const looseReader = remembering((at): Promise<LooseStretch> => parts.loose.read({ from: at, end }, looseRowsOfReading));
  const outlines: LeafOutline[] = [];
  const looseRowKeys: string[] = [];
  let looseLeft = false;
  let rest: readonly PlacedEntry[] = [];
  let kept = 0;
  let seen = 0;
  for (let at = from; at < end; ) {
    looseLeft ||= looseRowKeys.length >= mostLoosePacked;
    const loose = looseLeft ? { entries: [], before: end } : await looseReader(at);
    const packed = (await Promise.all(readers.map((read) => read(at)))).filter((stretch) => stretch !== null);
    if (loose === null || packed.length < readers.length) return null;
    const merged = mergeStretches([loose, ...packed], end);
    const staying = await withoutStale(merged.entries, begunAt, keep);
    const cut = cutLeaves([...rest, ...staying], merged.before < end);
    await parts.leaves.write(name, outlines.length, cut.leaves);
    outlines.push(...cut.leaves.map(({ first, last, count }) => ({ first, last, count })));
    looseRowKeys.push(...loose.entries.filter((entry) => entry.position < merged.before).map((entry) => entry.rowKey));
    rest = cut.rest;
    kept += staying.length;
    seen += merged.entries.length;
    at = merged.before;
  }
  return { run: runOf(name, outlines), kept, dropped: seen - kept, looseRowKeys, looseLeft };
}

/** A source that is asked again only when what it last answered is used up. */
function remembering<S extends Stretch>(read: (at: string) => Promise<S | null>): (at: string) => Promise<S | null> {
  let last: S | null = null;
  return async (at) => {
    if (last === null || last.before <= at) last = await read(at);
    return last && { ...last, entries: last.entries.filter((entry) => entry.position >= at) };
  };
}

/** The entries that stay: those still in flight, and those the caller finds true, which thereby lose their age. */
async function withoutStale(entries: readonly PlacedEntry[], now: number, keep: CompactWish['keep']): Promise<readonly PlacedEntry[]> {
  const inFlight = (entry: PlacedEntry): boolean => entry.addedAt > now - inFlightMilliseconds;
  const settled = entries.filter((entry) => !inFlight(entry));
  const found = new Map<string, PlacedEntry>();
  for (let start = 0; start < settled.length; start += entriesOfAsking) {
    const asked = settled.slice(start, start + entriesOfAsking).map(({ key, id, facets }): IndexEntry => ({ key, id, facets }));
    for (const entry of await keep(asked)) found.set(positionOf(entry), placeEntry(entry, 0));
  }
  return entries.flatMap((entry) => (inFlight(entry) ? entry : (found.get(entry.position) ?? [])));
}

/** Names the new run in place of its inputs. `null` when somebody else replaced them, or may have deleted its leaves as nobody's. */
async function swapManifest(parts: IndexParts, before: ReadManifest, run: Run, begunAt: number): Promise<Manifest | null> {
  const inputs = before.manifest.runs;
  for (let current = before; ; current = await parts.manifest.read()) {
    if (hasRun(current.manifest, run.name)) return current.manifest;
    const next = withRunsReplaced(current.manifest, inputs, run);
    if (next === null) return null;
    if (current !== before && parts.now() - begunAt > inFlightMilliseconds / 2) return null;
    if (await parts.manifest.write(next, current.etag)) return next;
  }
}
