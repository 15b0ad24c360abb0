// Random lives of a company's weekly reminders: clocks, outages, crashes, time zones with their clock changes, changed settings and
// timers that run twice. Each manager and week has one decision or a recorded reason, and one mail for each that says "sent".
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isoWeek } from '../../shared/domain/local-time.ts';
import { latestDecisionMs, nextReminder } from '../../shared/domain/weekly-reminder.ts';
import { readSettings } from '../../shared/storage/companies.ts';
import { readFleetRow } from '../../shared/storage/fleet.ts';
import { listWeeks, readEntries } from '../../shared/storage/reminders.ts';
import { scheduleOf } from '../../shared/use-cases/weekly-reminders.ts';
import { beforeDue, makeReminderWorld, type ReminderWorld } from './reminder-world.ts';
import { companyId, recover } from './sync-world.ts';

const hourMs = 3_600_000;
const managers = ['ann', 'bob'];
const zones = ['UTC', 'Europe/Berlin', 'America/Santiago', 'Australia/Lord_Howe', 'Pacific/Kiritimati', 'America/Los_Angeles'];

type Event =
  | { readonly kind: 'pass'; readonly hours: number }
  /** The service is down for as long. */
  | { readonly kind: 'outage'; readonly hours: number }
  | { readonly kind: 'crash'; readonly call: number }
  | { readonly kind: 'twoTimers' }
  | { readonly kind: 'settings'; readonly change: Parameters<ReminderWorld['change']>[0] }
  | { readonly kind: 'manager'; readonly name: string; readonly reminders: 'inherit' | 'on' | 'off' };

const settings = fc.record(
  {
    timeZone: fc.constantFrom(...zones),
    weeklyReminderDay: fc.integer({ min: 1, max: 7 }),
    weeklyReminderHour: fc.integer({ min: 0, max: 23 }),
    weeklyReminders: fc.boolean(),
  },
  { requiredKeys: [] },
);

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 100 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('outage' as const), hours: fc.integer({ min: 30, max: 450 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('crash' as const), call: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('twoTimers' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('settings' as const), change: settings }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('manager' as const),
      name: fc.constantFrom(...managers),
      reminders: fc.constantFrom('inherit', 'on', 'off'),
    }),
  },
);

/** The timer as it runs in that time; every few hours is often enough to see what every minute would show. */
async function pass(world: ReminderWorld, hours: number): Promise<void> {
  for (let left = hours; left > 0; left -= 7) {
    world.ports.clock.advance(Math.min(7, left) * hourMs);
    await world.tick();
  }
}

/** To the moment at which the next week is due. */
async function passToDue({ ports: { clock, tables } }: ReminderWorld): Promise<void> {
  const [{ value }, fleet] = await Promise.all([readSettings(tables, companyId), readFleetRow(tables, companyId)]);
  clock.set(nextReminder(scheduleOf(value), clock.now(), fleet?.remindedWeek ?? null).dueAt);
}

async function live(world: ReminderWorld, one: Event): Promise<void> {
  const { clock, beforeEachCall } = world.ports;
  switch (one.kind) {
    case 'pass':
      return await pass(world, one.hours);
    case 'outage':
      clock.advance(one.hours * hourMs);
      return await world.tick();
    case 'crash': {
      await passToDue(world);
      let calls = 0;
      beforeEachCall(() => {
        calls += 1;
        if (calls >= one.call) throw new Error('The process died.');
      });
      await world.tick().catch(() => undefined);
      beforeEachCall(undefined);
      return;
    }
    case 'twoTimers':
      await passToDue(world);
      await Promise.all([world.tick(), world.tick(), world.tick()]);
      return;
    case 'settings':
      return await world.change(one.change);
    case 'manager':
      return await world.setAccount(one.name, { reminders: one.reminders });
  }
}

/** Ends every silence that grows too long: of more than four weeks the older ones are not recorded. Each run of the timer decides one week. */
function keepingUp({ ports: { clock }, tick }: ReminderWorld): () => Promise<void> {
  let caughtUp = clock.now().getTime();
  return async () => {
    if (clock.now().getTime() - caughtUp < 8 * 24 * hourMs) return;
    for (let weeks = 0; weeks < 6; weeks += 1) await tick();
    caughtUp = clock.now().getTime();
  };
}

const nextWeek = (week: string) => {
  const [year = '', number = ''] = week.split('-W');
  const monday = new Date(Date.UTC(Number(year), 0, 4));
  monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7) + 7 * Number(number));
  return isoWeek(monday.toISOString().slice(0, 10));
};

async function check(world: ReminderWorld): Promise<number> {
  const { tables } = world.ports;
  const weeks = await listWeeks(tables, companyId, '');
  // Every week since the first, one after the other.
  for (const [index, { week }] of weeks.entries()) if (index > 0) expect(week).toBe(nextWeek(weeks[index - 1]?.week ?? ''));
  const mailIds: string[] = [];
  for (const { week, finishedAt, total, sent, skipped } of weeks) {
    const entries = await readEntries(tables, companyId, week, { after: null, last: 'zzzz' });
    expect(entries.map(({ objectId }) => objectId)).toEqual(managers);
    expect(finishedAt).not.toBeNull();
    expect([total, sent + Object.values(skipped).reduce((sum, count) => sum + count, 0)]).toEqual([managers.length, managers.length]);
    for (const { reason, mailId, dueAt, decidedAt } of entries) {
      expect(reason === null).toBe(mailId !== null);
      const late = Date.parse(decidedAt) - Date.parse(dueAt);
      expect(late).toBeGreaterThanOrEqual(0);
      if (mailId === null) continue;
      expect(late).toBeLessThanOrEqual(latestDecisionMs);
      mailIds.push(mailId);
    }
  }
  // One mail for each entry that says so, all different, all on their way, and no other.
  const queued = new Set(world.ports.mailQueue.messages.map(({ body }) => body.mailId));
  expect(mailIds.filter((mailId) => !queued.has(mailId))).toEqual([]);
  expect(new Set(mailIds).size).toBe(mailIds.length);
  expect(await world.reminders()).toHaveLength(mailIds.length);
  return weeks.length;
}

it('are decided once a manager and week, or the reason is recorded', async () => {
  let weeks = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 400 }),
      fc.constantFrom(...zones),
      fc.array(event, { minLength: 5, maxLength: 30 }),
      async (days, timeZone, events) => {
        const world = await makeReminderWorld(managers, { weeklyReminders: true, timeZone });
        for (const name of managers) await world.assign(`${name}-1`);
        world.ports.clock.set(new Date(beforeDue.getTime() + days * 24 * hourMs));
        await pass(world, 8 * 24);
        const keepUp = keepingUp(world);
        for (const one of events) {
          await keepUp();
          await live(world, one);
        }
        await recover(world);
        for (let minute = 0; minute < 8; minute += 1) await world.tick();
        await recover(world);
        weeks += await check(world);
      },
    ),
    { numRuns: 60 },
  );
  // Otherwise these lives would be too short to say anything.
  expect(weeks).toBeGreaterThan(120);
});
