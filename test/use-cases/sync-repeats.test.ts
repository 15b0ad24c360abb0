// What happens twice: a write whose answer was lost and which the storage client repeats, and a stretch of which another copy is at work.
// The end is the same.
import { describe, expect, it } from 'vitest';
import type { Ports } from '../../shared/ports/ports.ts';
import { type Table, type Tables, tableNames } from '../../shared/ports/tables.ts';
import { personFields } from '../builders.ts';
import { runRound } from '../../shared/use-cases/run-round.ts';
import { companyId, makeSyncWorld, peopleOf, recover, type SyncWorld } from './sync-world.ts';

const ids = ['ada', 'blaise', 'carl', 'daniel', 'emmy', 'felix', 'george'];

/** Somebody leaves whose mail somebody new has, somebody comes back, somebody is renamed, and somebody is new. */
async function laterDay(): Promise<SyncWorld> {
  const world = await makeSyncWorld({ pageSize: 2, settings: { removalHoldCount: 3 } });
  for (const id of ids) world.tenant.put(id, personFields(`${id} Smith`));
  for (const id of ids.slice(1)) world.tenant.setManager(id, 'ada');
  world.tenant.hideManagerFromDelta('blaise');
  world.tenant.softDelete('george');
  await world.sync();
  await world.decide('approve', 'ada', 'carl');
  world.ports.clock.advance(3_600_000);
  world.tenant.restore('george');
  world.tenant.purge('carl');
  world.tenant.put('carla', personFields('carl Smith', { userPrincipalName: 'carla@contoso.example' }));
  world.tenant.put('emmy', { displayName: 'Emmy Noether' });
  world.tenant.setManager('emmy', 'felix');
  return world;
}

/** So many leave that the hold keeps them. */
async function badDay(): Promise<SyncWorld> {
  const world = await laterDay();
  for (const id of ids.slice(2)) world.tenant.purge(id);
  return world;
}

async function outcome(world: SyncWorld): Promise<unknown> {
  await recover(world);
  await world.check();
  const { people, unannounced, removals, deltaLink, round } = await world.state();
  const { status, kind, problem } = await world.lastRun();
  return {
    users: await peopleOf(world),
    run: { status, kind, problem },
    runs: (await world.runs()).length,
    state: { people, unannounced, removed: removals.map(({ count }) => count), synced: deltaLink !== null, round },
    mails: await world.mails(),
    queued: world.ports.mailQueue.messages.length,
    audit: (await world.auditActions()).toSorted(),
  };
}

/** The client repeats the n-th write, because it heard nothing of the first time. */
function repeating(ports: Ports, nth: number): { readonly ports: Ports; readonly writes: () => number } {
  let writes = 0;
  const repeat = (table: Table): Table => ({
    ...table,
    write: async (partition, rows) => {
      writes += 1;
      if (writes === nth) await table.write(partition, rows);
      return await table.write(partition, rows);
    },
  });
  const tables = Object.fromEntries(tableNames.map((name) => [name, repeat(ports.tables[name])])) as Record<keyof Tables, Table>;
  return { ports: { ...ports, tables }, writes: () => writes };
}

async function playRepeating(world: SyncWorld, wanted: 'full' | 'delta', nth: number): Promise<number> {
  world.ports.clock.advance(1000);
  const start = await world.request(wanted);
  if (start.kind !== 'start') throw new Error('The round did not start.');
  const { ports, writes } = repeating(world.ports, nth);
  await world.play(start.fence, { ports });
  for (let { round, fence } = await world.state(); round !== null; { round, fence } = await world.state()) await world.play(fence);
  return writes();
}

describe.each([
  ['a delta round', laterDay, 'delta'],
  ['a full round', laterDay, 'full'],
  ['a round with a hold', badDay, 'full'],
] as const)('%s, one of whose writes is repeated', (_what, arrange, wanted) => {
  it('ends alike, whichever it is', async () => {
    const calm = await arrange();
    const writes = await playRepeating(calm, wanted, 0);
    const expected = await outcome(calm);
    for (let nth = 1; nth <= writes; nth += 1) {
      const world = await arrange();
      await playRepeating(world, wanted, nth);
      expect(await outcome(world), `write ${nth} of ${writes} is repeated`).toEqual(expected);
    }
  });
});

/** The same ports, with something ahead of each call to a table. */
function behind(ports: Ports, before: () => void | Promise<void>): Ports {
  const wrap = (table: Table): Table => ({
    get: async (key) => {
      await before();
      return await table.get(key);
    },
    write: async (partition, rows) => {
      await before();
      return await table.write(partition, rows);
    },
    range: async function* (range) {
      await before();
      yield* table.range(range);
    },
  });
  const tables = Object.fromEntries(tableNames.map((name) => [name, wrap(ports.tables[name])])) as Record<keyof Tables, Table>;
  return { ...ports, tables };
}

/** At the n-th call another copy of the stretch works on the round until it has made so many calls. @returns how many calls there were */
async function playWithCopy(world: SyncWorld, wanted: 'full' | 'delta', nth: number, callsOfCopy: number): Promise<number> {
  world.ports.clock.advance(1000);
  const start = await world.request(wanted);
  if (start.kind !== 'start') throw new Error('The round did not start.');
  const copy = async () => {
    let calls = 0;
    const dying = behind(world.ports, () => {
      calls += 1;
      if (calls > callsOfCopy) throw new Error('The process died.');
    });
    await runRound(dying, { companyId, fence: start.fence }).catch(() => undefined);
  };
  let calls = 0;
  const ports = behind(world.ports, async () => {
    calls += 1;
    if (calls === nth) await copy();
  });
  await world.play(start.fence, { ports });
  for (let { round, fence } = await world.state(); round !== null; { round, fence } = await world.state()) await world.play(fence);
  return calls;
}

const toItsEnd = Number.POSITIVE_INFINITY;
const deaths = [10, 20, 30, toItsEnd];

async function expectAlike(
  arrange: () => Promise<SyncWorld>,
  { wanted, seen, callsOfCopy }: { wanted: 'full' | 'delta'; seen: (world: SyncWorld) => Promise<unknown>; callsOfCopy: number },
): Promise<void> {
  const calm = await arrange();
  const calls = await playWithCopy(calm, wanted, 0, 0);
  const expected = await seen(calm);
  for (let nth = 1; nth <= calls; nth += 1) {
    const world = await arrange();
    await playWithCopy(world, wanted, nth, callsOfCopy);
    expect(await seen(world), `a copy at call ${nth} of ${calls}`).toEqual(expected);
  }
}

describe.each(['delta', 'full'] as const)('a %s round of which there are two copies', (wanted) => {
  it.each(deaths)('ends alike, whenever the other one comes, if it makes %d calls', async (callsOfCopy) => {
    await expectAlike(laterDay, { wanted, seen: outcome, callsOfCopy });
  });
});

describe('a round with a hold of which there are two copies', () => {
  const seen = async (world: SyncWorld) => ({
    held: await world.withPresence('held'),
    present: await world.withPresence('present'),
    problem: (await world.lastRun()).problem,
  });

  it.each(deaths)('removes nobody and says why, whenever the other one comes, if it makes %d calls', async (callsOfCopy) => {
    await expectAlike(badDay, { wanted: 'full', seen, callsOfCopy });
  });
});
