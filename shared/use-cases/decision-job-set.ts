// Finds whom a decision job is about: candidates from the sorted list, checked against their rows when there are more than there should be.
import pLimit from 'p-limit';
import { type Counts, countWhere, sumCounts } from '../domain/counts.ts';
import { type DecisionJob, type JobFilter, mostFor, standing } from '../domain/decision-job.ts';
import { shardOf } from '../domain/sync-round.ts';
import { facetsOf, statusOf } from '../domain/user-lists.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { type KnownCounts, readUsers } from '../storage/shard-writer.ts';
import type { UserScope, Users } from '../storage/users.ts';
import type { CompanyUsers } from './company-users.ts';
import { filterOf, placeOf } from './list-users.ts';

/** Leaves of 250 lines per call of the list; one call then answers for some 16,000 people. */
const leavesPerCall = 64;
const linesPerCall = 16_000;
const fewestPerSlice = 1_000;
const mostPerSlice = 5_000;
/** A job of this many slices leaves the lists short enough to need no packing. */
const wantedSlices = 4;

/** Whether a user's own row agrees with everything the filter asks for besides the status. */
export function fitsFilter(filter: JobFilter): (user: User) => boolean {
  const match = filterOf(filter);
  return (user) => match === undefined || match(facetsOf(user, `${statusOf(user)}-name`));
}

/** How many users the counts know for the filter's status and kind: exact, and an upper bound where the filter asks for more. */
export function countFor(totals: Counts, { status, kind }: JobFilter): number {
  return countWhere(totals, (user) => statusOf(user) === status && (kind === null || user.kind === kind));
}

const parallelCounts = 16;

async function readCounts(users: Users, shards: number): Promise<KnownCounts> {
  const limit = pLimit(parallelCounts);
  const read = async (shard: number) => [shard, await users.readShardCounts(shard)] as const;
  return new Map(await Promise.all(Array.from({ length: shards }, (_, shard) => limit(async () => await read(shard)))));
}

async function candidatesOf(ports: Pick<Ports, 'index'>, scope: UserScope, filter: JobFilter): Promise<readonly string[]> {
  const { list, prefix } = placeOf({ ...filter, order: 'name' });
  const index = ports.index(scope, list);
  const match = filterOf(filter) ?? (() => true);
  const found = new Set<string>();
  let cursor: string | null = null;
  do {
    const place: { readonly cursor?: string } = cursor === null ? {} : { cursor };
    const page = await index.read({ prefix, limit: linesPerCall, mostLeaves: leavesPerCall, match, ...place });
    for (const { id } of page.entries) found.add(id);
    cursor = page.next;
  } while (cursor !== null);
  return [...found];
}

/** Cuts ids into slices that end where a shard does, so that no shard is read twice. */
function slicesOf(scope: UserScope, ids: readonly string[]): readonly (readonly string[])[] {
  const size = Math.min(mostPerSlice, Math.max(fewestPerSlice, Math.ceil(ids.length / wantedSlices)));
  const shards = new Map<number, string[]>();
  for (const id of ids) {
    const shard = shardOf(id, scope.shards);
    const share = shards.get(shard) ?? [];
    share.push(id);
    shards.set(shard, share);
  }
  const slices: string[][] = [];
  for (const [, share] of [...shards].toSorted(([left], [right]) => left - right)) {
    for (let start = 0; start < share.length; start += size) {
      const part = share.slice(start, start + size);
      const last = slices.at(-1);
      if (last !== undefined && last.length + part.length <= size) last.push(...part);
      else slices.push(part);
    }
  }
  return slices;
}

export interface CollectedSet {
  readonly slices: readonly (readonly string[])[];
  /** Read on the way; saves the first commit to each shard a read. */
  readonly knownCounts: KnownCounts;
}

/**
 * The set of a job, in slices by shard. Lines of a list are hints, and the rows are looked at when they are decided anyway; they are
 * looked at here as well when the list has more lines than the counts know users, or than the admin may have seen.
 */
export async function collectSet(ports: Pick<Ports, 'index'>, { scope, users }: CompanyUsers, job: DecisionJob): Promise<CollectedSet> {
  const { filter, expectedCount } = job;
  const knownCounts = await readCounts(users, scope.shards);
  const totals = sumCounts([...knownCounts.values()].map(({ counts }) => counts));
  const known = countFor(totals, filter);
  const slices = slicesOf(scope, await candidatesOf(ports, scope, filter));
  const lines = slices.reduce((sum, slice) => sum + slice.length, 0);
  if (lines <= Math.min(known, expectedCount === null ? known : mostFor(expectedCount))) return { slices, knownCounts };
  const fits = fitsFilter(filter);
  const proven: string[] = [];
  for (const slice of slices) {
    const present = await readUsers(users, scope, slice);
    proven.push(
      ...slice.filter((id) => {
        const user = present.get(id)?.user;
        return user !== undefined && standing(job, user, fits) === 'matches';
      }),
    );
  }
  return { slices: slicesOf(scope, proven), knownCounts };
}
