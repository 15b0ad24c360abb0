// One company full of people, an admin who decides about everybody who matches, and what must hold whenever a job has ended.
import { expect } from 'vitest';
import { addUser, type Counts, emptyCounts } from '../../shared/domain/counts.ts';
import type { DecisionJob } from '../../shared/domain/decision-job.ts';
import { listEntriesOf } from '../../shared/domain/user-lists.ts';
import type { User } from '../../shared/domain/user.ts';
import type { AuditEntry } from '../../shared/domain/audit.ts';
import { listAudit } from '../../shared/storage/audit.ts';
import { readJob } from '../../shared/storage/decision-jobs.ts';
import type { SetMember } from '../../shared/storage/decision-sets.ts';
import { addListEntries } from '../../shared/storage/list-entries.ts';
import { readUsers, writeUsers } from '../../shared/storage/shard-writer.ts';
import type { StoredUser } from '../../shared/storage/user-rows.ts';
import { changeSync } from '../../shared/storage/sync-state.ts';
import { requireUsers } from '../../shared/use-cases/company-users.ts';
import { packDecidedLists, workOnDecisionJob } from '../../shared/use-cases/decision-job-steps.ts';
import { listJobUsers } from '../../shared/use-cases/decision-job-users.ts';
import { type JobRequest, startDecisionJob } from '../../shared/use-cases/decision-jobs.ts';
import { recoverEffects } from '../../shared/use-cases/effects.ts';
import { buildGrant, buildUser, personFields, storeCompany, tenantId } from '../builders.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';

export const companyId = 'company1';
const avery = buildGrant();

export const pending: JobRequest['filter'] = { status: 'pending', kind: null, department: null, managerId: null, search: null };

/** Somebody of a department; the number makes id and name. */
export function person(number: number, user: Partial<User> = {}, department = 'Sales'): User {
  return buildUser({
    objectId: `user-${number}`,
    fields: personFields(`Person ${String(number).padStart(5, '0')}`, { department }),
    ...user,
  });
}

export interface JobWorld {
  readonly ports: FakePorts;
  readonly put: (...users: readonly User[]) => Promise<void>;
  readonly request: (change?: Partial<JobRequest>) => Promise<DecisionJob>;
  /** Plays the orchestration. */
  readonly play: (job: Pick<DecisionJob, 'jobId'>) => Promise<DecisionJob>;
  readonly job: (jobId: string) => Promise<DecisionJob>;
  readonly stored: () => Promise<ReadonlyMap<string, StoredUser>>;
  readonly decisionsOf: (...objectIds: readonly string[]) => Promise<readonly string[]>;
  readonly members: (job: DecisionJob) => Promise<readonly SetMember[]>;
  readonly audit: () => Promise<readonly AuditEntry[]>;
  /** What holds once a job has ended: set, tally, rows, counts, lists and the one audit entry agree. */
  readonly check: (job: DecisionJob) => Promise<void>;
}

const everything = 100_000;

export async function makeJobWorld(people: readonly User[]): Promise<JobWorld> {
  const ports = makeFakePorts();
  await storeCompany(ports.tables, { grants: [avery] });
  await changeSync(ports.tables, companyId, (state) => ({ ...state, shards: 4 }));

  const put: JobWorld['put'] = async (...users) => {
    const opened = await requireUsers(ports, companyId);
    const byId = new Map(users.map((user) => [user.objectId, user]));
    const ids = [...byId.keys()];
    const present = await readUsers(opened.users, opened.scope, ids);
    await addListEntries(ports, opened.scope, users.flatMap(listEntriesOf));
    await writeUsers({
      ...opened,
      objectIds: ids,
      present,
      fence: null,
      knownCounts: new Map(),
      decide: (objectId, before) => {
        const user = byId.get(objectId);
        return user && { user, digest: 'digest', history: before?.history ?? [] };
      },
    });
  };
  await put(...people);
  ports.clock.advance(1000);

  const job: JobWorld['job'] = async (jobId) => {
    const found = await readJob(ports.tables, companyId, jobId);
    if (!found) throw new Error(`There is no job ${jobId}.`);
    return found.value;
  };
  const stored: JobWorld['stored'] = async () => {
    const { scope, users } = await requireUsers(ports, companyId);
    const found = new Map<string, StoredUser>();
    for (let shard = 0; shard < scope.shards; shard += 1)
      for await (const user of users.readShard(shard)) found.set(user.user.objectId, user);
    return found;
  };
  const members: JobWorld['members'] = async (of) => {
    const found: SetMember[] = [];
    for (let cursor: string | null = '0.0'; cursor !== null; ) {
      const page = await listJobUsers(ports, of, { limit: 200, cursor });
      found.push(...page.members);
      ({ cursor } = page);
    }
    return found;
  };
  const audit = async () => (await listAudit(ports.tables, companyId, { after: null, limit: everything })).entries;

  const check: JobWorld['check'] = async (ended) => {
    ports.clock.advance(2 * 3_600_000);
    await recoverEffects(ports);
    const users = await stored();
    const decided = [...users.values()].filter(({ history }) => history.some((line) => line.jobId === ended.jobId));
    expect(decided.filter(({ history }) => history.filter((line) => line.jobId === ended.jobId).length > 1)).toEqual([]);
    const set = await members(ended);
    const idsWith = (outcome: SetMember['outcome']) => set.filter((member) => member.outcome === outcome).map(({ objectId }) => objectId);
    expect(idsWith('decided').toSorted()).toEqual(decided.map(({ user }) => user.objectId).toSorted());
    const { tally } = ended;
    expect([tally.decided, tally.unchanged, tally.refused]).toEqual([
      decided.length,
      idsWith('unchanged').length,
      idsWith('refused').length,
    ]);
    expect(set).toHaveLength(ended.collected - tally.dropped);
    const entries = (await audit()).filter(({ jobId }) => jobId === ended.jobId);
    expect(entries).toMatchObject([{ auditId: ended.auditId, by: avery.name, objectIds: [] }]);
    const { scope, users: rows } = await requireUsers(ports, companyId);
    expect(await rows.totals()).toEqual([...users.values()].map(({ user }) => user).reduce<Counts>(addUser, emptyCounts));
    const lines = new Map<string, ReadonlySet<string>>();
    const missing: string[] = [];
    for (const { user } of users.values()) {
      for (const { list, objectId } of listEntriesOf(user)) {
        const known = lines.get(list) ?? new Set((await ports.index(scope, list).read({ limit: everything })).entries.map(({ id }) => id));
        lines.set(list, known);
        if (!known.has(objectId)) missing.push(`${list} misses ${objectId}`);
      }
    }
    expect(missing).toEqual([]);
  };

  return {
    ports,
    put,
    request: async (change = {}) =>
      await startDecisionJob(ports, {
        companyId,
        command: 'approve',
        filter: pending,
        reason: null,
        expectedCount: null,
        by: { tenantId, objectId: avery.objectId, name: avery.name },
        key: null,
        ...change,
      }),
    play: async ({ jobId }) => {
      const input = { companyId, jobId };
      while ((await workOnDecisionJob(ports, input)).kind === 'more');
      await packDecidedLists(ports, input);
      return await job(jobId);
    },
    job,
    stored,
    decisionsOf: async (...objectIds) => {
      const users = await stored();
      return objectIds.map((objectId) => users.get(objectId)?.user.decision ?? 'nobody');
    },
    members,
    audit,
    check,
  };
}
