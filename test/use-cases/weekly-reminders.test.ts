// Who gets the weekly reminder and who does not and why: decided once a manager and week, whatever crashes, runs twice or is changed.
import { describe, expect, it } from 'vitest';
import { changeFleet, readFleetRow } from '../../shared/storage/fleet.ts';
import { writeMailAddress } from '../../shared/storage/mail-addresses.ts';
import { listSendRecords } from '../../shared/storage/mails.ts';
import { addressRow } from '../../shared/use-cases/address-problems.ts';
import { changeIntegration } from '../../shared/storage/companies.ts';
import { disconnect } from '../../shared/use-cases/disconnect.ts';
import { decideReminders, planReminders } from '../../shared/use-cases/weekly-reminders.ts';
import { personFields } from '../builders.ts';
import { beforeDue, makeReminderWorld, playWeek, waitingIn } from './reminder-world.ts';
import { companyId, recover } from './sync-world.ts';

const hourMs = 3_600_000;
const due = '2026-03-02T08:00:00.000Z';
const input = { companyId, week: '2026-W10', dueAt: due };

describe('the weekly reminder', () => {
  it('goes out when it is due, once, and says what there is to say', async () => {
    const world = await makeReminderWorld(['mona']);
    await world.assign('mona-1');
    await world.assign('mona-1', { courseId: 'aid', dueOn: '2026-03-05' });
    await world.assign('mona-1', { courseId: 'new', completedAt: '2026-02-27T08:00:00.000Z', progress: 100 });
    await world.assign('mona-1', { courseId: 'old', completedAt: '2026-02-20T08:00:00.000Z', progress: 100 });
    await world.tick();
    expect(await world.reminders()).toEqual([]);
    world.ports.clock.set(new Date(due));
    await world.tick();
    await world.tick();
    const said = { overdue: 1, dueSoon: 1, doneSinceLast: 1 };
    expect(await world.reminders()).toMatchObject([{ ...said, managerName: 'mona', members: [{ name: 'mona-1' }], more: 0, status: null }]);
    const entry = await world.entry('2026-W10', 'mona');
    expect(entry).toMatchObject({ objectId: 'mona', reason: null, dueAt: due, decidedAt: due, ...said });
    const [record] = await listSendRecords(world.ports.tables, companyId, 1);
    expect(record?.mail).toMatchObject({ mailId: entry?.mailId, lane: 'digest', to: [{ name: 'mona' }] });
    expect(await world.week('2026-W10')).toMatchObject({ total: 1, sent: 1, skipped: {}, finishedAt: due });
    expect(await waitingIn(world, '2026-W10')).toBe(0);
  });

  it('is not sent for each reason there is, and the reason is kept', async () => {
    const world = await makeReminderWorld(['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gil', 'hal', 'ida', 'jan']);
    for (const name of ['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gil', 'ida', 'jan']) await world.assign(`${name}-1`);
    await world.setAccount('bob', { reminders: 'off' });
    await world.setAccount('cat', { state: 'invited', activeSince: null });
    await world.setAccount('dan', { activeSince: '2026-03-02T08:00:00.001Z' });
    await world.setAccount('eve', { state: 'disabled' });
    const address = personFields('fay').mail ?? '';
    const last = { outcome: 'bounced', at: '2026-02-23T08:00:00.000Z', detail: null } as const;
    await writeMailAddress(world.ports.tables, companyId, addressRow(address), {
      address: { address, last },
      before: undefined,
      effects: [],
    });
    await world.setAccount('ida', { state: 'none', activeSince: null });
    world.tenant.setManager('gil-1', 'ann');
    world.tenant.put('jan', { displayName: 'jan', mail: null, accountEnabled: true, userType: 'Member' });
    await world.sync('full');
    world.ports.clock.set(new Date(due));
    await world.tick();
    expect(await world.ledger('2026-W10')).toEqual({
      ann: 'sent',
      bob: 'managerOff',
      cat: 'notAccepted',
      dan: 'acceptedLater',
      eve: 'disabled',
      fay: 'addressRefused',
      gil: 'suspended',
      hal: 'nothingToSay',
      jan: 'noAddress',
    });
    expect(await world.reminders()).toMatchObject([{ managerName: 'ann', overdue: 2 }]);
    expect(await world.week('2026-W10')).toMatchObject({
      total: 9,
      sent: 1,
      skipped: { managerOff: 1, notAccepted: 1, nothingToSay: 1, noAddress: 1 },
    });
  });

  it('follows the company’s switch, and the manager’s own before it', async () => {
    const world = await makeReminderWorld(['ann', 'bob'], { weeklyReminders: false });
    for (const name of ['ann', 'bob']) await world.assign(`${name}-1`);
    await world.setAccount('bob', { reminders: 'on' });
    world.ports.clock.set(new Date(due));
    await world.tick();
    expect(await world.ledger('2026-W10')).toEqual({ ann: 'companyOff', bob: 'sent' });
  });

  it('counts as done what was done since the one before', async () => {
    const world = await makeReminderWorld(['mona']);
    await world.assign('mona-1');
    world.ports.clock.set(new Date(due));
    await world.tick();
    await world.change({ weeklyReminderDay: 3 });
    await world.assign('mona-1', { courseId: 'a', completedAt: '2026-03-02T09:00:00.000Z' });
    await world.assign('mona-1', { courseId: 'b', completedAt: '2026-03-02T08:00:00.000Z' });
    world.ports.clock.set(new Date('2026-03-11T08:00:00.000Z'));
    await world.tick();
    expect((await world.reminders()).map(({ doneSinceLast }) => doneSinceLast)).toEqual([0, 1]);
    expect(await world.week('2026-W11')).toMatchObject({ since: due, dueAt: '2026-03-11T08:00:00.000Z' });
  });

  it.each([
    [48, 'sent'],
    [49, 'tooLate'],
  ])('after an outage of %d hours: %s', async (hours, outcome) => {
    const world = await makeReminderWorld(['mona']);
    await world.assign('mona-1');
    world.ports.clock.set(new Date(due));
    await world.tick();
    world.ports.clock.set(new Date(Date.parse(due) + 7 * 24 * hourMs + hours * hourMs));
    await world.tick();
    expect(await world.ledger('2026-W11')).toEqual({ mona: outcome });
    expect(await world.week('2026-W11')).toMatchObject({ finishedAt: world.ports.clock.now().toISOString() });
  });

  it('records every week that an outage swallowed', async () => {
    const world = await makeReminderWorld(['mona']);
    await world.assign('mona-1');
    world.ports.clock.set(new Date(due));
    await world.tick();
    world.ports.clock.set(new Date('2026-03-23T09:00:00.000Z'));
    for (let minute = 0; minute < 4; minute += 1) await world.tick();
    for (const week of ['2026-W11', '2026-W12']) expect(await world.ledger(week)).toEqual({ mona: 'tooLate' });
    expect(await world.ledger('2026-W13')).toEqual({ mona: 'sent' });
    expect(await world.reminders()).toHaveLength(2);
  });

  it('is brought to its end when the day is changed in the middle of it', async () => {
    const names = Array.from({ length: 60 }, (_, number) => `m${String(number).padStart(2, '0')}`);
    const world = await makeReminderWorld(names);
    for (const name of names) await world.assign(`${name}-1`);
    world.ports.clock.set(new Date(due));
    expect(await decideReminders(world.ports, input)).toEqual({ kind: 'more' });
    expect(await world.week('2026-W10')).toMatchObject({ total: 60, sent: 50, cursor: 'm49', finishedAt: null });
    await world.change({ weeklyReminderDay: 5 });
    await world.tick();
    expect(Object.values(await world.ledger('2026-W10'))).toEqual(names.map(() => 'sent'));
    world.ports.clock.set(new Date('2026-03-06T08:00:00.000Z'));
    await world.tick();
    expect(await world.reminders()).toHaveLength(60);
  });

  it('is decided once by however many at once', async () => {
    const names = Array.from({ length: 55 }, (_, number) => `m${String(number).padStart(2, '0')}`);
    const world = await makeReminderWorld(names);
    for (const name of names) await world.assign(`${name}-1`);
    world.ports.clock.set(new Date(due));
    await Promise.all([1, 2, 3].map(async () => await playWeek(world.ports, input)));
    expect(await world.reminders()).toHaveLength(55);
    expect(await world.week('2026-W10')).toMatchObject({ total: 55, sent: 55 });
  });

  it.each(['checking', 'failed', 'accessLost'] as const)(
    'goes on while the connection is %s: the company still has its tenant',
    async (state) => {
      const world = await makeReminderWorld(['mona']);
      await world.assign('mona-1');
      await changeIntegration(world.ports.tables, companyId, (present) => ({ ...present, state }));
      world.ports.clock.set(new Date(due));
      await world.tick();
      expect(await world.ledger('2026-W10')).toEqual({ mona: 'sent' });
    },
  );

  it('stops when the company has left its tenant', async () => {
    const world = await makeReminderWorld(['mona']);
    await world.assign('mona-1');
    await disconnect(world.ports, { companyId, by: 'Avery' });
    world.ports.clock.set(new Date(due));
    await world.tick();
    expect(await world.ledger('2026-W10')).toEqual({ mona: 'disconnected' });
  });
});

describe('a crash', () => {
  it('at any call between the decision and the mail loses none and doubles none', async () => {
    for (let fault = 1; ; fault += 1) {
      if (fault > 400) throw new Error('More calls than expected.');
      const world = await makeReminderWorld(['ann', 'bob', 'cat']);
      for (const name of ['ann', 'bob']) await world.assign(`${name}-1`);
      world.ports.clock.set(new Date(due));
      let calls = 0;
      world.ports.beforeEachCall(() => {
        calls += 1;
        if (calls >= fault) throw new Error('The process died.');
      });
      const hasDied = await world.tick().then(
        () => false,
        () => true,
      );
      world.ports.beforeEachCall(undefined);
      await world.tick();
      await recover(world);
      await world.tick();
      expect(await world.ledger('2026-W10')).toEqual({ ann: 'sent', bob: 'sent', cat: 'nothingToSay' });
      expect((await world.reminders()).map(({ managerName }) => managerName).toSorted()).toEqual(['ann', 'bob']);
      const queued = new Set(world.ports.mailQueue.messages.map(({ body }) => body.mailId));
      for (const name of ['ann', 'bob']) expect(queued).toContain((await world.entry('2026-W10', name))?.mailId);
      expect(await world.week('2026-W10')).toMatchObject({ total: 3, sent: 2, skipped: { nothingToSay: 1 } });
      expect(await waitingIn(world, '2026-W10')).toBe(0);
      if (!hasDied && calls < fault) return;
    }
  });
});

describe('a crash at the end of a company’s first week', () => {
  /** The ledger is complete, and the fleet's row has not been told. */
  async function makeCrashed() {
    const world = await makeReminderWorld(['mona']);
    await world.assign('mona-1');
    world.ports.clock.set(new Date(due));
    await world.tick();
    await changeFleet(world.ports.tables, companyId, { remindedWeek: null });
    return world;
  }

  it('and an outage behind it lose no week', async () => {
    const world = await makeCrashed();
    world.ports.clock.advance(11 * 24 * hourMs);
    await world.tick();
    expect(await world.ledger('2026-W11')).toEqual({ mona: 'tooLate' });
  });

  it('makes no second reminder of that week, whatever day is set then', async () => {
    const world = await makeCrashed();
    await world.change({ weeklyReminderDay: 5 });
    await world.tick();
    expect((await readFleetRow(world.ports.tables, companyId))?.remindedWeek).toBe('2026-W10');
    world.ports.clock.advance(5 * 24 * hourMs);
    await world.tick();
    expect(await world.reminders()).toHaveLength(1);
  });
});

describe('the timer', () => {
  it('costs nothing for a company whose time has not come', async () => {
    const world = await makeReminderWorld(['mona']);
    await world.tick();
    expect((await readFleetRow(world.ports.tables, companyId))?.remindAt).toBe(due);
    let calls = 0;
    world.ports.beforeEachCall(() => {
      calls += 1;
    });
    await world.tick();
    expect(calls).toBe(1);
  });

  it('looks again when settings change, and twice a day in any case', async () => {
    const world = await makeReminderWorld(['mona'], { weeklyReminderDay: 5 });
    await world.tick();
    const remindAt = async () => (await readFleetRow(world.ports.tables, companyId))?.remindAt;
    expect(await remindAt()).toBe(new Date(world.ports.clock.now().getTime() + 12 * hourMs).toISOString());
    await world.change({ weeklyReminderDay: 1 });
    expect(await remindAt()).toBeNull();
  });

  it('takes the longest overdue first, a hundred at a time', () => {
    const blank = { dueAt: null, noticeAt: null, running: null, waitingUntil: null, timeZone: 'UTC', billedDay: null, remindedWeek: null };
    const rows = Array.from({ length: 150 }, (_, number) => ({
      ...blank,
      companyId: `c${number}`,
      remindAt: number === 149 ? null : new Date(beforeDue.getTime() - number * 1000).toISOString(),
    }));
    const plan = planReminders([...rows, { ...blank, companyId: 'later', remindAt: due }], beforeDue);
    expect(plan).toHaveLength(100);
    expect(plan.slice(0, 3)).toEqual(['c149', 'c148', 'c147']);
  });
});
