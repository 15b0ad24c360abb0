// "Why did X not get it?": one question, an answer in words, before, while and after a week is decided; and how far a company's week is.
import { beforeEach, describe, expect, it } from 'vitest';
import { explainSkip } from '../../shared/domain/weekly-reminder.ts';
import { readCompanyState } from '../../shared/storage/company-state.ts';
import { sendMail } from '../../shared/use-cases/send-mail.ts';
import { explainReminder, readReminderWeeks } from '../../shared/use-cases/explain-reminders.ts';
import { decideReminders } from '../../shared/use-cases/weekly-reminders.ts';
import { beforeDue, makeReminderWorld, type ReminderWorld } from './reminder-world.ts';
import { userIdOf } from './manager-world.ts';
import { companyId } from './sync-world.ts';

const due = '2026-03-02T08:00:00.000Z';
let world: ReminderWorld;
beforeEach(async () => {
  world = await makeReminderWorld(['mona', 'noel']);
  await world.assign('mona-1');
});

async function why(objectId: string, week: string | null = '2026-W10') {
  const state = await readCompanyState(world.ports.tables, companyId);
  return await explainReminder(world.ports, { companyId, userId: userIdOf(objectId), week, state });
}
const weeks = async () => await readReminderWeeks(world.ports, companyId, await readCompanyState(world.ports.tables, companyId));

async function sendAll(): Promise<void> {
  for (const { body } of world.ports.mailQueue.messages.slice()) await sendMail(world.ports, body);
}

describe('the answer', () => {
  it('before it is due says when it is', async () => {
    expect(await why('mona')).toMatchObject({
      outcome: 'undecided',
      words: 'It is not due before Monday, 2 March 2026 at 08:00 (UTC).',
      dueAt: due,
      nextDueAt: due,
      lastSent: null,
      decidedAt: null,
    });
    expect(await why('mona', null)).toMatchObject({ week: '2026-W09' });
  });

  it('says that it was sent once the mail service has it, and that it waits before', async () => {
    world.ports.clock.set(new Date(due));
    expect(await why('mona')).toMatchObject({ outcome: 'undecided', words: expect.stringContaining('being decided') });
    await world.tick();
    expect(await why('mona', null)).toMatchObject({
      week: '2026-W10',
      outcome: 'sent',
      words: 'The mail is on its way.',
      said: { overdue: 1, dueSoon: 0, doneSinceLast: 0 },
      lastSent: { week: '2026-W10' },
      nextDueAt: '2026-03-09T08:00:00.000Z',
    });
    expect(await weeks()).toMatchObject({ mails: { waiting: 1, estimatedEnd: expect.stringContaining('2026-03-02T08:0') } });
    await sendAll();
    expect(await why('mona')).toMatchObject({
      words: 'It was sent: the mail service took it over on Monday, 2 March 2026 at 08:00 (UTC).',
      mail: { state: 'accepted', finishedAt: due },
    });
    expect(await weeks()).toMatchObject({ mails: { waiting: 0, estimatedEnd: null } });
  });

  it('says why it was not sent, and what the mail service refused', async () => {
    world.ports.mailSender.suppressed.add('mona@contoso.example');
    world.tenant.put('mona', { displayName: 'mona', mail: 'not an address', accountEnabled: true, userType: 'Member' });
    await world.sync();
    world.ports.clock.set(new Date(due));
    await world.tick();
    await sendAll();
    expect(await why('noel')).toMatchObject({ outcome: 'skipped', reason: 'nothingToSay', words: explainSkip('nothingToSay') });
    expect(await why('mona')).toMatchObject({ outcome: 'sent', words: 'The mail service refused it: The recipients are not in order.' });
  });

  it('is there for whoever has no account, came later, or was missed', async () => {
    world.ports.clock.set(new Date(due));
    await world.tick();
    expect(await why('mona-1')).toMatchObject({ outcome: 'skipped', reason: 'notAccepted' });
    await world.setAccount('mona-1', { state: 'active', activeSince: '2026-03-02T09:00:00.000Z' });
    expect((await why('mona-1')).reason).toBe('suspended');
    world.tenant.setManager('noel', 'mona-1');
    await world.sync('full');
    expect((await why('mona-1')).reason).toBe('acceptedLater');
    expect((await why('mona-1', '2026-W08')).reason).toBe('acceptedLater');
    world.ports.clock.set(new Date('2026-03-13T00:00:00.000Z'));
    expect(await why('mona', '2026-W11')).toMatchObject({ outcome: 'skipped', reason: 'tooLate' });
    expect(await why('mona', '2026-W30')).toMatchObject({ outcome: 'undecided' });
  });

  it('is for people of this company only', async () => {
    await expect(why('nobody')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a company’s weeks', () => {
  it('show how far the deciding is, and until when mails wait', async () => {
    const names = Array.from({ length: 120 }, (_, number) => `m${String(number).padStart(3, '0')}`);
    world = await makeReminderWorld(names);
    for (const name of names) await world.assign(`${name}-1`);
    world.ports.clock.set(new Date(due));
    await decideReminders(world.ports, { companyId, week: '2026-W10', dueAt: due });
    expect(await weeks()).toMatchObject({ weeks: [{ week: '2026-W10', total: 120, sent: 50, finishedAt: null }] });
    await world.tick();
    const waiting = async () => (await weeks()).mails;
    expect(await waiting()).toMatchObject({ waiting: 120 });
    const hoursLeft = ({ estimatedEnd }: Awaited<ReturnType<typeof waiting>>) =>
      (Date.parse(estimatedEnd ?? '') - beforeDue.getTime()) / 3_600_000 - 1;
    // The first 75 go within minutes; the rest gets places in line, whose end is known from the beginning.
    const end = 61 / 60 + (45 * 62) / 75 / 60;
    expect(hoursLeft(await waiting())).toBeCloseTo(end, 1);
    const handled = new Set<object>();
    for (const until of [0, 2, 4, 6]) {
      world.ports.clock.set(new Date(Date.parse(due) + until * 60_000));
      const visible = world.ports.mailQueue.messages.filter((message) => !handled.has(message));
      for (const message of visible) {
        if (message.at !== undefined && message.at > world.ports.clock.now()) continue;
        handled.add(message);
        await sendMail(world.ports, message.body);
      }
    }
    const later = await waiting();
    // One mail about the connection went with them.
    expect(later.waiting).toBe(46);
    expect(hoursLeft(later)).toBeCloseTo(end, 1);
  });
});
