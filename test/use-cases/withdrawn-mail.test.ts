// A mail about a team may wait for the quota for days: whoever lost the right to it meanwhile must not get it any more.
import { beforeEach, describe, expect, it } from 'vitest';
import type { SendRecord } from '../../shared/domain/message.ts';
import { listSendRecords } from '../../shared/storage/mails.ts';
import { changeReminders } from '../../shared/use-cases/change-reminders.ts';
import { disconnect } from '../../shared/use-cases/disconnect.ts';
import { explainReminder } from '../../shared/use-cases/explain-reminders.ts';
import { commandAccount } from '../../shared/use-cases/manager-accounts.ts';
import { managerOfGeneration } from '../../shared/use-cases/manager-session.ts';
import { recordDelivery } from '../../shared/use-cases/record-delivery.ts';
import { remindTeam } from '../../shared/use-cases/remind-team.ts';
import { sendMail } from '../../shared/use-cases/send-mail.ts';
import { readCompanyState } from '../../shared/storage/company-state.ts';
import { personFields } from '../builders.ts';
import { makeManagerWorld, type ManagerWorld, userIdOf } from './manager-world.ts';
import { makeReminderWorld, type ReminderWorld } from './reminder-world.ts';
import { companyId } from './sync-world.ts';

const hourMs = 3_600_000;
let world: ReminderWorld;

beforeEach(async () => {
  world = await makeReminderWorld(['mona', 'noel']);
  await world.assign('mona-1');
});

/** Mails about the team; those to admins are none of this. */
const records = async (): Promise<readonly SendRecord[]> =>
  (await listSendRecords(world.ports.tables, companyId, 100)).filter(({ mail }) => mail.content.kind.endsWith('Reminder'));
async function sendAll(): Promise<readonly SendRecord[]> {
  world.ports.clock.advance(40 * hourMs);
  for (const { body } of world.ports.mailQueue.messages.slice()) await sendMail(world.ports, body);
  return await records();
}
const addressOf = (name: string) => personFields(name).mail ?? '';
const received = (name: string) =>
  world.ports.mailSender.delivered(addressOf(name)).filter(({ subject }) => !subject.includes('Contoso')).length;
const turn = async (setting: 'on' | 'off') =>
  await changeReminders(world.ports, { companyId, user: await world.user('mona'), setting, by: 'Mona' });
const bounce = async (name: string) => {
  const [record] = await records();
  const delivery = { outcome: 'bounced', at: world.ports.clock.now().toISOString(), detail: null } as const;
  await recordDelivery(world.ports, { operationId: record?.mail.operationId ?? '', recipient: addressOf(name), delivery });
};
const putFields = async (name: string, change: object) => {
  world.tenant.put(name, personFields(name, change));
  await world.sync();
};

describe('a weekly reminder that waits', () => {
  beforeEach(async () => {
    world.ports.clock.set(new Date('2026-03-02T08:00:00.000Z'));
    await world.tick();
  });

  it.each<[string, () => Promise<void>, string]>([
    ['the manager is denied', async () => await world.decide('deny', 'mona'), 'suspended'],
    [
      'the team is somebody else’s',
      async () => {
        world.tenant.setManager('mona-1', 'noel');
        await world.sync('full');
      },
      'suspended',
    ],
    ['an admin disables the account', async () => await world.setAccount('mona', { state: 'disabled' }), 'disabled'],
    ['the manager stops the mails', async () => await turn('off'), 'switched off for this manager'],
    ['the company stops the mails', async () => await world.change({ weeklyReminders: false }), 'switched off for the company'],
    ['the company has left its tenant', async () => await disconnect(world.ports, { companyId, by: 'Avery' }), 'not connected'],
    ['the manager has no address any more', async () => await putFields('mona', { mail: null }), 'no mail address'],
    ['the manager has another address', async () => await putFields('mona', { mail: 'mo@contoso.example' }), 'another mail address'],
    ['the address bounces', async () => await bounce('mona'), 'refuses the address'],
  ])('is not sent once %s, and says why', async (_, happen, words) => {
    await happen();
    const [record] = await sendAll();
    expect(record).toMatchObject({ state: 'withdrawn', notBefore: null, attempts: 0, problem: expect.stringContaining(words) });
    expect([received('mona'), received('mo')]).toEqual([0, 0]);
    const state = await readCompanyState(world.ports.tables, companyId);
    const answer = await explainReminder(world.ports, { companyId, userId: userIdOf('mona'), week: '2026-W10', state });
    expect(answer.words).toContain(words);
  });

  it('is sent while the manager is one, whoever else has left and whatever the company’s switch says about others', async () => {
    await turn('on');
    await world.change({ weeklyReminders: false });
    await world.decide('deny', 'noel');
    expect(await sendAll()).toMatchObject([{ state: 'accepted' }]);
    expect(received('mona')).toBe(1);
    expect(await sendAll()).toMatchObject([{ state: 'accepted' }]);
  });

  it('is not lost when storage fails while it is asked about', async () => {
    let calls = 0;
    for (let fault = 1; received('mona') === 0; fault += 1) {
      calls = 0;
      world.ports.beforeEachCall(() => {
        calls += 1;
        if (calls === fault) throw new Error('The process died.');
      });
      await sendAll().catch(() => undefined);
      world.ports.beforeEachCall(undefined);
      if (fault > 100) throw new Error('It never arrived.');
    }
    await sendAll();
    expect(received('mona')).toBe(1);
  });
});

describe('a team reminder that waits', () => {
  beforeEach(async () => {
    const mona = await managerOfGeneration(world.ports, { companyId, objectId: 'mona', generation: 0 });
    if (!mona) throw new Error('Mona may not enter.');
    await remindTeam(world.ports, mona, 'everybody');
  });

  it.each<[string, () => Promise<void>, string]>([
    ['the company has left its tenant', async () => await disconnect(world.ports, { companyId, by: 'Avery' }), 'not connected'],
    ['the company allows no reminders', async () => await world.change({ teamRemindersPerDay: 0 }), 'does not allow'],
    ['the member is denied', async () => await world.decide('deny', 'mona-1'), 'not been approved'],
    [
      'the member has left',
      async () => {
        world.tenant.purge('mona-1');
        await world.sync();
      },
      'does not show this person',
    ],
    ['everything is done', async () => await world.assign('mona-1', { completedAt: '2026-03-02T07:30:00.000Z' }), 'Nothing is overdue'],
    ['the member has another address', async () => await putFields('mona-1', { mail: 'new@contoso.example' }), 'another mail address'],
    ['the address bounces', async () => await bounce('mona-1'), 'comes back'],
  ])('is not sent once %s, and says why', async (_, happen, words) => {
    await happen();
    expect(await sendAll()).toMatchObject([{ state: 'withdrawn', problem: expect.stringContaining(words) }]);
    expect([received('mona-1'), received('new')]).toEqual([0, 0]);
  });

  it('is sent otherwise', async () => {
    expect(await sendAll()).toMatchObject([{ state: 'accepted' }]);
    expect(received('mona-1')).toBe(1);
  });
});

describe('an invitation that waits', () => {
  let invited: ManagerWorld;
  const invitations = async () =>
    (await listSendRecords(invited.ports.tables, companyId, 100)).filter(({ mail }) => mail.content.kind === 'managerInvited').toReversed();
  async function send(): Promise<readonly SendRecord['state'][]> {
    for (const { body } of invited.ports.mailQueue.messages.slice()) await sendMail(invited.ports, body);
    return (await invitations()).map(({ state }) => state);
  }

  beforeEach(async () => {
    invited = await makeManagerWorld();
    await invited.decide('approve', 'mona', 'ada');
    await invited.invite(['mona']);
  });

  it('is sent while it is open', async () => {
    expect(await send()).toEqual(['accepted']);
  });

  it.each<[string, () => Promise<unknown>]>([
    [
      'an admin has taken it back',
      async () => {
        const state = await readCompanyState(invited.ports.tables, companyId);
        await commandAccount(invited.ports, { companyId, userId: userIdOf('mona'), state, command: 'revoke', by: 'Avery', reason: null });
      },
    ],
    [
      'the manager was denied',
      async () => {
        await invited.decide('deny', 'mona');
        await invited.review();
      },
    ],
  ])('is not sent once %s, and says why', async (_, happen) => {
    await happen();
    expect(await send()).toEqual(['withdrawn']);
    expect((await invitations())[0]?.problem).toContain('taken back, replaced or accepted');
  });

  it('is not sent when another one has taken its place; that one is', async () => {
    invited.ports.clock.advance(1_000);
    await invited.invite(['mona'], { kind: 'resend' });
    expect(await send()).toEqual(['withdrawn', 'accepted']);
  });

  it('is sent also where it has no link of its own', async () => {
    await invited.changeSettings({ managerSignIn: 'microsoft' });
    invited.ports.clock.advance(1_000);
    await invited.invite(['mona'], { kind: 'resend' });
    expect(await send()).toEqual(['withdrawn', 'accepted']);
  });
});
