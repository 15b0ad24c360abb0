// Approving and denying, and what an approval is worth: audience and billing hold approved people and nobody else.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, makeApi, type UserView } from '../../sandbox/api.ts';
import { accountOf, asAdmin } from '../../sandbox/people.ts';
import { day, hour, minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
/** The company of every scenario that needs no other; each takes people from the pending list that nobody has decided yet. */
let shared: StageCompany;
beforeAll(async () => {
  stage = await openStage();
  shared = await stage.connectCompany({ name: 'Aloe', users: 200 });
  // Only what a scenario asks for is synced.
  await stage.changeSettings(shared, { syncPaused: true });
});
afterAll(async () => await stage?.stop());

const pendingPeople = async ({ admin, companyId }: StageCompany): Promise<readonly UserView[]> =>
  await admin.allUsers(companyId, { kind: 'person' });
const idsOf = (users: readonly Pick<UserView, 'userId'>[]) => users.map((user) => user.userId);
const audienceOf = async (api: Api, companyId: string) => idsOf((await api.audience(companyId)).members).toSorted();

/** The first `count` users; fails when there are not so many. */
function take(users: readonly UserView[], count: number): readonly UserView[] {
  expect(users.length).toBeGreaterThanOrEqual(count);
  return users.slice(0, count);
}

async function onePending(company: StageCompany): Promise<UserView> {
  const [user] = await pendingPeople(company);
  if (!user) throw new Error('Nobody is pending.');
  return user;
}

const platformApi = async () => {
  const token = await stage.sandbox.entra.issueProgramToken({ expiresInSeconds: 30 * 86_400 });
  return makeApi({ url: stage.sandbox.url, token });
};

describe('S13 billing', () => {
  it('S13 bills active users as they are at midnight in the company’s own time zone', async () => {
    const timeZone = 'Pacific/Auckland';
    const company = await stage.connectCompany({ name: 'Indigo', timeZone });
    const { admin, companyId } = company;
    const localNow = () => new Date(stage.sandbox.clock.now()).toLocaleString('sv-SE', { timeZone });
    const untilLocal = async (time: string) => {
      const wanted = Date.parse(`1970-01-01T${time}:00Z`);
      const present = Date.parse(`1970-01-01T${localNow().slice(11)}Z`);
      await stage.pass((wanted - present + day) % day);
    };
    const people = take(await pendingPeople(company), 6);
    expect((await admin.billing(companyId)).activeUsers).toBe(0);
    await untilLocal('12:00');
    await admin.decideMany(companyId, 'approve', idsOf(people.slice(0, 3)));
    await admin.decideMany(companyId, 'deny', idsOf(people.slice(3, 4)));
    expect((await admin.billing(companyId)).activeUsers).toBe(3);

    const firstDay = localNow().slice(0, 10);
    await untilLocal('23:50');
    expect((await admin.billing(companyId)).days.map((each) => each.day)).not.toContain(firstDay);
    await stage.pass(20 * minute);
    const nextDay = localNow().slice(0, 10);
    await admin.decideMany(companyId, 'approve', idsOf(people.slice(4)));
    await stage.pass(2 * hour);
    const counted = async () => (await admin.billing(companyId)).days.map((each) => [each.day, each.activeUsers, each.late]);
    expect((await counted()).at(-1)).toEqual([firstDay, 3, false]);
    await untilLocal('23:50');
    await stage.pass(20 * minute);
    expect((await counted()).slice(-2)).toEqual([
      [firstDay, 3, false],
      [nextDay, 5, false],
    ]);
    const platform = await platformApi();
    expect((await platform.billing(companyId)).activeUsers).toBe(5);
  });
});

describe('S10 approve and deny', () => {
  it('S10 approves one person and takes them off the list', async () => {
    const company = shared;
    const { admin, companyId } = company;
    const before = await admin.counts(companyId);
    const user = await onePending(company);
    const approved = await admin.decide(companyId, user, 'approve', 'On the payroll');
    expect(approved).toMatchObject({
      decision: 'approved',
      decidedBy: `Ada Admin (${company.adminMail})`,
      decisionReason: 'On the payroll',
    });
    expect(idsOf(await admin.allUsers(companyId))).not.toContain(user.userId);
    expect(idsOf(await admin.allUsers(companyId, { status: 'approved' }))).toContain(user.userId);
    const { pending, approved: approvals, active } = await admin.counts(companyId);
    expect([pending, approvals, active]).toEqual([before.pending - 1, before.approved + 1, before.active + 1]);
  });

  it('S10 tells whoever comes second who decided, and changes nothing', async () => {
    const company = shared;
    const { admin, companyId } = company;
    const user = await onePending(company);
    const outcomes = await Promise.allSettled([
      stage.msp.decide(companyId, user, 'deny', 'Left last week'),
      admin.decide(companyId, user, 'approve'),
    ]);
    const won = outcomes.findIndex((outcome) => outcome.status === 'fulfilled');
    const lost = outcomes[1 - won];
    const winner = won === 0 ? 'Mira Msp (mira.msp@lighthouse.example)' : `Ada Admin (${company.adminMail})`;
    const decision = won === 0 ? 'denied' : 'approved';
    expect(lost).toMatchObject({ status: 'rejected', reason: { status: 412, code: 'already-decided' } });
    const reason: unknown = lost?.status === 'rejected' ? lost.reason : undefined;
    expect(String(reason)).toContain(`Already ${decision} by ${winner} at `);
    expect(reason).toMatchObject({ body: { facts: { decision, decidedBy: winner, decisionRevision: 1 } } });
    expect(await admin.user(companyId, user.userId)).toMatchObject({ decision, decidedBy: winner });
  });

  it('S10 asks for the ETag of what the admin saw, and a sync in between does not spoil it', async () => {
    const company = shared;
    const { admin, companyId, deeds } = company;
    const user = await onePending(company);
    const path = `/companies/${companyId}/users/${user.userId}/decision`;
    const body = { command: 'approve', reason: null };
    expect((await admin.raw(path, { method: 'POST', body })).status).toBe(428);
    deeds.change(user.objectId, { mobilePhone: '+41 79 111 11 11' });
    await stage.syncNow(company);
    expect(await admin.decide(companyId, user, 'approve')).toMatchObject({ decision: 'approved', mobilePhone: '+41 79 111 11 11' });
  });

  it('S10 decides many at once and says of each what became of it', async () => {
    const company = shared;
    const { admin, companyId, tenant } = company;
    const people = take(await pendingPeople(company), 60);
    const [first, second] = people;
    if (!first || !second) throw new Error('Too few people.');
    const before = await admin.counts(companyId);
    await admin.decide(companyId, first, 'approve');
    await admin.decide(companyId, second, 'deny');
    const stranger = `${tenant.tenantId}_00000000-0000-4000-8000-00000000dead`;
    const result = await admin.decideMany(companyId, 'approve', [...idsOf(people), stranger]);
    expect(result).toMatchObject({ decided: 59, unchanged: 1, refused: 0, notFound: 1 });
    expect(result.items).toHaveLength(61);
    expect(result.items[0]).toMatchObject({
      userId: first.userId,
      outcome: 'unchanged',
      detail: expect.stringContaining('Already approved by Ada') as unknown,
    });
    expect(result.items.at(-1)).toEqual({ userId: stranger, outcome: 'notFound', detail: null });
    expect(await admin.counts(companyId)).toMatchObject({ approved: before.approved + 60, active: before.active + 60 });
    const denied = await admin.decideMany(companyId, 'deny', idsOf(people.slice(0, 10)));
    expect(denied).toMatchObject({ decided: 10 });
    expect(await admin.counts(companyId)).toMatchObject({
      approved: before.approved + 50,
      denied: before.denied + 10,
      active: before.active + 50,
    });
  });

  it('S10 answers a repeated bulk request with the first answer and does nothing twice', async () => {
    const company = shared;
    const { admin, companyId } = company;
    const ids = idsOf(take(await pendingPeople(company), 5));
    const headers = { 'idempotency-key': 'approve-endive-1' };
    const first = await admin.decideMany(companyId, 'approve', ids, headers);
    expect(first.decided).toBe(5);
    expect(await admin.decideMany(companyId, 'approve', ids, headers)).toEqual(first);
    await expect(admin.decideMany(companyId, 'deny', ids, headers)).rejects.toMatchObject({ status: 422, code: 'idempotency-mismatch' });
    const entries = (await admin.audit(companyId)).filter((entry) => entry.userIds.some((userId) => ids.includes(userId)));
    expect(entries.flatMap((entry) => entry.userIds).toSorted()).toEqual(ids.toSorted());
  });

  it('S10 is for admins of this company alone', async () => {
    const company = shared;
    const other = await stage.createCompany({ name: 'Flax neighbour' });
    const user = await onePending(company);
    await expect(other.admin.decide(company.companyId, user, 'approve')).rejects.toMatchObject({ status: 404 });
    await expect(other.admin.userPage(company.companyId)).rejects.toMatchObject({ status: 404 });
    const rob = accountOf(company.tenant, 'rob');
    await stage.msp.call(`/companies/${company.companyId}/admins`, {
      method: 'POST',
      body: { ...asAdmin(company.tenant, rob), role: 'companyReader' },
    });
    const reader = await stage.apiOf(company.tenant, rob);
    expect((await reader.userPage(company.companyId)).users.length).toBeGreaterThan(0);
    await expect(reader.decide(company.companyId, user, 'approve')).rejects.toMatchObject({ status: 403 });
  });
});

describe('S12 the audience', () => {
  it('S12 keeps pending and denied people out of every audience', async () => {
    const company = shared;
    const { admin, companyId } = company;
    const platform = await platformApi();
    const before = await audienceOf(platform, companyId);
    const people = take(await pendingPeople(company), 8);
    expect(before.filter((userId) => idsOf(people).includes(userId))).toEqual([]);
    await admin.decideMany(companyId, 'approve', idsOf(people.slice(0, 5)));
    await admin.decideMany(companyId, 'deny', idsOf(people.slice(5)));
    const approved = idsOf(people.slice(0, 5));
    expect(await audienceOf(platform, companyId)).toEqual([...before, ...approved].toSorted());
    expect(await audienceOf(admin, companyId)).toEqual([...before, ...approved].toSorted());

    await admin.decideMany(companyId, 'deny', approved.slice(0, 1));
    expect(await audienceOf(platform, companyId)).toEqual([...before, ...approved.slice(1)].toSorted());
    await expect(platform.userPage(companyId)).rejects.toMatchObject({ status: 403 });
  });

  it('S12 takes whoever leaves the tenant out of the audience, and puts them back with their approval when they return', async () => {
    const company = shared;
    const { admin, companyId, deeds } = company;
    const user = await onePending(company);
    await admin.decide(companyId, user, 'approve');
    deeds.leave(user.objectId);
    await stage.syncNow(company);
    expect(await audienceOf(admin, companyId)).not.toContain(user.userId);
    deeds.restore(user.objectId);
    await stage.syncNow(company);
    expect(await audienceOf(admin, companyId)).toContain(user.userId);
  });
});

describe('P15 the audit log', () => {
  it('P15 holds who decided what about whom, when and why, newest first', async () => {
    const company = shared;
    const { admin, companyId } = company;
    const [one, two, three] = take(await pendingPeople(company), 3);
    if (!one || !two || !three) throw new Error('Too few people.');
    await admin.decide(companyId, one, 'approve', 'Works here');
    await admin.decideMany(companyId, 'deny', idsOf([two, three]));
    await stage.changeSettings(company, { syncEveryMinutes: 120 });
    const entries = await admin.audit(companyId);
    const by = `Ada Admin (${company.adminMail})`;
    expect(entries.slice(0, 3)).toMatchObject([
      { action: 'settingsChanged', by, summary: 'Changed settings: syncEveryMinutes = 120.' },
      { action: 'usersDenied', by, summary: 'Denied 2 users.', reason: null },
      { action: 'usersApproved', by, summary: `Approved ${one.displayName}.`, reason: 'Works here', userIds: [one.userId] },
    ]);
    expect(entries[1]?.userIds.toSorted()).toEqual(idsOf([two, three]).toSorted());
    expect(entries.map((entry) => entry.action).slice(-3)).toEqual(['integrationConnected', 'integrationLinked', 'companyCreated']);
    const instants = entries.map((entry) => entry.at);
    expect(instants).toEqual(instants.toSorted().toReversed());
  });
});
