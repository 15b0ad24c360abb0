// The old shards of a move, as the one who moves the users sees them: announced, so that every commit says whom it changed, and sealed
// in the end. Both change the counts row under its ETag, so no commit can slip between.
import type { ShardMove } from '../domain/resharding.ts';
import type { Table } from '../ports/tables.ts';
import { countsRow, countsWrite, decodeShardCounts, movedPrefix, movedRow } from './shard-counts.ts';
import { shardPartition, type UserScope } from './users.ts';

export interface MovedSince {
  readonly objectIds: readonly string[];
  /** The newest commit that was looked at. */
  readonly commits: number;
}

/** Whom the commits after this one changed. */
export async function readMoved(table: Table, scope: UserScope, { shard, to, since }: MovedQuery): Promise<MovedSince> {
  const objectIds = new Set<string>();
  let commits = since;
  const range = { partition: shardPartition(scope, shard), from: movedRow({ to, commits: since + 1 }), below: `${movedPrefix(to)}~` };
  for await (const { row, properties } of table.range(range)) {
    for (const objectId of String(properties['ids']).split(',')) objectIds.add(objectId);
    commits = Number(row.slice(movedPrefix(to).length));
  }
  return { objectIds: [...objectIds], commits };
}

export interface MovedQuery {
  readonly shard: number;
  /** The generation of the move. */
  readonly to: number;
  readonly since: number;
}

/** `stale`: a newer round has written here, or the move was given up. */
export type MoveOutcome = 'done' | 'stale';

const attempts = 50;

type ChangeMove = (move: ShardMove | undefined) => ShardMove | 'asIs' | 'stale';

async function changeMove(table: Table, scope: UserScope, shard: number, fence: number, change: ChangeMove): Promise<MoveOutcome> {
  const partition = shardPartition(scope, shard);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const known = decodeShardCounts(await table.get({ partition, row: countsRow }));
    const move = known.fence > fence ? 'stale' : change(known.move);
    if (move === 'stale') return 'stale';
    if (move === 'asIs') return 'done';
    if ((await table.write(partition, [countsWrite(known, { counts: known.counts, fence, move })])).kind === 'done') return 'done';
  }
  throw new Error(`Shard ${shard} was changed by others ${attempts} times in a row.`);
}

/** From the return of this call on, every commit to the shard says whom it changed. The move of an older round is forgotten. */
export async function announceMove(table: Table, scope: UserScope, shard: number, { to, fence }: Mover): Promise<MoveOutcome> {
  return await changeMove(table, scope, shard, fence, (move) => (move?.to === to ? 'asIs' : { to, commits: 0, sealed: false }));
}

export interface Mover {
  readonly to: number;
  readonly fence: number;
}

/** From the return of this call on, nobody writes to the shard any more while the move goes on. */
export async function sealShard(table: Table, scope: UserScope, shard: number, { to, fence }: Mover): Promise<MoveOutcome> {
  return await changeMove(table, scope, shard, fence, (move) => {
    if (move?.to !== to) return 'stale';
    return move.sealed ? 'asIs' : { ...move, sealed: true };
  });
}
