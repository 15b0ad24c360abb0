// The first import of a larger tenant: progress while it runs, and the same end when the host dies in the middle of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../sandbox/api.ts';
import { everybodyOf, usersMatchDirectory } from './directory-match.ts';
import { minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => await stage?.stop());

type Progress = Awaited<ReturnType<Api['sync']>>;
const users = 150;

/** Begins to connect a tenant whose Graph answers slowly, ten users at a time. */
async function beginSlowImport(name: string): Promise<StageCompany> {
  const company = await stage.createCompany({ name, users });
  Object.assign(stage.sandbox.graph.settings(company.tenant.tenantId), { latencyMs: 150, smallestPage: 10, largestPage: 10 });
  await stage.integrate(company);
  return company;
}

/** A round reports after half a minute, so that one passes with every answer of Graph, and with so many looks in which Graph is not asked. */
const looksPerStep = 8;

/** Watches the progress until it is as wanted; returns all that was seen. */
async function watch({ admin, companyId, tenant }: StageCompany, isDone: (progress: Progress) => boolean): Promise<readonly Progress[]> {
  const seen: Progress[] = [];
  const answers = () => stage.sandbox.graph.requestCount(tenant.tenantId);
  let known = answers();
  for (let look = 1; look < 2_000; look += 1) {
    const progress = await admin.sync(companyId);
    seen.push(progress);
    if (isDone(progress)) return seen;
    if (answers() === known && look % looksPerStep !== 0) continue;
    known = answers();
    stage.sandbox.clock.advance(31_000);
    await stage.sandbox.host.clockReached();
  }
  throw new Error('The import did not come to its end.');
}

const isOver = ({ running, lastRoundAt }: Progress) => running === null && lastRoundAt !== null;
const usersRead = ({ running }: Progress) => running?.users ?? 0;

describe('S24 progress of the first import', () => {
  it('S24 shows how many of how many were read, how fast and for how long, and lets an admin decide about the first ones', async () => {
    const company = await beginSlowImport('Amaranth');
    const { admin, companyId } = company;
    const early = await watch(company, (progress) => usersRead(progress) > 20);
    const [first] = (await admin.userPage(companyId, { limit: 5 })).users;
    if (!first) throw new Error('Nobody has arrived.');
    await admin.decide(companyId, first, 'deny', 'Not one of us');
    const seen = [...early, ...(await watch(company, isOver))];
    await stage.sandbox.settle();

    // The schedule may ask for another round meanwhile, which then follows at once and counts from zero.
    const rounds = seen.flatMap((progress) => (progress.running ? [progress.running] : []));
    const running = rounds.filter((each) => each.runId === rounds[0]?.runId);
    const counts = running.map((each) => each.users);
    expect(counts).toEqual(counts.toSorted((left, right) => left - right));
    const halfway = running.filter((each) => each.phase === 'users' && each.users > 0 && each.users < users);
    expect(halfway.length).toBeGreaterThan(0);
    for (const each of halfway) {
      expect(each).toMatchObject({ kind: 'full', expected: users, problem: null });
      expect(each.usersPerSecond).toBeGreaterThan(0);
      expect(each.secondsLeft).toBeGreaterThan(0);
    }
    expect(await admin.sync(companyId)).toMatchObject({ running: null, willRunAgain: false });
    expect(await admin.user(companyId, first.userId)).toMatchObject({ decision: 'denied', decisionReason: 'Not one of us' });
    expect(await admin.counts(companyId)).toMatchObject({ found: users, denied: 1, pending: users - 1 });
    await usersMatchDirectory(company);
  });
});

describe('P23 resume in the middle', () => {
  it('P23 ends as if nothing had happened when the host is killed again and again', async () => {
    const company = await beginSlowImport('Caraway');
    const { admin, companyId } = company;
    const { requestCount, faults, settings } = stage.sandbox.graph;
    const { tenantId } = company.tenant;
    settings(tenantId).stallMs = 60 * minute;
    let requests = 0;
    let read = 0;
    // Of fifteen pages only so many come before each kill, so that the first one is early and the second one late, however slow the machine.
    for (const pages of [3, 11]) {
      faults.next(tenantId, { match: /^GET \/users\/delta/, respond: 'stall', after: pages });
      const seen = await watch(company, () => faults.pending(tenantId) === 0);
      expect(seen.every((progress) => !isOver(progress))).toBe(true);
      read = usersRead(seen.at(-1) as Progress);
      await stage.sandbox.host.kill();
      await stage.sandbox.host.clockReached();
      requests = requestCount(tenantId);
    }
    await watch(company, isOver);
    await stage.pass(10 * minute);
    // What was read before the crash is not read again: a start from the beginning would need every page. Some requests end a round, and a
    // scheduled one may follow.
    expect(requestCount(tenantId) - requests).toBeLessThan((users - read) / 10 + 6);
    expect(read).toBeGreaterThan(0);

    await usersMatchDirectory(company);
    const everybody = await everybodyOf(company);
    expect(new Set(everybody.map((user) => user.userId)).size).toBe(users);
    expect(await admin.counts(companyId)).toMatchObject({ found: users, pending: users, removed: 0 });
    const runs = await admin.runs(companyId);
    expect(runs.at(-1)).toMatchObject({ kind: 'full', reason: 'connected', status: 'succeeded', counts: { users, added: users } });
    expect(runs.slice(0, -1).map((run) => [run.kind, run.counts.added])).toEqual(runs.slice(0, -1).map(() => ['delta', 0]));
    expect(stage.mailsTo(company.adminMail)).toHaveLength(1);
  });
});
