// Mail that comes back: the admin sees it, nobody is mailed in vain, and the next address starts anew.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { makeApi } from '../../sandbox/api.ts';
import type * as addresses from '../../shared/contracts/mail-addresses.ts';
import type * as contract from '../../shared/contracts/manager-access.ts';
import { leadersOf, managerInPortal } from './manager-portal.ts';
import { day, minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
let company: StageCompany;
let manager: { readonly userId: string; readonly mail: string };

type Access = z.output<typeof contract.oneManagerAccess>;
type Item = z.output<typeof contract.invitationItem>;

const at = (path: string) => `/companies/${company.companyId}${path}`;
const access = async () => await company.admin.call<Access>(at(`/managers/${manager.userId}/access`));
const invite = async (resend = false) =>
  await company.admin.call<Item>(at(`/managers/${manager.userId}/invitation`), { method: 'POST', body: { mail: manager.mail, resend } });
const invitations = async () => (await company.admin.mails(company.companyId)).filter(({ kind }) => kind === 'managerInvited');
const faults = () => stage.sandbox.email.settings.recipientFaults;

beforeAll(async () => {
  stage = await openStage();
  company = await stage.connectCompany({ name: 'Larkspur' });
  const everybody = (await company.admin.allUsers(company.companyId, { status: 'pending' })).map(({ userId }) => userId);
  await company.admin.decideMany(company.companyId, 'approve', everybody);
  await stage.sandbox.settle();
  const { managers } = await company.admin.managers(company.companyId);
  for (const { userId, mail } of managers) {
    manager = { userId, mail: mail ?? '' };
    if ((await access()).invitationRefused === null) return;
  }
  throw new Error('There is no manager to invite.');
});
afterAll(async () => await stage?.stop());

describe('an invitation that comes back', () => {
  it('shows up for the admin: with the mail, with the person, and in the audit log', async () => {
    faults().set(manager.mail.toLowerCase(), 'bounced');
    expect(await invite()).toMatchObject({ outcome: 'sent' });
    await stage.sandbox.settle();
    const [mail, ...others] = await invitations();
    expect(others).toEqual([]);
    // The service took the mail over, and could not deliver it.
    expect(mail).toMatchObject({
      to: [manager.mail],
      state: 'accepted',
      delivery: { outcome: 'bounced', detail: expect.stringContaining('550') },
    });
    expect(stage.mailsTo(manager.mail)).toEqual([]);
    expect(await access()).toMatchObject({ addressProblem: expect.any(String), invitationRefused: 'addressRefused' });
    const entry = (await company.admin.audit(company.companyId)).find(({ action }) => action === 'mailAddressMarked');
    expect(entry?.summary).toContain(manager.mail);
  });

  it('is not sent again with all others, but when the admin tries this address on purpose, and then all is well', async () => {
    faults().delete(manager.mail.toLowerCase());
    await stage.pass(minute);
    const bulk = { userIds: [manager.userId], resend: true };
    const { items } = await company.admin.call<{ items: Item[] }>(at('/manager-invitations'), { method: 'POST', body: bulk });
    expect(items).toMatchObject([{ outcome: 'refused', reason: 'addressRefused' }]);
    expect(await invite()).toMatchObject({ outcome: 'refused', reason: 'addressRefused' });
    expect(await invite(true)).toMatchObject({ outcome: 'sent' });
    await stage.sandbox.settle();
    expect(stage.mailsTo(manager.mail)).toHaveLength(1);
    expect((await invitations())[0]).toMatchObject({ delivery: { outcome: 'delivered' } });
    expect(await access()).toMatchObject({ addressProblem: null, invitationRefused: 'invitationOpen' });
  });

  it('is forgotten with the address: the next one the directory has is free of it', async () => {
    faults().set(manager.mail.toLowerCase(), 'suppressed');
    await stage.pass(minute);
    await invite(true);
    await stage.sandbox.settle();
    expect(await access()).toMatchObject({ addressProblem: expect.any(String) });
    const [, objectId = ''] = manager.userId.split('_');
    const mail = `new.${manager.mail}`;
    company.deeds.change(objectId, { mail });
    await stage.syncNow(company);
    expect(await access()).toMatchObject({ mail, addressProblem: null });
  });
});

describe('a team member whose mail comes back', () => {
  it('is reminded again once an admin has the address tried again, and marked again should that come back too', async () => {
    const { admin, companyId, ...meadow } = await stage.connectCompany({ name: 'Meadow', users: 60 });
    const [leader] = await leadersOf({ admin, companyId, ...meadow });
    const member = leader?.team.find(({ mail, kind }) => mail !== null && kind === 'person');
    if (!leader || !member) throw new Error('There is no team.');
    const { userId, displayName } = member;
    const mail = member.mail ?? '';
    const portal = await managerInPortal(stage, { admin, companyId, ...meadow }, leader);
    const platform = makeApi({ url: stage.sandbox.url, token: await stage.sandbox.entra.issueProgramToken({ expiresInSeconds: 86_400 }) });
    const today = new Date(stage.sandbox.clock.now()).toISOString().slice(0, 10);
    await platform.stateAssignment(companyId, userId, 'late', { version: 1, title: 'Phishing', assignedOn: '2026-01-10', dueOn: today });
    const remind = async () => {
      await stage.pass(day);
      await portal.signIn(leader.mail);
      const { items } = await portal.remind([userId]);
      await stage.sandbox.settle();
      return items.map(({ outcome, reason }) => reason ?? outcome);
    };
    const problem = async () => (await admin.call<Access>(`/companies/${companyId}/managers/${userId}/access`)).addressProblem;
    const retry = async (named: string) =>
      await admin.raw(`/companies/${companyId}/users/${userId}/mail-address/retry`, { method: 'POST', body: { mail: named } });

    // The mailbox of a new colleague is not there yet: mail comes back, and from then on none goes out.
    faults().set(mail.toLowerCase(), 'bounced');
    expect(await remind()).toEqual(['sent']);
    expect(await remind()).toEqual(['addressRefused']);
    expect(await problem()).toMatch(/comes back/);

    // It works now, but nobody knows that until the admin says so, for the very address the directory has.
    faults().delete(mail.toLowerCase());
    expect(await remind()).toEqual(['addressRefused']);
    expect(await retry(`old.${mail}`)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    const { body } = await retry(mail);
    expect(body as z.output<typeof addresses.retriedAddress>).toMatchObject({ mail, triedAgain: true });
    expect(await problem()).toBeNull();
    const [entry] = await admin.audit(companyId);
    expect(entry).toMatchObject({ action: 'mailAddressCleared', by: expect.stringContaining('Ada'), userIds: [userId] });
    expect(stage.mailsTo(mail)).toEqual([]);
    expect(await remind()).toEqual(['sent']);
    expect(stage.mailsTo(mail).map(({ plainText }) => plainText.includes(displayName) && plainText.includes('Phishing'))).toEqual([true]);

    // One day it is gone for good.
    faults().set(mail.toLowerCase(), 'bounced');
    expect([await remind(), await remind()]).toEqual([['sent'], ['addressRefused']]);
    expect(await problem()).toMatch(/comes back/);
  });
});
