// The fleet's minute: who is started, whose work was lost, and who is told of waiting people, also after a crash in between.
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { changeIntegration, readSettings, replaceSettings } from '../../shared/storage/companies.ts';
import { changeFleet, type FleetRow, readFleetRow } from '../../shared/storage/fleet.ts';
import { changeSync } from '../../shared/storage/sync-state.ts';
import type { Directory } from '../../shared/ports/directory.ts';
import type { Table } from '../../shared/ports/tables.ts';
import { closeAllBillingDays } from '../../shared/use-cases/billing.ts';
import { changeSettings } from '../../shared/use-cases/manage-companies.ts';
import { dropOld } from '../../shared/use-cases/retention.ts';
import { announceWaiting, findLostWork, planFleet, readFleetPlan, startScheduled } from '../../shared/use-cases/run-fleet.ts';
import { readReminderPlan } from '../../shared/use-cases/weekly-reminders.ts';
import { failures, personFields } from '../builders.ts';
import { companyId, makeSyncWorld, type Playing, type SyncWorld } from './sync-world.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const now = new Date('2026-03-02T08:00:00.000Z');
const at = (minutes: number) => new Date(now.getTime() + minutes * minuteMs).toISOString();
const rowOf = (id: string, row: Partial<FleetRow> = {}): FleetRow => ({
  companyId: id,
  dueAt: null,
  noticeAt: null,
  running: null,
  waitingUntil: null,
  timeZone: 'UTC',
  billedDay: null,
  remindAt: null,
  remindedWeek: null,
  ...row,
});
const running = { instanceId: 'sync-a-1', since: at(-5) };

describe('the plan', () => {
  it.each<[string, readonly FleetRow[], number, Partial<ReturnType<typeof planFleet>>]>([
    ['of nobody', [], 5, {}],
    ['starts who is due, at that very moment too', [rowOf('a', { dueAt: at(0) }), rowOf('b', { dueAt: at(1) })], 5, { start: ['a'] }],
    ['leaves out who is paused', [rowOf('a')], 5, {}],
    [
      'checks who runs and does not start it',
      [rowOf('a', { dueAt: at(-9), running })],
      5,
      { check: [{ companyId: 'a', instanceId: 'sync-a-1' }] },
    ],
    ['takes the longest overdue first', ['a', 'b', 'c'].map((id, index) => rowOf(id, { dueAt: at(-index) })), 2, { start: ['c', 'b'] }],
    [
      'has no room while all runs are taken',
      [rowOf('a', { running }), rowOf('b', { dueAt: at(-1) })],
      1,
      { check: [{ companyId: 'a', instanceId: 'sync-a-1' }] },
    ],
    [
      'has no room when the limit was lowered',
      [rowOf('a', { running }), rowOf('b', { dueAt: at(-1) })],
      0,
      { check: [{ companyId: 'a', instanceId: 'sync-a-1' }] },
    ],
    [
      'gives the place of a round that waits for its directory to another one',
      [rowOf('a', { running, waitingUntil: at(5) }), rowOf('b', { dueAt: at(-1) })],
      1,
      { start: ['b'], check: [{ companyId: 'a', instanceId: 'sync-a-1' }] },
    ],
    [
      'takes the place back when the wait is over',
      [rowOf('a', { running, waitingUntil: at(0) }), rowOf('b', { dueAt: at(-1) })],
      1,
      { check: [{ companyId: 'a', instanceId: 'sync-a-1' }] },
    ],
    ['lets a round that was just asked for come to its start', [rowOf('a', { running: { ...running, since: at(-1) } })], 5, {}],
    [
      'announces whose time has come, running or not',
      [rowOf('a', { noticeAt: at(-1) }), rowOf('b', { noticeAt: at(1) })],
      5,
      { announce: ['a'] },
    ],
  ])('%s', (_what, rows, room, expected) => {
    expect(planFleet(rows, now, room)).toEqual({ start: [], check: [], announce: [], ...expected });
  });

  const instant = fc.option(fc.integer({ min: -100, max: 100 }).map(at));
  const fleets = fc
    .array(fc.record({ dueAt: instant, noticeAt: instant, running: fc.option(fc.constant(running)) }), { maxLength: 30 })
    .map((rows) => rows.map((row, index) => rowOf(`company${index}`, row)));

  it('never starts more than there is room for, nobody twice, nobody who runs, and passes nobody over', () => {
    fc.assert(
      fc.property(fleets, fc.integer({ min: 0, max: 20 }), (rows, mostRunning) => {
        const { start, check } = planFleet(rows, now, mostRunning);
        const dueOf = (id: string) => rows.find((row) => row.companyId === id)?.dueAt ?? '';
        const busy = rows.filter((row) => row.running !== null).map((row) => row.companyId);
        expect(new Set(start).size).toBe(start.length);
        expect(start.filter((id) => busy.includes(id))).toEqual([]);
        expect(check.map((each) => each.companyId)).toEqual(busy);
        expect(start.map(dueOf)).toEqual(start.map(dueOf).toSorted());
        const passedOver = rows.filter(
          (row) => row.running === null && row.dueAt !== null && row.dueAt <= at(0) && !start.includes(row.companyId),
        );
        const room = Math.max(0, mostRunning - busy.length);
        expect(start.length).toBeLessThanOrEqual(room);
        if (passedOver.length > 0) expect(start).toHaveLength(room);
        for (const { dueAt } of passedOver) for (const id of start) expect(dueOf(id) <= (dueAt ?? '')).toBe(true);
      }),
    );
  });
});

let world: SyncWorld;
beforeEach(async () => {
  world = await makeSyncWorld();
  for (const name of ['ada', 'blaise', 'carl']) world.tenant.put(name, personFields(`${name} Smith`));
});
const fleetRow = async () => await readFleetRow(world.ports.tables, companyId);

it('passes over a row that cannot be read, in every timer, and says which', async () => {
  const { ports } = world;
  for (const id of ['aaa', companyId])
    await changeFleet(ports.tables, id, { dueAt: at(-1), remindAt: at(-1), timeZone: 'UTC', billedDay: null });
  await ports.tables.companies.write('fleet', [{ kind: 'merge', row: 'aaa', properties: { running: '{"instanceId":' } }]);
  expect((await readFleetPlan(ports)).start).toEqual([companyId]);
  expect(await readReminderPlan(ports)).toEqual([companyId]);
  await closeAllBillingDays(ports);
  expect((await fleetRow())?.billedDay).not.toBeNull();
  await dropOld(ports);
  expect(ports.logged.map(({ level, facts }) => [level, facts])).toEqual(Array.from({ length: 4 }, () => ['error', { companyId: 'aaa' }]));
});

/** A minute's timer: whatever should run and does not is played at once. @returns how many rounds were played */
async function minute(): Promise<number> {
  world.ports.clock.advance(minuteMs);
  const plan = await readFleetPlan(world.ports);
  let played = 0;
  for (const { instanceId } of plan.check) {
    const lost = await findLostWork(world.ports, companyId, instanceId);
    if (lost?.kind !== 'sync') continue;
    await world.play(lost.fence);
    played += 1;
  }
  for (const id of plan.start) {
    const start = await startScheduled(world.ports, id);
    if (start.kind !== 'start') continue;
    await world.play(start.fence);
    played += 1;
  }
  return played;
}

describe('a scheduled round', () => {
  it('starts when it is due, and the next is due an interval later', async () => {
    await changeFleet(world.ports.tables, companyId, { dueAt: world.ports.clock.now().toISOString() });
    expect(await minute()).toBe(1);
    expect(await world.lastRun()).toMatchObject({ status: 'succeeded', reason: 'scheduled', requestedBy: 'Schedule' });
    const wait = Date.parse((await fleetRow())?.dueAt ?? '') - world.ports.clock.now().getTime();
    expect(wait).toBeGreaterThanOrEqual(hourMs);
    expect(wait).toBeLessThan(1.1 * hourMs);
    expect(await minute()).toBe(0);
  });

  it('of a company that may not be synced any more leaves the schedule', async () => {
    await changeIntegration(world.ports.tables, companyId, (present) => ({ ...present, state: 'disconnected' }));
    await changeFleet(world.ports.tables, companyId, { dueAt: at(0) });
    expect(await minute()).toBe(0);
    expect((await fleetRow())?.dueAt).toBeNull();
  });

  it('takes place within minutes, whatever call its start died at', async () => {
    for (let crashAt = 1; ; crashAt += 1) {
      world = await makeSyncWorld();
      await changeFleet(world.ports.tables, companyId, { dueAt: at(0) });
      let calls = 0;
      world.ports.beforeEachCall(() => {
        if ((calls += 1) >= crashAt) throw new Error('crash');
      });
      await startScheduled(world.ports, companyId).catch(() => undefined);
      world.ports.beforeEachCall(undefined);
      for (let minutes = 0; minutes < 3; minutes += 1) await minute();
      expect((await world.runs()).map(({ status }) => status)).toContain('succeeded');
      expect([(await world.state()).round, (await fleetRow())?.running]).toEqual([null, null]);
      if (calls < crashAt) return;
    }
  });
});

it('a round that was asked for and never started is found, even if the schedule is paused', async () => {
  expect(await world.request()).toMatchObject({ kind: 'start' });
  expect((await fleetRow())?.dueAt ?? null).toBeNull();
  // Two minutes pass before the schedule looks after it: its start may be under way.
  expect(await minute()).toBe(0);
  expect(await minute()).toBe(1);
  expect(await world.lastRun()).toMatchObject({ status: 'succeeded', reason: 'syncNow' });
});

describe('a pause', () => {
  const pause = async (syncPaused: boolean) => {
    const { etag } = await readSettings(world.ports.tables, companyId);
    await changeSettings(world.ports, { companyId, change: { syncPaused }, etag, by: 'Avery' });
  };
  /** Rounds played like this have an admin who ends the pause while the first page is fetched. */
  const unpausing = (): Playing => {
    const openDirectory = (tenantId: string): Directory => {
      const directory = world.ports.openDirectory(tenantId);
      const deltaPage: Directory['deltaPage'] = async (link) => {
        await pause(false);
        return await directory.deltaPage(link);
      };
      return { ...directory, deltaPage };
    };
    return { ports: { ...world.ports, openDirectory } };
  };

  it.each([
    ['succeeds', () => undefined],
    ['fails', () => world.tenant.failAll('deltaPage', failures.unsupported)],
  ])('that ends while a round runs is over, also when the round %s', async (_how, arrange) => {
    await world.sync();
    await pause(true);
    expect((await fleetRow())?.dueAt).toBeNull();
    arrange();
    await world.sync('delta', unpausing());
    expect((await fleetRow())?.dueAt).not.toBeNull();
  });

  it('that ends while the schedule takes the company off is over', async () => {
    await world.sync();
    await pause(true);
    await changeFleet(world.ports.tables, companyId, { dueAt: at(0) });
    let writes = 0;
    const companies: Table = {
      ...world.ports.tables.companies,
      write: async (partition, rows) => {
        if ((writes += 1) === 1) await pause(false);
        return await world.ports.tables.companies.write(partition, rows);
      },
    };
    await startScheduled({ ...world.ports, tables: { ...world.ports.tables, companies } }, companyId);
    expect((await fleetRow())?.dueAt).not.toBeNull();
  });

  it('goes on until it is ended, whatever was due', async () => {
    await world.sync();
    await pause(true);
    await changeFleet(world.ports.tables, companyId, { dueAt: at(0) });
    expect(await minute()).toBe(0);
    expect((await fleetRow())?.dueAt).toBeNull();
  });
});

describe('lost work', () => {
  const find = async (instanceId: string) => await findLostWork(world.ports, companyId, instanceId);

  it('is the round that the company still has, under its fence', async () => {
    const start = await world.request();
    if (start.kind !== 'start') throw new Error('The round did not start.');
    expect(await find(start.instanceId)).toEqual({ kind: 'sync', fence: start.fence });
  });

  it('is the probe of a company that is still being checked', async () => {
    await changeIntegration(world.ports.tables, companyId, (present) => ({ ...present, state: 'checking' }));
    expect(await find(`connect-${companyId}-1`)).toEqual({ kind: 'probe' });
  });

  it.each(['sync-company1-9', `connect-${companyId}-1`])(
    'is nothing when the work is over, and the row is put right (%s)',
    async (instanceId) => {
      await changeFleet(world.ports.tables, companyId, { running: { instanceId, since: at(0) }, dueAt: at(5) });
      expect(await find(instanceId)).toBeUndefined();
      expect(await fleetRow()).toMatchObject({ running: null, dueAt: at(5) });
    },
  );
});

describe('people who wait', () => {
  const told = async () => (await world.mails()).filter(({ kind }) => kind === 'newUsersFound');
  const inHours = (hours: number) => new Date(world.ports.clock.now().getTime() + hours * hourMs).toISOString();

  beforeEach(async () => {
    await world.sync();
    const announcedAt = inHours(0);
    await changeSync(world.ports.tables, companyId, (state) => ({ ...state, unannounced: 2, announcedAt }));
    await changeFleet(world.ports.tables, companyId, { noticeAt: inHours(1) });
    world.ports.clock.advance(hourMs);
  });

  it('are announced once, when it is time', async () => {
    expect((await readFleetPlan(world.ports)).announce).toEqual([companyId]);
    await announceWaiting(world.ports, companyId);
    await announceWaiting(world.ports, companyId);
    expect(await told()).toMatchObject([{ newCount: 2, pendingCount: 3 }]);
    expect((await fleetRow())?.noticeAt).toBeNull();
  });

  it('are not forgotten when the company has chosen fewer mails in the meantime', async () => {
    const { value, etag } = await readSettings(world.ports.tables, companyId);
    await replaceSettings(world.ports.tables, companyId, { settings: { ...value, newUsersMail: 'daily' }, etag, effects: [] });
    await announceWaiting(world.ports, companyId);
    expect(await told()).toEqual([]);
    expect((await fleetRow())?.noticeAt).toBe(inHours(23));
    world.ports.clock.advance(23 * hourMs);
    await announceWaiting(world.ports, companyId);
    expect(await told()).toMatchObject([{ newCount: 2 }]);
  });

  it('are announced, also when their round died between its last write and its word to the schedule', async () => {
    await world.sync();
    world.tenant.put('daniel', personFields('daniel Smith'));
    let died = false;
    const companies: Table = {
      ...world.ports.tables.companies,
      write: async (partition, rows) => {
        if (partition === 'fleet') died = true;
        if (died) throw new Error('The process died.');
        return await world.ports.tables.companies.write(partition, rows);
      },
    };
    const dying = world.sync('delta', { ports: { ...world.ports, tables: { ...world.ports.tables, companies } } });
    await expect(dying).rejects.toThrow('died');
    for (let minutes = 0; minutes < 3; minutes += 1) await minute();
    world.ports.clock.set(new Date((await fleetRow())?.noticeAt ?? 0));
    await announceWaiting(world.ports, companyId);
    expect(await told()).toMatchObject([{ newCount: 2 }, { newCount: 1 }]);
  });

  it('are announced once, whatever call the announcement died at', async () => {
    const calls = 30;
    for (let crashAt = 1; crashAt <= calls; crashAt += 1) {
      let call = 0;
      world.ports.beforeEachCall(() => {
        if ((call += 1) === crashAt) throw new Error('crash');
      });
      await announceWaiting(world.ports, companyId).catch(() => undefined);
    }
    world.ports.beforeEachCall(undefined);
    await announceWaiting(world.ports, companyId);
    expect(await told()).toMatchObject([{ newCount: 2 }]);
    expect((await fleetRow())?.noticeAt).toBeNull();
  });
});
