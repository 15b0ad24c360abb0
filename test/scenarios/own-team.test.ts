// A manager sees the courses of the own team and of nobody else, and reminds its members.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../functions/routes.ts';
import { type Api, makeApi, type UserView } from '../../sandbox/api.ts';
import { type Leader, leadersOf, managerInPortal, newestMail, openPortal, type Portal, tokenIn } from './manager-portal.ts';
import { day, minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
let platform: Api;
beforeAll(async () => {
  stage = await openStage();
  platform = makeApi({ url: stage.sandbox.url, token: await stage.sandbox.entra.issueProgramToken({ expiresInSeconds: 400 * 86_400 }) });
});
afterAll(async () => await stage?.stop());

const dayFromNow = (days: number) => new Date(stage.sandbox.clock.now() + days * day).toISOString().slice(0, 10);
let version = 0;
async function assign({ companyId }: StageCompany, { userId }: UserView, courseId: string, change: object): Promise<void> {
  version += 1;
  const course = { version, title: `Course ${courseId}`, assignedOn: '2026-01-10', link: `https://learn.example/${courseId}` };
  await platform.stateAssignment(companyId, userId, courseId, { ...course, ...change });
}

interface Opened {
  readonly company: StageCompany;
  readonly leader: Leader;
  readonly other: Leader;
  readonly portal: Portal;
  /** People of the leader's team with an address. */
  readonly members: readonly UserView[];
}

async function openCompany(name: string, settings: object = {}): Promise<Opened> {
  const company = await stage.connectCompany({ name, users: 60, timeZone: 'Europe/Berlin' });
  if (Object.keys(settings).length > 0) await stage.changeSettings(company, { ...settings });
  const [leader, other] = (await leadersOf(company)).filter(({ team }) => team.length > 2);
  if (!leader || !other) throw new Error('Too few people lead a team.');
  const portal = await managerInPortal(stage, company, leader);
  return { company, leader, other, portal, members: leader.team.filter(({ mail, kind }) => mail !== null && kind === 'person') };
}

describe('S15 the team’s assignments', () => {
  it('S15 are shown by member, with what is overdue, due soon, open and done', async () => {
    const { company, leader, portal, members } = await openCompany('Mallow');
    const [first, second] = members;
    if (!first || !second) throw new Error('The team is too small.');
    await assign(company, first, 'late', { dueOn: dayFromNow(-3) });
    await assign(company, first, 'soon', { dueOn: dayFromNow(3) });
    await assign(company, first, 'far', { dueOn: dayFromNow(60) });
    await assign(company, second, 'done', {
      dueOn: dayFromNow(-3),
      progress: 100,
      completedAt: new Date(stage.sandbox.clock.now()).toISOString(),
    });
    const team = await portal.team();
    expect(team.members.map(({ userId }) => userId).toSorted()).toEqual(leader.team.map(({ userId }) => userId).toSorted());
    expect(team.counts).toEqual({ overdue: 1, dueSoon: 1, open: 1, done: 1 });
    expect((await portal.team('?status=overdue')).members).toMatchObject([{ userId: first.userId, counts: { overdue: 1, dueSoon: 1 } }]);
    expect((await portal.team(`?search=${encodeURIComponent(second.displayName)}`)).members[0]?.userId).toBe(second.userId);
    expect((await portal.member(first.userId)).body).toMatchObject({
      assignments: [{ courseId: 'late', status: 'overdue' }, { courseId: 'soon' }, { courseId: 'far' }],
    });
    const sheet = String((await portal.call('GET', '/team.csv')).body);
    expect(sheet).toContain(first.displayName);
    expect(sheet.trim().split('\n')).toHaveLength(leader.team.length + 1);
  });

  it('S15 follow the directory at once, show approved people only, and say how many are still pending', async () => {
    const { company, portal, members } = await openCompany('Nettle');
    const { admin, companyId, deeds } = company;
    const [first] = members;
    if (!first) throw new Error('The team is too small.');
    const before = (await portal.team()).members.length;
    await admin.decideMany(companyId, 'reopen', [first.userId]);
    expect(await portal.team()).toMatchObject({ pending: 1 });
    expect((await portal.team()).members).toHaveLength(before - 1);
    expect((await portal.member(first.userId)).status).toBe(404);
    deeds.changeManager(first.objectId, null);
    await stage.syncNow(company, true);
    expect(await portal.team()).toMatchObject({ pending: 0 });
  });

  it('S15 are those of the own team only, for every route of the portal', async () => {
    const { company, other, portal, members } = await openCompany('Orris');
    const elsewhere = await openCompany('Privet');
    const [member] = members;
    const [stranger] = elsewhere.members;
    const [colleague] = other.team.filter(({ managerId }) => managerId === other.user.userId);
    if (!member || !stranger || !colleague) throw new Error('The teams are too small.');
    await company.admin.decideMany(company.companyId, 'approve', [other.user.userId, ...other.team.map(({ userId }) => userId)]);
    for (const [owner, person] of [
      [company, member],
      [company, colleague],
      [elsewhere.company, stranger],
    ] as const) {
      await assign(owner, person, 'late', { dueOn: dayFromNow(-3) });
    }
    const ofManagers = routes.filter(({ action, path }) => action === 'manager' && path.includes('/team'));
    expect(ofManagers.map(({ name }) => name).toSorted()).toEqual(['exportOwnTeam', 'readOwnTeam', 'readTeamMember', 'remindOwnTeam']);
    for (const outsider of [colleague, stranger, other.user]) {
      expect((await portal.member(outsider.userId)).status).toBe(404);
      expect(JSON.stringify(await portal.team())).not.toContain(outsider.userId);
      expect(String((await portal.call('GET', '/team.csv')).body)).not.toContain(outsider.mail ?? outsider.displayName);
      expect((await portal.remind([outsider.userId])).items).toMatchObject([{ outcome: 'skipped', reason: 'notInTeam' }]);
    }
    expect((await elsewhere.portal.member(member.userId)).status).toBe(404);
    // A former manager's session opens nothing any more.
    for (const { objectId } of members) company.deeds.changeManager(objectId, other.user.objectId);
    await company.admin.decideMany(company.companyId, 'deny', [await leaderOf(company, members)]);
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/team'],
      ['GET', '/team.csv'],
      ['GET', `/team/${member.userId}`],
    ] as const) {
      expect((await portal.call(method, path)).status).toBe(401);
    }
    expect((await portal.call('POST', '/team-reminders', { body: {} })).status).toBe(401);
  });

  it('P20 reach down the whole tree where the company wants it', async () => {
    const { company, leader, other, portal } = await openCompany('Quince');
    const { admin, companyId, deeds } = company;
    deeds.changeManager(other.user.objectId, leader.user.objectId);
    await stage.syncNow(company, true);
    await admin.decideMany(companyId, 'approve', [other.user.userId, ...other.team.map(({ userId }) => userId)]);
    const own = (await portal.team()).members.map(({ userId }) => userId);
    const below = other.team.filter(({ userId }) => !own.includes(userId) && userId !== leader.user.userId);
    expect(own).toContain(other.user.userId);
    await stage.changeSettings(company, { wholeTree: true });
    const all = (await portal.team()).members;
    for (const { userId } of below) expect(all).toContainEqual(expect.objectContaining({ userId, depth: 2 }));
  });
});

async function leaderOf({ admin, companyId }: StageCompany, [member]: readonly UserView[]): Promise<string> {
  return (await admin.user(companyId, member?.userId ?? '')).managerId ?? '';
}

describe('S20 silent until accepted', () => {
  it('S20 an invited manager gets no mail about the team, and sees nothing', async () => {
    const company = await stage.connectCompany({ name: 'Rue', users: 60 });
    const { admin, companyId } = company;
    const [leader] = await leadersOf(company);
    if (!leader) throw new Error('Nobody leads a team.');
    await stage.changeSettings(company, { weeklyReminders: true, managersApproval: true });
    await admin.decideMany(companyId, 'approve', [leader.user.userId, ...leader.team.map(({ userId }) => userId)]);
    const [member] = leader.team;
    if (member) await assign(company, member, 'late', { dueOn: dayFromNow(-3) });
    for (let days = 0; days < 9; days += 1) await stage.pass(day);
    expect(stage.mailsTo(leader.mail).map(({ subject }) => subject)).toEqual([expect.stringMatching(/see how your team/)]);
    expect(await openPortal(stage, company).signIn(leader.mail)).toMatchObject({ status: 401 });
    const portal = openPortal(stage, company);
    expect((await portal.accept(tokenIn(newestMail(stage, leader.mail, /see how your team/)))).status).toBe(200);
    expect((await portal.signIn(leader.mail)).status).toBe(200);
  });
});

describe('S23 reminding the team', () => {
  it('S23 mails each member with something due a list of those courses with links, once a day', async () => {
    const { company, leader, portal, members } = await openCompany('Saffron');
    const [first, second, third] = members;
    if (!first || !second || !third) throw new Error('The team is too small.');
    const nasty = '=HYPERLINK("https://evil.example") <script>alert(1)</script>';
    await assign(company, first, 'late', { dueOn: dayFromNow(-3), title: nasty });
    await assign(company, first, 'far', { dueOn: dayFromNow(60) });
    await assign(company, second, 'soon', { dueOn: dayFromNow(3) });
    expect(await portal.remind()).toMatchObject({ sent: 2, skipped: 0 });
    expect(await portal.remind([first.userId, third.userId])).toMatchObject({
      sent: 0,
      items: [{ reason: 'remindedToday' }, { reason: 'nothingDue' }],
    });
    await stage.pass(minute);
    const reminded = new RegExp('reminds you of 1 course');
    const mail = newestMail(stage, first.mail ?? '', reminded);
    expect(mail.plainText).toContain('https://learn.example/late');
    expect(mail.plainText).toContain(leader.user.displayName);
    expect(mail.plainText).not.toContain('learn.example/far');
    expect(mail.html).not.toContain('<script>');
    expect(stage.mailsTo(third.mail ?? '')).toEqual([]);
    expect((await portal.team()).members.find(({ userId }) => userId === first.userId)?.remindedAt).not.toBeNull();
    await stage.pass(day);
    await portal.signIn(leader.mail);
    expect(await portal.remind([first.userId])).toMatchObject({ sent: 1 });
  });

  it('S23 reaches nobody who is not approved', async () => {
    const { company, portal, members } = await openCompany('Tansy');
    const [first] = members;
    if (!first) throw new Error('The team is too small.');
    await assign(company, first, 'late', { dueOn: dayFromNow(-3) });
    await company.admin.decideMany(company.companyId, 'deny', [first.userId]);
    expect(await portal.remind()).toMatchObject({ sent: 0 });
    expect(await portal.remind([first.userId])).toMatchObject({ items: [{ outcome: 'skipped', reason: 'notInTeam' }] });
    await stage.pass(minute);
    expect(stage.mailsTo(first.mail ?? '')).toEqual([]);
  });
});
