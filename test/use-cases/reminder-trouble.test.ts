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

it('a manager whose account cannot be read is passed over, and the week comes to its end for all others', async () => {
  const world = await makeReminderWorld(['ann', 'zoe']);
  const { managers } = world.ports.tables;
  await world.assign('ann-1');
  await world.assign('zoe-1');
  // More than a step of the week takes: one of its slices has nobody who can be read.
  const damaged = Array.from({ length: 120 }, (_, number) => `mid-${String(number).padStart(3, '0')}`);
  for (const name of damaged)
    await managers.write(companyId, [{ kind: 'insert', row: `account~${name}`, properties: { json0: '{"objectId":1}' } }]);
  world.ports.clock.set(due);
  await world.tick();
  expect(await world.ledger('2026-W10')).toEqual({ ann: 'sent', zoe: 'sent' });
  expect(await world.week('2026-W10')).toMatchObject({ total: 2, sent: 2, cursor: 'zoe', finishedAt: due.toISOString() });
  expect(world.ports.logged).toHaveLength(120);
  expect(world.ports.logged[0]).toMatchObject({ level: 'error', facts: { companyId, objectId: 'mid-000' } });
});
