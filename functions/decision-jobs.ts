// Decisions about everybody who matches a filter, over HTTP: start, follow, cancel, and read the exact set.
import * as z from 'zod';
import { id } from '../shared/contracts/common.ts';
import * as contract from '../shared/contracts/decision-jobs.ts';
import { pageQuery } from '../shared/contracts/users.ts';
import { canLead, type DecisionJob, filterWords, hasEnded, matchedBy, secondsLeft } from '../shared/domain/decision-job.ts';
import { Refusal } from '../shared/domain/errors.ts';
import type { Ports } from '../shared/ports/ports.ts';
import { listJobs, readJob } from '../shared/storage/decision-jobs.ts';
import { userIdOf } from '../shared/use-cases/company-users.ts';
import { listJobUsers } from '../shared/use-cases/decision-job-users.ts';
import { cancelDecisionJob, startDecisionJob } from '../shared/use-cases/decision-jobs.ts';
import { withIdempotency } from '../shared/use-cases/idempotency.ts';
import { openPage, sealPage } from '../shared/use-cases/page-token.ts';
import { inCompany } from './companies.ts';
import { refuseField } from './problem.ts';
import { type Route, route } from './route.ts';
import { managerFilter } from './users.ts';

const oneJob = z.strictObject({ companyId: id, jobId: id });
const jobs = 'api/v1/companies/{companyId}/decision-jobs';
const oneJobPath = `${jobs}/{jobId}`;

function viewJob(job: DecisionJob, now: Date): z.input<typeof contract.decisionJob> {
  const { jobId, command, filter, reason, by, state, tally, startedAt, endedAt, cancelledBy, problem, tenantId } = job;
  const { managerId, ...rest } = filter;
  return {
    jobId,
    command,
    filter: { ...rest, manager: managerId === null ? null : userIdOf({ tenantId, objectId: managerId }) },
    filterText: filterWords(job),
    reason,
    by: by.name,
    state,
    matched: job.setId === null ? null : matchedBy(job),
    decided: tally.decided,
    unchanged: tally.unchanged,
    refused: tally.refused,
    secondsLeft: secondsLeft(job, now),
    startedAt,
    endedAt,
    cancelledBy,
    problem,
  };
}

async function requireJob(ports: Ports, { companyId, jobId }: z.output<typeof oneJob>): Promise<DecisionJob> {
  const found = await readJob(ports.tables, companyId, jobId);
  if (!found) throw new Refusal('not-found');
  return found.value;
}

export const decisionJobRoutes: readonly Route[] = [
  route({
    name: 'startDecisionJob',
    method: 'POST',
    path: jobs,
    action: 'decide',
    tag: 'Decisions',
    summary: 'Decides everybody who matches a filter now, in the background; whoever arrives later is not touched.',
    params: inCompany,
    body: contract.newDecisionJob,
    takesIdempotencyKey: true,
    success: { status: 202, schema: contract.decisionJob },
    errors: ['not-connected', 'more-match', 'decisions-running'],
    handle: async ({ ports, starter, principal, params, body, idempotencyKey }) => {
      const { companyId } = params;
      const { command, reason, expectedCount, filter } = body;
      if (!canLead(command, filter.status)) throw refuseField('/filter/status', `"${command}" changes nobody who is ${filter.status}.`);
      const { tenantId, objectId, name } = principal;
      const request = {
        companyId,
        command,
        reason,
        expectedCount,
        filter: {
          status: filter.status,
          kind: filter.kind ?? null,
          department: filter.department ?? null,
          managerId: managerFilter(filter.manager),
          search: filter.search ?? null,
        },
        by: { tenantId, objectId, name },
        key: idempotencyKey,
      };
      const { jobId } = await withIdempotency(ports, { companyId, key: idempotencyKey, request: body }, async () => ({
        jobId: (await startDecisionJob(ports, request)).jobId,
      }));
      const job = await requireJob(ports, { companyId, jobId });
      if (!hasEnded(job)) await starter.startDecisionJob(companyId, jobId);
      return { status: 202, body: viewJob(job, ports.clock.now()) };
    },
  }),
  route({
    name: 'listDecisionJobs',
    method: 'GET',
    path: jobs,
    action: 'decide',
    tag: 'Decisions',
    summary: 'Decisions about everybody who matched, newest first; at most one is running.',
    params: inCompany,
    query: pageQuery,
    success: { status: 200, schema: contract.decisionJobPage },
    errors: ['invalid-page'],
    handle: async ({ ports, params, query }) => {
      const binding = { purpose: 'decision-jobs', binding: params };
      const page = await listJobs(ports.tables, params.companyId, { after: openPage(ports, binding, query.page), limit: query.limit });
      const now = ports.clock.now();
      return { status: 200, body: { jobs: page.jobs.map((job) => viewJob(job, now)), nextPage: sealPage(ports, binding, page.next) } };
    },
  }),
  route({
    name: 'readDecisionJob',
    method: 'GET',
    path: oneJobPath,
    action: 'decide',
    tag: 'Decisions',
    summary: 'How far a job is, and how long it may take.',
    params: oneJob,
    success: { status: 200, schema: contract.decisionJob },
    handle: async ({ ports, params }) => ({ status: 200, body: viewJob(await requireJob(ports, params), ports.clock.now()) }),
  }),
  route({
    name: 'cancelDecisionJob',
    method: 'POST',
    path: `${oneJobPath}/cancel`,
    action: 'decide',
    tag: 'Decisions',
    summary: 'Stops a job after the slice under way. What was decided stays decided.',
    params: oneJob,
    success: { status: 202, schema: contract.decisionJob },
    handle: async ({ ports, principal, params }) => ({
      status: 202,
      body: viewJob(await cancelDecisionJob(ports, { ...params, by: principal.name }), ports.clock.now()),
    }),
  }),
  route({
    name: 'listDecisionJobUsers',
    method: 'GET',
    path: `${oneJobPath}/users`,
    action: 'readAudit',
    tag: 'Audit',
    summary: 'The exact set of a job: everybody who matched when it began, and what became of them.',
    params: oneJob,
    query: contract.jobUserQuery,
    success: { status: 200, schema: contract.jobUserPage },
    errors: ['invalid-page'],
    handle: async ({ ports, params, query }) => {
      const binding = { purpose: 'decision-job-users', binding: params };
      const job = await requireJob(ports, params);
      const page = await listJobUsers(ports, job, { limit: query.limit, cursor: openPage(ports, binding, query.page) });
      const users = page.members.map(({ objectId, outcome }) => ({ userId: userIdOf({ tenantId: job.tenantId, objectId }), outcome }));
      return { status: 200, body: { users, nextPage: sealPage(ports, binding, page.cursor) } };
    },
  }),
];
