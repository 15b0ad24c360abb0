// A crash or an admin's decision at any single call to storage, lists or queue: the end is the one of a round that was left alone.
import { describe, expect, it } from 'vitest';
import type { RoundCounts } from '../../shared/domain/round-counts.ts';
import { personFields } from '../builders.ts';
import { makeSyncWorld, peopleOf, recover, type SyncWorld } from './sync-world.ts';

const ids = ['ada', 'blaise', 'carl', 'daniel', 'emmy', 'felix', 'george'];

async function firstDay(): Promise<SyncWorld> {
  const world = await makeSyncWorld({ pageSize: 2, requestMs: 16_000, settings: { removalHoldCount: 3 } });
  for (const id of ids) world.tenant.put(id, personFields(`${id} Smith`));
  for (const id of ids.slice(1)) world.tenant.setManager(id, 'ada');
  world.tenant.hideManagerFromDelta('blaise');
  return world;
}

/** Somebody comes back, somebody leaves, somebody leaves and is hired again, somebody is renamed and moved, and somebody is new. */
async function laterDay(): Promise<SyncWorld> {
  const world = await firstDay();
  await world.sync();
  await world.decide('approve', 'ada', 'carl', 'george');
  world.tenant.softDelete('george');
  await world.sync();
  world.ports.clock.advance(3_600_000);
  world.tenant.restore('george');
  world.tenant.purge('carl');
  world.tenant.put('carla', personFields('carl Smith', { userPrincipalName: 'carla@contoso.example' }));
  world.tenant.softDelete('daniel');
  world.tenant.put('emmy', { displayName: 'Emmy Noether' });
  world.tenant.setManager('emmy', 'felix');
  world.tenant.put('newcomer', personFields('New Comer'));
  return world;
}

/** So many leave that the hold keeps them, one of whom is hired again. */
async function badDay(): Promise<SyncWorld> {
  const world = await firstDay();
  await world.sync();
  world.ports.clock.advance(3_600_000);
  for (const id of ids.slice(2)) world.tenant.purge(id);
  world.tenant.put('carla', personFields('carl Smith', { userPrincipalName: 'carla@contoso.example' }));
  return world;
}

const exactCounts: readonly (keyof RoundCounts)[] = ['users', 'entries', 'pages', 'removed', 'missing', 'unknownTombstones', 'unreadable'];

/** What admins see afterwards. */
async function outcome(world: SyncWorld): Promise<unknown> {
  await recover(world);
  await world.check();
  const { status, kind, problem, counts } = await world.lastRun();
  const { people, unannounced, removals, deltaLink, round } = await world.state();
  return {
    users: await peopleOf(world),
    run: { status, kind, problem, counts: exactCounts.map((name) => [name, counts[name]]) },
    runs: (await world.runs()).length,
    state: { people, unannounced, removed: removals.map(({ count }) => count), synced: deltaLink !== null, round },
    mails: await world.mails(),
    queued: world.ports.mailQueue.messages.length,
    audit: (await world.auditActions()).toSorted(),
  };
}

/** Plays a full or a delta round, dying once at the n-th call. @returns how many calls there were */
async function playWithCrash(world: SyncWorld, wanted: 'full' | 'delta', crashAt: number, stretchMs?: number): Promise<number> {
  const playing = stretchMs === undefined ? {} : { stretchMs };
  world.ports.clock.advance(1000);
  const start = await world.request(wanted);
  if (start.kind !== 'start') throw new Error('The round did not start.');
  let calls = 0;
  world.ports.beforeEachCall(() => {
    calls += 1;
    if (calls === crashAt) throw new Error('The process died.');
  });
  await world.play(start.fence, playing).catch(() => undefined);
  const made = calls;
  world.ports.beforeEachCall(undefined);
  for (let { round, fence } = await world.state(); round !== null; { round, fence } = await world.state()) await world.play(fence, playing);
  return made;
}

describe.each([
  ['the first round', firstDay, 'delta'],
  ['a delta round', laterDay, 'delta'],
  ['a full round', laterDay, 'full'],
  ['a round with a hold', badDay, 'delta'],
  ['a full round with a hold', badDay, 'full'],
] as const)('%s', (_what, arrange, wanted) => {
  it.each([
    ['in one stretch', undefined],
    ['a page at a time', 0],
  ])('ends alike, wherever it crashes (%s)', async (_how, stretchMs) => {
    const calm = await arrange();
    const calls = await playWithCrash(calm, wanted, 0, stretchMs);
    const expected = await outcome(calm);
    for (let crashAt = 1; crashAt <= calls; crashAt += 1) {
      const world = await arrange();
      await playWithCrash(world, wanted, crashAt, stretchMs);
      expect(await outcome(world), `crash at call ${crashAt} of ${calls}`).toEqual(expected);
    }
  });
});

it.each([[['ada']], [['ada', 'blaise']]])(
  'an admin who decides at any call of a round neither stops it nor loses the decision (%j)',
  async (people) => {
    for (let at = 1; ; at += 1) {
      const world = await makeSyncWorld();
      for (const id of people) world.tenant.put(id, personFields(`${id} Smith`));
      await world.sync();
      world.tenant.purge('ada');
      let decision: Promise<void> | undefined;
      let calls = 0;
      world.ports.beforeEachCall(() => {
        calls += 1;
        if (calls === at) decision = world.decide('deny', 'ada');
      });
      await world.sync();
      world.ports.beforeEachCall(undefined);
      if (!decision) return;
      await decision;
      expect(await world.user('ada'), `decided at call ${at}`).toMatchObject({ decision: 'denied', presence: 'removed' });
      await world.check();
    }
  },
);
