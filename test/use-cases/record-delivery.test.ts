// What becomes of a delivery report: the mail's record, the address, the audit log, and who gets no mail after it.
import { beforeEach, describe, expect, it } from 'vitest';
import { takeDeliveryReport } from '../../functions/mail-reports.ts';
import type { DeliveryOutcome } from '../../shared/domain/mail-delivery.ts';
import type { OutgoingMail } from '../../shared/domain/message.ts';
import { listAudit } from '../../shared/storage/audit.ts';
import { readCompanyState } from '../../shared/storage/company-state.ts';
import { readSendRecord } from '../../shared/storage/mails.ts';
import { readAddressProblem } from '../../shared/use-cases/address-problems.ts';
import { inviteManagers } from '../../shared/use-cases/manager-access.ts';
import { listManagerAccess, readManagerAccess } from '../../shared/use-cases/manager-accounts.ts';
import { recordDelivery } from '../../shared/use-cases/record-delivery.ts';
import { personFields } from '../builders.ts';
import { makeManagerWorld, type ManagerWorld, userIdOf } from './manager-world.ts';
import { companyId } from './sync-world.ts';

let world: ManagerWorld;
let invitation: OutgoingMail;
const address = personFields('mona').mail ?? '';

beforeEach(async () => {
  world = await makeManagerWorld();
  await world.decide('approve', 'mona', 'ada');
  await world.invite(['mona']);
  invitation = await lastInvitation();
});

async function lastInvitation(): Promise<OutgoingMail> {
  const mail = (await world.outgoing()).find(({ content }) => content.kind === 'managerInvited');
  if (!mail) throw new Error('Nobody was invited.');
  return mail;
}

const ada = personFields('ada').mail ?? '';

const at = (minute: number) => new Date(Date.parse('2026-03-02T09:00:00.000Z') + minute * 60_000).toISOString();
const report = async (outcome: DeliveryOutcome, minute = 0, { recipient = address, operationId = invitation.operationId } = {}) =>
  await recordDelivery(world.ports, { operationId, recipient, delivery: { outcome, at: at(minute), detail: '550 5.1.1' } });
const deliveryOf = async (mail = invitation) => (await readSendRecord(world.ports.tables, companyId, mail.mailId))?.value.delivery;
const problem = async (of = address) => await readAddressProblem(world.ports, companyId, of);
const entries = async () =>
  (await listAudit(world.ports.tables, companyId, { after: null, limit: 1_000 })).entries
    .map(({ action }) => action)
    .filter((action) => action.startsWith('mailAddress'))
    .toReversed();
const access = async () =>
  await readManagerAccess(world.ports, {
    companyId,
    state: await readCompanyState(world.ports.tables, companyId),
    userId: userIdOf('mona'),
  });

describe('a report', () => {
  it.each(['bounced', 'suppressed'] as const)('that a mail was %s marks the address, for the admin to see', async (outcome) => {
    await report(outcome);
    expect(await deliveryOf()).toEqual({ outcome, at: at(0), detail: '550 5.1.1' });
    expect(await problem()).toMatch(/./);
    expect(await access()).toMatchObject({ addressProblem: await problem(), refusal: 'addressRefused' });
    expect(await world.lastAudit('mailAddressMarked')).toMatchObject({
      by: 'Muster',
      summary: `Mail to ${address} comes back.`,
      reason: expect.stringContaining('550 5.1.1'),
    });
    const state = await readCompanyState(world.ports.tables, companyId);
    const { items } = await listManagerAccess(world.ports, { companyId, state, limit: 10, cursor: null });
    expect(items.map(({ addressProblem }) => addressProblem)).toEqual([await problem()]);
  });

  it.each(['quarantined', 'filteredSpam', 'failed'] as const)('that a mail was %s is kept with the mail alone', async (outcome) => {
    await report(outcome);
    expect(await deliveryOf()).toMatchObject({ outcome });
    expect([await problem(), await entries()]).toEqual([null, []]);
  });

  it('that a later mail arrived clears the mark; one about an earlier mail does not', async () => {
    await report('bounced', 5);
    await report('delivered', 3);
    expect(await problem()).toMatch(/./);
    world.ports.clock.advance(60_000);
    await report('delivered', 7);
    expect(await problem()).toBeNull();
    expect(await entries()).toEqual(['mailAddressMarked', 'mailAddressCleared']);
  });

  it('of an old bounce marks nothing after mail has arrived', async () => {
    await report('delivered', 7);
    await report('bounced', 5);
    expect([await problem(), await entries()]).toEqual([null, []]);
  });

  it('that comes again changes nothing', async () => {
    await report('bounced');
    await report('bounced');
    await Promise.all([report('bounced'), report('bounced')]);
    expect(await entries()).toEqual(['mailAddressMarked']);
  });

  it('of two at the same moment loses neither', async () => {
    await Promise.all([report('bounced', 1), report('delivered', 2)]);
    expect([await problem(), (await deliveryOf())?.outcome]).toEqual([null, 'delivered']);
  });

  it('about a mail that is not ours, or an address it was not sent to, marks nothing', async () => {
    await report('bounced', 0, { operationId: '00000000-0000-4000-8000-00000000dead' });
    await report('bounced', 0, { recipient: ada });
    expect([await deliveryOf(), await problem(), await problem(ada), await entries()]).toEqual([undefined, null, null, []]);
    expect(world.ports.logged.filter(({ level }) => level === 'warning')).toHaveLength(2);
  });

  it('finds its mail whatever the case of the operation and the address', async () => {
    await report('bounced', 0, { operationId: invitation.operationId.toUpperCase(), recipient: address.toUpperCase() });
    expect(await problem()).toMatch(/./);
  });

  it('leaves what the sender knows of the mail as it is', async () => {
    const before = (await readSendRecord(world.ports.tables, companyId, invitation.mailId))?.value;
    await report('delivered');
    expect((await readSendRecord(world.ports.tables, companyId, invitation.mailId))?.value).toEqual({
      ...before,
      delivery: await deliveryOf(),
    });
  });

  it('comes to the same end, wherever it crashes', async () => {
    for (let fault = 1; fault < 50; fault += 1) {
      world = await makeManagerWorld();
      await world.decide('approve', 'mona');
      await world.invite(['mona']);
      invitation = await lastInvitation();
      let calls = 0;
      world.ports.beforeEachCall(() => {
        calls += 1;
        if (calls === fault) throw new Error('The process died.');
      });
      await report('bounced').catch(() => undefined);
      world.ports.beforeEachCall(undefined);
      // The queue delivers the message again; the timer delivers what lies in the outbox.
      await report('bounced');
      world.ports.clock.advance(120_000);
      await world.recover();
      expect([(await deliveryOf())?.outcome, (await problem()) !== null, await entries()], `call ${fault}`).toEqual([
        'bounced',
        true,
        ['mailAddressMarked'],
      ]);
      if (calls < fault) return;
    }
    throw new Error('More calls than expected.');
  });
});

describe('an address that mail comes back from', () => {
  beforeEach(async () => await report('bounced'));

  const reasons = async (kind: 'invite' | 'resend', mail: string | null) => {
    const state = await readCompanyState(world.ports.tables, companyId);
    const request = { companyId, companyName: 'Contoso', by: 'Avery Admin', kind, state } as const;
    const items = await inviteManagers(world.ports, request, [{ userId: userIdOf('mona'), mail }]);
    return items.map(({ outcome, reason }) => reason ?? outcome);
  };

  it('gets no invitation, also not when many are sent again', async () => {
    expect([await reasons('invite', null), await reasons('invite', address), await reasons('resend', null)]).toEqual([
      ['addressRefused'],
      ['addressRefused'],
      ['addressRefused'],
    ]);
  });

  it('is tried again when an admin names it and sends again; if that arrives, all is well', async () => {
    world.ports.clock.advance(60_000);
    expect(await reasons('resend', address)).toEqual(['sent']);
    invitation = await lastInvitation();
    await report('delivered', 10);
    expect(await access()).toMatchObject({ addressProblem: null, refusal: 'invitationOpen' });
  });

  it('says nothing of the person’s next address', async () => {
    world.tenant.put('mona', personFields('mona', { mail: 'mona.new@contoso.example' }));
    await world.sync();
    expect(await access()).toMatchObject({ addressProblem: null, refusal: null });
  });
});

describe('an event of Event Grid', () => {
  const data = () => ({
    sender: 'muster@muster.example',
    recipient: address,
    messageId: invitation.operationId,
    status: 'Bounced',
    deliveryStatusDetails: { statusMessage: '550\r\nno such user' },
    deliveryAttemptTimestamp: '2026-03-02T11:00:00.1234567+02:00',
  });
  const event = (change: object = {}, about: object = {}) => ({
    specversion: '1.0',
    id: 'one',
    source: '/subscriptions/1',
    type: 'Microsoft.Communication.EmailDeliveryReportReceived',
    time: '2026-03-02T09:30:00.0000000Z',
    data: { ...data(), ...about },
    ...change,
  });

  it('is read with its time in UTC and its text on one line', async () => {
    await takeDeliveryReport(world.ports, event());
    expect(await deliveryOf()).toEqual({ outcome: 'bounced', at: '2026-03-02T09:00:00.123Z', detail: '550 no such user' });
  });

  it('may write the time of the attempt the other way, or leave it and the details out', async () => {
    const { deliveryAttemptTimestamp, deliveryStatusDetails: _, ...bare } = data();
    await takeDeliveryReport(world.ports, event({ data: { ...bare, deliveryAttemptTimeStamp: deliveryAttemptTimestamp } }));
    expect(await deliveryOf()).toEqual({ outcome: 'bounced', at: '2026-03-02T09:00:00.123Z', detail: null });
    await takeDeliveryReport(world.ports, event({ data: bare }));
    expect(await deliveryOf()).toMatchObject({ at: '2026-03-02T09:30:00.000Z' });
  });

  it('of a list that was taken apart says nothing yet', async () => {
    await takeDeliveryReport(world.ports, event({}, { status: 'Expanded' }));
    expect(await deliveryOf()).toBeUndefined();
  });

  it.each<readonly [string, unknown]>([
    ['no event', 'hello'],
    ['nothing', null],
    ['a list of events', [{}]],
    ['an event of another kind', { type: 'Microsoft.Communication.SMSReceived' }],
  ])('that is %s goes back to the queue, and its error names no address', async (_, message) => {
    await expect(takeDeliveryReport(world.ports, message)).rejects.toThrow('no delivery report');
    const wrong = takeDeliveryReport(world.ports, event({}, { messageId: address }));
    await expect(wrong).rejects.toThrow(/^(?!.*@)/s);
  });
});
