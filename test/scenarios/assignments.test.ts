// The training platform writes courses; admins read them; nobody else learns anything, and nothing of another company is touched.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, makeApi, type UserView } from '../../sandbox/api.ts';
import { openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
let company: StageCompany;
let platform: Api;
let people: readonly UserView[];

beforeAll(async () => {
  stage = await openStage();
  company = await stage.connectCompany({ name: 'Juniper', users: 60, timeZone: 'Europe/Berlin' });
  await stage.changeSettings(company, { syncPaused: true });
  platform = makeApi({ url: stage.sandbox.url, token: await stage.sandbox.entra.issueProgramToken({ expiresInSeconds: 30 * 86_400 }) });
  people = await company.admin.allUsers(company.companyId, { kind: 'person' });
});
afterAll(async () => await stage?.stop());

function person(number: number): UserView {
  const found = people[number];
  if (!found) throw new Error('There are not so many people.');
  return found;
}

const fire = { version: 1, title: 'Fire safety', assignedOn: '2026-01-10', dueOn: '2026-02-01', link: 'https://learn.example/fire' };
const dayFromNow = (days: number) => new Date(stage.sandbox.clock.now() + days * 86_400_000).toISOString().slice(0, 10);

describe('one course of one user', () => {
  it('is stated by the platform and read by the company’s admin', async () => {
    const { admin, companyId } = company;
    const { userId } = person(0);
    expect(await platform.stateAssignment(companyId, userId, 'fire-1', fire)).toEqual({ outcome: 'created' });
    expect(await platform.stateAssignment(companyId, userId, 'fire-1', fire)).toEqual({ outcome: 'unchanged' });
    const soon = { ...fire, title: 'First aid', dueOn: dayFromNow(3) };
    expect(await platform.stateAssignment(companyId, userId, 'aid-1', soon)).toEqual({ outcome: 'created' });
    expect(await admin.assignments(companyId, userId)).toMatchObject({
      isActive: false,
      counts: { overdue: 1, dueSoon: 1, open: 0, done: 0 },
      assignments: [
        { courseId: 'fire-1', status: 'overdue', title: 'Fire safety' },
        { courseId: 'aid-1', status: 'dueSoon' },
      ],
    });
    await admin.decide(companyId, await admin.user(companyId, userId), 'approve');
    expect((await platform.assignments(companyId, userId)).isActive).toBe(true);
  });

  it('becomes due soon by a setting of the company', async () => {
    const { admin, companyId } = company;
    const { userId } = person(1);
    await platform.stateAssignment(companyId, userId, 'aid-1', { ...fire, dueOn: dayFromNow(20) });
    expect((await admin.assignments(companyId, userId)).counts).toMatchObject({ open: 1, dueSoon: 0 });
    await stage.changeSettings(company, { dueSoonDays: 30 });
    expect((await admin.assignments(companyId, userId)).counts).toMatchObject({ open: 0, dueSoon: 1 });
  });

  it('is not overwritten by a late message, nor by the same version with other words', async () => {
    const { companyId } = company;
    const { userId } = person(2);
    await platform.stateAssignment(companyId, userId, 'fire-1', {
      ...fire,
      version: 7,
      progress: 100,
      completedAt: '2026-03-01T08:00:00Z',
    });
    expect(await platform.stateAssignment(companyId, userId, 'fire-1', { ...fire, version: 6 })).toEqual({ outcome: 'outdated' });
    await expect(platform.stateAssignment(companyId, userId, 'fire-1', { ...fire, version: 7 })).rejects.toMatchObject({
      status: 409,
      code: 'conflict',
    });
    expect((await platform.assignments(companyId, userId)).counts.done).toBe(1);
  });

  it.each([
    ['a due day in the year 0', { dueOn: '0000-01-01' }],
    ['a due day in the year 9999', { dueOn: '9999-12-31' }],
    ['a day that does not exist', { dueOn: '2026-02-30' }],
    ['a title of 10,000 characters', { title: 'x'.repeat(10_000) }],
    ['a title of two lines', { title: 'Fire\nsafety' }],
    ['a link that is a program', { link: 'javascript:alert(1)' }],
    ['more than all of it done', { progress: 101 }],
    ['a version and an instant', { changedAt: '2026-03-01T08:00:00Z' }],
    ['neither of them', { version: undefined }],
    ['no title', { title: undefined }],
    ['a field nobody knows', { titel: 'Fire' }],
  ])('is refused with %s', async (_, wrong) => {
    const body = JSON.stringify({ ...fire, ...wrong });
    const path = `/companies/${company.companyId}/users/${person(3).userId}/assignments/fire-1`;
    const answer = await platform.raw(path, { method: 'PUT', body });
    expect(answer.status).toBe(400);
    expect((await platform.assignments(company.companyId, person(3).userId)).assignments).toEqual([]);
  });

  it('keeps a title of markup, formulas and any script as it is', async () => {
    const { companyId } = company;
    const titles = ['<script>alert(1)</script>', '=HYPERLINK("https://evil.example")', 'تدريب على السلامة', '安全培训'];
    for (const [number, title] of titles.entries()) {
      await platform.stateAssignment(companyId, person(4).userId, `title-${number}`, { ...fire, title });
    }
    const { assignments } = await platform.assignments(companyId, person(4).userId);
    expect(assignments.map(({ title }) => title).toSorted()).toEqual(titles.toSorted());
  });
});

describe('courses in bulk', () => {
  it('say for each item what became of it', async () => {
    const { companyId } = company;
    const other = await stage.connectCompany({ name: 'Kale', users: 30 });
    const [stranger] = await other.admin.allUsers(other.companyId, { kind: 'person' });
    const items = [
      { ...fire, courseId: 'bulk-1', userId: person(5).userId },
      { ...fire, courseId: 'bulk-1', objectId: person(6).objectId },
      { ...fire, courseId: 'bulk-1', mail: person(7).mail },
      { ...fire, courseId: 'bulk-1', userId: stranger?.userId },
      { ...fire, courseId: 'bulk-1', mail: stranger?.mail },
      { ...fire, courseId: 'bulk-1', userId: person(8).userId, dueOn: 'soon' },
      { ...fire, courseId: 'bulk-1', userId: person(8).userId, mail: person(8).mail },
      'nonsense',
      { version: 2, removed: true, courseId: 'bulk-1', userId: person(5).userId },
    ];
    const { items: results, totals } = await platform.stateAssignments(companyId, items);
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'created',
      'created',
      'created',
      'unknownUser',
      'unknownUser',
      'invalid',
      'invalid',
      'invalid',
      'removed',
    ]);
    expect(totals).toMatchObject({ created: 3, unknownUser: 2, invalid: 3, removed: 1 });
    expect((await other.admin.assignments(other.companyId, stranger?.userId ?? '')).assignments).toEqual([]);
    expect((await platform.assignments(companyId, person(5).userId)).assignments).toEqual([]);
    const again = await platform.stateAssignments(companyId, items);
    expect(again.totals).toMatchObject({ created: 0, unchanged: 3, outdated: 1 });
  });

  it('take 5,000 items and no more', async () => {
    const { companyId } = company;
    const item = (number: number) => ({ ...fire, courseId: `many-${Math.floor(number / 30)}`, userId: person(1 + (number % 30)).userId });
    const items = Array.from({ length: 5_000 }, (_, number) => item(number));
    const { totals } = await platform.stateAssignments(companyId, items);
    expect(totals.created).toBe(5_000);
    await expect(platform.stateAssignments(companyId, [...items, item(0)])).rejects.toMatchObject({ status: 400 });
  });
});

describe('assignments', () => {
  it('are written by the platform alone, and read by whoever reads the company’s users', async () => {
    const { admin, companyId } = company;
    const { userId } = person(0);
    await expect(admin.stateAssignment(companyId, userId, 'x', fire)).rejects.toMatchObject({ status: 403 });
    await expect(stage.operator.assignments(companyId, userId)).rejects.toMatchObject({ status: 403 });
    const other = await stage.connectCompany({ name: 'Lime', users: 30 });
    await expect(other.admin.assignments(companyId, userId)).rejects.toMatchObject({ status: 404 });
    await expect(other.admin.assignments(other.companyId, userId)).rejects.toMatchObject({ status: 404 });
  });
});
