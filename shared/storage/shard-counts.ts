// The counts row of a shard. Every commit to the shard replaces it under its ETag, which makes it the shard's lock: it also holds the
// newest fence that wrote there, and whether the users are moving to other shards.
import { type Counts, decodeCounts, emptyCounts, encodeCounts } from '../domain/counts.ts';
import type { ShardMove } from '../domain/resharding.ts';
import type { Properties, StoredRow, Write } from '../ports/tables.ts';

export const countsRow = '~counts';

/** Counts of one shard with what is needed to replace them. */
export interface ShardCounts {
  readonly counts: Counts;
  /** Newest fence that wrote here; a sync with an older one is refused. */
  readonly fence: number;
  /** `null`: the row does not exist yet. */
  readonly etag: string | null;
  /** Absent unless a move of the users was announced. */
  readonly move?: ShardMove;
  /** In which it was read; absent where only one can be meant. */
  readonly generation?: number;
}

function moveOf({ movingTo, moveCommits, sealed }: Properties): Pick<ShardCounts, 'move'> {
  if (typeof movingTo !== 'number') return {};
  return { move: { to: movingTo, commits: Number(moveCommits), sealed: sealed === true } };
}

export function decodeShardCounts(row: StoredRow | undefined): ShardCounts {
  if (!row) return { counts: emptyCounts, fence: 0, etag: null };
  const { properties, etag } = row;
  return { counts: decodeCounts(String(properties['counts'])), fence: Number(properties['fence']), etag, ...moveOf(properties) };
}

/** Replaces the counts a shard was known to have; refused when somebody else has written there since. */
export function countsWrite(
  { etag, move: knownMove }: Pick<ShardCounts, 'etag' | 'move'>,
  { counts, fence, move }: Pick<ShardCounts, 'counts' | 'fence'> & { readonly move?: ShardMove | undefined },
  more: Properties = {},
): Write {
  const moving: Properties = move === undefined ? {} : { movingTo: move.to, moveCommits: move.commits, sealed: move.sealed };
  const properties = { counts: encodeCounts(counts), fence, ...moving, ...more };
  if (etag === null) return { kind: 'insert', row: countsRow, properties };
  // Where nothing is to be taken away, a merge says the same and costs the service less.
  const sameNames = knownMove === undefined && Object.keys(more).length === 0;
  return { kind: sameNames ? 'merge' : 'replace', row: countsRow, properties, etag };
}

export const movedPrefix = (to: number) => `~moved~${to}~`;

/** Ten digits keep these rows in the order of their commits. */
export const movedRow = ({ to, commits }: Pick<ShardMove, 'to' | 'commits'>) => `${movedPrefix(to)}${String(commits).padStart(10, '0')}`;

/** The row by which a commit says whom it changed after a move was announced. Each commit has a number of its own. */
export function movedWrite(move: ShardMove, objectIds: readonly string[]): Write {
  return { kind: 'upsert', row: movedRow(move), properties: { ids: objectIds.join(',') } };
}
