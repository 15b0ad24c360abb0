// Starting and cancelling a job that decides everybody who matches a filter, and finding jobs whose orchestration was lost.
import { displayNameOf } from '../domain/person-text.ts';
import type { DecisionCommand } from '../domain/decision.ts';
import { type DecisionJob, hasEnded, type JobFilter, mostFor, noTally } from '../domain/decision-job.ts';
import { Refusal } from '../domain/errors.ts';
import { isLinked } from '../domain/integration.ts';
import { invertedInstant } from '../domain/packed-position.ts';
import type { Ports } from '../ports/ports.ts';
import { readIntegration } from '../storage/companies.ts';
import { changeJob, forgetOpenJob, insertJob, listOpenJobs, noteOpenJob, readJob } from '../storage/decision-jobs.ts';
import { requireUsers } from './company-users.ts';
import { countFor } from './decision-job-set.ts';
import { hashSecret } from './hashing.ts';

export interface JobRequest {
  readonly companyId: string;
  readonly command: DecisionCommand;
  readonly filter: JobFilter;
  readonly reason: string | null;
  /** How many the admin saw; the job decides nobody when many more match. */
  readonly expectedCount: number | null;
  readonly by: DecisionJob['by'];
  /** `Idempotency-Key` of the request. */
  readonly key: string | null;
}

type StartPorts = Pick<Ports, 'tables' | 'clock' | 'ids'>;

/** People of a company that is not connected cannot be looked up any more, so nobody is decided by the thousand there. */
export async function isCompanyLinked({ tables }: Pick<Ports, 'tables'>, companyId: string): Promise<boolean> {
  return isLinked(await readIntegration(tables, companyId));
}

/** 13 digits that sort newest first and 7 random characters (35 bits). */
function newJobId({ clock, ids }: StartPorts): string {
  return `${invertedInstant(clock.now().toISOString())}${ids.newId().slice(-7)}`;
}

/**
 * Stores a job; whoever calls then starts its orchestration. Repeating a request with the same key finds the same job.
 * @throws Refusal `not-connected`, `not-found` (no users yet), `more-match`, `decisions-running`.
 */
export async function startDecisionJob(ports: StartPorts, request: JobRequest): Promise<DecisionJob> {
  const { tables, clock, ids } = ports;
  const { companyId, command, filter, reason, expectedCount, by } = request;
  if (!(await isCompanyLinked(ports, companyId))) throw new Refusal('not-connected');
  const { scope, users } = await requireUsers(ports, companyId);
  if (expectedCount !== null && filter.department === null && filter.managerId === null && filter.search === null) {
    const matches = countFor(await users.totals(), filter);
    if (matches > mostFor(expectedCount)) throw new Refusal('more-match', { facts: { matches, expectedCount } });
  }
  const manager = filter.managerId === null ? undefined : await users.read(filter.managerId);
  const job: DecisionJob = {
    jobId: newJobId(ports),
    companyId,
    tenantId: scope.tenantId,
    command,
    filter,
    managerName: manager ? displayNameOf(manager.user.fields) : null,
    reason,
    expectedCount,
    by,
    auditId: ids.newId(),
    state: 'collecting',
    startedAt: clock.now().toISOString(),
    collectedAt: null,
    endedAt: null,
    cancelledBy: null,
    problem: null,
    setId: null,
    collected: 0,
    slices: 0,
    nextSlice: 0,
    tally: noTally,
  };
  await noteOpenJob(tables, job, job.startedAt);
  const insertion = await insertJob(tables, job, request.key === null ? null : hashSecret(request.key));
  if (insertion.kind === 'inserted') return job;
  await forgetOpenJob(tables, job);
  if (insertion.kind === 'running') throw new Refusal('decisions-running', { facts: { jobId: insertion.jobId } });
  return (await readJob(tables, companyId, insertion.jobId))?.value ?? job;
}

/**
 * Asks a job to stop after the slice it is at; one that has ended stays as it is.
 * @throws Refusal `not-found`.
 */
export async function cancelDecisionJob(
  { tables }: Pick<Ports, 'tables'>,
  { companyId, jobId, by }: { readonly companyId: string; readonly jobId: string; readonly by: string },
): Promise<DecisionJob> {
  const job = await changeJob(tables, { companyId, jobId }, (present) =>
    hasEnded(present) || present.cancelledBy !== null ? undefined : { job: { ...present, cancelledBy: by } },
  );
  if (!job) throw new Refusal('not-found');
  return job;
}

/** A request that stores its job does so within this time, and its orchestration starts right after. */
const settlingMs = 60_000;

/** Jobs that should be running for a while; those that have ended, or never came to be, are forgotten. */
export async function findOpenJobs({
  tables,
  clock,
  log,
}: Pick<Ports, 'tables' | 'clock' | 'log'>): Promise<readonly Pick<DecisionJob, 'companyId' | 'jobId'>[]> {
  const open: Pick<DecisionJob, 'companyId' | 'jobId'>[] = [];
  for await (const { companyId, jobId, at } of listOpenJobs(tables)) {
    if (clock.now().getTime() - Date.parse(at) < settlingMs) continue;
    try {
      const job = (await readJob(tables, companyId, jobId))?.value;
      if (job && !hasEnded(job)) open.push({ companyId, jobId });
      else await forgetOpenJob(tables, { companyId, jobId });
    } catch (error) {
      // One that cannot be read must not keep the others from being revived.
      log('error', 'A decision job cannot be read.', { companyId, jobId, error: error instanceof Error ? error.name : 'unknown' });
    }
  }
  return open;
}
