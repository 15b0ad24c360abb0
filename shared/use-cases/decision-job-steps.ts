// The steps of a decision job: collect the set, decide it slice by slice, end with one audit entry. Each can be repeated: what a step
// found is stored together with the cursor, and users carry the job's id in their history, so that nobody is decided or counted twice.
import type { AuditAction, AuditEntry } from '../domain/audit.ts';
import { decide, type DecisionCommand } from '../domain/decision.ts';
import {
  addOutcomes,
  type DecisionJob,
  hasEnded,
  type JobOutcome,
  jobSummary,
  matchedBy,
  mostFor,
  standing,
} from '../domain/decision-job.ts';
import { Refusal } from '../domain/errors.ts';
import { isLoad } from '../domain/packed-upkeep.ts';
import { newListEntries } from '../domain/user-lists.ts';
import type { Ports } from '../ports/ports.ts';
import { changeJob, forgetOpenJob, jobsPartition, readJob } from '../storage/decision-jobs.ts';
import { outcomesWrite, readSlice, storeSet } from '../storage/decision-sets.ts';
import { addListEntries } from '../storage/list-entries.ts';
import { type KnownCounts, readUsers } from '../storage/shard-writer.ts';
import { type StoredUser, withHistory } from '../storage/user-rows.ts';
import { type CompanyUsers, requireUsers } from './company-users.ts';
import { collectSet, fitsFilter } from './decision-job-set.ts';
import { isCompanyLinked } from './decision-jobs.ts';
import { type EffectPorts, withEffects } from './effects.ts';
import { leaveLists, packLists } from './list-upkeep.ts';
import { authorise } from './scopes.ts';
import { writeDecisions } from './write-decisions.ts';

export type JobPorts = EffectPorts & Pick<Ports, 'index' | 'operation' | 'pause'>;
export type JobInput = Pick<DecisionJob, 'companyId' | 'jobId'>;
/** `more`: call again; `ended`: the job and its audit entry are stored. */
export interface JobStep {
  readonly kind: 'more' | 'ended';
}

/** An activity begins no further slice after this time, so that a long job is many short activities. */
const workMs = 20_000;
const wasDecidedBy = ({ history }: StoredUser, { jobId }: JobInput) => history.some((line) => line.jobId === jobId);

async function collect(ports: JobPorts, job: DecisionJob): Promise<KnownCounts> {
  const { tables, clock, ids } = ports;
  const { slices, knownCounts } = await collectSet(ports, await requireUsers(ports, job.companyId), job);
  const set = { companyId: job.companyId, setId: ids.newId() };
  await storeSet(tables, set, slices);
  const collected = slices.reduce((sum, slice) => sum + slice.length, 0);
  await changeJob(tables, job, (present) =>
    present.state === 'collecting'
      ? {
          job: {
            ...present,
            state: 'deciding',
            setId: set.setId,
            collected,
            slices: slices.length,
            collectedAt: clock.now().toISOString(),
          },
        }
      : undefined,
  );
  return knownCounts;
}

/** Decides those of a slice who still match, under the ETags of their rows; says of each id what became of it. */
async function decideIds(
  ports: JobPorts,
  opened: CompanyUsers,
  job: DecisionJob,
  { objectIds, knownCounts }: { readonly objectIds: readonly string[]; readonly knownCounts: KnownCounts },
): Promise<readonly JobOutcome[]> {
  const { command, reason, jobId } = job;
  const by = job.by.name;
  const at = ports.clock.now().toISOString();
  const fits = fitsFilter(job.filter);
  const outcomes = new Map<string, JobOutcome>();
  const decideOne = (objectId: string, present: StoredUser | undefined) => {
    const told = (outcome: JobOutcome) => void outcomes.set(objectId, outcome);
    if (!present) return told('dropped');
    if (wasDecidedBy(present, job)) return told('decided');
    const found = standing(job, present.user, fits);
    if (found !== 'matches') return told(found);
    const outcome = decide(present.user, command, { by, at, ...(reason === null ? {} : { reason }) });
    told(outcome.kind);
    if (outcome.kind !== 'decided') return undefined;
    const line = { at, what: outcome.user.decision, by, why: reason, jobId };
    return { user: outcome.user, digest: present.digest, history: withHistory(present.history, line) };
  };
  const { scope } = opened;
  const { changes: written } = await writeDecisions(ports, {
    opened,
    objectIds,
    knownCounts,
    decide: (objectId, present) => decideOne(objectId, present) ?? undefined,
    before: async (changes) => {
      const entries = changes.flatMap(({ before, after }) => newListEntries(before?.user, after.user));
      await addListEntries(ports, scope, entries, { ofLoad: isLoad(changes.length) });
    },
  });
  await leaveLists(ports, scope, written);
  return objectIds.map((objectId) => outcomes.get(objectId) ?? 'notReached');
}

async function decideSlice(ports: JobPorts, job: DecisionJob, knownCounts: KnownCounts): Promise<void> {
  const { nextSlice } = job;
  const members = await readSlice(ports.tables, job, nextSlice);
  const opened = await requireUsers(ports, job.companyId);
  const objectIds = members.map(({ objectId }) => objectId);
  const outcomes = await decideIds(ports, opened, job, { objectIds, knownCounts });
  // Another copy of this step may have gone on already; then this one has changed nothing that it would have to count.
  await changeJob(ports.tables, job, (present) =>
    present.state === 'deciding' && present.nextSlice === nextSlice
      ? {
          job: { ...present, nextSlice: nextSlice + 1, tally: addOutcomes(present.tally, outcomes) },
          writes: [outcomesWrite(job, nextSlice, outcomes)],
        }
      : undefined,
  );
}

type Ending = { readonly state: 'done' | 'cancelled' | 'failed'; readonly problem: string | null };

/** Why the job must not go on; `null` when it may. */
async function endingOf(ports: JobPorts, job: DecisionJob): Promise<Ending | null> {
  if (job.state === 'deciding' && job.nextSlice >= job.slices) return { state: 'done', problem: null };
  if (job.cancelledBy !== null) return { state: 'cancelled', problem: null };
  const failed = (problem: string): Ending => ({ state: 'failed', problem });
  try {
    await authorise(ports, { kind: 'person', appRoles: [], ...job.by }, 'decide', { companyId: job.companyId });
  } catch (error) {
    if (error instanceof Refusal) return failed(`${job.by.name} may no longer decide here.`);
    throw error;
  }
  if (!(await isCompanyLinked(ports, job.companyId))) return failed('The company is no longer connected to its tenant.');
  const { expectedCount } = job;
  if (job.state === 'deciding' && job.nextSlice === 0 && expectedCount !== null && matchedBy(job) > mostFor(expectedCount))
    return failed(`${matchedBy(job)} match now, and only ${expectedCount} were seen.`);
  return null;
}

const auditActions: Readonly<Record<DecisionCommand, AuditAction>> = {
  approve: 'usersApproved',
  deny: 'usersDenied',
  reopen: 'usersReopened',
};

/** Outcomes of the slice at the cursor, of which a step that died may have decided a part; `null` when there is no such slice. */
async function partOfSlice(ports: JobPorts, job: DecisionJob): Promise<readonly JobOutcome[] | null> {
  if (job.state !== 'deciding' || job.nextSlice >= job.slices) return null;
  const { scope, users } = await requireUsers(ports, job.companyId);
  const ids = (await readSlice(ports.tables, job, job.nextSlice)).map(({ objectId }) => objectId);
  const present = await readUsers(users, scope, ids);
  return ids.map((objectId) => {
    const stored = present.get(objectId);
    return stored && wasDecidedBy(stored, job) ? 'decided' : 'notReached';
  });
}

async function end(ports: JobPorts, job: DecisionJob, { state, problem }: Ending): Promise<void> {
  const { companyId, command, auditId, reason, nextSlice, jobId } = job;
  const part = await partOfSlice(ports, job);
  const endedAt = ports.clock.now().toISOString();
  const place = { table: 'companies', partition: jobsPartition(companyId) } as const;
  const stored = await withEffects(ports, companyId, [place], async () =>
    changeJob(ports.tables, job, (present) => {
      if (hasEnded(present) || present.nextSlice !== nextSlice || present.state !== job.state) return undefined;
      const ended = { ...present, state, problem, endedAt, tally: part === null ? present.tally : addOutcomes(present.tally, part) };
      const entry: AuditEntry = {
        auditId,
        companyId,
        at: endedAt,
        by: job.by.name,
        action: auditActions[command],
        summary: jobSummary(ended),
        reason,
        objectIds: [],
        jobId,
      };
      return { job: ended, effects: [{ kind: 'audit', entry }], writes: part === null ? [] : [outcomesWrite(job, nextSlice, part)] };
    }),
  );
  // Another copy of this step may have gone on meanwhile: then the job still runs, and must be found if everybody dies.
  if (!stored || hasEnded(stored)) await forgetOpenJob(ports.tables, job);
}

/** Works on a job for a while: as many steps as fit. */
export async function workOnDecisionJob(ports: JobPorts, { companyId, jobId }: JobInput): Promise<JobStep> {
  const until = ports.clock.now().getTime() + workMs;
  // Counts that are out of date by now make a commit fail, which then reads them again.
  let knownCounts: KnownCounts = new Map();
  do {
    const job = (await readJob(ports.tables, companyId, jobId))?.value;
    if (!job || hasEnded(job)) return { kind: 'ended' };
    const ending = await endingOf(ports, job);
    if (ending !== null) await end(ports, job, ending);
    else if (job.state === 'collecting') knownCounts = await collect(ports, job);
    else await decideSlice(ports, job, knownCounts);
  } while (ports.clock.now().getTime() < until);
  return { kind: 'more' };
}

/** Ends a job whose steps keep failing; what was decided stays decided. */
export async function abandonDecisionJob(ports: JobPorts, { companyId, jobId }: JobInput): Promise<JobStep> {
  for (;;) {
    const job = (await readJob(ports.tables, companyId, jobId))?.value;
    if (!job || hasEnded(job)) return { kind: 'ended' };
    await end(ports, job, { state: 'failed', problem: 'Something on our side failed several times in a row.' });
  }
}

/** Packs the lists that the job made longer. Comes after its end: nobody has to wait for it. */
export async function packDecidedLists(ports: JobPorts, { companyId, jobId }: JobInput): Promise<JobStep> {
  const job = (await readJob(ports.tables, companyId, jobId))?.value;
  if (job && job.tally.decided > 0) {
    const { scope, users } = await requireUsers(ports, companyId);
    await packLists(ports, scope, users, job.tally.decided);
  }
  return { kind: 'ended' };
}
