// Managers with accounts get one mail a week about their team, by mail and links as they are really sent; admins learn why somebody got none.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, makeApi, type UserView } from '../../sandbox/api.ts';
import type { ReceivedMail } from '../../sandbox/email/mailbox.ts';
import { nextReminder, type ReminderSchedule } from '../../shared/domain/weekly-reminder.ts';
import { day, hour, minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
let platform: Api;
beforeAll(async () => {
  stage = await openStage();
  platform = makeApi({ url: stage.sandbox.url, token: await stage.sandbox.entra.issueProgramToken({ expiresInSeconds: 400 * 86_400 }) });
});
afterAll(async () => await stage?.stop());

const password = 'stout heron ladder mosaic';

interface Leader {
  readonly user: UserView;
  readonly mail: string;
  readonly team: readonly UserView[];
}

/** A company in which somebody with a team of at least two is approved, with the whole team; nobody is invited yet. */
async function openCompany(name: string): Promise<{ readonly company: StageCompany; readonly leader: Leader; readonly other: Leader }> {
  const company = await stage.connectCompany({ name, users: 60, timeZone: 'Europe/Berlin' });
  const { admin, companyId } = company;
  await stage.changeSettings(company, { syncPaused: true, weeklyReminders: true });
  const people = await admin.allUsers(companyId, { kind: 'person' });
  const leaders = people
    .map((user) => ({
      user,
      mail: user.mail ?? '',
      team: people.filter(({ managerId, userId }) => managerId === user.userId && userId !== user.userId),
    }))
    .filter(({ team, mail }) => team.length > 1 && mail !== '');
  const [leader, other] = leaders;
  if (!leader || !other) throw new Error('Nobody leads a team.');
  const ids = [leader, other].flatMap(({ user, team }) => [user.userId, ...team.map(({ userId }) => userId)]);
  await admin.decideMany(companyId, 'approve', [...new Set(ids)]);
  return { company, leader, other };
}

const tokenIn = (mail: ReceivedMail, path: string): string => {
  const [, token] = new RegExp(`${path}#token=([^\\s"<]+)`).exec(mail.plainText) ?? [];
  if (token === undefined) throw new Error(`The mail has no link to ${path}:\n${mail.plainText}`);
  return token;
};
const post = async (path: string, body: unknown, headers = {}) =>
  await fetch(`${stage.sandbox.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

/** Invites somebody and accepts by the link of the mail. */
async function giveAccess({ admin, companyId }: StageCompany, { user, mail }: Leader): Promise<void> {
  await admin.call(`/companies/${companyId}/managers/${user.userId}/invitation`, { method: 'POST', body: { mail } });
  await stage.pass(minute);
  const invitation = stage.mailsTo(mail).at(-1);
  if (!invitation) throw new Error('No invitation came.');
  const accepted = await post('/api/v1/account/invitation', { token: tokenIn(invitation, '/account/invitation'), password });
  expect(accepted.status).toBe(200);
}

const remindersTo = (mail: string) => stage.mailsTo(mail).filter(({ subject }) => subject.startsWith('Your team this week'));

interface Answer {
  readonly outcome: string;
  readonly reason: string | null;
  readonly words: string;
  readonly nextDueAt: string;
}
const why = async ({ admin, companyId }: StageCompany, { user }: Leader, week = '') =>
  await admin.call<Answer>(`/companies/${companyId}/managers/${user.userId}/reminders${week === '' ? '' : `?week=${week}`}`);

/** Lets time pass until the next reminder is due, and a little more. */
async function passToReminder(company: StageCompany, leader: Leader): Promise<void> {
  const { nextDueAt } = await why(company, leader);
  await stage.pass(Date.parse(nextDueAt) - stage.sandbox.clock.now());
  await stage.passUntil(async () => (await why(company, leader)).outcome !== 'undecided', 10 * minute);
  await stage.pass(minute);
}

const dayFromNow = (days: number) => new Date(stage.sandbox.clock.now() + days * day).toISOString().slice(0, 10);
let version = 0;
async function assign(company: StageCompany, user: UserView | undefined, courseId: string, change: object): Promise<void> {
  if (!user) throw new Error('There is nobody.');
  version += 1;
  const course = { version, title: `Course ${courseId}`, assignedOn: '2026-01-10', ...change };
  await platform.stateAssignment(company.companyId, user.userId, courseId, course);
}

describe('S22 the weekly reminder', () => {
  it('S22 and S20 comes once a week, after the invitation was accepted, with what is to be said', async () => {
    const { company, leader, other } = await openCompany('Yarrow');
    const [first, second] = leader.team;
    await assign(company, first, 'fire', { dueOn: dayFromNow(-3) });
    await assign(company, second, 'aid', { dueOn: dayFromNow(60) });
    await assign(company, other.team[0], 'fire', { dueOn: dayFromNow(-3) });
    // S20: an open invitation is not enough.
    await company.admin.call(`/companies/${company.companyId}/managers/${other.user.userId}/invitation`, {
      method: 'POST',
      body: { mail: other.mail },
    });
    await giveAccess(company, leader);
    await passToReminder(company, leader);
    expect(remindersTo(other.mail)).toEqual([]);
    expect(await why(company, other)).toMatchObject({ outcome: 'skipped', reason: 'notAccepted' });
    const [mail, ...more] = remindersTo(leader.mail);
    expect(more).toEqual([]);
    expect(mail?.plainText).toContain('1 course is overdue, 0 are due soon, and 0 were done since the last mail.');
    expect(mail?.plainText).toContain(`${first?.displayName}: 1 overdue.`);
    expect(await why(company, leader)).toMatchObject({ outcome: 'sent', words: expect.stringContaining('the mail service took it over') });
    await stage.pass(2 * day);
    expect(remindersTo(leader.mail)).toHaveLength(1);

    await assign(company, first, 'fire', {
      dueOn: dayFromNow(-3),
      progress: 100,
      completedAt: new Date(stage.sandbox.clock.now()).toISOString(),
    });
    await passToReminder(company, leader);
    expect(remindersTo(leader.mail)).toHaveLength(2);
    expect(remindersTo(leader.mail).at(-1)?.plainText).toContain(
      '0 courses are overdue, 0 are due soon, and 1 was done since the last mail.',
    );
    await passToReminder(company, leader);
    expect(remindersTo(leader.mail)).toHaveLength(2);
    expect(await why(company, leader)).toMatchObject({
      outcome: 'skipped',
      reason: 'nothingToSay',
      words: 'Nothing was overdue, due soon or newly done.',
    });
    const weeks = await company.admin.call<{ weeks: readonly object[] }>(`/companies/${company.companyId}/reminders`);
    expect(weeks).toMatchObject({ companyOn: true, mails: { waiting: 0, estimatedEnd: null } });
    expect(weeks.weeks[0]).toMatchObject({ total: 2, decided: 2, sent: 0 });
    await stage.disconnectAll();
  });

  it('S22 obeys the company’s switch and each manager’s own, set by an admin, by the manager, or by one click in the mail', async () => {
    const { company, leader } = await openCompany('Sorrel');
    const { admin, companyId } = company;
    await assign(company, leader.team[0], 'fire', { dueOn: dayFromNow(-3) });
    await giveAccess(company, leader);
    await stage.changeSettings(company, { weeklyReminders: false });
    await passToReminder(company, leader);
    expect(await why(company, leader)).toMatchObject({ outcome: 'skipped', reason: 'companyOff' });
    await admin.call(`/companies/${companyId}/managers/${leader.user.userId}/reminders`, { method: 'PUT', body: { setting: 'on' } });
    await passToReminder(company, leader);
    const [mail] = remindersTo(leader.mail);
    expect(mail?.headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click');
    const oneClick = /^<(.+)>$/.exec(mail?.headers['List-Unsubscribe'] ?? '')?.[1] ?? '';
    const page = await fetch(oneClick.split('?')[0] ?? '');
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Stop these mails')]);
    expect(await why(company, leader)).toMatchObject({ setting: 'on' });

    // As a mail program sends it: a form, from anywhere.
    const clicked = await fetch(oneClick, {
      method: 'POST',
      body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
      headers: { origin: 'https://mail.example', 'sec-fetch-site': 'cross-site' },
    });
    expect(clicked.status).toBe(204);
    expect(await why(company, leader)).toMatchObject({ setting: 'off' });
    expect((await admin.audit(companyId)).filter(({ action }) => action === 'remindersChanged')).toHaveLength(2);
    await passToReminder(company, leader);
    expect(await why(company, leader)).toMatchObject({ outcome: 'skipped', reason: 'managerOff' });
    expect(remindersTo(leader.mail)).toHaveLength(1);

    const signedIn = await post('/api/v1/account/sign-in', { companyId, mail: leader.mail, password });
    const headers = { cookie: signedIn.headers.get('set-cookie')?.split(';')[0] ?? '', 'content-type': 'application/json' };
    const own = `${stage.sandbox.url}/api/v1/account`;
    const changed = await fetch(`${own}/reminders`, { method: 'PUT', headers, body: JSON.stringify({ setting: 'inherit' }) });
    expect(await changed.json()).toEqual({ setting: 'inherit' });
    expect(await (await fetch(own, { headers })).json()).toMatchObject({ reminders: 'inherit' });
    await stage.disconnectAll();
  });

  it('S22 comes at eight in the company’s time zone, on both sides of a clock change', async () => {
    const { company, leader } = await openCompany('Tansy');
    await assign(company, leader.team[0], 'fire', { dueOn: dayFromNow(-3) });
    await giveAccess(company, leader);
    const schedule: ReminderSchedule = { weekday: 1, hour: 8, timeZone: 'Europe/Berlin' };
    let before = nextReminder(schedule, new Date(stage.sandbox.clock.now()));
    let after = nextReminder(schedule, before.dueAt);
    while (after.dueAt.getTime() - before.dueAt.getTime() === 7 * day) [before, after] = [after, nextReminder(schedule, after.dueAt)];
    for (const { dueAt } of [before, after]) {
      await stage.pass(dueAt.getTime() - minute - stage.sandbox.clock.now());
      const earlier = remindersTo(leader.mail).length;
      await stage.passUntil(async () => remindersTo(leader.mail).length > earlier, 5 * minute);
      const late = Date.parse(remindersTo(leader.mail).at(-1)?.at ?? '') - dueAt.getTime();
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(5 * minute);
    }
    await stage.disconnectAll();
  });

  it('S22 and N7 is decided after an outage, up to two days late, and the week is recorded when it was longer', async () => {
    const { company, leader } = await openCompany('Vervain');
    await assign(company, leader.team[0], 'fire', { dueOn: dayFromNow(-3) });
    await giveAccess(company, leader);
    await passToReminder(company, leader);
    const outage = async (late: number) => {
      const { nextDueAt } = await why(company, leader);
      await stage.sandbox.host.kill();
      await stage.pass(Date.parse(nextDueAt) + late - stage.sandbox.clock.now());
      await stage.passUntil(async () => (await why(company, leader)).outcome !== 'undecided', 10 * minute);
      await stage.pass(minute);
    };
    await outage(47 * hour);
    expect(remindersTo(leader.mail)).toHaveLength(2);
    await outage(50 * hour);
    expect(remindersTo(leader.mail)).toHaveLength(2);
    expect(await why(company, leader)).toMatchObject({ outcome: 'skipped', reason: 'tooLate' });
    await stage.disconnectAll();
  });
});

describe('P21 the status without an account', () => {
  it('P21 opens the week’s status by the link in the mail, read only, until the company switches it off', async () => {
    const { company, leader } = await openCompany('Woodruff');
    const [first] = leader.team;
    await assign(company, first, 'fire', { dueOn: dayFromNow(-3) });
    await giveAccess(company, leader);
    await passToReminder(company, leader);
    expect(remindersTo(leader.mail).at(-1)?.plainText).not.toContain('/team-status');
    await stage.changeSettings(company, { statusLinks: true });
    await passToReminder(company, leader);
    const mail = remindersTo(leader.mail).at(-1);
    if (!mail) throw new Error('No reminder came.');
    const token = tokenIn(mail, '/team-status');
    const page = await fetch(`${stage.sandbox.url}/team-status`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).not.toContain(first?.displayName);
    const status = await post('/api/v1/team-status', { token });
    expect(await status.json()).toMatchObject({
      companyName: 'Woodruff',
      counts: { overdue: 1 },
      members: expect.arrayContaining([{ displayName: first?.displayName, counts: { overdue: 1, dueSoon: 0, open: 0, done: 0 } }]),
    });
    await stage.changeSettings(company, { statusLinks: false });
    expect((await post('/api/v1/team-status', { token })).status).toBe(410);
    await stage.changeSettings(company, { statusLinks: true });
    expect((await post('/api/v1/team-status', { token })).status).toBe(200);
    await stage.pass(7 * day);
    expect((await post('/api/v1/team-status', { token })).status).toBe(410);
    await stage.disconnectAll();
  });
});
