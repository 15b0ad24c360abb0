// The users of one company: sharded rows, and one counts row a shard that changes in the same transaction as they do.
import pLimit from 'p-limit';
import { addUser, type Counts, moveUser, sumCounts } from '../domain/counts.ts';
import { moveAfterCommit } from '../domain/resharding.ts';
import { shardOf } from '../domain/sync-round.ts';
import type { StoredRow, Table, Write } from '../ports/tables.ts';
import { type Effect, effectWrite } from './outbox.ts';
import { countsRow, countsWrite, decodeShardCounts, movedWrite, type ShardCounts } from './shard-counts.ts';
import {
  decodeOutline,
  decodeUser,
  encodeDifference,
  encodeUser,
  outlineProperties,
  type StoredUser,
  type UserOutline,
} from './user-rows.ts';

/** Repositories are built with a company's scope; nothing can be asked without one. */
export interface UserScope {
  readonly companyId: string;
  readonly tenantId: string;
  readonly generation: number;
  readonly shards: number;
}

/** The sorted lists are the company's whatever its shards are: they stay where they are when its users move. */
export const indexScope = ({ companyId }: Pick<UserScope, 'companyId'>) => companyId;
export const shardPartition = ({ companyId, generation }: UserScope, shard: number) => `${companyId}-${generation}-${shard}`;
export const partitionOf = (scope: UserScope, objectId: string) => shardPartition(scope, shardOf(objectId, scope.shards));

/** Object ids are letters, digits and dashes; every other row of a shard starts with a tilde. */
export const usersEnd = '~';
const parallelReads = 16;

export interface UserChange {
  readonly before: StoredUser | undefined;
  readonly after: Omit<StoredUser, 'etag'>;
}

export interface Users {
  readonly read: (objectId: string) => Promise<StoredUser | undefined>;
  /** Point reads, several at a time; ids without a row are left out. */
  readonly readMany: (objectIds: readonly string[]) => Promise<ReadonlyMap<string, StoredUser>>;
  /** Every user of one shard in id order, or those after an object id. */
  readonly readShard: (shard: number, after?: string) => AsyncIterable<StoredUser>;
  /** What a round compares with, of every user of one shard: a fraction of the bytes of `readShard`. */
  readonly readOutlines: (shard: number) => AsyncIterable<UserOutline>;
  readonly readShardCounts: (shard: number) => Promise<ShardCounts>;
  /** Counts of the whole company: one read a shard. */
  readonly totals: () => Promise<Counts>;
  /**
   * Writes users of one shard, their counts and the effects in one transaction (at most 90 changes).
   * `changed`: somebody else was faster, read again; `stale`: a newer sync has written here; `sealed`: the users are moving, and
   * from now on decisions are written where they move `to`.
   */
  readonly commit: (commit: ShardCommit) => Promise<CommitOutcome>;
}

export type CommitOutcome =
  | { readonly kind: 'done'; readonly counts: ShardCounts }
  | { readonly kind: 'changed' | 'stale' }
  | { readonly kind: 'sealed'; readonly to: number };

export interface ShardCommit {
  readonly shard: number;
  readonly known: ShardCounts;
  /** The sync's fence; `null` for decisions, which no fence guards. */
  readonly fence: number | null;
  readonly changes: readonly UserChange[];
  readonly effects?: readonly Effect[];
  /** A move that is known to be given up, and whose seal is void. */
  readonly voidMove?: number | undefined;
}

export const changesPerCommit = 90;

/** `undefined` when the counts do not fit the rows: somebody changed both between the two reads, so the rows are out of date. */
function countsAfter(counts: Counts, changes: readonly UserChange[]): Counts | undefined {
  try {
    return changes.reduce((sum, { before, after }) => (before ? moveUser(sum, before.user, after.user) : addUser(sum, after.user)), counts);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A known row gets only what differs: that costs the service a fraction of a new row, and a decision does not carry the fields along. */
function writeOf({ before, after }: UserChange): Write {
  const row = after.user.objectId;
  if (!before) return { kind: 'insert', row, properties: encodeUser(after) };
  return { kind: 'merge', row, properties: encodeDifference(before, after), etag: before.etag };
}

/** The users table seen from one company. */
export function makeUsers(table: Table, scope: UserScope): Users {
  const toUser = (row: StoredRow) => decodeUser(scope.tenantId, row.row, row.properties, row.etag);
  const read = async (objectId: string) => {
    const row = await table.get({ partition: partitionOf(scope, objectId), row: objectId });
    return row && toUser(row);
  };
  const { generation } = scope;
  const readShardCounts = async (shard: number) => ({
    ...decodeShardCounts(await table.get({ partition: shardPartition(scope, shard), row: countsRow })),
    generation,
  });
  return {
    read,
    readMany: async (objectIds) => {
      const limit = pLimit(parallelReads);
      const found = await Promise.all(objectIds.map((objectId) => limit(async () => [objectId, await read(objectId)] as const)));
      return new Map(found.filter((pair): pair is readonly [string, StoredUser] => pair[1] !== undefined));
    },
    readShard: async function* (shard, after = '') {
      // A blank sorts before every character of an object id, so this is the first key behind `after`.
      const from = after === '' ? {} : { from: `${after} ` };
      for await (const row of table.range({ partition: shardPartition(scope, shard), ...from, below: usersEnd })) yield toUser(row);
    },
    readOutlines: async function* (shard) {
      for await (const row of table.range({ partition: shardPartition(scope, shard), below: usersEnd, select: outlineProperties }))
        yield decodeOutline(row.row, row.properties);
    },
    readShardCounts,
    totals: async () => {
      const limit = pLimit(parallelReads);
      const shards = Array.from({ length: scope.shards }, (_, shard) => limit(async () => (await readShardCounts(shard)).counts));
      return sumCounts(await Promise.all(shards));
    },
    commit: async ({ shard, known, fence, changes, effects = [], voidMove }) => {
      if (fence !== null && known.fence > fence) return { kind: 'stale' };
      const move = moveAfterCommit(known.move, { fence, voidMove });
      if (move === 'stale') return { kind: 'stale' };
      if (move === 'sealed') return { kind: 'sealed', to: known.move?.to ?? 0 };
      const counts = countsAfter(known.counts, changes);
      if (counts === undefined) return { kind: 'changed' };
      const next = { counts, fence: Math.max(known.fence, fence ?? 0), ...(move === undefined ? {} : { move }) };
      const moved =
        move === undefined
          ? []
          : [
              movedWrite(
                move,
                changes.map(({ after }) => after.user.objectId),
              ),
            ];
      const writes = [countsWrite(known, next), ...changes.map(writeOf), ...moved, ...effects.map(effectWrite)];
      const outcome = await table.write(shardPartition(scope, shard), writes);
      if (outcome.kind !== 'done') return { kind: 'changed' };
      return { kind: 'done', counts: { ...next, generation, etag: outcome.etags.get(countsRow) ?? null } };
    },
  };
}
