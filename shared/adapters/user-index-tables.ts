// The sorted user lists over Table Storage: loose rows for small additions, packed immutable leaves for the rest.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IndexPage, Stretch } from '../domain/packed-index.ts';
import { inFlightMilliseconds, mergeStretches, pageOf, sortedOnce } from '../domain/packed-index.ts';
import { cutLeaves } from '../domain/packed-leaf.ts';
import type { IndexStatement, Line } from '../domain/packed-line.ts';
import { linesOf } from '../domain/packed-line.ts';
import { hasRun, leafSpan, packedLines, runOf, withRun } from '../domain/packed-manifest.ts';
import type { PositionRange } from '../domain/packed-position.ts';
import { rangeOf } from '../domain/packed-position.ts';
import { fewestPacked } from '../domain/packed-upkeep.ts';
import type { Table } from '../ports/tables.ts';
import type { IndexRead, UserIndex } from '../ports/user-index.ts';
import { compactIndex } from './user-index-compaction.ts';
import type { LeafRows } from './user-index-leaves.ts';
import { leavesOfTransaction, makeLeafRows, runName } from './user-index-leaves.ts';
import type { LooseRows } from './user-index-loose.ts';
import { makeLooseRows } from './user-index-loose.ts';
import type { ManifestRow, ReadManifest } from './user-index-manifest.ts';
import { makeManifestRow, manifestRow, nothingPacked } from './user-index-manifest.ts';

const mostLeavesUnlessTold = 16;
/** Loose rows of a reading: as many as are usual beside the packed lines it reads, and no more than come with one call. */
const fewestLooseRows = 200;
const looseRowsOfLeaf = 64;
const mostLooseRows = 1_000;
/** How often a reading starts over because compaction took a leaf away: hours-old manifests only, so once is rare. */
const mostReadings = 5;
/** How often an adding starts over because others changed the manifest. */
const mostAttempts = 50;

/** The rows of one index, and what it needs from outside. */
export interface IndexParts {
  readonly loose: LooseRows;
  readonly leaves: LeafRows;
  readonly manifest: ManifestRow;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A text of `[A-Za-z0-9-]` never given before. */
  readonly newId: () => string;
}

export interface UserIndexPlace {
  readonly table: Table;
  /** `{companyId}-{generation}`: with the index name the partition key. */
  readonly scope: string;
  readonly index: string;
  readonly now: () => number;
  readonly newId: () => string;
  /** From how many lines on an addition becomes a run, given the number of packed lines. */
  readonly packFrom?: (packed: number, ofLoad: boolean) => number;
}

/**
 * One index in one partition. A page costs one storage call and one more per packed run,
 * so two after compaction.
 */
export function makeUserIndex({ table, scope, index, now, newId, packFrom = fewestPacked }: UserIndexPlace): UserIndex {
  const partition = `${scope}-${index}`;
  const parts: IndexParts = {
    loose: makeLooseRows(table, partition, manifestRow),
    leaves: makeLeafRows(table, partition),
    manifest: makeManifestRow(table, partition),
    now,
    newId,
  };
  const addLoose = async (statements: readonly IndexStatement[]) => {
    await parts.loose.add(linesOf(statements, now()));
  };
  return {
    add: addLoose,
    addMany: async (statements, { first = false, ofLoad = false } = {}) => {
      if (statements.length === 0) return;
      const known = first ? nothingPacked : await parts.manifest.read();
      const isMany = statements.length >= packFrom(packedLines(known.manifest), ofLoad);
      await (isMany ? addPacked(parts, statements, known) : addLoose(statements));
    },
    read: (request) => readPage(parts, request),
    compact: (wish) => compactIndex(parts, wish),
  };
}

async function readPage(parts: IndexParts, request: IndexRead): Promise<IndexPage> {
  const whole = rangeOf(request);
  const range = { from: request.cursor !== undefined && request.cursor > whole.from ? request.cursor : whole.from, end: whole.end };
  if (range.from >= range.end) return { entries: [], next: null };
  const { limit, match } = request;
  const mostLeaves = request.mostLeaves ?? (match === undefined ? 0 : mostLeavesUnlessTold);
  const usualRows = Math.min(Math.max(fewestLooseRows, limit + 2, mostLeaves * looseRowsOfLeaf), Math.max(mostLooseRows, limit + 2));
  // One key has a row or two, and what follows it is of no use.
  const looseRows = request.key === undefined ? usualRows : limit + 2;
  // Loose rows first: compaction names their leaf in the manifest before it deletes them, so in this order none is missed.
  const { loose, next } = await parts.loose.readWithNext(range, looseRows);
  const known = next === 'unread' ? await parts.manifest.read() : next === 'none' ? nothingPacked : parts.manifest.decode(next);
  const packed = await readPacked(parts, { range, request, known });
  return pageOf(mergeStretches([loose, ...packed], range.end), { ...request, end: range.end });
}

interface PackedRead {
  readonly range: PositionRange;
  readonly request: IndexRead;
  readonly known: ReadManifest;
}

async function readPacked(parts: IndexParts, { range, request, known }: PackedRead): Promise<readonly Stretch[]> {
  const wish = {
    entries: request.match === undefined ? request.limit : Number.POSITIVE_INFINITY,
    mostLeaves: request.mostLeaves ?? mostLeavesUnlessTold,
  };
  let { manifest } = known;
  for (let reading = 0; reading < mostReadings; reading += 1) {
    const stretches = await Promise.all(manifest.runs.map((run) => parts.leaves.read(run, leafSpan(run, range, wish), range.from)));
    const found = stretches.filter((stretch) => stretch !== null);
    if (found.length === stretches.length) return found;
    ({ manifest } = await parts.manifest.read());
  }
  throw new Error('A packed index names leaves that do not exist.');
}

const statementsPerTurn = 256;

/** Thousands of lines take some 20 ms to build; what else the process does comes in between. */
async function linesInTurns(statements: readonly IndexStatement[], addedAt: number): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (let start = 0; start < statements.length; start += statementsPerTurn) {
    lines.push(...linesOf(statements.slice(start, start + statementsPerTurn), addedAt));
    await nextTurn();
  }
  return lines;
}

/**
 * Writes a run under a new name and names it in the manifest. A run of few leaves is written and named in one transaction. Leaves of a
 * longer one come first, and a crash in between leaves rows that nobody names, for compaction to delete. Since it deletes unnamed
 * leaves of a certain age, an adding of half that age starts over instead of naming leaves that may be gone; compaction changes the
 * manifest before it deletes, so If-Match notices.
 */
async function addPacked(parts: IndexParts, statements: readonly IndexStatement[], known: ReadManifest): Promise<void> {
  let current: ReadManifest | undefined = known;
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const begunAt = parts.now();
    const { leaves } = cutLeaves(sortedOnce(await linesInTurns(statements, begunAt)), false);
    const run = runOf(runName(begunAt, parts.newId()), leaves);
    const isShort = leaves.length <= leavesOfTransaction;
    if (!isShort) await parts.leaves.write(run.name, 0, leaves);
    for (let naming = 0; naming < mostAttempts; naming += 1) {
      const { manifest, etag }: ReadManifest = current ?? (await parts.manifest.read());
      current = undefined;
      // A write whose answer got lost is repeated by the client library, which then hears of a conflict with itself.
      if (hasRun(manifest, run.name)) return;
      if (!isShort && parts.now() - begunAt > inFlightMilliseconds / 2) break;
      const next = withRun(manifest, run);
      const isNamed = isShort
        ? await parts.leaves.writeNamed(run.name, leaves, parts.manifest.writeOf(next, etag))
        : await parts.manifest.write(next, etag);
      if (isNamed) return;
    }
  }
  throw new Error('Too many writers change the same packed index.');
}
