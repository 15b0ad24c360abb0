// Rows that cannot be read, and companies that cannot be looked at, cost nobody else the weekly reminder.
import { expect, it } from 'vitest';
import { changeFleet, readFleetRow } from '../../shared/storage/fleet.ts';
import { readReminderPlan, startReminders } from '../../shared/use-cases/weekly-reminders.ts';
import { makeReminderWorld } from './reminder-world.ts';
import { companyId } from './sync-world.ts';

const due = new Date('2026-03-02T08:00:00.000Z');
const minuteMs = 60_000;

it('a hundred companies that cannot be looked at let the others go first after their try', async () => {
  const world = await makeReminderWorld(['mona']);
  const { ports } = world;
  await world.tick();
  const broken = Array.from({ length: 100 }, (_, number) => `broken${number}`);
  for (const id of broken) {
    await ports.tables.companies.write(id, [{ kind: 'insert', row: 'settings', properties: { json0: '{' } }]);
    await changeFleet(ports.tables, id, { remindAt: '2026-03-01T08:00:00.000Z' });
  }
  ports.clock.set(due);
  const started: string[] = [];
  const minute = async () => {
    for (const id of await readReminderPlan(ports)) await startReminders(ports, id, async (open) => void started.push(open.companyId));
  };
  await minute();
  expect(started).toEqual([]);
  expect((await readFleetRow(ports.tables, 'broken7'))?.remindAt).toBe(new Date(due.getTime() + 10 * minuteMs).toISOString());
  expect(ports.logged).toHaveLength(100);
  expect(ports.logged[0]).toMatchObject({ level: 'warning', facts: { companyId: 'broken0' } });
  ports.clock.advance(minuteMs);
  await minute();
  expect(started).toEqual([companyId]);
});

it('a company that cannot be postponed either stops no other', async () => {
  const { ports } = await makeReminderWorld(['mona']);
  ports.tables.failWith(() => {
    throw new Error('away');
  });
  await startReminders(ports, companyId, async () => undefined);
  expect(ports.logged.map(({ level }) => level)).toEqual(['warning']);
});
