// Decision jobs of a company: one partition holds the jobs, the one that runs, their sets and their outbox, so that a step and what it
// found are stored together (docs/decisions/0019).
import * as z from 'zod';
import { decisionCommands } from '../domain/decision.ts';
import { type DecisionJob, hasEnded, jobStates } from '../domain/decision-job.ts';
import { accountKinds, decisions } from '../domain/user.ts';
import type { Tables, Write } from '../ports/tables.ts';
import { decodeDocument, documentWrite, type Found, readDocument } from './document.ts';
import { type Effect, effectWrite } from './outbox.ts';

const jobSchema: z.ZodType<DecisionJob> = z.object({
  jobId: z.string(),
  companyId: z.string(),
  tenantId: z.string(),
  command: z.enum(decisionCommands),
  filter: z.object({
    status: z.enum(decisions),
    kind: z.enum(accountKinds).nullable(),
    department: z.string().nullable(),
    managerId: z.string().nullable(),
    search: z.string().nullable(),
  }),
  managerName: z.string().nullable(),
  reason: z.string().nullable(),
  expectedCount: z.number().nullable(),
  by: z.object({ tenantId: z.string(), objectId: z.string(), name: z.string() }),
  auditId: z.string(),
  state: z.enum(jobStates),
  startedAt: z.string(),
  collectedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  cancelledBy: z.string().nullable(),
  problem: z.string().nullable(),
  setId: z.string().nullable(),
  collected: z.number(),
  slices: z.number(),
  nextSlice: z.number(),
  tally: z.object({ decided: z.number(), unchanged: z.number(), refused: z.number(), dropped: z.number() }),
});

export const jobsPartition = (companyId: string) => `${companyId}~jobs`;
const runningRow = '~running';
const keyRow = (keyHash: string) => `~key~${keyHash}`;
/** Job ids are letters and digits; every other row of the partition starts with a tilde. */
const jobsEnd = '~';

const pointerSchema = z.object({ jobId: z.string(), at: z.string() });
/** As long as answers of repeated requests are kept. */
const keyLifeMs = 48 * 3_600_000;

export async function readJob(tables: Tables, companyId: string, jobId: string): Promise<Found<DecisionJob> | undefined> {
  return await readDocument(tables.companies, { partition: jobsPartition(companyId), row: jobId }, jobSchema);
}

/** Newest first; `after` is the last job of the page before. */
export async function listJobs(
  tables: Tables,
  companyId: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<{ readonly jobs: readonly DecisionJob[]; readonly next: string | null }> {
  const jobs: DecisionJob[] = [];
  const range = { partition: jobsPartition(companyId), below: jobsEnd, limit: limit + 1, ...(after === null ? {} : { from: `${after} ` }) };
  for await (const row of tables.companies.range(range)) {
    if (jobs.length === limit) return { jobs, next: jobs.at(-1)?.jobId ?? null };
    jobs.push(decodeDocument(jobSchema, row.properties));
  }
  return { jobs, next: null };
}

export type Insertion =
  | { readonly kind: 'inserted' }
  /** The job this very request began before. */
  | { readonly kind: 'repeated'; readonly jobId: string }
  | { readonly kind: 'running'; readonly jobId: string };

const attempts = 5;

/** Stores a new job unless one is running; `keyHash` tells a repeated request from another one. */
export async function insertJob(tables: Tables, job: DecisionJob, keyHash: string | null): Promise<Insertion> {
  const partition = jobsPartition(job.companyId);
  const pointer = { jobId: job.jobId, at: job.startedAt };
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const writes: Write[] = [documentWrite.insert(job.jobId, job), documentWrite.insert(runningRow, pointer)];
    if (keyHash !== null) {
      const row = keyRow(keyHash);
      const found = await readDocument(tables.companies, { partition, row }, pointerSchema);
      if (found && Date.parse(job.startedAt) - Date.parse(found.value.at) < keyLifeMs)
        return { kind: 'repeated', jobId: found.value.jobId };
      writes.push(found ? documentWrite.replace(row, pointer, found.etag) : documentWrite.insert(row, pointer));
    }
    const outcome = await tables.companies.write(partition, writes);
    if (outcome.kind === 'done') return { kind: 'inserted' };
    const running = await readDocument(tables.companies, { partition, row: runningRow }, pointerSchema);
    // A write whose answer got lost is repeated by the client library, which then hears of a conflict with itself.
    if (running?.value.jobId === job.jobId) return { kind: 'inserted' };
    // The same request at the same moment also finds its key next time round.
    if (running && (keyHash === null || attempt > 0)) return { kind: 'running', jobId: running.value.jobId };
  }
  throw new Error(`Jobs of company ${job.companyId} began and ended ${attempts} times in a row.`);
}

const changes = 20;

/**
 * Changes a job by compare-and-swap, with further writes in the same transaction. `change` returns `undefined` to leave it.
 * @returns the job as it is then; `undefined` when there is none.
 */
export async function changeJob(
  tables: Tables,
  { companyId, jobId }: Pick<DecisionJob, 'companyId' | 'jobId'>,
  change: (
    job: DecisionJob,
  ) => { readonly job: DecisionJob; readonly writes?: readonly Write[]; readonly effects?: readonly Effect[] } | undefined,
): Promise<DecisionJob | undefined> {
  const partition = jobsPartition(companyId);
  for (let attempt = 0; attempt < changes; attempt += 1) {
    const found = await readJob(tables, companyId, jobId);
    const changed = found && change(found.value);
    if (!changed) return found?.value;
    const { job, writes = [], effects = [] } = changed;
    const closing: readonly Write[] = hasEnded(job) && !hasEnded(found.value) ? [{ kind: 'remove', row: runningRow }] : [];
    const all = [documentWrite.replace(jobId, job, found.etag), ...closing, ...writes, ...effects.map(effectWrite)];
    if ((await tables.companies.write(partition, all)).kind === 'done') return job;
  }
  throw new Error(`Job ${jobId} was changed by others ${changes} times in a row.`);
}

const openJobs = 'decision-jobs';

/** Names a job that may run, for whoever revives lost work; must come before the job itself. */
export async function noteOpenJob(
  tables: Tables,
  { companyId, jobId }: Pick<DecisionJob, 'companyId' | 'jobId'>,
  at: string,
): Promise<void> {
  await tables.companies.write(openJobs, [{ kind: 'upsert', row: `${companyId}~${jobId}`, properties: { companyId, jobId, at } }]);
}

export async function forgetOpenJob(tables: Tables, { companyId, jobId }: Pick<DecisionJob, 'companyId' | 'jobId'>): Promise<void> {
  await tables.companies.write(openJobs, [{ kind: 'remove', row: `${companyId}~${jobId}` }]);
}

export async function* listOpenJobs(
  tables: Tables,
): AsyncIterable<{ readonly companyId: string; readonly jobId: string; readonly at: string }> {
  for await (const { properties } of tables.companies.range({ partition: openJobs }))
    yield { companyId: String(properties['companyId']), jobId: String(properties['jobId']), at: String(properties['at']) };
}
