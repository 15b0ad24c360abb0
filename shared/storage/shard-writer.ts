// Applies changes to many users: reads them shard by shard, writes what must come first, and commits until nobody interferes.
import pLimit from 'p-limit';
import { weightOf } from '../domain/directory-fields.ts';
import { shardOf } from '../domain/sync-round.ts';
import type { Effect } from './outbox.ts';
import { flatMapInTurns } from './turns.ts';
import type { StoredUser } from './user-rows.ts';
import type { ShardCounts } from './shard-counts.ts';
import { changesPerCommit, type UserChange, type Users, type UserScope } from './users.ts';

/** From about this many users on, one read of their shard (some 3,000 rows) costs less than a read for each of them. */
const pointReadsPerShard = 100;
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
  /** A move of the users that is known to be given up. */
  readonly voidMove?: number | undefined;
}

export type WriteResult = { readonly kind: 'done'; readonly changes: readonly UserChange[] } | { readonly kind: 'stale' };

/** `moved`: only `changes` were written, because the others have to be written where the users move `to`. */
export type AttemptResult =
  | WriteResult
  | { readonly kind: 'moved'; readonly to: number; readonly changes: readonly UserChange[]; readonly left: readonly string[] };

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

async function changesOf(
  objectIds: readonly string[],
  present: ReadonlyMap<string, StoredUser>,
  decide: Decide,
): Promise<readonly UserChange[]> {
  return await flatMapInTurns(objectIds, (objectId) => {
    const before = present.get(objectId);
    const after = decide(objectId, before);
    return after === undefined ? [] : [{ before, after }];
  });
}

const idsOf = (changes: readonly UserChange[]) => changes.map(({ after }) => after.user.objectId);

/** Commits one transaction's worth, re-reading and deciding anew as often as others are faster. */
async function commitGroup(request: WriteRequest, shard: number, group: readonly UserChange[]): Promise<AttemptResult> {
  const { users, knownCounts, fence, voidMove } = request;
  let changes = group;
  for (let attempt = 1; changes.length > 0; attempt += 1) {
    const remembered = knownCounts.get(shard);
    // What is remembered of a generation that was left says nothing of this one, even if an ETag should agree.
    const isOld = remembered?.generation !== undefined && remembered.generation !== request.scope.generation;
    const known = remembered === undefined || isOld ? await users.readShardCounts(shard) : remembered;
    const outcome = await users.commit({ shard, known, fence, changes, effects: request.effects?.(changes) ?? [], voidMove });
    if (outcome.kind === 'stale') return { kind: 'stale' };
    if (outcome.kind === 'sealed') {
      // What is remembered may be out of date by the next try.
      knownCounts.delete(shard);
      return { kind: 'moved', to: outcome.to, changes: [], left: idsOf(changes) };
    }
    if (outcome.kind === 'done') {
      knownCounts.set(shard, outcome.counts);
      return { kind: 'done', changes };
    }
    if (attempt === attempts) throw new Error(`Shard ${shard} was changed by others ${attempts} times in a row.`);
    knownCounts.delete(shard);
    const ids = idsOf(group);
    changes = await changesOf(ids, await users.readMany(ids), request.decide);
    if (changes.length > 0) await request.before?.(changes);
  }
  return { kind: 'done', changes };
}

/** Decides, and writes what must come first; `commitChanges` does the rest. */
export async function prepareChanges(request: WriteRequest): Promise<readonly UserChange[]> {
  const changes = await changesOf(request.objectIds, request.present, request.decide);
  if (changes.length > 0) await request.before?.(changes);
  return changes;
}

/** Decides and writes users of any shards; says what is left when their users are moving. */
export async function tryWriteUsers(request: WriteRequest): Promise<AttemptResult> {
  return await commitChanges(request, await prepareChanges(request));
}

/** Writes prepared changes, several shards at a time. */
async function commitChanges(request: WriteRequest, changes: readonly UserChange[]): Promise<AttemptResult> {
  const limit = pLimit(parallelShards);
  const shares = [...byShard(request.scope, changes, (change) => change.after.user.objectId)];
  const results = await Promise.all(
    shares.map(([shard, share]) =>
      limit(async () => {
        const done: UserChange[] = [];
        const left: string[] = [];
        let to: number | undefined;
        for (const group of transactionsOf(share)) {
          const result = await commitGroup(request, shard, group);
          if (result.kind === 'stale') return result;
          done.push(...result.changes);
          if (result.kind === 'done') continue;
          ({ to } = result);
          left.push(...result.left);
        }
        return to === undefined ? ({ kind: 'done', changes: done } as const) : ({ kind: 'moved', to, changes: done, left } as const);
      }),
    ),
  );
  return joinResults(results);
}

function joinResults(results: readonly AttemptResult[]): AttemptResult {
  const written = results.filter((result) => result.kind !== 'stale');
  if (written.length < results.length) return { kind: 'stale' };
  const changes = written.flatMap((result) => result.changes);
  const moved = written.filter((result) => result.kind === 'moved');
  const [first] = moved;
  return first ? { kind: 'moved', to: first.to, changes, left: moved.flatMap(({ left }) => left) } : { kind: 'done', changes };
}

/**
 * The same for a round: its users move nowhere while it writes.
 * @param prepared changes that were prepared before, from rows that may have changed since
 * @throws Error when they do, which decisions have to be ready for (use-cases/write-decisions.ts).
 */
export async function writeUsers(request: WriteRequest, prepared?: readonly UserChange[]): Promise<WriteResult> {
  const result = await commitChanges(request, prepared ?? (await prepareChanges(request)));
  if (result.kind === 'moved') throw new Error('These users are moving to other shards.');
  return result;
}
