// Approving everybody who matches, as an admin does it: start, watch, cancel, and read in the audit log whom it was about.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hour, minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
let company: StageCompany;
beforeAll(async () => {
  stage = await openStage();
  company = await stage.connectCompany({ name: 'Juniper', users: 700 });
  await stage.changeSettings(company, { syncPaused: true });
});
afterAll(async () => await stage?.stop());

async function untilEnded(jobId: string) {
  const { admin, companyId } = company;
  await stage.passUntil(async () => (await admin.decisionJob(companyId, jobId)).endedAt !== null, hour, minute);
  return await admin.decisionJob(companyId, jobId);
}

it('S10 approves everybody who matches a filter, and nobody else', async () => {
  const { admin, companyId, adminMail } = company;
  const before = await admin.counts(companyId);
  const persons = before.pendingByKind.person;
  const wish = { command: 'approve', filter: { status: 'pending', kind: 'person' }, expectedCount: persons } as const;
  const headers = { 'idempotency-key': 'approve-juniper' };
  const { jobId } = await admin.startDecisionJob(companyId, wish, headers);
  expect((await admin.startDecisionJob(companyId, wish, headers)).jobId).toBe(jobId);

  const job = await untilEnded(jobId);
  expect(job).toMatchObject({ state: 'done', matched: persons, decided: persons, unchanged: 0, refused: 0, problem: null });
  const after = await admin.counts(companyId);
  expect([after.approved, after.active, after.pending]).toEqual([persons, persons, before.pending - persons]);
  expect(after.pendingByKind.person).toBe(0);
  const approved = await admin.allUsers(companyId, { status: 'approved' });
  expect(approved).toHaveLength(persons);

  const set = await admin.decisionJobUsers(companyId, jobId);
  expect(set.map(({ userId }) => userId).toSorted()).toEqual(approved.map(({ userId }) => userId).toSorted());
  expect(new Set(set.map(({ outcome }) => outcome))).toEqual(new Set(['decided']));
  const entries = (await admin.audit(companyId)).filter((entry) => entry.jobId !== null);
  const count = persons.toLocaleString('en');
  expect(entries).toMatchObject([
    {
      action: 'usersApproved',
      jobId,
      by: `Ada Admin (${adminMail})`,
      summary: `Approved ${count} of ${count} users who matched: pending, kind person.`,
    },
  ]);
  expect((await admin.decisionJobs(companyId)).map((each) => each.jobId)).toEqual([jobId]);
});

it('S10 refuses what nobody saw, what changes nobody, and a second job beside a running one', async () => {
  const { admin, companyId } = company;
  const { pending } = await admin.counts(companyId);
  const everybody = { command: 'deny', filter: { status: 'pending' } } as const;
  await expect(admin.startDecisionJob(companyId, { ...everybody, expectedCount: Math.floor(pending / 2) })).rejects.toMatchObject({
    status: 409,
    code: 'more-match',
  });
  await expect(admin.startDecisionJob(companyId, { ...everybody, filter: { status: 'denied' } })).rejects.toMatchObject({
    status: 400,
    code: 'invalid-request',
  });
  const started = await Promise.allSettled([
    admin.startDecisionJob(companyId, { command: 'deny', filter: { status: 'approved', search: 'a' } }),
    admin.startDecisionJob(companyId, { command: 'reopen', filter: { status: 'approved', search: 'a' } }),
  ]);
  expect(started.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(started.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { status: 409, code: 'decisions-running' } });
  const [running] = await admin.decisionJobs(companyId);
  if (!running) throw new Error('No job was started.');
  const cancelled = await admin.cancelDecisionJob(companyId, running.jobId);
  const job = await untilEnded(running.jobId);
  // The job may have been through before it heard of it.
  expect(job.state).toBe(cancelled.cancelledBy === null || job.decided === job.matched ? 'done' : 'cancelled');
  const decided = (await admin.decisionJobUsers(companyId, running.jobId)).filter(({ outcome }) => outcome === 'decided');
  expect(decided).toHaveLength(job.decided);
});

it('S10 shows an admin of another company nothing of a job', async () => {
  const { companyId, admin } = company;
  const [job] = await admin.decisionJobs(companyId);
  const other = await stage.createCompany({ name: 'Kale', users: 0 });
  await expect(other.admin.decisionJob(companyId, job?.jobId ?? '')).rejects.toMatchObject({ status: 404 });
  await expect(other.admin.decisionJob(other.companyId, job?.jobId ?? '')).rejects.toMatchObject({ status: 404 });
  await expect(other.admin.cancelDecisionJob(companyId, job?.jobId ?? '')).rejects.toMatchObject({ status: 404 });
});
