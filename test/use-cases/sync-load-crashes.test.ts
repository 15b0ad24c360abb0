// A crash at any call of a load in parts: the end is the one of a load that was left alone.
import { describe, expect, it } from 'vitest';
import { crowd, expectEverybody, idOf, makeLargeWorld } from './load-world.ts';
import { recover, type SyncWorld } from './sync-world.ts';

async function outcome(world: SyncWorld): Promise<unknown> {
  await recover(world);
  await expectEverybody(world);
  const { status, kind, readBy, problem, counts } = await world.lastRun();
  const { people, deltaLink, round, failedRounds } = await world.state();
  const { users, entries, pages, removed, missing, unknownTombstones, unreadable } = counts;
  return {
    run: { status, kind, readBy, problem, users, entries, pages, removed, missing, unknownTombstones, unreadable },
    runs: (await world.runs()).length,
    state: { people, synced: deltaLink !== null, round, failedRounds },
    mails: await world.mails(),
    queued: world.ports.mailQueue.messages.length,
    audit: await world.auditActions(),
  };
}

/** Plays the first round, dying once at the n-th call of storage, lists or queue. @returns how many calls there were */
async function playWithCrash(world: SyncWorld, crashAt: number, stretchMs?: number): Promise<number> {
  const playing = stretchMs === undefined ? {} : { stretchMs };
  const start = await world.request();
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

/** Spread over the round, and its end. */
function sample(calls: number, samples: number): readonly number[] {
  const spread = Array.from({ length: samples }, (_, index) => 1 + Math.floor((index * calls) / samples));
  return [...new Set([...spread, calls])];
}

describe.each([
  ['that comes to its end', 6, (_world: SyncWorld) => undefined],
  ['that is given up for the delta chain', 3, (world: SyncWorld) => world.tenant.hideFromLists(idOf(17))],
])('a load %s', (_what, samples, arrange) => {
  it.each([
    ['in one stretch', undefined],
    ['a request or two at a time', 0],
  ])(
    'ends alike, wherever it crashes (%s)',
    async (_how, stretchMs) => {
      const begin = async () => {
        const world = await makeLargeWorld({ pageSize: 70 });
        arrange(world);
        return world;
      };
      const calm = await begin();
      const calls = await playWithCrash(calm, 0, stretchMs);
      const expected = await outcome(calm);
      expect(calls).toBeGreaterThan(50);
      expect(expected).toMatchObject({ run: { users: crowd, status: 'succeeded' } });
      for (const crashAt of sample(calls, samples)) {
        const world = await begin();
        await playWithCrash(world, crashAt, stretchMs);
        expect(await outcome(world), `crash at call ${crashAt} of ${calls}`).toEqual(expected);
      }
    },
    180_000,
  );
});
