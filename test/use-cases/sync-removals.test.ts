// Rule 3, nobody is removed by mistake: what it takes to remove somebody, and what never does.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Directory } from '../../shared/ports/directory.ts';
import { changeSync } from '../../shared/storage/sync-state.ts';
import { failures, personFields } from '../builders.ts';
import { companyId, makeSyncWorld, type Playing, type SyncWorld } from './sync-world.ts';

let world: SyncWorld;
let ids: readonly string[];

beforeEach(async () => {
  world = await makeSyncWorld();
});

async function hire(count: number): Promise<void> {
  ids = Array.from({ length: count }, (_, index) => `person-${String(index).padStart(3, '0')}`);
  for (const [index, id] of ids.entries()) world.tenant.put(id, personFields(`Person Number ${index}`));
  await world.sync();
}

/** Rounds played like this do not hear of some people, as when a replica lags; asked about them, the directory knows. */
function without(...hidden: readonly string[]): Playing {
  const openDirectory = (tenantId: string): Directory => {
    const directory = world.ports.openDirectory(tenantId);
    const deltaPage: Directory['deltaPage'] = async (link) => {
      const answer = await directory.deltaPage(link);
      if (!answer.ok) return answer;
      const entries = answer.value.entries.filter((entry) => entry.kind === 'unreadable' || !hidden.includes(entry.objectId));
      return { ok: true, value: { ...answer.value, entries } };
    };
    return { ...directory, deltaPage };
  };
  return { ports: { ...world.ports, openDirectory } };
}

const tombstone = (objectId: string) => ({ kind: 'tombstone', objectId, reason: 'restorable' }) as const;
const live = (objectId: string) => ({ kind: 'live', objectId, fields: {} }) as const;

describe('somebody a full round does not mention', () => {
  it('stays when the directory still knows the person', async () => {
    await hire(10);
    await world.sync('full', without(...ids));
    expect(await world.withPresence('present')).toHaveLength(10);
    expect(await world.lastRun()).toMatchObject({ status: 'succeeded', counts: { removed: 0, missing: 0, held: 0 } });
    expect((await world.state()).removals).toEqual([]);
    await world.check();
  });

  it('is removed when the directory says the person is gone', async () => {
    await hire(10);
    world.tenant.purge(ids[3] ?? '');
    await world.sync('full');
    expect(await world.withPresence('removed')).toEqual([ids[3]]);
    expect((await world.lastRun()).counts.removed).toBe(1);
    expect((await world.state()).removals).toMatchObject([{ count: 1 }]);
    await world.check();
  });

  it('is missing, and no more, when the directory does not answer; a later answer settles it', async () => {
    await hire(10);
    world.tenant.purge(ids[3] ?? '');
    world.tenant.leaveUnanswered(ids[3] ?? '');
    await world.sync('full');
    expect(await world.withPresence('missing')).toEqual([ids[3]]);
    world.tenant.put(ids[3] ?? '', {});
    world.tenant.restore(ids[3] ?? '');
    await world.sync();
    expect(await world.withPresence('present')).toHaveLength(10);
    await world.check();
  });

  it('stays when an entry of that round could not be read', async () => {
    await hire(10);
    world.tenant.purge(ids[3] ?? '');
    world.tenant.addToNextRound({ kind: 'unreadable', reason: 'No id.' });
    await world.sync('full');
    expect(await world.withPresence('present')).toHaveLength(10);
  });

  it('stays when the round did not come to its end', async () => {
    await hire(10);
    world.tenant.purge(ids[3] ?? '');
    world.tenant.failNext(null, null, failures.accessLost);
    await world.sync('full');
    expect(await world.lastRun()).toMatchObject({ status: 'failed' });
    expect(await world.withPresence('present')).toHaveLength(10);
  });

  it('stays when the confirming read fails for good', async () => {
    await hire(10);
    world.tenant.purge(ids[3] ?? '');
    await world.sync('full', { before: (step) => world.tenant.failAlways(step === 'removals' ? failures.transient : null) });
    expect(await world.lastRun()).toMatchObject({ status: 'failed' });
    expect(await world.withPresence('present')).toHaveLength(10);
    world.tenant.failAlways(null);
    await world.sync();
    expect(await world.withPresence('removed')).toEqual([ids[3]]);
  });
});

describe('somebody said to be gone and alive in one round', () => {
  const orders = [
    ['alive last, in one batch', (id: string) => [tombstone(id), live(id)], []],
    ['alive first, in one batch', (id: string) => [live(id), tombstone(id)], ['person-003']],
  ] as const;
  it.each(orders)('%s', async (_what, entries, removed) => {
    await hire(10);
    if (removed.length > 0) world.tenant.purge(ids[3] ?? '');
    world.tenant.addToNextRound(...entries(ids[3] ?? ''));
    await world.sync();
    expect(await world.withPresence('removed')).toEqual(removed);
  });

  it.each([
    [true, 'present'],
    [false, 'removed'],
  ])('in two batches, the directory is asked (there: %s)', async (isThere, presence) => {
    world = await makeSyncWorld({ pageSize: 1 });
    await hire(10);
    if (!isThere) world.tenant.purge(ids[3] ?? '');
    world.tenant.addToNextRound(tombstone(ids[3] ?? ''), live(ids[3] ?? ''));
    await world.sync('delta', { stretchMs: 0 });
    expect((await world.user(ids[3] ?? '')).presence).toBe(presence);
    expect(world.tenant.requests).toContain('lookUp');
    await world.check();
  });
});

describe('somebody said to be alive and then gone in one page', () => {
  it.each([
    [true, 'present'],
    [false, 'removed'],
  ])('is asked about (there: %s)', async (isThere, presence) => {
    world = await makeSyncWorld({ pageSize: 100 });
    await hire(10);
    if (!isThere) world.tenant.purge(ids[3] ?? '');
    world.tenant.addToNextRound(live(ids[3] ?? ''), tombstone(ids[3] ?? ''));
    await world.sync();
    expect((await world.user(ids[3] ?? '')).presence).toBe(presence);
    expect(world.tenant.requests).toContain('lookUp');
    await world.check();
  });
});

describe('more people missing than can be looked up in time', () => {
  it('stay as they are, and the next full round goes on asking', async () => {
    world = await makeSyncWorld({ requestMs: 50, pageSize: 500, settings: { removalHoldPercent: 100 } });
    await hire(200);
    for (const id of ids.slice(0, 200)) world.tenant.purge(id);
    const { openDirectory } = world.ports;
    const slow: Playing = {
      ports: {
        ...world.ports,
        openDirectory: (tenantId) => {
          const directory = openDirectory(tenantId);
          const lookUp: Directory['lookUp'] = async (some) => {
            world.ports.clock.advance(60_000);
            return await directory.lookUp(some);
          };
          return { ...directory, lookUp };
        },
      },
    };
    await world.sync('full', slow);
    const removed = (await world.withPresence('removed')).length;
    expect(removed).toBeGreaterThan(0);
    expect(removed).toBeLessThan(200);
    expect(await world.withPresence('present')).toHaveLength(200 - removed);
    expect(await world.withPresence('missing')).toEqual([]);
    await world.sync('full');
    expect(await world.withPresence('present')).toEqual([]);
    await world.check();
  });
});

describe('too many at once', () => {
  it('wait in a hold while additions and updates go on', async () => {
    await hire(20);
    await world.decide('approve', ...ids.slice(0, 15));
    for (const id of ids.slice(0, 12)) world.tenant.purge(id);
    world.tenant.put('newcomer', personFields('New Comer'));
    world.tenant.put(ids[19] ?? '', { jobTitle: 'Witness' });
    await world.sync();
    expect((await world.withPresence('held')).toSorted()).toEqual(ids.slice(0, 12));
    expect(await world.withPresence('removed')).toEqual([]);
    expect((await world.user('newcomer')).decision).toBe('pending');
    expect((await world.user(ids[19] ?? '')).fields.jobTitle).toBe('Witness');
    const run = await world.lastRun();
    expect(run).toMatchObject({ status: 'succeeded', counts: { held: 12, removed: 0, added: 1, updated: 1 } });
    expect(run.problem).toContain('12 of 21 users would be removed');
    expect(await world.auditActions()).toContain('usersHeld');
    await world.check();
  });

  it('can still be decided while they wait, and decisions stick', async () => {
    await hire(20);
    for (const id of ids.slice(0, 12)) world.tenant.purge(id);
    await world.sync();
    await world.decide('deny', ids[0] ?? '');
    await world.sync('full');
    expect(await world.user(ids[0] ?? '')).toMatchObject({ decision: 'denied', presence: 'held' });
    expect(await world.withPresence('held')).toHaveLength(12);
    await world.check();
  });

  it('are let go by the hold when they are seen again', async () => {
    await hire(20);
    for (const id of ids.slice(0, 12)) world.tenant.softDelete(id);
    await world.sync();
    for (const id of ids.slice(0, 12)) world.tenant.restore(id);
    await world.sync();
    expect(await world.withPresence('present')).toHaveLength(20);
    expect(await world.withPresence('held')).toEqual([]);
    await world.check();
  });

  it('are counted once, however often later rounds meet them', async () => {
    await hire(20);
    for (const id of ids.slice(0, 12)) world.tenant.purge(id);
    await world.sync();
    for (let round = 0; round < 3; round += 1) await world.sync('full');
    expect(await world.lastRun()).toMatchObject({ problem: null, counts: { held: 0, removed: 0 } });
    expect((await world.state()).removals).toEqual([]);
    expect((await world.auditActions()).filter((action) => action === 'usersHeld')).toHaveLength(1);
  });

  it('are held also when they trickle away over several rounds of a week', async () => {
    await hire(20);
    for (const id of ids.slice(0, 5)) {
      world.tenant.purge(id);
      world.ports.clock.advance(3_600_000);
      await world.sync();
    }
    world.tenant.purge(ids[6] ?? '');
    await world.sync();
    expect(await world.withPresence('removed')).toHaveLength(5);
    expect(await world.withPresence('held')).toEqual([ids[6]]);
  });

  it('no longer count when the window has passed', async () => {
    await hire(20);
    for (const id of ids.slice(0, 7)) {
      world.tenant.purge(id);
      world.ports.clock.advance(2 * 86_400_000);
      await world.sync();
    }
    expect(await world.withPresence('removed')).toHaveLength(7);
  });

  it('a verdict given before a crash does not cover people found after it', async () => {
    await hire(20);
    for (const id of ids.slice(0, 12)) world.tenant.purge(id);
    await world.sync('full', {
      before: async (step) => {
        if (step !== 'removals') return;
        await changeSync(
          world.ports.tables,
          companyId,
          (state) =>
            (state.round && { ...state, round: { ...state.round, verdict: { kind: 'apply', reason: null, removals: 2 } } }) || undefined,
        );
      },
    });
    expect(await world.withPresence('held')).toHaveLength(12);
  });
});
