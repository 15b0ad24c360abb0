// Compaction: everything an index has becomes one packed run, without what has gone and, where asking pays, without what is no longer true.

import { inFlightMilliseconds } from '../domain/packed-index.ts';
import type { Manifest, Run } from '../domain/packed-manifest.ts';
import { hasRun, packedLines, withRunsReplaced } from '../domain/packed-manifest.ts';
import { mostLooseBeside } from '../domain/packed-upkeep.ts';
import type { CompactOutcome, CompactWish } from '../ports/user-index.ts';
import { isNamed } from './user-index-leaves.ts';
import type { ReadManifest } from './user-index-manifest.ts';
import { writeMerged } from './user-index-merge.ts';
import type { IndexParts } from './user-index-tables.ts';

type Rewritten = Exclude<CompactOutcome, { readonly outcome: 'notNeeded' }>;

/**
 * Rewrites the index when it has fallen into too many pieces, which asks nobody, and once more with asking when more
 * lines are left than the caller believes true. Interrupted anywhere, it leaves an index that says the same or more.
 */
export async function compactIndex(parts: IndexParts, wish: CompactWish): Promise<CompactOutcome> {
  const { mostRuns, mostLoose, mostLines = Number.POSITIVE_INFINITY, keep } = wish;
  const before = await parts.manifest.read();
  const packed = packedLines(before.manifest);
  const isScattered =
    before.manifest.runs.length > mostRuns || (await parts.loose.moreThan(Math.floor(Math.max(mostLoose, mostLooseBeside(packed)))));
  if (!isScattered && packed <= mostLines) return { outcome: 'notNeeded', lines: packed };
  if (!isScattered) return await rewrite(parts, before, keep);
  const merged = await rewrite(parts, before, undefined);
  // With loose lines left, some of those that have gone may still be counted.
  if (merged.outcome === 'superseded' || merged.looseLeft || merged.lines <= mostLines) return merged;
  return await rewrite(parts, await parts.manifest.read(), keep);
}

/** The inputs were replaced by somebody else while they were read. */
const superseded = { outcome: 'superseded' } as const;

/**
 * Merges runs and loose rows into new leaves, swaps the manifest, deletes the loose rows it has read and leaves of long
 * ago that no manifest names. The leaves it replaces stay until a later compaction, for readers that hold the old manifest.
 */
async function rewrite(parts: IndexParts, before: ReadManifest, keep: CompactWish['keep'] | undefined): Promise<Rewritten> {
  const begunAt = parts.now();
  // Listed before the manifest changes, so that who is about to name one of them is noticed, or notices, by If-Match.
  const old = await parts.leaves.begunBefore(begunAt - inFlightMilliseconds);
  const written = await writeMerged(parts, { runs: before.manifest.runs, begunAt, keep });
  if (written === null) return superseded;
  const after = await swapManifest(parts, before, written.run, begunAt);
  if (after === null) return superseded;
  await parts.loose.remove(written.looseRowKeys);
  await parts.leaves.remove(old.filter((rowKey) => !isNamed(rowKey, before.manifest) && !isNamed(rowKey, after)));
  return { outcome: 'compacted', lines: packedLines({ runs: [written.run] }), looseLeft: written.looseLeft };
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
