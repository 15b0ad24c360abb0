// The users of one company: sharded rows, and one counts row a shard that changes in the same transaction as they do.
import pLimit from 'p-limit';
import { addUser, type Counts, decodeCounts, emptyCounts, encodeCounts, moveUser, sumCounts } from '../domain/counts.ts';
import { shardOf } from '../domain/sync-round.ts';
import type { StoredRow, Table, Write } from '../ports/tables.ts';
import { type Effect, effectWrite } from './outbox.ts';
import { decodeUser, encodeUser, type StoredUser } from './user-rows.ts';

/** Repositories are built with a company's scope; nothing can be asked without one. */
export interface UserScope {
  readonly companyId: string;
  readonly tenantId: string;
  readonly generation: number;
  readonly shards: number;
}

export const indexScope = (scope: Pick<UserScope, 'companyId' | 'generation'>) => `${scope.companyId}-${scope.generation}`;
export const shardPartition = (scope: UserScope, shard: number) => `${indexScope(scope)}-${shard}`;
export const partitionOf = (scope: UserScope, objectId: string) => shardPartition(scope, shardOf(objectId, scope.shards));

const countsRow = '~counts';
/** Object ids are letters, digits and dashes; every other row of a shard starts with a tilde. */
const usersEnd = '~';
const parallelReads = 16;

/** Counts of one shard with what is needed to replace them. */
export interface ShardCounts {
  readonly counts: Counts;
  /** Newest fence that wrote here; a sync with an older one is refused. */
  readonly fence: number;
  /** `null`: the row does not exist yet. */
  readonly etag: string | null;
}

export interface UserChange {
  readonly before: StoredUser | undefined;
  readonly after: Omit<StoredUser, 'etag'>;
}

const decodeShardCounts = (row: StoredRow | undefined): ShardCounts =>
  row
    ? { counts: decodeCounts(String(row.properties['counts'])), fence: Number(row.properties['fence']), etag: row.etag }
    : { counts: emptyCounts, fence: 0, etag: null };

export interface Users {
  readonly read: (objectId: string) => Promise<StoredUser | undefined>;
  /** Point reads, several at a time; ids without a row are left out. */
  readonly readMany: (objectIds: readonly string[]) => Promise<ReadonlyMap<string, StoredUser>>;
  /** Every user of one shard in id order, or those after an object id. */
  readonly readShard: (shard: number, after?: string) => AsyncIterable<StoredUser>;
  readonly readShardCounts: (shard: number) => Promise<ShardCounts>;
  /** Counts of the whole company: one read a shard. */
  readonly totals: () => Promise<Counts>;
  /**
   * Writes users of one shard, their counts and the effects in one transaction (at most 90 changes).
   * `changed`: somebody else was faster, read again; `stale`: a newer sync has written here.
   */
  readonly commit: (
    commit: ShardCommit,
  ) => Promise<{ readonly kind: 'done'; readonly counts: ShardCounts } | { readonly kind: 'changed' | 'stale' }>;
}

export interface ShardCommit {
  readonly shard: number;
  readonly known: ShardCounts;
  /** The sync's fence; `null` for decisions, which no fence guards. */
  readonly fence: number | null;
  readonly changes: readonly UserChange[];
  readonly effects?: readonly Effect[];
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

function writeOf({ before, after }: UserChange): Write {
  const properties = encodeUser(after);
  return before
    ? { kind: 'replace', row: after.user.objectId, properties, etag: before.etag }
    : { kind: 'insert', row: after.user.objectId, properties };
}

/** The users table seen from one company. */
export function makeUsers(table: Table, scope: UserScope): Users {
  const toUser = (row: StoredRow) => decodeUser(scope.tenantId, row.row, row.properties, row.etag);
  const read = async (objectId: string) => {
    const row = await table.get({ partition: partitionOf(scope, objectId), row: objectId });
    return row && toUser(row);
  };
  const readShardCounts = async (shard: number) =>
    decodeShardCounts(await table.get({ partition: shardPartition(scope, shard), row: countsRow }));
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
    readShardCounts,
    totals: async () => {
      const limit = pLimit(parallelReads);
      const shards = Array.from({ length: scope.shards }, (_, shard) => limit(async () => (await readShardCounts(shard)).counts));
      return sumCounts(await Promise.all(shards));
    },
    commit: async ({ shard, known, fence, changes, effects = [] }) => {
      if (fence !== null && known.fence > fence) return { kind: 'stale' };
      const counts = countsAfter(known.counts, changes);
      if (counts === undefined) return { kind: 'changed' };
      const newFence = Math.max(known.fence, fence ?? 0);
      const properties = { counts: encodeCounts(counts), fence: newFence };
      const countsWrite: Write =
        known.etag === null
          ? { kind: 'insert', row: countsRow, properties }
          : { kind: 'replace', row: countsRow, properties, etag: known.etag };
      const outcome = await table.write(shardPartition(scope, shard), [countsWrite, ...changes.map(writeOf), ...effects.map(effectWrite)]);
      if (outcome.kind !== 'done') return { kind: 'changed' };
      return { kind: 'done', counts: { counts, fence: newFence, etag: outcome.etags.get(countsRow) ?? null } };
    },
  };
}
