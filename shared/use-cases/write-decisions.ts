// Writes decisions. The company's users may be moving to other shards meanwhile: then a decision goes along with them, and never waits
// longer for the move than a person would (docs/decisions/0022).
import { Refusal } from '../domain/errors.ts';
import { isMoving } from '../domain/resharding.ts';
import type { Ports } from '../ports/ports.ts';
import { type KnownCounts, readUsers, tryWriteUsers, type WriteRequest } from '../storage/shard-writer.ts';
import { changeSync, readSync } from '../storage/sync-state.ts';
import { partitionOf, type UserChange, type UserScope } from '../storage/users.ts';
import { type CompanyUsers, requireUsers } from './company-users.ts';
import { type EffectPorts, withEffects } from './effects.ts';
import { reviewEffects, reviewsMatter } from './review-effects.ts';

export type DecisionPorts = EffectPorts & Pick<Ports, 'pause'>;

export interface DecisionWrite extends Pick<WriteRequest, 'objectIds' | 'decide' | 'before' | 'effects'> {
  readonly opened: CompanyUsers;
  /** Remembers counts rows from one call to the next, also across a move. */
  readonly knownCounts: KnownCounts;
}

export interface WrittenDecisions {
  readonly changes: readonly UserChange[];
  /** Where the users are now. */
  readonly opened: CompanyUsers;
}

const attempts = 12;

/**
 * Decides these users on their live rows and writes them, with the effects of each transaction, and delivers the effects.
 * @throws Refusal `upstream-unavailable` when the users were moving each time it was tried; those of some shards may be written then
 */
export async function writeDecisions(ports: DecisionPorts, request: DecisionWrite): Promise<WrittenDecisions> {
  const { companyId } = request.opened.scope;
  const matters = await reviewsMatter(ports, companyId);
  const effects: WriteRequest['effects'] = (changes) => [
    ...(request.effects?.(changes) ?? []),
    ...(matters ? reviewEffects(ports, companyId, changes) : []),
  ];
  const changes: UserChange[] = [];
  let { opened, objectIds } = request;
  let voidMove: number | undefined;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { scope, users } = opened;
    const write = async () =>
      await tryWriteUsers({
        ...request,
        effects,
        users,
        scope,
        objectIds,
        present: await readUsers(users, scope, objectIds),
        fence: null,
        voidMove,
      });
    const partitions = request.effects || matters ? [...new Set(objectIds.map((objectId) => partitionOf(scope, objectId)))] : [];
    const places = partitions.map((partition) => ({ table: 'users', partition }) as const);
    const result = await withEffects(ports, companyId, places, write);
    if (result.kind === 'stale') throw new Error('A decision is not guarded by a fence and cannot be stale.');
    changes.push(...result.changes);
    if (result.kind === 'done') return { changes, opened };
    objectIds = result.left;
    voidMove = await afterMove(ports, scope, result.to);
    opened = await requireUsers(ports, companyId);
  }
  throw new Refusal('upstream-unavailable', { detail: 'The users of this company are being moved in storage; try again shortly.' });
}

const pauseMs = 100;
/** Sealed shards are those of a move in its last step, which takes about a second. One that died there is given up for its decisions. */
const longestWaitMs = 5_000;

/** Waits until the move is over, or ends it. Gives its number back when it was given up, so that its seals are void. */
async function afterMove(ports: DecisionPorts, { companyId, generation }: UserScope, to: number): Promise<number | undefined> {
  for (let waited = 0; ; waited += pauseMs) {
    const { value: state } = await readSync(ports.tables, companyId);
    if (!isMoving(state, to)) return state.generation === generation ? to : undefined;
    if (waited < longestWaitMs) {
      await ports.pause(pauseMs);
      continue;
    }
    ports.log('warning', 'A move of users to more shards was given up, because decisions had to wait for it.', { companyId });
    // The very row that would complete the move: from here on it cannot be completed, whoever is still at it.
    await changeSync(ports.tables, companyId, (present) =>
      isMoving(present, to) && present.reshard ? { ...present, reshard: { ...present.reshard, stage: 'givenUp' } } : undefined,
    );
  }
}
