// Mails and weekly reminders are kept for 400 days, and what is dropped is dropped whole.
import { expect, it } from 'vitest';
import { findMailOfOperation, listSendRecords } from '../../shared/storage/mails.ts';
import { listWeeks, readEntry } from '../../shared/storage/reminders.ts';
import { dropOld } from '../../shared/use-cases/retention.ts';
import { makeReminderWorld } from './reminder-world.ts';
import { companyId } from './sync-world.ts';

const dayMs = 86_400_000;

/** A company with a week that is more than 400 days old and one of today. */
async function twoWeeks() {
  const world = await makeReminderWorld(['mona']);
  const { clock, tables } = world.ports;
  await world.assign('mona-1');
  clock.set(new Date('2026-03-02T08:00:00.000Z'));
  await world.tick();
  const old = await listSendRecords(tables, companyId, 100);
  clock.set(new Date('2027-04-19T08:00:00.000Z'));
  // After so long some weeks that were missed are decided first, each as too late.
  for (let week = 0; week < 8; week += 1) await world.tick();
  const all = await listSendRecords(tables, companyId, 100);
  const kept = all.filter(({ mail }) => old.every((each) => each.mail.mailId !== mail.mailId));
  const look = async () => {
    const operations = [];
    for (const { mail } of all) operations.push((await findMailOfOperation(tables, mail.operationId)) !== undefined);
    const weeks = await listWeeks(tables, companyId, '');
    const entries = await Promise.all(['2026-W10', '2027-W16'].map(async (week) => await readEntry(tables, companyId, week, 'mona')));
    return {
      mails: (await listSendRecords(tables, companyId, 100)).map(({ mail }) => mail.mailId),
      operations: operations.filter(Boolean).length,
      weeks: weeks.map(({ week }) => week),
      entries: entries.map((entry) => entry !== undefined),
    };
  };
  const recent = (await listWeeks(tables, companyId, '2027-W01')).map(({ week }) => week);
  const left = { mails: kept.map(({ mail }) => mail.mailId), operations: kept.length, weeks: recent, entries: [false, true] };
  return { world, old, look, left, recent };
}

it('drops mails, their operations and weeks that are older, and nothing else', async () => {
  const { world, old, look, left, recent } = await twoWeeks();
  expect(recent).toContain('2027-W16');
  expect(old.length).toBeGreaterThan(0);
  expect(left.mails.length).toBeGreaterThan(0);
  expect(await look()).toMatchObject({ weeks: ['2026-W10', ...recent], entries: [true, true] });
  await dropOld(world.ports);
  expect(await look()).toEqual(left);
  expect(world.ports.logged.at(-1)).toMatchObject({ level: 'info', facts: { companyId, mails: old.length, weeks: 1 } });
});

it('leaves alone what is 400 days old at most', async () => {
  const { world, look } = await twoWeeks();
  world.ports.clock.set(new Date(Date.parse('2026-03-02T07:00:00.000Z') + 400 * dayMs));
  const before = await look();
  await dropOld(world.ports);
  expect(await look()).toEqual(before);
});

it('leaves no half, wherever it dies', async () => {
  for (let call = 1, died = true; died; call += 1) {
    const { world, look, left } = await twoWeeks();
    const { ports } = world;
    let calls = call;
    ports.beforeEachCall(() => {
      calls -= 1;
      if (calls === 0) throw new Error('The process died.');
    });
    await dropOld(ports).catch(() => {});
    died = calls <= 0;
    ports.beforeEachCall(undefined);
    await dropOld(ports);
    expect([call, await look()]).toEqual([call, left]);
  }
});
