// What a round does when requests fail: wait, step back, start over, give up; never lose, never remove, never loop.
import { beforeEach, describe, expect, it } from 'vitest';
import { readSettings, replaceSettings } from '../../shared/storage/companies.ts';
import { readFleetRow } from '../../shared/storage/fleet.ts';
import type { DirectoryFailure } from '../../shared/ports/directory.ts';
import { failures, personFields } from '../builders.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

let world: SyncWorld;
const ids = Array.from({ length: 10 }, (_, index) => `person-${index}`);

async function makeWorld(pageSize = 3, requestMs = 50): Promise<void> {
  world = await makeSyncWorld({ pageSize, requestMs });
  for (const id of ids) world.tenant.put(id, personFields(id));
}
beforeEach(async () => await makeWorld());

const fleet = async () => await readFleetRow(world.ports.tables, companyId);
const presentCount = async () => (await world.withPresence('present')).length;
const repeat = (count: number, failure: DirectoryFailure | null) => Array.from({ length: count }, () => failure);

describe('throttling and passing faults', () => {
  it.each(['throttled', 'transient', 'broken'] as const)('are waited out wherever they strike (%s)', async (kind) => {
    for (let at = 0; at < 12; at += 1) {
      await makeWorld();
      const start = world.ports.clock.now().getTime();
      world.tenant.failNext(...repeat(at, null), failures[kind]);
      expect(await world.sync()).toBe('ended');
      expect(await presentCount()).toBe(10);
      expect((await world.runs())[0]).toMatchObject({ status: 'succeeded', problem: null });
      if (kind === 'throttled' && at > 0 && at < 9) expect(world.ports.clock.now().getTime() - start).toBeGreaterThanOrEqual(90_000);
      await world.check();
    }
  });

  it('of any length are waited out when the directory asks to wait', async () => {
    world.tenant.failNext(null, ...repeat(40, failures.throttled));
    await world.sync();
    expect(await world.lastRun()).toMatchObject({ status: 'succeeded', counts: { users: 10 } });
  });

  it('that strike after every few manager pages still let the list come to its end', async () => {
    await makeWorld(1);
    let since = 0;
    const { openDirectory } = world.ports;
    const throttling = {
      ...world.ports,
      openDirectory: (tenantId: string) => {
        const directory = openDirectory(tenantId);
        const managerPage: typeof directory.managerPage = async (link) =>
          (since += 1) % 4 === 0 ? { ok: false, failure: failures.throttled } : await directory.managerPage(link);
        return { ...directory, managerPage };
      },
    };
    const start = await world.request();
    expect(start.kind === 'start' && (await world.play(start.fence, { ports: throttling }))).toBe('ended');
    expect(await world.lastRun()).toMatchObject({ status: 'succeeded' });
  });

  it('that last end the round; cursor and people stay and the company is tried again later', async () => {
    await world.sync();
    const { deltaLink } = await world.state();
    world.tenant.failAlways(failures.transient);
    await world.sync();
    expect(await world.lastRun()).toMatchObject({ status: 'failed', problem: failures.transient.detail.sentence });
    expect(await world.state()).toMatchObject({ round: null, deltaLink, failedRounds: 1 });
    const first = Date.parse((await fleet())?.dueAt ?? '') - world.ports.clock.now().getTime();
    await world.sync();
    const second = Date.parse((await fleet())?.dueAt ?? '') - world.ports.clock.now().getTime();
    expect(first).toBeGreaterThan(0);
    expect(second).toBe(2 * first);
    expect(await presentCount()).toBe(10);
    world.tenant.failAlways(null);
    await world.sync();
    expect((await world.state()).failedRounds).toBe(0);
  });

  it('do not put a paused company back on the schedule', async () => {
    const { value, etag } = await readSettings(world.ports.tables, companyId);
    await replaceSettings(world.ports.tables, companyId, { settings: { ...value, syncPaused: true }, etag, effects: [] });
    world.tenant.failAlways(failures.transient);
    await world.sync();
    expect((await fleet())?.dueAt).toBeNull();
  });

  it('a full round that failed is still wanted', async () => {
    await world.sync();
    world.tenant.failAlways(failures.unsupported);
    await world.sync('full');
    world.tenant.failAlways(null);
    await world.sync();
    expect((await world.runs()).map(({ kind, status }) => [kind, status])).toEqual([
      ['full', 'succeeded'],
      ['full', 'failed'],
      ['full', 'succeeded'],
    ]);
  });
});

describe('a refused position', () => {
  it('leads to a full round and is no error', async () => {
    await world.sync();
    await world.decide('deny', 'person-1');
    world.tenant.refuseTokens();
    world.tenant.purge('person-2');
    expect(await world.sync()).toBe('ended');
    const [full, delta] = await world.runs();
    expect(full).toMatchObject({ kind: 'full', reason: 'tokenRefused', status: 'succeeded', counts: { users: 9, removed: 1 } });
    expect(delta).toMatchObject({ kind: 'delta', status: 'incomplete' });
    expect((await world.user('person-1')).decision).toBe('denied');
    expect(await world.withPresence('removed')).toEqual(['person-2']);
    expect((await world.state()).failedRounds).toBe(0);
    await world.check();
  });

  it('or a delta that brings everybody does not make a large tenant run out of pages', async () => {
    world = await makeSyncWorld({ pageSize: 1 });
    const many = Array.from({ length: 250 }, (_, index) => `many-${index}`);
    for (const id of many.slice(0, 90)) world.tenant.put(id, {});
    await world.sync();
    for (const id of many) world.tenant.put(id, { jobTitle: 'Clerk' });
    await world.sync();
    expect(await world.lastRun()).toMatchObject({ kind: 'delta', status: 'succeeded', counts: { updated: 90, added: 160 } });
    world.tenant.refuseTokens();
    let expected: number | null = null;
    await world.sync('delta', { before: async () => void (expected = (await world.state()).round?.expected ?? null) });
    expect(expected).toBe(250);
  });

  it('without a position, or again and again, ends the round instead of looping', async () => {
    world.tenant.failAlways(failures.tokenRefused);
    await world.sync();
    expect(await world.lastRun()).toMatchObject({ status: 'failed' });
    world.tenant.failAlways(null);
    world.tenant.failNext(...repeat(50, null).flatMap((each, index) => (index % 3 === 2 ? [failures.tokenRefused] : [each])));
    const requests = world.tenant.requests.length;
    await world.sync();
    expect(world.tenant.requests.length - requests).toBeLessThan(40);
    expect((await world.state()).round).toBeNull();
  });

  it('in the list of managers is answered by reading that list again', async () => {
    await makeWorld(1);
    world.tenant.setManager('person-1', 'person-0');
    world.tenant.hideManagerFromDelta('person-1');
    let refused = false;
    await world.sync('delta', {
      before: (step) => {
        if (step !== 'managers' || refused) return;
        refused = true;
        world.tenant.failNext(null, null, failures.pageTokenExpired);
      },
    });
    expect(await world.runs()).toMatchObject([{ status: 'succeeded', counts: { users: 10 } }]);
    expect((await world.user('person-1')).managerId).toBe('person-0');
  });

  it('or lasting faults in the list of managers never end the round as if it were done', async () => {
    await makeWorld(1);
    await world.sync();
    const { deltaLink } = await world.state();
    world.tenant.purge('person-2');
    await world.sync('full', {
      before: (step) => {
        if (step === 'managers') world.tenant.failNext(null, ...repeat(3, failures.transient));
      },
    });
    const state = await world.state();
    expect(state.round).toBeNull();
    if ((await world.lastRun()).status === 'succeeded') expect(state.deltaLink).not.toBeNull();
    else expect(state.deltaLink).toBe(deltaLink);
  });
});

describe('an expired page', () => {
  it.each([2, 3, 4])('is read again from the page before (request %i)', async (at) => {
    world.tenant.failNext(...repeat(at, null), failures.pageTokenExpired);
    await world.sync();
    expect(await presentCount()).toBe(10);
    expect(await world.lastRun()).toMatchObject({ status: 'succeeded' });
    expect((await world.runs()).length).toBeLessThanOrEqual(2);
    await world.check();
  });

  it('that expires each time ends the round', async () => {
    await makeWorld(1, 31_000);
    world.tenant.failNext(
      ...repeat(60, null).flatMap((each, index) => (index % 2 === 1 && index > 2 ? [failures.pageTokenExpired] : [each])),
    );
    await world.sync();
    expect(world.tenant.requests.length).toBeLessThan(60);
    expect((await world.state()).round).toBeNull();
  });

  it('too old to go on from starts the round over', async () => {
    await makeWorld(1, 31_000);
    let slept = false;
    await world.sync('delta', {
      before: (step) => {
        if (step === 'users' && !slept && world.tenant.requests.length > 3) {
          slept = true;
          world.ports.clock.advance(2 * 86_400_000);
        }
      },
    });
    expect((await world.runs()).map(({ status }) => status)).toEqual(['succeeded', 'incomplete']);
    expect(await presentCount()).toBe(10);
  });
});

describe('an entry that cannot be read', () => {
  it('keeps the cursor where it was until it can be read; what was readable is stored', async () => {
    await world.sync();
    const { deltaLink } = await world.state();
    world.tenant.put('late', personFields('Late'));
    world.tenant.addToNextRound({ kind: 'unreadable', reason: 'No id.' });
    await world.sync();
    expect(await world.lastRun()).toMatchObject({ status: 'incomplete', counts: { unreadable: 1, added: 1 } });
    expect((await world.lastRun()).problem).toContain('could not be read');
    expect((await world.state()).deltaLink).toBe(deltaLink);
    expect((await world.user('late')).decision).toBe('pending');
    await world.sync();
    expect(await world.lastRun()).toMatchObject({ status: 'succeeded', counts: { entries: 1, rowsWritten: 0 } });
    expect((await world.state()).deltaLink).not.toBe(deltaLink);
  });
});
