// The merge of all runs and loose rows of an index into new leaves, a stretch at a time, so that memory stays small whatever its size.

import type { Stretch } from '../domain/packed-index.ts';
import { countBelow, inFlightMilliseconds, mergeStretches } from '../domain/packed-index.ts';
import { cutLeaves } from '../domain/packed-leaf.ts';
import type { IndexEntry, Line } from '../domain/packed-line.ts';
import { entryFrom, isHere, linesOf, statedBy } from '../domain/packed-line.ts';
import type { LeafOutline, Run } from '../domain/packed-manifest.ts';
import { leafSpan, runOf } from '../domain/packed-manifest.ts';
import { positionOf, rangeOf } from '../domain/packed-position.ts';
import type { CompactWish } from '../ports/user-index.ts';
import { runName } from './user-index-leaves.ts';
import type { LooseStretch } from './user-index-loose.ts';
import type { IndexParts } from './user-index-tables.ts';

/** Loose rows packed in one go: their keys are held in memory until they are deleted. */
const mostLoosePacked = 20_000;
const looseRowsOfReading = 1_000;
/** Leaves read with one call, of one run; and of all runs together, whose lines are in memory at the same time. */
const leavesOfReading = 16;
const leavesInMemory = 192;
/** So many that their users are read shard by shard: 10,000 lines of a large company are some 80 of each of its shards. */
const linesOfAsking = 10_000;

export interface Inputs {
  readonly runs: readonly Run[];
  readonly begunAt: number;
  /** Absent when nobody is asked. */
  readonly keep: CompactWish['keep'] | undefined;
}

export interface Merged {
  readonly run: Run;
  readonly looseRowKeys: readonly string[];
  readonly looseLeft: boolean;
}

/** Writes the leaves of one run that says what the inputs and the loose rows say. `null` when an input is gone. */
export async function writeMerged(parts: IndexParts, { runs, begunAt, keep }: Inputs): Promise<Merged | null> {
  const name = runName(begunAt, parts.newId());
  const { from, end } = rangeOf({});
  const mostLeaves = Math.min(leavesOfReading, Math.max(1, Math.floor(leavesInMemory / Math.max(1, runs.length))));
  const packed = runs.map((run) =>
    remembering((at): Promise<Stretch | null> => {
      const span = leafSpan(run, { from: at, end }, { entries: Number.POSITIVE_INFINITY, mostLeaves });
      return parts.leaves.read(run, span, at);
    }),
  );
  const loose = remembering((at): Promise<LooseStretch> => parts.loose.read({ from: at, end }, looseRowsOfReading));
  const outlines: LeafOutline[] = [];
  const looseRowKeys: string[] = [];
  let looseLeft = false;
  let gathered: readonly Line[] = [];
  for (let at = from; at < end; ) {
    looseLeft ||= looseRowKeys.length >= mostLoosePacked;
    const [free, ...others] = await Promise.all([looseLeft ? { lines: [], before: end } : loose(at), ...packed.map((read) => read(at))]);
    const found = others.filter((stretch) => stretch !== null);
    if (free === null || found.length < others.length) return null;
    const merged = mergeStretches([free, ...found], end);
    for (const { rowKey } of free.lines.slice(0, countBelow(free.lines, merged.before))) looseRowKeys.push(rowKey);
    // Who has gone is left out, together with what hid them: of one position all lines are here.
    gathered = gathered.concat(merged.lines.filter(isHere));
    at = merged.before;
    if (keep !== undefined && gathered.length < linesOfAsking && at < end) continue;
    const { leaves, rest } = cutLeaves(keep === undefined ? gathered : await withoutStale(gathered, begunAt, keep), at < end);
    await parts.leaves.write(name, outlines.length, leaves);
    for (const { first, last, count } of leaves) outlines.push({ first, last, count });
    gathered = rest;
  }
  return { run: runOf(name, outlines), looseRowKeys, looseLeft };
}

/** A source that is asked again only when what it last answered is used up. */
function remembering<S extends Stretch>(read: (at: string) => Promise<S | null>): (at: string) => Promise<S | null> {
  let last: S | null = null;
  return async (at) => {
    if (last === null || last.before <= at) last = await read(at);
    return last && { ...last, lines: last.lines.slice(countBelow(last.lines, at)) };
  };
}

/** The lines that stay: those still in flight, and those the caller finds true, which thereby lose their age. */
async function withoutStale(lines: readonly Line[], now: number, keep: CompactWish['keep']): Promise<readonly Line[]> {
  const inFlight = (line: Line): boolean => statedBy(line).addedAt > now - inFlightMilliseconds;
  const settled = lines.filter((line) => !inFlight(line));
  const found = new Map<string, IndexEntry>();
  for (let start = 0; start < settled.length; start += linesOfAsking) {
    const asked = settled.slice(start, start + linesOfAsking).map(entryFrom);
    for (const entry of await keep(asked)) found.set(positionOf(entry), entry);
  }
  return lines.flatMap((line) => {
    if (inFlight(line)) return line;
    const entry = found.get(line.position);
    return entry === undefined ? [] : linesOf([{ ...entry, version: statedBy(line).version }], 0);
  });
}
