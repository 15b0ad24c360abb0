// Deciding everybody who matches: who is decided, who is left alone, when a job is refused, and what the audit log says.
import { describe, expect, it } from 'vitest';
import type { User } from '../../shared/domain/user.ts';
import { changeGrants, changeIntegration } from '../../shared/storage/companies.ts';
import { jobsPartition, noteOpenJob } from '../../shared/storage/decision-jobs.ts';
import { userIdOf } from '../../shared/use-cases/company-users.ts';
import { abandonDecisionJob, workOnDecisionJob } from '../../shared/use-cases/decision-job-steps.ts';
import { cancelDecisionJob, findOpenJobs } from '../../shared/use-cases/decision-jobs.ts';
import { decideUsers } from '../../shared/use-cases/decide-users.ts';
import { buildIntegration, tenantId } from '../builders.ts';
import { companyId, type JobWorld, makeJobWorld, pending, person } from './decision-job-world.ts';

const people = (count: number, user: Partial<User> = {}) => Array.from({ length: count }, (_, index) => person(index, user));
const department = { ...pending, department: 'Sales' };

/** Lets one step of the job run: collecting, or one slice. */
async function step({ ports }: JobWorld, { jobId }: { readonly jobId: string }): Promise<void> {
  ports.beforeEachCall(() => ports.clock.advance(20_000));
  await workOnDecisionJob(ports, { companyId, jobId });
  ports.beforeEachCall(undefined);
}

async function decideAsOther({ ports }: JobWorld, command: 'approve' | 'deny' | 'reopen', ...objectIds: readonly string[]): Promise<void> {
  ports.clock.advance(1000);
  const userIds = objectIds.map((objectId) => userIdOf({ tenantId, objectId }));
  await decideUsers(ports, { companyId, command, by: 'Blake', reason: null, userIds });
}

describe('a job', () => {
  it('decides everybody who matches every part of the filter, and nobody else', async () => {
    const world = await makeJobWorld([
      person(1, { managerId: 'boss' }),
      person(2, { managerId: 'boss', kind: 'room' }),
      person(3, { managerId: 'boss' }, 'Legal'),
      person(4),
      person(5, { managerId: 'boss', decision: 'denied' }),
      person(6, { managerId: 'boss' }),
      person(7, { managerId: 'boss', presence: 'removed', removedAt: '2026-03-01T00:00:00.000Z' }),
      person(8, { objectId: 'boss', decision: 'approved' }, 'Board'),
    ]);
    const filter = { status: 'pending', kind: 'person', department: 'sales', managerId: 'boss', search: 'person 00001' } as const;
    const job = await world.play(await world.request({ filter, reason: 'New season' }));
    expect(job).toMatchObject({ state: 'done', collected: 1, tally: { decided: 1, unchanged: 0, refused: 0 } });
    expect(await world.decisionsOf('user-1', 'user-2', 'user-3', 'user-4', 'user-5', 'user-6', 'user-7')).toEqual([
      'approved',
      'pending',
      'pending',
      'pending',
      'denied',
      'pending',
      'pending',
    ]);
    expect((await world.stored()).get('user-1')).toMatchObject({
      user: { decidedBy: 'Avery Admin', decisionReason: 'New season', decisionRevision: 1 },
      history: [{ what: 'approved', by: 'Avery Admin', why: 'New season', jobId: job.jobId }],
    });
    const [entry] = await world.audit();
    expect(entry).toMatchObject({ action: 'usersApproved', reason: 'New season' });
    expect(entry?.summary).toBe(
      'Approved 1 of 1 user who matched: pending, kind person, department "sales", manager "Person 00008", search "person 00001".',
    );
    await world.check(job);
  });

  it('goes through many people in slices, and says how far it is', async () => {
    const world = await makeJobWorld(people(4100));
    const { jobId } = await world.request();
    await step(world, { jobId });
    expect(await world.job(jobId)).toMatchObject({ state: 'deciding', collected: 4100, tally: { decided: 0 } });
    await step(world, { jobId });
    const { tally, nextSlice, slices } = await world.job(jobId);
    expect([nextSlice, slices >= 4]).toEqual([1, true]);
    expect(tally.decided).toBeGreaterThan(700);
    const job = await world.play({ jobId });
    expect(job).toMatchObject({ state: 'done', tally: { decided: 4100 } });
    expect((await world.audit()).map(({ summary }) => summary)).toEqual(['Approved 4,100 of 4,100 users who matched: pending.']);
    await world.check(job);
  });

  it('finds nobody where nobody matches, and says so', async () => {
    const world = await makeJobWorld(people(3));
    const job = await world.play(await world.request({ filter: { ...pending, kind: 'room' } }));
    expect(job).toMatchObject({ state: 'done', collected: 0 });
    expect((await world.audit())[0]?.summary).toBe('Approved 0 of 0 users who matched: pending, kind room.');
    await world.check(job);
  });

  it('denies and reopens as well', async () => {
    const world = await makeJobWorld(people(3));
    await world.play(await world.request({ command: 'deny' }));
    expect(await world.decisionsOf('user-0', 'user-2')).toEqual(['denied', 'denied']);
    world.ports.clock.advance(1000);
    const job = await world.play(await world.request({ command: 'reopen', filter: { ...pending, status: 'denied' } }));
    expect(await world.decisionsOf('user-0', 'user-2')).toEqual(['pending', 'pending']);
    expect((await world.audit())[0]).toMatchObject({ action: 'usersReopened' });
    await world.check(job);
  });
});

describe('while a job runs', () => {
  it('people who arrive are not decided', async () => {
    const world = await makeJobWorld(people(3));
    const { jobId } = await world.request();
    world.ports.clock.advance(1000);
    const arrivedAt = world.ports.clock.now().toISOString();
    await world.put(person(100, { arrivedAt }));
    await step(world, { jobId });
    await world.put(person(101, { arrivedAt }));
    const job = await world.play({ jobId });
    expect(await world.decisionsOf('user-0', 'user-100', 'user-101')).toEqual(['approved', 'pending', 'pending']);
    expect(job).toMatchObject({ tally: { decided: 3, refused: 0 } });
    await world.check(job);
  });

  it('people whom somebody else decides, who leave or who no longer match stay as they are', async () => {
    const world = await makeJobWorld(people(7));
    const { jobId } = await world.request({ filter: department });
    await step(world, { jobId });
    await decideAsOther(world, 'deny', 'user-0', 'user-2');
    await decideAsOther(world, 'approve', 'user-1');
    await decideAsOther(world, 'reopen', 'user-2');
    await world.put(person(3, { presence: 'removed', removedAt: world.ports.clock.now().toISOString() }), person(4, {}, 'Legal'));
    const job = await world.play({ jobId });
    expect(await world.decisionsOf('user-0', 'user-1', 'user-2', 'user-3', 'user-4', 'user-5', 'user-6')).toEqual([
      'denied',
      'approved',
      'pending',
      'pending',
      'pending',
      'approved',
      'approved',
    ]);
    expect(job.tally).toEqual({ decided: 2, unchanged: 1, refused: 4, dropped: 0 });
    expect((await world.stored()).get('user-1')?.user.decidedBy).toBe('Blake');
    expect((await world.audit())[0]?.summary).toBe('Approved 2 of 7 users who matched: pending, department "Sales".');
    await world.check(job);
  });

  it('cancelling stops it after the slice under way; what was decided stays', async () => {
    const world = await makeJobWorld(people(2400));
    const { jobId } = await world.request();
    await step(world, { jobId });
    await step(world, { jobId });
    expect(await cancelDecisionJob(world.ports, { companyId, jobId, by: 'Blake' })).toMatchObject({
      state: 'deciding',
      cancelledBy: 'Blake',
    });
    const job = await world.play({ jobId });
    expect(job.state).toBe('cancelled');
    expect(job.tally.decided).toBeGreaterThan(0);
    expect(job.tally.decided).toBeLessThan(2400);
    expect((await world.audit())[0]?.summary).toMatch(
      /^Approved [\d,]+ of 2,400 users .*: pending\. Cancelled by Blake before the rest was decided\.$/,
    );
    await world.check(job);
    expect(await cancelDecisionJob(world.ports, { companyId, jobId, by: 'Casey' })).toMatchObject({ cancelledBy: 'Blake' });
  });

  it.each([
    [
      'its admin loses the role',
      async ({ ports }: JobWorld) => void (await changeGrants(ports.tables, { kind: 'company', id: companyId }, () => [])),
      'Avery Admin may no longer decide here.',
    ],
    [
      'the company is disconnected',
      async ({ ports }: JobWorld) =>
        void (await changeIntegration(ports.tables, companyId, () => buildIntegration({ state: 'disconnected' }))),
      'The company is no longer connected to its tenant.',
    ],
  ])('it stops when %s', async (_what, happen, problem) => {
    const world = await makeJobWorld(people(2400));
    const { jobId } = await world.request();
    await step(world, { jobId });
    await step(world, { jobId });
    await happen(world);
    const job = await world.play({ jobId });
    expect(job).toMatchObject({ state: 'failed', problem });
    expect(job.tally.decided).toBeLessThan(2400);
    expect((await world.audit())[0]?.summary).toContain(`Stopped early: ${problem}`);
    await world.check(job);
  });

  it('it ends when its steps keep failing, and its people are counted', async () => {
    const world = await makeJobWorld(people(600));
    const { jobId } = await world.request();
    await step(world, { jobId });
    let writes = 0;
    world.ports.tables.failWith(({ table, operation }) => {
      if (table === 'users' && operation === 'write' && (writes += 1) > 3) throw new Error('Storage is away.');
    });
    await expect(workOnDecisionJob(world.ports, { companyId, jobId })).rejects.toThrow('Storage is away.');
    world.ports.tables.failWith(undefined);
    expect(await abandonDecisionJob(world.ports, { companyId, jobId })).toEqual({ kind: 'ended' });
    const job = await world.job(jobId);
    expect(job).toMatchObject({ state: 'failed', problem: 'Something on our side failed several times in a row.' });
    expect(job.tally.decided).toBeGreaterThan(0);
    await world.check(job);
  });
});

describe('a job is refused', () => {
  it.each(['notConnected', 'disconnected'] as const)('for a company that is %s', async (state) => {
    const world = await makeJobWorld(people(1));
    await changeIntegration(world.ports.tables, companyId, () => buildIntegration({ state }));
    await expect(world.request()).rejects.toMatchObject({ code: 'not-connected' });
  });

  it('while another one runs, and not any more when that one has ended', async () => {
    const world = await makeJobWorld(people(3));
    const first = await world.request();
    await expect(world.request({ command: 'deny' })).rejects.toMatchObject({
      code: 'decisions-running',
      details: { facts: { jobId: first.jobId } },
    });
    await world.play(first);
    expect(await world.request({ command: 'deny' })).toMatchObject({ state: 'collecting' });
  });

  it('when many more match than the admin saw', async () => {
    const world = await makeJobWorld(people(100));
    await expect(world.request({ expectedCount: 95 })).rejects.toMatchObject({ code: 'more-match', details: { facts: { matches: 100 } } });
    expect(await world.play(await world.request({ expectedCount: 96 }))).toMatchObject({ state: 'done', tally: { decided: 100 } });
  });

  it('later, when only the list can tell how many match, and nobody is decided', async () => {
    const world = await makeJobWorld(people(100));
    const job = await world.play(await world.request({ filter: department, expectedCount: 50 }));
    expect(job).toMatchObject({ state: 'failed', problem: '100 match now, and only 50 were seen.', tally: { decided: 0 } });
    await world.check(job);
  });
});

it('outdated lines of a list neither stop a job nor count', async () => {
  const world = await makeJobWorld(people(60));
  await decideAsOther(world, 'approve', ...people(50).map(({ objectId }) => objectId));
  world.ports.clock.advance(1000);
  const job = await world.play(await world.request({ expectedCount: 10 }));
  expect(job).toMatchObject({ state: 'done', collected: 10, tally: { decided: 10, dropped: 0 } });
  await world.check(job);
  await world.put(...people(20).map((user) => ({ ...user, decisionRevision: 2, fields: { ...user.fields, department: 'Legal' } })));
  await decideAsOther(world, 'deny', 'user-0');
  world.ports.clock.advance(1000);
  const legal = await world.play(await world.request({ filter: { ...pending, department: 'Legal' } }));
  expect(legal).toMatchObject({ collected: 19, tally: { decided: 19 } });
});

it('the same request again finds the same job', async () => {
  const world = await makeJobWorld(people(3));
  const { jobId } = await world.request({ key: 'key-1' });
  expect((await world.request({ key: 'key-1' })).jobId).toBe(jobId);
  await world.play({ jobId });
  expect(await world.request({ key: 'key-1' })).toMatchObject({ jobId, state: 'done' });
  world.ports.clock.advance(49 * 3_600_000);
  expect((await world.request({ key: 'key-1' })).jobId).not.toBe(jobId);
});

it('two equal requests at the same moment begin one job', async () => {
  const world = await makeJobWorld(people(3));
  const jobs = await Promise.all([world.request({ key: 'key-1' }), world.request({ key: 'key-1' })]);
  expect(new Set(jobs.map(({ jobId }) => jobId)).size).toBe(1);
});

it('a job whose orchestration was lost is found until it has ended', async () => {
  const world = await makeJobWorld(people(3));
  const { jobId } = await world.request();
  expect(await findOpenJobs(world.ports)).toEqual([]);
  world.ports.clock.advance(61_000);
  expect(await findOpenJobs(world.ports)).toEqual([{ companyId, jobId }]);
  await world.play({ jobId });
  expect(await findOpenJobs(world.ports)).toEqual([]);
});

it('a job that cannot be read does not keep others from being found', async () => {
  const world = await makeJobWorld(people(3));
  const { jobId } = await world.request();
  const { companies } = world.ports.tables;
  // Its id sorts before the other's.
  const broken = { companyId, jobId: '0'.repeat(20) };
  await noteOpenJob(world.ports.tables, broken, world.ports.clock.now().toISOString());
  await companies.write(jobsPartition(companyId), [{ kind: 'insert', row: broken.jobId, properties: { json0: '{' } }]);
  world.ports.clock.advance(61_000);
  expect(await findOpenJobs(world.ports)).toEqual([{ companyId, jobId }]);
  expect(world.ports.logged.map(({ message }) => message)).toContain('A decision job cannot be read.');
});

it('a job that one copy of a step cannot end, because another has gone on, is still found when its orchestration is lost', async () => {
  const world = await makeJobWorld(people(2400));
  const { ports } = world;
  const { jobId } = await world.request();
  await step(world, { jobId });
  const input = { companyId, jobId };
  const { users } = ports.tables;
  const cancelled = Promise.withResolvers<undefined>();
  const slow = {
    ...users,
    write: async (...write: Parameters<typeof users.write>) => (await cancelled.promise, await users.write(...write)),
  };
  const first = workOnDecisionJob({ ...ports, tables: { ...ports.tables, users: slow } }, input);
  await cancelDecisionJob(ports, { ...input, by: 'Blake' });
  // The second copy has seen the cancellation and looks whom the slice under way has decided, when the first one finishes that slice.
  const late = {
    ...users,
    range: async function* (range: Parameters<typeof users.range>[0]) {
      ports.clock.advance(20_000);
      cancelled.resolve(undefined);
      await first;
      yield* users.range(range);
    },
  };
  expect(await workOnDecisionJob({ ...ports, tables: { ...ports.tables, users: late } }, input)).toEqual({ kind: 'more' });
  expect(await world.job(jobId)).toMatchObject({ state: 'deciding', nextSlice: 1 });
  ports.clock.advance(61_000);
  expect(await findOpenJobs(ports)).toEqual([input]);
  const job = await world.play(input);
  expect(job.state).toBe('cancelled');
  await world.check(job);
});
