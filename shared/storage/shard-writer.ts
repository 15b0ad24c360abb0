// Applies changes to many users: reads them shard by shard, writes what must come first, and commits until nobody interferes.
import pLimit from 'p-limit';
import { weightOf } from '../domain/directory-fields.ts';
import { shardOf } from '../domain/sync-round.ts';
import type { Effect } from './outbox.ts';
import type { StoredUser } from './user-rows.ts';
import { changesPerCommit, type ShardCounts, type UserChange, type Users, type UserScope } from './users.ts';

/** From about this many users on, one read of their shard (some 800 rows) takes less time than a read for each of them. */
const pointReadsPerShard = 20;
const parallelShards = 8;
const attempts = 12;

/** What to make of one user; `undefined` leaves the row as it is. Called again with a newer row when others were faster. */
export type Decide = (objectId: string, present: StoredUser | undefined) => Omit<StoredUser, 'etag'> | undefined;

/** Remembers counts rows between commits of one piece of work, so that each costs one read and not one a commit. */
export type KnownCounts = Map<number, ShardCounts>;

export interface WriteRequest {
  readonly users: Users;
  readonly scope: UserScope;
  readonly objectIds: readonly string[];
  /** Users read before; ids that are not in it have no row as far as is known. */
  readonly present: ReadonlyMap<string, StoredUser>;
  readonly decide: Decide;
  /** Writes what must be there before the users are: called with all changes, and again for each repeat. */
  readonly before?: (changes: readonly UserChange[]) => Promise<void>;
  /** Effects to store with one commit. */
  readonly effects?: (changes: readonly UserChange[]) => readonly Effect[];
  readonly fence: number | null;
  readonly knownCounts: KnownCounts;
}

export type WriteResult = { readonly kind: 'done'; readonly changes: readonly UserChange[] } | { readonly kind: 'stale' };

/** Characters of one transaction's fields: even at three bytes each they stay below the 4 MiB a transaction may have. */
const charactersPerCommit = 1_000_000;

/** Changes in their order, cut into transactions that are neither too many rows nor too much text. */
function transactionsOf(changes: readonly UserChange[]): readonly (readonly UserChange[])[] {
  const groups: UserChange[][] = [];
  let weight = 0;
  for (const change of changes) {
    const own = weightOf(change.after.user.fields);
    const last = groups.at(-1);
    if (last === undefined || last.length === changesPerCommit || weight + own > charactersPerCommit) {
      groups.push([change]);
      weight = own;
    } else {
      last.push(change);
      weight += own;
    }
  }
  return groups;
}

function byShard<T>(scope: UserScope, items: readonly T[], idOf: (item: T) => string): ReadonlyMap<number, readonly T[]> {
  const shares = new Map<number, T[]>();
  for (const item of items) {
    const shard = shardOf(idOf(item), scope.shards);
    const share = shares.get(shard) ?? [];
    share.push(item);
    shares.set(shard, share);
  }
  return shares;
}

async function readShare(users: Users, shard: number, objectIds: readonly string[]): Promise<ReadonlyMap<string, StoredUser>> {
  if (objectIds.length <= pointReadsPerShard) return await users.readMany(objectIds);
  const wanted = new Set(objectIds);
  const present = new Map<string, StoredUser>();
  for await (const user of users.readShard(shard)) if (wanted.has(user.user.objectId)) present.set(user.user.objectId, user);
  return present;
}

/** Reads users of any shards; ids without a row are left out. */
export async function readUsers(users: Users, scope: UserScope, objectIds: readonly string[]): Promise<ReadonlyMap<string, StoredUser>> {
  const limit = pLimit(parallelShards);
  const shares = [...byShard(scope, objectIds, (id) => id)];
  const found = await Promise.all(shares.map(([shard, ids]) => limit(async () => [...(await readShare(users, shard, ids))])));
  return new Map(found.flat());
}

function changesOf(objectIds: readonly string[], present: ReadonlyMap<string, StoredUser>, decide: Decide): readonly UserChange[] {
  return objectIds.flatMap((objectId) => {
    const before = present.get(objectId);
    const after = decide(objectId, before);
    return after === undefined ? [] : [{ before, after }];
  });
}

/** Commits one transaction's worth, re-reading and deciding anew as often as others are faster. */
async function commitGroup(request: WriteRequest, shard: number, group: readonly UserChange[]): Promise<WriteResult> {
  const { users, knownCounts, fence } = request;
  let changes = group;
  for (let attempt = 1; changes.length > 0; attempt += 1) {
    const known = knownCounts.get(shard) ?? (await users.readShardCounts(shard));
    const outcome = await users.commit({ shard, known, fence, changes, effects: request.effects?.(changes) ?? [] });
    if (outcome.kind === 'stale') return { kind: 'stale' };
    if (outcome.kind === 'done') {
      knownCounts.set(shard, outcome.counts);
      return { kind: 'done', changes };
    }
    if (attempt === attempts) throw new Error(`Shard ${shard} was changed by others ${attempts} times in a row.`);
    knownCounts.delete(shard);
    const ids = group.map((change) => change.after.user.objectId);
    changes = changesOf(ids, await users.readMany(ids), request.decide);
    if (changes.length > 0) await request.before?.(changes);
  }
  return { kind: 'done', changes };
}

/** Decides and writes users of any shards, several shards at a time. */
export async function writeUsers(request: WriteRequest): Promise<WriteResult> {
  const changes = changesOf(request.objectIds, request.present, request.decide);
  if (changes.length === 0) return { kind: 'done', changes };
  await request.before?.(changes);
  const limit = pLimit(parallelShards);
  const shares = [...byShard(request.scope, changes, (change) => change.after.user.objectId)];
  const results = await Promise.all(
    shares.map(([shard, share]) =>
      limit(async () => {
        const done: UserChange[] = [];
        for (const group of transactionsOf(share)) {
          const result = await commitGroup(request, shard, group);
          if (result.kind === 'stale') return result;
          done.push(...result.changes);
        }
        return { kind: 'done', changes: done } as const;
      }),
    ),
  );
  if (results.some((result) => result.kind === 'stale')) return { kind: 'stale' };
  return { kind: 'done', changes: results.flatMap((result) => (result.kind === 'done' ? result.changes : [])) };
}
