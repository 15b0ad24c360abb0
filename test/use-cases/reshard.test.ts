// A company that outgrows its shards: its users move to more of them, and nobody notices.
import { describe, expect, it } from 'vitest';
import { summarise } from '../../shared/domain/counts.ts';
import { isMoving } from '../../shared/domain/resharding.ts';
import type { User } from '../../shared/domain/user.ts';
import { changeIntegration } from '../../shared/storage/companies.ts';
import { readJob } from '../../shared/storage/decision-jobs.ts';
import { sealShard } from '../../shared/storage/shard-moves.ts';
import { requireUsers, userIdOf } from '../../shared/use-cases/company-users.ts';
import { workOnDecisionJob } from '../../shared/use-cases/decision-job-steps.ts';
import { startDecisionJob } from '../../shared/use-cases/decision-jobs.ts';
import { decideUser, decideUsers } from '../../shared/use-cases/decide-users.ts';
import { listActive } from '../../shared/use-cases/list-active.ts';
import { listUsers } from '../../shared/use-cases/list-users.ts';
import { abandonRound, runRound } from '../../shared/use-cases/run-round.ts';
import { buildGrant, buildIntegration, personFields, tenantId } from '../builders.ts';
import { before, beginMove, decisionsOf, makeSmallWorld, people, playOn } from './reshard-world.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

const idOf = (number: number) => `person-${String(number).padStart(5, '0')}`;

async function makeGrowingWorld(first: number): Promise<{ readonly world: SyncWorld; readonly grow: (to: number) => void }> {
  const world = await makeSyncWorld({ pageSize: 500 });
  let size = 0;
  const grow = (to: number) => {
    for (; size < to; size += 1) world.tenant.put(idOf(size), personFields(`Person ${size}`));
  };
  grow(first);
  await world.sync();
  return { world, grow };
}

/** Rows of the users table in the partitions of a generation. */
async function rowsOf(world: SyncWorld, generation: number, shards: number): Promise<readonly string[]> {
  const rows: string[] = [];
  for (let shard = 0; shard < shards; shard += 1) {
    for await (const { row } of world.ports.tables.users.range({ partition: `${companyId}-${generation}-${shard}` })) rows.push(row);
  }
  return rows;
}

describe('a company that grows from 500 to 6,500', () => {
  it('is moved to more shards within the round that finds them', async () => {
    const { world, grow } = await makeGrowingWorld(500);
    await world.decide('approve', idOf(1), idOf(2), idOf(499));
    await world.decide('deny', idOf(3));
    const first = await world.state();
    expect(first).toMatchObject({ shards: 1, generation: 1 });

    grow(6500);
    await world.sync('delta', { stretchMs: 0 });
    const grown = await world.state();
    expect(grown).toMatchObject({ shards: 4, people: 6500, reshard: null, round: null });
    const users = await world.users();
    expect(users.size).toBe(6500);
    const decided = [...users.values()].filter(({ decision }) => decision !== 'pending');
    expect(Object.fromEntries(decided.map(({ objectId, decision }) => [objectId, decision]))).toEqual({
      [idOf(1)]: 'approved',
      [idOf(2)]: 'approved',
      [idOf(3)]: 'denied',
      [idOf(499)]: 'approved',
    });
    await world.check();

    // Rounds and decisions go on as before.
    await world.decide('approve', idOf(4000));
    world.tenant.purge(idOf(7));
    world.tenant.put(idOf(8), { displayName: 'Renamed Person' });
    await world.sync();
    expect(await world.lastRun()).toMatchObject({ status: 'succeeded', counts: { removed: 1, updated: 1, added: 0 } });
    await world.sync('full');
    expect(await world.lastRun()).toMatchObject({ status: 'succeeded', counts: { removed: 0, updated: 0, added: 0 } });
    expect(await world.user(idOf(4000))).toMatchObject({ decision: 'approved' });
    expect((await world.state()).generation).toBe(grown.generation);
    await world.check();
  });

  it('leaves the old rows to whoever is still reading them, for an hour; the round after that removes them', async () => {
    const { world, grow } = await makeGrowingWorld(500);
    grow(6500);
    await world.sync();
    await world.sync();
    expect((await rowsOf(world, 1, 1)).length).toBeGreaterThan(6500);
    world.ports.clock.advance(3_600_000);
    await world.sync('delta', { stretchMs: 0 });
    expect(await rowsOf(world, 1, 1)).toEqual(['~counts']);
    expect((await world.state()).retired).toEqual([]);
    expect((await world.users()).size).toBe(6500);
    await world.check();
  });

  it('stays where it is while it has not outgrown its shards by much', async () => {
    const { world, grow } = await makeGrowingWorld(500);
    grow(6000);
    await world.sync();
    expect(await world.state()).toMatchObject({ shards: 1, generation: 1, reshard: null, retired: [] });
  });
});

describe('somebody who reads while the users move', () => {
  it('walks over the audience once, whenever they move', async () => {
    for (const pagesBefore of [0, 1, 2, 3, 4]) {
      const world = await makeSmallWorld();
      await world.decide('approve', ...people);
      const seen: User[] = [];
      const walk = { cursor: null as string | null };
      const readPage = async () => {
        const page = await listActive(world.ports, companyId, { limit: 2, cursor: walk.cursor });
        seen.push(...page.users);
        walk.cursor = page.cursor;
      };
      for (let pages = 0; pages < pagesBefore; pages += 1) await readPage();
      await beginMove(world, 4);
      await playOn(world);
      await readPage();
      if (walk.cursor !== null) {
        await beginMove(world, 16);
        await playOn(world);
      }
      while (walk.cursor !== null) await readPage();
      expect(seen.map(({ objectId }) => objectId).toSorted(), `moved after ${pagesBefore} pages`).toEqual([...people]);
    }
  });

  it('finds every page of a list, and the counts, at any call of the move', async () => {
    const filters = { kind: null, department: null, managerId: null, search: null } as const;
    const query = { status: 'pending', order: 'name', limit: 20, cursor: null, ...filters } as const;
    for (let at = 1; ; at += 1) {
      const world = await makeSmallWorld();
      const fence = await beginMove(world);
      const read = async () => {
        const page = await listUsers(world.ports, companyId, query);
        const { users } = await requireUsers(world.ports, companyId);
        return { pending: page.users.map(({ objectId }) => objectId), totals: summarise(await users.totals()) };
      };
      let reading: ReturnType<typeof read> | undefined;
      let calls = 0;
      world.ports.beforeEachCall(() => {
        calls += 1;
        if (calls === at) reading = read();
      });
      await world.play(fence);
      world.ports.beforeEachCall(undefined);
      if (!reading) return;
      expect(await reading, `read at call ${at}`).toMatchObject({
        pending: people.slice(2),
        totals: { pending: 8, approved: 1, denied: 1, found: 10 },
      });
    }
  });
});

/** Brings a move to where its shards are sealed and its process dies. */
async function dieSealed(world: SyncWorld): Promise<number> {
  const fence = await beginMove(world);
  while ((await world.state()).reshard?.stage !== 'seal') await runRound(world.ports, { companyId, fence }, 0);
  const { scope } = await requireUsers(world.ports, companyId);
  for (let shard = 0; shard < scope.shards; shard += 1) await sealShard(world.ports.tables.users, scope, shard, { to: fence + 1, fence });
  return fence;
}

describe('a move that dies with its shards sealed', () => {
  it('holds decisions up for seconds and is then given up, so that people can decide', async () => {
    const world = await makeSmallWorld();
    const fence = await dieSealed(world);
    const since = world.ports.clock.now().getTime();
    await world.decide('approve', 'carl');
    expect(world.ports.clock.now().getTime() - since).toBeLessThanOrEqual(6_000);
    expect(await world.user('carl')).toMatchObject({ decision: 'approved' });
    expect(isMoving(await world.state(), fence + 1)).toBe(false);
    await world.decide('approve', 'daniel');
    await playOn(world);
    expect(await world.state()).toMatchObject({ shards: 1, generation: 1, round: null });
    expect(await decisionsOf(world)).toEqual({ ...before, carl: 'approved', daniel: 'approved' });
    await world.check();

    await beginMove(world);
    await playOn(world);
    expect(await world.state()).toMatchObject({ shards: 4 });
    expect(await decisionsOf(world)).toEqual({ ...before, carl: 'approved', daniel: 'approved' });
    await world.check();
  });

  it.each([
    ['is abandoned', async (world: SyncWorld, fence: number) => void (await abandonRound(world.ports, { companyId, fence }))],
    [
      'loses its tenant',
      async (world: SyncWorld, fence: number) => {
        await changeIntegration(world.ports.tables, companyId, () => buildIntegration({ state: 'disconnected' }));
        await runRound(world.ports, { companyId, fence });
        await changeIntegration(world.ports.tables, companyId, () => buildIntegration());
      },
    ],
  ])('and whose round %s holds nobody up, and the next round moves everybody', async (_what, end) => {
    const world = await makeSmallWorld();
    const fence = await dieSealed(world);
    await end(world, fence);
    const since = world.ports.clock.now().getTime();
    await world.decide('deny', 'carl', 'daniel');
    expect(world.ports.clock.now().getTime()).toBe(since);
    world.tenant.put('karl', personFields('Karl Newcomer'));
    await beginMove(world);
    await playOn(world);
    expect(await world.state()).toMatchObject({ shards: 4, people: 11 });
    expect(await decisionsOf(world)).toEqual({ ...before, carl: 'denied', daniel: 'denied', karl: 'pending' });
    await world.check();
    world.ports.clock.advance(3_600_000);
    world.tenant.put('karl', { displayName: 'Karl' });
    await world.sync();
    await world.sync();
    expect((await world.state()).retired).toEqual([]);
  });
});

describe('an admin who decides while the shards are sealed', () => {
  it('waits for the end of the move, with the revision that was seen', async () => {
    const world = await makeSmallWorld();
    const fence = await dieSealed(world);
    const { decisionRevision } = await world.user('carl');
    const request = { companyId, command: 'approve', by: 'Avery', reason: null, userId: userIdOf({ tenantId, objectId: 'carl' }) } as const;
    const deciding = decideUser(world.ports, { ...request, expectedRevision: decisionRevision });
    await runRound(world.ports, { companyId, fence });
    expect(await deciding).toMatchObject({ decision: 'approved' });
    expect(await world.state()).toMatchObject({ shards: 4, generation: fence + 1, round: null });
    expect(await world.user('carl')).toMatchObject({ decision: 'approved', decisionRevision: decisionRevision + 1 });
    expect((await world.auditActions()).filter((action) => action === 'usersApproved')).toHaveLength(2);
    await world.check();
  });

  it('is told of each person what became of the decision, wherever it was written', async () => {
    const world = await makeSmallWorld();
    const fence = await dieSealed(world);
    const userIds = people.map((objectId) => userIdOf({ tenantId, objectId }));
    const deciding = decideUsers(world.ports, { companyId, command: 'approve', by: 'Avery', reason: null, userIds });
    await runRound(world.ports, { companyId, fence });
    expect((await deciding).map((item) => item.outcome)).toEqual(people.map((id) => (id === 'ada' ? 'unchanged' : 'decided')));
    expect(new Set(Object.values(await decisionsOf(world)))).toEqual(new Set(['approved']));
    await world.check();
  });
});

describe('a decision about everybody who matches', () => {
  it('decides each of them once, at whatever call of a move it begins', async () => {
    const { objectId, name } = buildGrant();
    const filter = { status: 'pending', kind: null, department: null, managerId: null, search: null } as const;
    const by = { tenantId, objectId, name };
    for (let at = 1; ; at += 1) {
      const world = await makeSmallWorld();
      const request = { companyId, command: 'approve', filter, reason: null, expectedCount: null, by, key: null } as const;
      const { jobId } = await startDecisionJob(world.ports, request);
      const work = async () => {
        while ((await workOnDecisionJob(world.ports, { companyId, jobId })).kind === 'more');
      };
      const fence = await beginMove(world);
      let working: Promise<void> | undefined;
      let calls = 0;
      world.ports.beforeEachCall(() => {
        calls += 1;
        if (calls === at) working = work();
      });
      await world.play(fence);
      world.ports.beforeEachCall(undefined);
      if (!working) return;
      await working;
      const job = await readJob(world.ports.tables, companyId, jobId);
      expect(job?.value, `begun at call ${at}`).toMatchObject({ state: 'done', tally: { decided: 8, unchanged: 0, refused: 0 } });
      expect(await decisionsOf(world)).toEqual(Object.fromEntries(people.map((id) => [id, id === 'blaise' ? 'denied' : 'approved'])));
      await world.check();
    }
  });
});
