// What a full round compares the feed with: everybody who is stored, read once a stretch without their fields.
import pLimit from 'p-limit';
import { fieldsDigest } from '../domain/directory-fields.ts';
import { type KnownUser, type KnownUsers, makeKnownUsers } from '../domain/known-users.ts';
import { managerAfter, type Sighting } from '../domain/user-change.ts';
import type { RoundContext } from './round-context.ts';
import { isExpected } from './sync-suspects.ts';

const shardsAtOnce = 8;

/** What is stored of everybody, read once a stretch; only a full round that is not the first compares with all of it. */
export async function knownOf(context: RoundContext): Promise<KnownUsers> {
  const { memory } = context;
  memory.knowing ??= readKnown(context);
  try {
    memory.known = await memory.knowing;
    return memory.known;
  } catch (error) {
    memory.knowing = undefined;
    throw error;
  }
}

async function readKnown({ users, scope, round }: RoundContext): Promise<KnownUsers> {
  const known = makeKnownUsers();
  const limit = pLimit(shardsAtOnce);
  const readShard = async (shard: number) => {
    for await (const outline of users.readOutlines(shard)) {
      known.put(outline.objectId, { ...outline, shard, expected: isExpected(round, outline) });
    }
  };
  await Promise.all(Array.from({ length: scope.shards }, (_, shard) => limit(async () => await readShard(shard))));
  return known;
}

/** Begins to read what is stored while the first pages are fetched. */
export function beginToKnow(context: RoundContext): void {
  const { kind, first } = context.round;
  // Whoever needs it waits for it, and meets the failure, if there is one.
  if (kind === 'full' && !first) knownOf(context).catch(() => undefined);
}

/** An entry that states just what is stored; most of a full round is. One that leaves a stored field out is looked at closely instead. */
export function saysNothingNew(known: KnownUser | undefined, sighting: Sighting): boolean {
  if (known?.presence !== 'present') return false;
  const managerId = managerAfter(known.managerId, sighting);
  return managerId === known.managerId && fieldsDigest(sighting.fields, managerId) === known.digest;
}
