// From the directory to the User Portal: who is a manager, who is invited and when, what the mail opens, and what ends it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPassword, type Leader, leadersOf, managerInPortal, newestMail, openPortal, tokenIn } from './manager-portal.ts';
import { day, minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => await stage?.stop());

const invited = /see how your team/;
const invitationsTo = (mail: string) => stage.mailsTo(mail).filter(({ subject }) => invited.test(subject));

interface Opened {
  readonly company: StageCompany;
  readonly leader: Leader;
  readonly other: Leader;
}

/** A company in step with its tenant, of which two people lead teams; nobody is approved. */
async function openCompany(name: string): Promise<Opened> {
  const company = await stage.connectCompany({ name, users: 60 });
  const [leader, other] = (await leadersOf(company)).filter(({ team }) => team.length > 1);
  if (!leader || !other) throw new Error('Too few people lead a team.');
  return { company, leader, other };
}

const invitationPath = (leader: Leader) => `/managers/${leader.user.userId}/invitation`;
const invite = async ({ admin, companyId }: StageCompany, leader: Leader, body: object = { mail: leader.mail }) =>
  await admin.call<{ outcome: string; reason: string | null; detail: string | null }>(`/companies/${companyId}${invitationPath(leader)}`, {
    method: 'POST',
    body,
  });
const access = async ({ admin, companyId }: StageCompany, { user }: Leader) =>
  await admin.call<{ state: string; endedBecause: string | null; invitationExpired: boolean }>(
    `/companies/${companyId}/managers/${user.userId}/access`,
  );
const approve = async ({ admin, companyId }: StageCompany, ...leaders: readonly Leader[]) =>
  void (await admin.decideMany(
    companyId,
    'approve',
    leaders.map(({ user }) => user.userId),
  ));

describe('S14 managers from the directory', () => {
  it('S14 are the approved people with somebody who reports to them, and follow the directory', async () => {
    const { company, leader } = await openCompany('Aconite');
    const { admin, companyId, deeds } = company;
    const managers = async () => (await admin.call<{ managers: { userId: string }[] }>(`/companies/${companyId}/managers`)).managers;
    expect(await managers()).toEqual([]);
    await approve(company, leader);
    expect((await managers()).map(({ userId }) => userId)).toEqual([leader.user.userId]);
    for (const { objectId } of leader.team) deeds.changeManager(objectId, null);
    await stage.syncNow(company, true);
    expect(await managers()).toEqual([]);
  });
});

describe('S16 the Managers Approval setting', () => {
  it('S16 is off by default: nobody is invited by being approved', async () => {
    const { company, leader } = await openCompany('Bergamot');
    await approve(company, leader);
    await stage.pass(5 * minute);
    expect(invitationsTo(leader.mail)).toEqual([]);
  });

  it('S16 invites each newly approved manager once it is on, and somebody approved before who becomes one', async () => {
    const { company, leader, other } = await openCompany('Caltrop');
    await stage.changeSettings(company, { managersApproval: true });
    await approve(company, leader);
    await stage.pass(2 * minute);
    expect(invitationsTo(leader.mail)).toHaveLength(1);

    const [joiner] = other.team;
    const [late] = leader.team.filter(({ kind, mail, userId }) => kind === 'person' && mail !== null && userId !== other.user.userId);
    if (!joiner || !late) throw new Error('Too few people.');
    await company.admin.decideMany(company.companyId, 'approve', [late.userId]);
    await stage.pass(2 * minute);
    expect(invitationsTo(late.mail ?? '')).toEqual([]);
    company.deeds.changeManager(joiner.objectId, late.objectId);
    await stage.syncNow(company);
    await stage.pass(2 * minute);
    expect(invitationsTo(late.mail ?? '')).toHaveLength(1);
  });
});

describe('S17 manual Manager Access', () => {
  it('S17 names the address for confirmation, and goes nowhere else', async () => {
    const { company, leader, other } = await openCompany('Dittany');
    await approve(company, leader);
    expect(await invite(company, leader, { mail: 'somebody.else@dittany.example' })).toMatchObject({
      outcome: 'refused',
      reason: 'addressDiffers',
    });
    expect(await invite(company, leader)).toMatchObject({ outcome: 'sent' });
    expect(await invite(company, other)).toMatchObject({ outcome: 'refused', reason: 'pending' });
    await stage.pass(minute);
    expect(invitationsTo(leader.mail)).toHaveLength(1);
    expect(newestMail(stage, leader.mail, invited).plainText).toContain('Dittany');
  });

  it('S17 can be sent again, which makes the old link dead, runs out, and can be taken back', async () => {
    const { company, leader } = await openCompany('Eyebright');
    const { admin, companyId } = company;
    await approve(company, leader);
    await invite(company, leader);
    await stage.pass(minute);
    const old = tokenIn(newestMail(stage, leader.mail, invited));
    expect(await invite(company, leader)).toMatchObject({ outcome: 'skipped', reason: 'invitationOpen' });
    expect(await invite(company, leader, { mail: leader.mail, resend: true })).toMatchObject({ outcome: 'sent' });
    await stage.pass(minute);
    const portal = openPortal(stage, company);
    expect((await portal.accept(old)).status).toBe(410);
    expect((await portal.accept('nonsense')).status).toBe(410);
    await stage.pass(15 * day);
    expect(await access(company, leader)).toMatchObject({ state: 'invited', invitationExpired: true });
    expect((await portal.accept(tokenIn(newestMail(stage, leader.mail, invited)))).status).toBe(410);
    await invite(company, leader);
    await stage.pass(minute);
    const body = { command: 'revoke', reason: 'Sent by mistake' };
    await admin.call(`/companies/${companyId}/managers/${leader.user.userId}/access`, { method: 'POST', body });
    expect((await portal.accept(tokenIn(newestMail(stage, leader.mail, invited)))).status).toBe(410);
  });
});

describe('S18 bulk invitations', () => {
  it('S18 say for each person what became of it, and by a filter reach all managers', async () => {
    const { company, leader, other } = await openCompany('Fennel');
    const { admin, companyId } = company;
    await approve(company, leader);
    const [member] = leader.team;
    const userIds = [leader.user.userId, other.user.userId, member?.userId ?? '', `${company.tenant.tenantId}_nobody`];
    const bulk = await admin.call<{ sent: number; items: { outcome: string; reason: string | null }[] }>(
      `/companies/${companyId}/manager-invitations`,
      { method: 'POST', body: { userIds } },
    );
    expect(bulk.items.map(({ outcome, reason }) => reason ?? outcome)).toEqual(['sent', 'pending', 'pending', 'unknown']);
    await approve(company, other);
    const matching = await admin.call<{ sent: number; skipped: number; nextPage: string | null }>(
      `/companies/${companyId}/manager-invitations/matching`,
      { method: 'POST', body: {} },
    );
    expect(matching).toMatchObject({ sent: 1, skipped: 1, nextPage: null });
    await stage.pass(minute);
    expect([invitationsTo(leader.mail).length, invitationsTo(other.mail).length]).toEqual([1, 1]);
  });
});

describe('S19 from the invitation to the User Portal', () => {
  it('S19 the link sets a password once, and mail address and password open the portal', async () => {
    const { company, leader } = await openCompany('Gentian');
    await approve(company, leader);
    await invite(company, leader);
    await stage.pass(minute);
    const token = tokenIn(newestMail(stage, leader.mail, invited));
    const portal = openPortal(stage, company);
    expect((await portal.accept(token, 'short')).status).toBe(422);
    expect((await portal.accept(token, 'gentian-gentian-1')).status).toBe(422);
    expect((await portal.accept(token)).status).toBe(200);
    expect((await portal.accept(token)).status).toBe(410);
    expect((await portal.call('GET', '')).status).toBe(401);
    expect((await portal.signIn(leader.mail, 'not the right words')).status).toBe(401);
    expect((await portal.signIn(leader.mail)).status).toBe(200);
    expect((await portal.call('GET', '')).body).toMatchObject({ companyName: 'Gentian', displayName: leader.user.displayName });
  });

  it('S19 a forgotten password is replaced by a link in a mail, and ends every session', async () => {
    const { company, leader } = await openCompany('Hyssop');
    const portal = await managerInPortal(stage, company, leader);
    const stranger = openPortal(stage, company);
    const asked = { body: { companyId: company.companyId, mail: leader.mail } };
    expect((await stranger.call('POST', '/password-reset', asked)).status).toBe(204);
    const nobody = { body: { companyId: company.companyId, mail: 'nobody@hyssop.example' } };
    expect((await stranger.call('POST', '/password-reset', nobody)).status).toBe(204);
    await stage.pass(minute);
    const token = tokenIn(newestMail(stage, leader.mail, /new password/));
    const password = 'granite otter violin meadow';
    expect((await stranger.call('POST', '/password', { body: { token, password } })).status).toBe(200);
    expect((await portal.call('GET', '')).status).toBe(401);
    expect((await portal.signIn(leader.mail, goodPassword)).status).toBe(401);
    expect((await portal.signIn(leader.mail, password)).status).toBe(200);
    await stage.pass(minute);
    expect(newestMail(stage, leader.mail, /password was changed/).plainText).toContain('If it was not');
  });

  it('S19 nobody gets in by guessing, and whoever guesses waits', async () => {
    const { company, leader } = await openCompany('Iris');
    await managerInPortal(stage, company, leader);
    const thief = openPortal(stage, company);
    const answers: number[] = [];
    for (let guess = 0; guess < 30; guess += 1) answers.push((await thief.signIn(leader.mail, `guess number ${guess} of many`)).status);
    expect(answers.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    // Time goes on while guessing: now and then one more is looked at.
    expect(answers.slice(5).filter((status) => status === 429).length).toBeGreaterThan(12);
    expect(new Set(answers)).toEqual(new Set([401, 429]));
    expect((await thief.signIn('nobody@iris.example', 'a guess of twelve')).status).toBe(401);
  });
});

describe('S21 no repeat invitation', () => {
  it('S21 an active manager is never invited again, in whatever way it is asked for', async () => {
    const { company, leader } = await openCompany('Juniper');
    await stage.changeSettings(company, { managersApproval: true });
    await managerInPortal(stage, company, leader);
    const before = invitationsTo(leader.mail).length;
    expect(await invite(company, leader)).toMatchObject({ outcome: 'skipped', reason: 'alreadyActive' });
    expect(await invite(company, leader, { mail: leader.mail, resend: true })).toMatchObject({ outcome: 'skipped' });
    await company.admin.call(`/companies/${company.companyId}/manager-invitations/matching`, { method: 'POST', body: { resend: true } });
    await company.admin.decideMany(company.companyId, 'reopen', [leader.user.userId]);
    await stage.pass(2 * minute);
    await approve(company, leader);
    await stage.pass(2 * minute);
    expect(invitationsTo(leader.mail)).toHaveLength(before);
    expect(await access(company, leader)).toMatchObject({ state: 'active' });
  });
});

describe('N8 a manager who goes', () => {
  it('N8 is out at once, the team belongs to the next one, and the admin sees both', async () => {
    const { company, leader, other } = await openCompany('Lovage');
    const portal = await managerInPortal(stage, company, leader);
    await approve(company, other);
    const moved = leader.team.filter(({ objectId }) => objectId !== other.user.objectId);
    for (const { objectId } of moved) company.deeds.changeManager(objectId, other.user.objectId);
    company.deeds.purge(leader.user.objectId);
    await stage.syncNow(company);
    expect((await portal.call('GET', '/team')).status).toBe(401);
    expect((await portal.signIn(leader.mail)).status).toBe(401);
    await stage.pass(2 * minute);
    expect(await access(company, leader)).toMatchObject({ state: 'suspended', endedBecause: 'This person has left the tenant.' });
    const entry = (await company.admin.audit(company.companyId)).find(({ action }) => action === 'managerSuspended');
    expect(entry?.reason).toContain(`${other.user.displayName} leads`);

    const next = await managerInPortal(stage, company, other);
    const names = (await next.team()).members.map(({ displayName }) => displayName);
    for (const { displayName } of moved) expect(names).toContain(displayName);
  });
});
