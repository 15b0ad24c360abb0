// Copies users into the shards of a new generation, rows as they are. Every transaction replaces the counts row of its new shard under
// an ETag that was read before the old rows were: whoever else has written there since makes it fail, so that no late copy of this work
// can put an older row over a newer one. The counts row also says how far the shard is filled, so that a repeat counts nobody twice.
import pLimit from 'p-limit';
import { addUser, type Counts, moveUser } from '../domain/counts.ts';
import type { ShardPlace } from '../domain/resharding.ts';
import { shardOf } from '../domain/sync-round.ts';
import type { Properties, StoredRow, Table, Write } from '../ports/tables.ts';
import { countsRow, countsWrite, decodeShardCounts, type ShardCounts } from './shard-counts.ts';
import { decodeCounted } from './user-rows.ts';
import { partitionOf, shardPartition, type UserScope, usersEnd } from './users.ts';

/** People decide meanwhile: more at once would only make them wait behind this. */
const parallelShards = 4;
const parallelReads = 16;
/** With the counts row they are the 100 rows a transaction may have. */
const rowsPerWrite = 99;
/** Even at three bytes each these stay below the 4 MiB a transaction may have. */
const charactersPerWrite = 1_000_000;

/** A shard of the new generation, as known. */
export interface NewShard extends ShardCounts {
  /** In the old generation: everybody up to here who belongs here is here. */
  readonly filledTo: ShardPlace | null;
}

export type NewShards = Map<number, NewShard>;

/** Must be read before the rows that will be copied. */
export async function readNewShards(table: Table, scope: UserScope): Promise<NewShards> {
  const limit = pLimit(parallelReads);
  const read = async (shard: number): Promise<readonly [number, NewShard]> => {
    const row = await table.get({ partition: shardPartition(scope, shard), row: countsRow });
    const filled = row?.properties['filledShard'];
    const filledTo = typeof filled === 'number' ? { shard: filled, after: String(row?.properties['filledAfter']) } : null;
    return [shard, { ...decodeShardCounts(row), filledTo }];
  };
  return new Map(await Promise.all(Array.from({ length: scope.shards }, (_, shard) => limit(async () => await read(shard)))));
}

interface OldRow {
  readonly place: ShardPlace;
  readonly row: StoredRow;
}

export interface OldRows {
  readonly rows: readonly OldRow[];
  /** Behind them; `null` at the end. */
  readonly next: ShardPlace | null;
}

/** Users of the old generation behind a place, in order, across its shards. */
export async function readOldRows(table: Table, scope: UserScope, { shard: first, after }: ShardPlace, most: number): Promise<OldRows> {
  const rows: OldRow[] = [];
  for (let shard = first; shard < scope.shards; shard += 1) {
    // A blank sorts before every character of an object id, so this is the first key behind `after`.
    const from = shard === first && after !== '' ? { from: `${after} ` } : {};
    const range = { partition: shardPartition(scope, shard), ...from, below: usersEnd, limit: most - rows.length };
    for await (const row of table.range(range)) rows.push({ place: { shard, after: row.row }, row });
    if (rows.length === most) return { rows, next: rows.at(-1)?.place ?? null };
  }
  return { rows, next: null };
}

/** `changed`: somebody else has written to a new shard; what is known of all of them must be read anew, and then the old rows. */
export type CopyOutcome = 'done' | 'changed';

interface Copied {
  readonly objectId: string;
  readonly properties: Properties;
  /** As it lies in the new shard; `undefined` when it is not there yet. */
  readonly former: Properties | undefined;
  /** When it comes in the order of the old rows. */
  readonly place: ShardPlace | null;
}

export interface CopyTarget {
  /** The new generation. */
  readonly scope: UserScope;
  readonly shards: NewShards;
  readonly fence: number;
}

const isBehind = (place: ShardPlace, filledTo: ShardPlace | null) =>
  filledTo === null || place.shard > filledTo.shard || (place.shard === filledTo.shard && place.after > filledTo.after);

/** Copies rows that were read in order; those that an earlier try has copied are left as they are there. */
export async function copyInOrder(table: Table, target: CopyTarget, rows: readonly OldRow[]): Promise<CopyOutcome> {
  const missing = rows.filter(({ place, row }) => isBehind(place, shardHead(target, row.row).filledTo));
  const copied = missing.map(({ place, row }) => ({ objectId: row.row, properties: row.properties, former: undefined, place }));
  return await writeCopies(table, target, copied);
}

/** Copies these users once more, as they are now. Everybody must have been copied in order before. */
export async function copyAgain(table: Table, old: UserScope, target: CopyTarget, objectIds: readonly string[]): Promise<CopyOutcome> {
  const limit = pLimit(parallelReads);
  const read = async (objectId: string): Promise<readonly Copied[]> => {
    const [present, former] = await Promise.all(
      [old, target.scope].map(async (scope) => await table.get({ partition: partitionOf(scope, objectId), row: objectId })),
    );
    return present ? [{ objectId, properties: present.properties, former: former?.properties, place: null }] : [];
  };
  return await writeCopies(table, target, (await Promise.all(objectIds.map((id) => limit(async () => await read(id))))).flat());
}

function shardHead({ scope, shards }: CopyTarget, objectId: string): NewShard {
  const head = shards.get(shardOf(objectId, scope.shards));
  if (head === undefined) throw new Error('The new shards were not read.');
  return head;
}

async function writeCopies(table: Table, target: CopyTarget, copied: readonly Copied[]): Promise<CopyOutcome> {
  const shares = Map.groupBy(copied, ({ objectId }) => shardOf(objectId, target.scope.shards));
  const limit = pLimit(parallelShards);
  const outcomes = await Promise.all([...shares].map(([shard, share]) => limit(async () => await fillShard(table, target, shard, share))));
  return outcomes.includes('changed') ? 'changed' : 'done';
}

const weightOf = ({ properties }: Copied) =>
  Object.values(properties).reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0);

function transactionsOf(copied: readonly Copied[]): readonly (readonly Copied[])[] {
  const groups: Copied[][] = [];
  let weight = 0;
  for (const one of copied) {
    const own = weightOf(one);
    const last = groups.at(-1);
    if (last === undefined || last.length === rowsPerWrite || weight + own > charactersPerWrite) {
      groups.push([one]);
      weight = own;
    } else {
      last.push(one);
      weight += own;
    }
  }
  return groups;
}

function countCopied(counts: Counts, { former, properties }: Copied): Counts {
  const user = decodeCounted(properties);
  return former === undefined ? addUser(counts, user) : moveUser(counts, decodeCounted(former), user);
}

async function fillShard(
  table: Table,
  { scope, shards, fence }: CopyTarget,
  shard: number,
  share: readonly Copied[],
): Promise<CopyOutcome> {
  for (const group of transactionsOf(share)) {
    const head = shards.get(shard);
    if (head === undefined) throw new Error('The new shards were not read.');
    const counts = group.reduce(countCopied, head.counts);
    const filledTo = group.at(-1)?.place ?? head.filledTo;
    const filled: Properties = filledTo === null ? {} : { filledShard: filledTo.shard, filledAfter: filledTo.after };
    const rows = group.map(({ objectId, properties }): Write => ({ kind: 'upsert', row: objectId, properties }));
    const outcome = await table.write(shardPartition(scope, shard), [countsWrite(head, { counts, fence }, filled), ...rows]);
    if (outcome.kind !== 'done') return 'changed';
    shards.set(shard, { counts, fence, etag: outcome.etags.get(countsRow) ?? null, filledTo });
  }
  return 'done';
}
