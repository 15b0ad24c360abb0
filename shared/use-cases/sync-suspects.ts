// Who seems to have left, and what the directory itself answers about them.
import pLimit from 'p-limit';
import { seenAlive, seenGone } from '../domain/id-set.ts';
import type { Round } from '../domain/sync-round.ts';
import type { User } from '../domain/user.ts';
import type { Answer } from '../ports/directory.ts';
import type { Ledger } from '../storage/ledger.ts';
import { readUsers } from '../storage/shard-writer.ts';
import type { RoundContext } from './round-context.ts';

/** Why somebody is thought to have left. */
export interface Suspects {
  /** A tombstone in this round, known here and not removed yet. */
  readonly tombstones: readonly User[];
  /** Known here, but absent from a complete full round. */
  readonly unseen: readonly User[];
  /** Removed already: in an earlier round, or in this one before a crash. */
  readonly departed: readonly User[];
  readonly unknownTombstones: number;
}

/** Finds who left according to this round; only a complete full round says anything about people it did not mention. */
export async function findSuspects(context: RoundContext, ledger: Ledger): Promise<Suspects> {
  const { users, scope, round } = context;
  const known = [...(await readUsers(users, scope, [...ledger.gone])).values()].map(({ user }) => user);
  const complete = round.kind === 'full' && !round.first && round.counts.unreadable === 0;
  const unmentioned = complete ? await readUnmentioned(context, ledger) : [];
  return {
    tombstones: known.filter((user) => user.presence !== 'removed'),
    unseen: unmentioned.filter((user) => user.presence !== 'removed'),
    departed: [...known, ...unmentioned].filter((user) => user.presence === 'removed'),
    unknownTombstones: ledger.gone.size - known.length,
  };
}

/**
 * Whom the round did not mention and who is on the list, or was removed by this very round before a crash. When the stretch that
 * compared everybody is this one, it knows where to look; usually nowhere.
 */
async function readUnmentioned({ users, scope, round, memory }: RoundContext, ledger: Ledger): Promise<readonly User[]> {
  const everyShard = Array.from({ length: scope.shards }, (_, shard) => shard);
  const shards = memory.known ? memory.known.shardsWithUnseen(ledger.ids) : everyShard;
  const limit = pLimit(parallelLookUps);
  const readShard = async (shard: number) => {
    const ids: string[] = [];
    for await (const outline of users.readOutlines(shard)) {
      const mentioned = (ledger.ids.flags(outline.objectId) & (seenAlive | seenGone)) !== 0;
      if (!mentioned && isExpected(round, outline)) ids.push(outline.objectId);
    }
    return ids;
  };
  const ids = (await Promise.all([...shards].map((shard) => limit(async () => await readShard(shard))))).flat();
  return [...(await readUsers(users, scope, ids)).values()].map(({ user }) => user);
}

export const wasRemovedDuring = (round: Round, user: Pick<User, 'removedAt'>) =>
  user.removedAt !== null && user.removedAt >= round.startedAt;

/** Whom a complete round mentions or misses: everybody on the list, and those whom this very round removed before a crash. */
export const isExpected = (round: Round, user: Pick<User, 'presence' | 'removedAt'>) =>
  user.presence !== 'removed' || wasRemovedDuring(round, user);

const lookUpSize = 20;
const parallelLookUps = 4;

/** With a stretch of four minutes this stays below the function timeout (host.json). */
const longestLookingUpMs = 180_000;

/** What the directory said of whom; `unasked` are those for whom there was no time. */
export interface Confirmed {
  readonly found: ReadonlyMap<string, 'exists' | 'absent'>;
  readonly unasked: ReadonlySet<string>;
}

/** Asks the directory about each id, as long as there is time; ids it gave no answer about are in neither part. */
export async function confirm({ directory, ports }: RoundContext, objectIds: readonly string[]): Promise<Answer<Confirmed>> {
  const limit = pLimit(parallelLookUps);
  const until = ports.clock.now().getTime() + longestLookingUpMs;
  const unasked = new Set<string>();
  const groups = Array.from({ length: Math.ceil(objectIds.length / lookUpSize) }, (_, index) =>
    objectIds.slice(index * lookUpSize, (index + 1) * lookUpSize),
  );
  const ask = async (group: readonly string[]): Promise<Awaited<ReturnType<typeof directory.lookUp>>> => {
    if (ports.clock.now().getTime() < until) return await directory.lookUp(group);
    for (const objectId of group) unasked.add(objectId);
    return { ok: true, value: new Map() };
  };
  const answers = await Promise.all(groups.map((group) => limit(async () => await ask(group))));
  const found = new Map<string, 'exists' | 'absent'>();
  for (const answer of answers) {
    if (!answer.ok) return answer;
    for (const [objectId, presence] of answer.value) found.set(objectId, presence);
  }
  return { ok: true, value: { found, unasked } };
}
