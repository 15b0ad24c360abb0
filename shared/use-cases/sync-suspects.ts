// Who seems to have left, and what the directory itself answers about them.
import pLimit from 'p-limit';
import { seenAlive, seenGone } from '../domain/id-set.ts';
import type { Round } from '../domain/sync-round.ts';
import type { User } from '../domain/user.ts';
import type { Answer } from '../ports/directory.ts';
import type { Ledger } from '../storage/ledger.ts';
import { readUsers } from '../storage/shard-writer.ts';
import type { StepContext } from './sync-context.ts';

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
export async function findSuspects({ users, scope, round }: StepContext, ledger: Ledger): Promise<Suspects> {
  const known = [...(await readUsers(users, scope, [...ledger.gone])).values()].map(({ user }) => user);
  const tombstones = known.filter((user) => user.presence !== 'removed');
  const departed = known.filter((user) => user.presence === 'removed');
  const unseen: User[] = [];
  const complete = round.kind === 'full' && !round.first && round.counts.unreadable === 0;
  const shards = complete ? scope.shards : 0;
  for (let shard = 0; shard < shards; shard += 1) {
    for await (const { user } of users.readShard(shard)) {
      if ((ledger.ids.flags(user.objectId) & (seenAlive | seenGone)) !== 0) continue;
      if (user.presence !== 'removed') unseen.push(user);
      else if (wasRemovedDuring(round, user)) departed.push(user);
    }
  }
  return { tombstones, unseen, departed, unknownTombstones: ledger.gone.size - known.length };
}

export const wasRemovedDuring = (round: Round, user: User) => user.removedAt !== null && user.removedAt >= round.startedAt;

const lookUpSize = 20;
const parallelLookUps = 4;

/** Asks the directory about each id; ids without an answer are missing from the map. */
export async function confirm(
  { directory }: StepContext,
  objectIds: readonly string[],
): Promise<Answer<ReadonlyMap<string, 'exists' | 'absent'>>> {
  const limit = pLimit(parallelLookUps);
  const groups = Array.from({ length: Math.ceil(objectIds.length / lookUpSize) }, (_, index) =>
    objectIds.slice(index * lookUpSize, (index + 1) * lookUpSize),
  );
  const answers = await Promise.all(groups.map((group) => limit(async () => await directory.lookUp(group))));
  const found = new Map<string, 'exists' | 'absent'>();
  for (const answer of answers) {
    if (!answer.ok) return answer;
    for (const [objectId, presence] of answer.value) found.set(objectId, presence);
  }
  return { ok: true, value: found };
}
