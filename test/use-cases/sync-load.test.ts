// The first round of a large tenant, read in parts: everybody arrives, changes meanwhile are found, and whatever speaks against it leads
// to the delta chain and to the same end.
import { describe, expect, it } from 'vitest';
import type { UsersPage } from '../../shared/ports/directory.ts';
import { readIntegration } from '../../shared/storage/companies.ts';
import { runRound } from '../../shared/use-cases/run-round.ts';
import { failures, personFields } from '../builders.ts';
import { crowd, expectEverybody, hire, idOf, makeLargeWorld, reasonsGivenUp, times, withDirectory } from './load-world.ts';
import { companyId, type Playing, type SyncWorld } from './sync-world.ts';

const hour = 3_600_000;

/** Acts once, after some short stretches of the load. */
function during(act: () => void, stretches = 4): Playing {
  let played = 0;
  return {
    before: (phase) => {
      if (phase !== 'load') return;
      played += 1;
      if (played === stretches) act();
    },
  };
}

describe('a load in parts', () => {
  it('brings everybody once, with the manager, and asks for no managers afterwards', async () => {
    const world = await makeLargeWorld();
    expect(await world.sync()).toBe('ended');
    await expectEverybody(world);
    expect(times(world, 'startDelta')).toBe(1);
    expect(times(world, 'usersPage')).toBeGreaterThan(44);
    expect([times(world, 'managerPage'), times(world, 'deltaPage')]).toEqual([0, 1]);
  });

  it('leaves a record that says so and adds up', async () => {
    const world = await makeLargeWorld();
    await world.sync();
    const run = await world.lastRun();
    expect(run).toMatchObject({ kind: 'full', readBy: 'parts', status: 'succeeded', problem: null });
    expect(run.counts).toMatchObject({
      entries: crowd,
      users: crowd,
      added: crowd,
      updated: 0,
      removed: 0,
      missing: 0,
      unreadable: 0,
      managersChanged: crowd - 1,
      rowsWritten: crowd,
      pages: times(world, 'usersPage') + times(world, 'deltaPage'),
      graphCalls: world.tenant.requests.length,
    });
    expect(await world.state()).toMatchObject({ people: crowd, round: null, failedRounds: 0, fence: 1 });
    expect((await world.mails()).map(({ kind }) => kind)).toEqual(['integrationConnected']);
  });

  it('leaves a cursor that a delta round goes on from', async () => {
    const world = await makeLargeWorld();
    await world.sync();
    world.tenant.put(idOf(7), { jobTitle: 'Analyst' });
    world.tenant.softDelete(idOf(8));
    await world.sync();
    expect(await world.lastRun()).toMatchObject({ kind: 'delta', readBy: 'deltaChain', counts: { entries: 2, updated: 1, removed: 1 } });
    expect((await world.user(idOf(7))).fields.jobTitle).toBe('Analyst');
  });

  it('finds what changed while it was under way: people who came, went, were renamed or moved', async () => {
    const world = await makeLargeWorld();
    const act = () => {
      hire(world, crowd);
      world.tenant.softDelete(idOf(0));
      world.tenant.purge(idOf(crowd - 1));
      for (const index of [1, crowd - 2]) {
        world.tenant.put(idOf(index), { displayName: 'Renamed', userPrincipalName: `renamed${index}@contoso.example` });
      }
    };
    await world.sync('delta', during(act));
    const users = await world.users();
    expect((await world.withPresence('present')).length).toBe(crowd - 1);
    expect(users.get(idOf(crowd))).toMatchObject({ presence: 'present', decision: 'pending' });
    for (const index of [0, crowd - 1]) expect(users.get(idOf(index))?.presence ?? 'never stored').not.toBe('present');
    for (const index of [1, crowd - 2]) expect(users.get(idOf(index))?.fields.displayName).toBe('Renamed');
    expect(await world.lastRun()).toMatchObject({ readBy: 'parts', status: 'succeeded' });
    await world.check();
  });

  it('never holds more people than three batches and what is under way', async () => {
    const people = 9_000;
    const world = await makeLargeWorld({ people, pageSize: 20 });
    let read = 0;
    let stored = 0;
    let most = 0;
    const { users } = world.ports.tables;
    const ports = withDirectory(world, ({ usersPage }) => ({
      usersPage: async (link, prefix) => {
        const answer = await usersPage(link, prefix);
        if (answer.ok) read += answer.value.entries.length;
        most = Math.max(most, read - stored);
        return answer;
      },
    }));
    const write: typeof users.write = async (partition, writes) => {
      const outcome = await users.write(partition, writes);
      if (outcome.kind === 'done') stored += writes.filter(({ row }) => row.startsWith('person-')).length;
      return outcome;
    };
    await world.sync('delta', { ports: { ...ports, tables: { ...world.ports.tables, users: { ...users, write } } } });
    expect([read, stored]).toEqual([people, people]);
    const batch = 1_000 + 8 * 20;
    expect(most).toBeLessThanOrEqual(3 * batch + 8 * 20);
  });
});

describe('the delta chain reads everybody', () => {
  it.each([
    ['when the company’s settings say so', { loadInParts: false }, crowd],
    ['of a small company', { people: 60 }, 60],
  ])('%s', async (_when, wish, people) => {
    const world = await makeLargeWorld(wish);
    await world.sync();
    await expectEverybody(world, people);
    expect(await world.lastRun()).toMatchObject({ kind: 'full', readBy: 'deltaChain', counts: { added: people } });
    expect([times(world, 'startDelta'), times(world, 'usersPage')]).toEqual([0, 0]);
    expect((await world.state()).fullDueAt).toBeNull();
  });
});

/** A tenant in which reading in parts comes to nothing, and why it is given up. */
const obstacles: readonly (readonly [string, string, (world: SyncWorld) => Playing])[] = [
  ['a position from now on is refused', 'refused', ({ tenant }) => (tenant.failAll('startDelta', failures.unsupported), {})],
  ['lists are not answered', 'refused', ({ tenant }) => (tenant.failAll('usersPage', failures.unsupported), {})],
  ['counts are not answered', 'refused', ({ tenant }) => (tenant.failAll('countByPrefix', failures.unsupported), {})],
  ['counts fail again and again', 'failing', ({ tenant }) => (tenant.failAll('countByPrefix', failures.transient), {})],
  [
    'one part fails again and again',
    'failing',
    (world) => ({
      ports: withDirectory(world, ({ usersPage }) => ({
        usersPage: async (link, prefix) => (prefix === 'm' ? { ok: false, failure: failures.transient } : await usersPage(link, prefix)),
      })),
    }),
  ],
  ['the lists lack somebody', 'countsDisagree', ({ tenant }) => (tenant.hideFromLists(idOf(17)), {})],
  [
    'pages have no end',
    'endless',
    (world) => ({
      ports: withDirectory(world, ({ usersPage }) => {
        let pages = 0;
        const endless = async (): Promise<{ ok: true; value: UsersPage }> => {
          pages += 1;
          return { ok: true, value: { entries: [], nextLink: `https://graph.fake/v1.0/users?page=${pages}` } };
        };
        return { usersPage: async (link, prefix) => (prefix === 'm' ? await endless() : await usersPage(link, prefix)) };
      }),
    }),
  ],
];

describe('a load in parts is given up for the delta chain, which comes to the same end,', () => {
  it.each(obstacles)('when %s', async (_when, why, arrange) => {
    const world = await makeLargeWorld();
    expect(await world.sync('delta', arrange(world))).toBe('ended');
    await expectEverybody(world);
    expect(reasonsGivenUp(world)).toEqual([why]);
    expect(await world.lastRun()).toMatchObject({
      kind: 'full',
      readBy: 'partsThenDeltaChain',
      status: 'succeeded',
      problem: null,
      counts: { users: crowd, added: crowd, removed: 0 },
    });
    expect(await world.runs()).toHaveLength(1);
    expect(await world.state()).toMatchObject({ people: crowd, fullDueAt: null });

    world.tenant.put(idOf(7), { jobTitle: 'Analyst' });
    await world.sync();
    expect(await world.lastRun()).toMatchObject({ kind: 'delta', counts: { entries: 1, updated: 1 } });
  });

  it.each([
    ['many', 5, 'uncovered'],
    ['few', 2, 'countsDisagree'],
  ])('when %s names begin with a letter nobody asks for', async (_many, strangers, why) => {
    const world = await makeLargeWorld();
    for (let index = 0; index < strangers; index += 1) {
      world.tenant.put(`stranger-${index}`, personFields(`Stranger ${index}`, { userPrincipalName: `ü${index}@contoso.example` }));
    }
    await world.sync();
    expect(reasonsGivenUp(world)).toEqual([why]);
    expect((await world.withPresence('present')).length).toBe(crowd + strangers);
    expect(await world.lastRun()).toMatchObject({
      readBy: 'partsThenDeltaChain',
      counts: { users: crowd + strangers, added: crowd + strangers },
    });
    await world.check();
  });

  it('when the position taken before is refused afterwards', async () => {
    const world = await makeLargeWorld();
    const refuse: Playing = {
      before: (phase) => void (phase === 'users' && times(world, 'deltaPage') === 0 && world.tenant.refuseTokens()),
    };
    expect(await world.sync('delta', refuse)).toBe('ended');
    await expectEverybody(world);
    const runs = await world.runs();
    expect(runs.map(({ status, readBy }) => [status, readBy])).toEqual([
      ['succeeded', 'deltaChain'],
      ['incomplete', 'parts'],
    ]);
  });
});

describe('trouble of the tenant as a whole', () => {
  it.each([20, 1, 4])('a long pause that Graph asks for is waited out, and what was read is not read again (request %i)', async (place) => {
    const world = await makeLargeWorld();
    const calm = await makeLargeWorld();
    await calm.sync();
    const began = world.ports.clock.now().getTime();
    world.tenant.failNext(...Array.from({ length: place }, () => null), failures.throttled);
    expect(await world.sync()).toBe('ended');
    await expectEverybody(world);
    expect(world.ports.clock.now().getTime() - began).toBeGreaterThan(failures.throttled.retryAfterMs);
    expect(world.tenant.requests.length).toBe(calm.tenant.requests.length + 1);
    expect(await world.lastRun()).toMatchObject({ readBy: 'parts', status: 'succeeded', counts: { throttledMs: 90_000, users: crowd } });
  });

  it.each([0, 3])(
    'access that is lost is reported as that, and the next round after it is back reads everybody (stretch %i)',
    async (stretch) => {
      const world = await makeLargeWorld();
      await world.sync(
        'delta',
        during(() => world.tenant.failAlways(failures.accessLost), stretch + 1),
      );
      expect(await world.lastRun()).toMatchObject({ status: 'failed', problem: failures.accessLost.detail.sentence });
      expect((await readIntegration(world.ports.tables, companyId)).state).toBe('accessLost');
      expect([reasonsGivenUp(world), times(world, 'deltaPage')]).toEqual([[], 0]);
      await world.check();

      world.tenant.failAlways(null);
      await world.sync();
      await expectEverybody(world);
      expect((await readIntegration(world.ports.tables, companyId)).state).toBe('connected');
    },
  );

  it('a page link that is refused makes its part begin again', async () => {
    const world = await makeLargeWorld();
    world.tenant.failNext(...Array.from({ length: 30 }, () => null), failures.pageTokenExpired);
    await world.sync();
    await expectEverybody(world);
    expect(await world.lastRun()).toMatchObject({ readBy: 'parts', counts: { users: crowd, added: crowd } });
  });
});

describe('the confirmation', () => {
  it('is a full round of the delta feed, eight hours later', async () => {
    const world = await makeLargeWorld();
    await world.sync();
    const due = new Date(world.ports.clock.now().getTime() + 8 * hour).toISOString();
    expect((await world.state()).fullDueAt).toBe(due);

    world.ports.clock.advance(7 * hour);
    await world.sync();
    expect((await world.lastRun()).kind).toBe('delta');
    expect((await world.state()).fullDueAt).toBe(due);

    world.ports.clock.advance(hour);
    await world.sync();
    expect(await world.lastRun()).toMatchObject({
      kind: 'full',
      readBy: 'deltaChain',
      status: 'succeeded',
      counts: { users: crowd, rowsWritten: 0, removed: 0 },
    });
    expect((await world.state()).fullDueAt).toBeNull();
    await expectEverybody(world);

    world.ports.clock.advance(hour);
    await world.sync();
    expect((await world.lastRun()).kind).toBe('delta');
  });

  it('finds whom a replica that was behind had hidden from the lists and the counts', async () => {
    const world = await makeLargeWorld();
    world.tenant.hideFromLists(idOf(17));
    const countUsers = async () => ({ ok: true, value: crowd - 1 }) as const;
    await world.sync('delta', { ports: withDirectory(world, () => ({ countUsers })) });
    expect(await world.lastRun()).toMatchObject({ readBy: 'parts', counts: { added: crowd - 1 } });
    world.ports.clock.advance(8 * hour);
    await world.sync();
    expect(await world.lastRun()).toMatchObject({ kind: 'full', counts: { added: 1 } });
    expect((await world.withPresence('present')).length).toBe(crowd);
  });
});

describe('the managers of a later full round', () => {
  it('are read in parts', async () => {
    const world = await makeLargeWorld();
    await world.sync();
    world.tenant.setManager(idOf(20), idOf(3));
    await world.sync('full');
    expect(times(world, 'managerPage')).toBeGreaterThan(44);
    expect((await world.user(idOf(20))).managerId).toBe(idOf(3));
    expect(await world.lastRun()).toMatchObject({
      readBy: 'deltaChain',
      status: 'succeeded',
      counts: { managersChanged: 1, rowsWritten: 1 },
    });
    await world.check();
  });

  it('are read one page after another after a long pause', async () => {
    const world = await makeLargeWorld();
    await world.sync();
    world.tenant.setManager(idOf(20), idOf(3));
    let asked = 0;
    const before: Playing['before'] = (phase) => {
      if (phase !== 'managers' || asked > 0) return;
      asked = world.tenant.requests.length;
      world.tenant.failNext(...Array.from({ length: 6 }, () => null), failures.throttled);
    };
    await world.sync('full', { before });
    // No request is made between the refusal and the pause but those that were under way.
    expect(world.tenant.requests.slice(asked).lastIndexOf('countByPrefix')).toBeLessThan(7 + 8);
    expect((await world.user(idOf(20))).managerId).toBe(idOf(3));
    expect(await world.lastRun()).toMatchObject({
      status: 'succeeded',
      counts: { throttledMs: failures.throttled.retryAfterMs, managersChanged: 1 },
    });
  });
});

describe('two copies of one stretch', () => {
  it.each([
    ['long ones', undefined],
    ['short ones', 0],
  ])('end as one (%s)', async (_how, stretchMs) => {
    const world = await makeLargeWorld();
    const start = await world.request();
    if (start.kind !== 'start') throw new Error('The round did not start.');
    const input = { companyId, fence: start.fence };
    for (let stretch = 0; (await world.state()).round !== null; stretch += 1) {
      expect(stretch).toBeLessThan(200);
      await Promise.all([runRound(world.ports, input, stretchMs), runRound(world.ports, input, stretchMs)]);
    }
    await expectEverybody(world);
    expect(await world.runs()).toHaveLength(1);
    expect(await world.lastRun()).toMatchObject({ readBy: 'parts', status: 'succeeded', counts: { users: crowd, removed: 0 } });
    expect(await world.mails()).toHaveLength(1);
  });
});
