// What is billed: who was active when a local day ended, each day once, and said so when a count came late.
import { beforeEach, describe, expect, it } from 'vitest';
import { localDay } from '../../shared/domain/local-time.ts';
import { changeFleet, readFleetRow } from '../../shared/storage/fleet.ts';
import { activeNow, type BilledDay, closeAllBillingDays, closeBillingDays, listBilledDays } from '../../shared/use-cases/billing.ts';
import { personFields, storeCompany } from '../builders.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

const hourMs = 3_600_000;

async function closeDays(ports: FakePorts): Promise<number> {
  const row = await readFleetRow(ports.tables, companyId);
  if (!row) throw new Error('The company is not in the fleet.');
  return await closeBillingDays(ports, row);
}
const daysOf = async (ports: FakePorts): Promise<readonly BilledDay[]> =>
  await listBilledDays(ports, companyId, '2000-01-01', '2999-12-31');

/** The hourly timer, at five past. */
async function runHourly(ports: FakePorts, from: string, to: string): Promise<void> {
  for (let now = Date.parse(from) + 5 * 60_000; now < Date.parse(to); now += hourMs) {
    ports.clock.set(new Date(now));
    await closeDays(ports);
  }
}

describe('a local day', () => {
  it.each([
    ['UTC', '2026-03-01', '2026-03-05'],
    ['Asia/Kolkata', '2026-03-01', '2026-03-04'],
    ['Pacific/Kiritimati', '2026-03-01', '2026-03-04'],
    ['Pacific/Pago_Pago', '2026-03-01', '2026-03-04'],
    ['Europe/Berlin, clocks forward', '2026-03-27', '2026-03-31'],
    ['Europe/Berlin, clocks back', '2026-10-23', '2026-10-27'],
    ['America/New_York, clocks forward', '2026-03-06', '2026-03-10'],
    ['Africa/Cairo, without a midnight', '2026-04-22', '2026-04-26'],
    ['Africa/Cairo, with two midnights', '2026-10-28', '2026-11-01'],
    ['America/Santiago, without a midnight', '2026-09-04', '2026-09-08'],
    ['Australia/Lord_Howe, clocks half an hour back', '2026-04-03', '2026-04-07'],
  ])('is closed once, within the hour after it ended (%s)', async (name, from, to) => {
    const timeZone = name.split(',')[0] ?? name;
    const ports = makeFakePorts();
    await changeFleet(ports.tables, companyId, { timeZone });
    await runHourly(ports, `${from}T00:00:00Z`, `${to}T00:00:00Z`);
    const days = await daysOf(ports);
    expect(days.length).toBeGreaterThanOrEqual(2);
    for (const { day, takenAt, late } of days) {
      expect(late).toBe(false);
      expect(localDay(new Date(takenAt), timeZone) > day).toBe(true);
      expect(localDay(new Date(Date.parse(takenAt) - hourMs), timeZone)).toBe(day);
    }
    const dates = days.map(({ day }) => Date.parse(day));
    expect(dates).toEqual(dates.map((_, index) => (dates[0] ?? 0) + index * 24 * hourMs));
  });
});

describe('the count', () => {
  let world: SyncWorld;
  beforeEach(async () => {
    world = await makeSyncWorld({ now: new Date('2026-03-02T20:00:00.000Z') });
    for (const name of ['ada', 'blaise', 'carl', 'daniel']) world.tenant.put(name, personFields(`${name} Smith`));
    await world.sync();
    await changeFleet(world.ports.tables, companyId, { timeZone: 'Europe/Berlin', billedDay: '2026-03-01' });
  });
  const at = async (instant: string) => {
    world.ports.clock.set(new Date(instant));
    return await closeDays(world.ports);
  };

  it('is of approved people alone: pending and denied ones are not billed', async () => {
    await world.decide('approve', 'ada', 'blaise');
    await world.decide('deny', 'carl');
    expect(await activeNow(world.ports, companyId)).toBe(2);
    expect(await at('2026-03-02T22:59:59Z')).toBe(0);
    expect(await at('2026-03-02T23:05:00Z')).toBe(1);
    expect(await daysOf(world.ports)).toEqual([{ day: '2026-03-02', activeUsers: 2, takenAt: '2026-03-02T23:05:00.000Z', late: false }]);
  });

  it('of a day stays as it was first taken, also when the timer died before it noted so', async () => {
    await world.decide('approve', 'ada');
    world.ports.tables.failWith(({ table, operation }) => {
      if (table === 'companies' && operation === 'write') throw new Error('crash');
    });
    await expect(at('2026-03-02T23:05:00Z')).rejects.toThrow('crash');
    world.ports.tables.failWith(undefined);
    await world.decide('approve', 'blaise', 'carl');
    await at('2026-03-03T00:05:00Z');
    await at('2026-03-03T01:05:00Z');
    expect(await daysOf(world.ports)).toMatchObject([{ day: '2026-03-02', activeUsers: 1, takenAt: '2026-03-02T23:05:00.000Z' }]);
  });

  it('of days that ended during an outage is taken afterwards and says that it is late', async () => {
    await world.decide('approve', 'ada');
    await at('2026-03-02T23:05:00Z');
    expect(await at('2026-03-05T23:05:00Z')).toBe(3);
    expect((await daysOf(world.ports)).map(({ day, late }) => [day, late])).toEqual([
      ['2026-03-02', false],
      ['2026-03-03', true],
      ['2026-03-04', true],
      ['2026-03-05', false],
    ]);
    const asked = await listBilledDays(world.ports, companyId, '2026-03-03', '2026-03-04');
    expect(asked.map(({ day }) => day)).toEqual(['2026-03-03', '2026-03-04']);
  });

  it('begins with the day on which counting began: no day before it is billed', async () => {
    await changeFleet(world.ports.tables, companyId, { billedDay: null });
    expect(await at('2026-03-10T12:00:00Z')).toBe(0);
    expect(await at('2026-03-10T23:05:00Z')).toBe(1);
    expect((await daysOf(world.ports)).map(({ day }) => day)).toEqual(['2026-03-10']);
  });

  it('that comes hours after midnight says that it is late', async () => {
    await world.decide('approve', 'ada');
    await at('2026-03-03T19:05:00Z');
    expect(await daysOf(world.ports)).toMatchObject([{ day: '2026-03-02', late: true }]);
  });

  it('of one company does not wait for another whose counts cannot be read', async () => {
    await world.decide('approve', 'ada');
    world.ports.clock.set(new Date('2026-03-02T23:05:00Z'));
    await changeFleet(world.ports.tables, 'acompany', { timeZone: 'Nowhere/Atall', billedDay: '2026-03-01' });
    await closeAllBillingDays(world.ports);
    expect(await daysOf(world.ports)).toMatchObject([{ day: '2026-03-02', activeUsers: 1, late: false }]);
  });
});

it('is nobody before the first sync', async () => {
  const ports = makeFakePorts();
  await storeCompany(ports.tables);
  expect(await activeNow(ports, companyId)).toBe(0);
});
