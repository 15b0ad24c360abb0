// Keeping up with the directory: on request, on schedule, and what each round leaves on record.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Api, UserView } from '../../sandbox/api.ts';
import { userNamed, usersMatchDirectory } from './directory-match.ts';
import { day, hour, minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
/** The company of every scenario that brings its own changes and asks for them. */
let shared: StageCompany;
beforeAll(async () => {
  stage = await openStage();
  shared = await stage.connectCompany({ name: 'Apricot' });
  await stage.changeSettings(shared, { syncPaused: true });
});
afterEach(async () => await stage.disconnectAll(shared));
afterAll(async () => await stage?.stop());

const reasonsOf = async ({ admin, companyId }: StageCompany) => (await admin.runs(companyId)).map((run) => run.reason);

describe('S6 selected fields kept current', () => {
  it('S6 follows every selected field, cleared ones too, and the manager', async () => {
    const company = shared;
    const { deeds, directory } = company;
    const person = directory.idAt(28);
    deeds.change(person, {
      department: 'Research',
      jobTitle: 'Head of Tea',
      officeLocation: 'Attic',
      mobilePhone: '+41 79 000 00 00',
      preferredLanguage: 'de-CH',
      givenName: 'Wanda',
      surname: 'Weiß',
      accountEnabled: false,
    });
    deeds.changeManager(person, directory.idAt(2));
    deeds.change(directory.idAt(27), { department: null, jobTitle: null, mobilePhone: null });
    deeds.changeManager(directory.idAt(26), null);
    expect(await stage.syncNow(company)).toMatchObject({ kind: 'delta', status: 'succeeded', counts: { added: 0, removed: 0 } });
    await usersMatchDirectory(company);
    expect(await company.admin.user(company.companyId, `${company.tenant.tenantId}_${person}`)).toMatchObject({
      department: 'Research',
      surname: 'Weiß',
      accountEnabled: false,
      managerId: `${company.tenant.tenantId}_${directory.idAt(2)}`,
    });
  });
});

describe('S7 Sync Now', () => {
  it('S7 brings in what happened since, at once', async () => {
    const company = shared;
    const { deeds, directory, admin, companyId } = company;
    deeds.hire({ displayName: 'Ida Instant', alias: 'ida.instant', managerId: directory.idAt(0) });
    deeds.leave(directory.idAt(24));
    deeds.rename(directory.idAt(25), { displayName: 'Married Name', mail: 'married@apricot.example' });
    const run = await stage.syncNow(company);
    expect(run).toMatchObject({ kind: 'delta', reason: 'syncNow', status: 'succeeded', counts: { added: 1, removed: 1 } });
    expect(run.requestedBy).toContain('Ada Admin');
    await usersMatchDirectory(company);
    expect((await admin.allUsers(companyId, { status: 'removed' })).map((user) => user.objectId)).toContain(directory.idAt(24));
  });

  it('S7 joins a second request to the running round and runs once more afterwards', async () => {
    const company = shared;
    const { admin, companyId, deeds, tenant } = company;
    const before = (await admin.runs(companyId)).length;
    const graph = stage.sandbox.graph.settings(tenant.tenantId);
    graph.latencyMs = 400;
    deeds.hire({ displayName: 'First Wave', alias: 'first.wave' });
    const first = await admin.syncNow(companyId);
    expect(first.outcome).toBe('started');
    deeds.hire({ displayName: 'Second Wave', alias: 'second.wave' });
    const others = await Promise.all([admin.syncNow(companyId), admin.syncNow(companyId)]);
    expect(others).toEqual([
      { outcome: 'willRunAgain', runId: first.runId },
      { outcome: 'willRunAgain', runId: first.runId },
    ]);
    expect(await admin.sync(companyId)).toMatchObject({ willRunAgain: true, running: { runId: first.runId } });
    graph.latencyMs = 0;
    await stage.sandbox.settle();
    expect((await reasonsOf(company)).slice(0, -before)).toEqual(['runAgain', 'syncNow']);
    await userNamed(company, 'second.wave@apricot.example');
    expect(await admin.sync(companyId)).toMatchObject({ running: null, willRunAgain: false });
  });

  it('S7 is refused for a company that is not connected', async () => {
    const { admin, companyId } = await stage.createCompany({ name: 'Dill' });
    await expect(admin.syncNow(companyId)).rejects.toMatchObject({ status: 409, code: 'not-connected' });
  });

  it('S7 reads everybody again when asked for a full round', async () => {
    const company = shared;
    expect(await stage.syncNow(company, true)).toMatchObject({
      kind: 'full',
      status: 'succeeded',
      counts: { users: company.directory.liveCount(), added: 0, removed: 0 },
    });
    await usersMatchDirectory(company);
  });
});

describe('S8 automatic upkeep', () => {
  it('S8 follows the directory by itself, every hour', async () => {
    const company = await stage.connectCompany({ name: 'Ginger' });
    const before = await reasonsOf(company);
    company.deeds.hire({ displayName: 'Ugo Unasked', alias: 'ugo.unasked' });
    await stage.pass(50 * minute);
    expect(await reasonsOf(company)).toEqual(before);
    // An hour and up to a tenth of it, so that not every company starts in the same minute.
    await stage.pass(17 * minute);
    expect(await reasonsOf(company)).toEqual(['scheduled', ...before]);
    await usersMatchDirectory(company);
  });

  it('S8 keeps to the interval the company chose', async () => {
    const company = await stage.connectCompany({ name: 'Heather' });
    const before = (await reasonsOf(company)).length;
    await stage.changeSettings(company, { syncEveryMinutes: 10 });
    for (let passed = 0; passed < 48; passed += 12) await stage.pass(12 * minute);
    expect((await reasonsOf(company)).length - before).toBeGreaterThanOrEqual(3);
  });

  it('P19 does nothing by itself while paused, still syncs on request, and goes on afterwards', async () => {
    const company = await stage.connectCompany({ name: 'Iris' });
    const { admin, companyId } = company;
    await stage.changeSettings(company, { syncPaused: true });
    const before = await reasonsOf(company);
    await stage.pass(day);
    expect(await reasonsOf(company)).toEqual(before);
    expect(await admin.sync(companyId)).toMatchObject({ paused: true, nextRoundAt: null });

    expect(await stage.syncNow(company)).toMatchObject({ status: 'succeeded' });
    expect(await admin.sync(companyId)).toMatchObject({ paused: true, nextRoundAt: null });

    await stage.changeSettings(company, { syncPaused: false });
    await stage.pass(67 * minute);
    expect(await reasonsOf(company)).toEqual(['scheduled', 'syncNow', ...before]);
  });
});

describe('P22 and P14 rounds and their records', () => {
  it('P22 reads changes alone between full rounds, and everybody again after a week', async () => {
    const company = await stage.connectCompany({ name: 'Jasmine', users: 100 });
    const { admin, companyId, deeds } = company;
    expect(await admin.runs(companyId)).toMatchObject([{ kind: 'full', counts: { users: 100, added: 100 } }]);
    deeds.hire({ displayName: 'Only Change', alias: 'only.change' });
    const delta = await stage.syncNow(company);
    expect(delta).toMatchObject({ kind: 'delta', counts: { added: 1 } });
    expect(delta.counts.entries).toBeLessThan(10);
    await stage.pass(8 * day);
    const [latest] = await admin.runs(companyId);
    expect(latest).toMatchObject({ kind: 'full', reason: 'scheduled', status: 'succeeded', counts: { users: 101, added: 0, removed: 0 } });
    await usersMatchDirectory(company);
  });

  it('P14 keeps a record of every round: who asked, when, how long, what it did', async () => {
    const company = shared;
    const { admin, companyId } = company;
    const run = await stage.syncNow(company);
    const runs = await admin.runs(companyId);
    expect(runs.map(({ runId }) => runId)).toContain(run.runId);
    expect(runs.at(-1)).toMatchObject({ reason: 'connected', requestedBy: 'Muster', status: 'succeeded', problem: null });
    for (const { startedAt, finishedAt, milliseconds, counts } of runs) {
      expect(milliseconds).toBe(Date.parse(finishedAt ?? '') - Date.parse(startedAt));
      expect(counts.graphCalls).toBeGreaterThan(0);
    }
    const instants = runs.map(({ startedAt }) => startedAt);
    expect(instants).toEqual(instants.toSorted().toReversed());
  });

  it('P14 tells the history of one person: arrival is followed by changes, decisions, leaving and coming back', async () => {
    const company = shared;
    const { admin, companyId, deeds, directory } = company;
    const id = directory.idAt(29);
    const userId = `${company.tenant.tenantId}_${id}`;
    const historyOf = async () => {
      const { lines } = await admin.call<{ lines: readonly { what: string; by: string; why: string | null }[] }>(
        `/companies/${companyId}/users/${userId}/history`,
      );
      return lines.map(({ what, by, why }) => ({ what, by, why }));
    };
    await admin.decide(companyId, await admin.user(companyId, userId), 'approve', 'Known to me');
    deeds.change(id, { department: 'Customs' });
    await stage.syncNow(company);
    deeds.leave(id);
    await stage.syncNow(company);
    deeds.restore(id);
    await stage.syncNow(company);
    const lines = await historyOf();
    expect(lines).toMatchObject([
      { what: 'approved', by: `Ada Admin (${company.adminMail})`, why: 'Known to me' },
      { what: expect.stringMatching(/^department .* → "Customs"$/) as unknown, by: 'Sync' },
      { what: 'removed', by: 'Sync' },
      { what: 'came back', by: 'Sync' },
    ]);
    await stage.pass(2 * hour);
    expect(await historyOf()).toEqual(lines);
  });
});

describe('S14 managers from the directory', () => {
  it('S14 names as managers exactly the approved people with a team, with the size of the team', async () => {
    const company = await stage.connectCompany({ name: 'Jackfruit', users: 100 });
    const { admin, companyId } = company;
    expect((await admin.managers(companyId)).managers).toEqual([]);
    const pending = await admin.allUsers(companyId);
    const teamOf = (user: UserView) => pending.filter((report) => report.managerId === user.userId && report.userId !== user.userId).length;
    const leaders = pending.filter((user) => teamOf(user) > 0);
    const approved = leaders.filter((_, index) => index % 3 !== 0);
    expect(approved.length).toBeGreaterThan(5);
    await admin.decideMany(
      companyId,
      'approve',
      approved.map((user) => user.userId),
    );
    const expected = Object.fromEntries(approved.map((user) => [user.userId, teamOf(user)]));
    const listed = (await admin.managers(companyId)).managers.map((manager) => [manager.userId, manager.reports] as const);
    expect(Object.fromEntries(listed)).toEqual(expected);

    const paged: string[] = [];
    for (let path: string | null = '?limit=2'; path !== null; ) {
      const page: Awaited<ReturnType<Api['managers']>> = await admin.call(`/companies/${companyId}/managers${path}`);
      paged.push(...page.managers.map((manager) => manager.userId));
      path = page.nextPage === null ? null : `?${new URLSearchParams({ limit: '2', page: page.nextPage }).toString()}`;
    }
    expect(paged).toEqual(listed.map(([userId]) => userId));
  });
});
