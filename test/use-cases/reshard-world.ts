// A company whose users move to more shards: by growing, or, so that a few people are enough, because the sync row says so.
import { type Reshard, generationOf } from '../../shared/domain/resharding.ts';
import type { User } from '../../shared/domain/user.ts';
import { changeSync } from '../../shared/storage/sync-state.ts';
import { runRound } from '../../shared/use-cases/run-round.ts';
import { personFields } from '../builders.ts';
import { companyId, makeSyncWorld, recover, type SyncWorld } from './sync-world.ts';

export const people = ['ada', 'blaise', 'carl', 'daniel', 'emmy', 'felix', 'george', 'hedy', 'isaac', 'john'] as const;

/** Ten people in one shard; `ada` is approved and `blaise` is denied. Whoever waits lets everything else that is under way go on. */
export async function makeSmallWorld(): Promise<SyncWorld> {
  const world = await makeSyncWorld({ pageSize: 100 });
  for (const id of people) world.tenant.put(id, personFields(`${id} Smith`));
  await world.sync();
  await world.decide('approve', 'ada');
  await world.decide('deny', 'blaise');
  const { pause } = world.ports;
  Object.assign(world.ports, {
    pause: async (milliseconds: number) => {
      await new Promise(setImmediate);
      await pause(milliseconds);
    },
  });
  return world;
}

/** Begins a round and brings it to where the users of a company that has outgrown its shards begin to move. */
export async function beginMove(world: SyncWorld, shards = 4): Promise<number> {
  const { ports } = world;
  ports.clock.advance(1000);
  const start = await world.request();
  if (start.kind !== 'start') throw new Error('The round did not start.');
  while ((await world.state()).round?.phase !== 'finish') await runRound(ports, { companyId, fence: start.fence }, 0);
  const generation = generationOf(start.fence);
  const reshard: Reshard = { generation, shards, stage: 'announce', copied: { shard: 0, after: '' } };
  await changeSync(ports.tables, companyId, (state) => ({
    ...state,
    heads: null,
    round: state.round && { ...state.round, phase: 'reshard' },
    reshard,
    retired: [...state.retired, { generation, shards, at: ports.clock.now().toISOString() }],
  }));
  return start.fence;
}

/** Plays whatever round is open to its end. */
export async function playOn(world: SyncWorld, stretchMs?: number): Promise<void> {
  for (let state = await world.state(); state.round !== null; state = await world.state())
    await world.play(state.fence, stretchMs === undefined ? {} : { stretchMs });
}

export async function decisionsOf(world: SyncWorld): Promise<Readonly<Record<string, User['decision']>>> {
  return Object.fromEntries([...(await world.users()).values()].map(({ objectId, decision }) => [objectId, decision]));
}

export const before = Object.fromEntries(people.map((id) => [id, id === 'ada' ? 'approved' : id === 'blaise' ? 'denied' : 'pending']));

/** What anybody can see afterwards. */
export async function outcome(world: SyncWorld): Promise<unknown> {
  await recover(world);
  await world.check();
  const users = [...(await world.users()).values()].toSorted((left, right) => (left.objectId < right.objectId ? -1 : 1));
  const { people: count, shards, generation, round, heads } = await world.state();
  const { status, problem } = await world.lastRun();
  return {
    users,
    count,
    shards,
    generation,
    round,
    hasHeads: heads !== null,
    status,
    problem,
    audit: (await world.auditActions()).toSorted(),
  };
}
