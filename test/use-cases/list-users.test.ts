// A page of users: sorted, filtered, and true at the moment it is read, whatever the lists still say.
import { beforeEach, describe, expect, it } from 'vitest';
import { openCompany } from '../../shared/storage/company-state.ts';
import { requireUsers } from '../../shared/use-cases/company-users.ts';
import { leaveLists } from '../../shared/use-cases/list-upkeep.ts';
import { listUsers, type UserQuery } from '../../shared/use-cases/list-users.ts';
import { personFields, storeCompany } from '../builders.ts';
import { makeFakePorts } from '../fakes/ports.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

const query: UserQuery = {
  status: 'pending',
  order: 'name',
  limit: 100,
  cursor: null,
  kind: null,
  department: null,
  managerId: null,
  search: null,
};
let world: SyncWorld;
beforeEach(async () => {
  world = await makeSyncWorld({ pageSize: 50 });
  world.tenant.put('zoe', personFields('Zoe Able', { department: 'Sales' }));
  world.tenant.put('ada', personFields('Ada Lovelace', { department: 'Research' }));
  world.tenant.put('anne', personFields('Änne Müller', { department: 'SALES' }));
  world.tenant.put('bob', personFields('Bob Baker', { department: 'Sales and more' }));
  world.tenant.put('guest', personFields('Gil Guest', { userType: 'Guest' }));
  world.tenant.setManager('bob', 'zoe');
  world.tenant.setManager('guest', 'zoe');
  await world.sync();
});
const idsOf = async (wish: Partial<UserQuery> = {}) =>
  (await listUsers(world.ports, companyId, { ...query, ...wish })).users.map(({ objectId }) => objectId);

it('asks nothing more of a company whose state was read with the rights of whoever asks', async () => {
  const { state } = await openCompany(world.ports.tables, companyId);
  let calls = 0;
  world.ports.tables.failWith(({ table }) => {
    if (table === 'companies') calls += 1;
  });
  expect((await listUsers(world.ports, companyId, query, state)).users).toHaveLength(5);
  expect(calls).toBe(0);
});

describe('a list', () => {
  it('is sorted by name as people would, without regard to marks and case', async () => {
    expect(await idsOf()).toEqual(['ada', 'anne', 'bob', 'guest', 'zoe']);
  });

  it('is sorted by arrival, the latest first', async () => {
    world.ports.clock.advance(60_000);
    world.tenant.put('new', personFields('Nia New'));
    await world.sync();
    expect((await idsOf({ order: 'arrival' }))[0]).toBe('new');
  });

  it.each<[string, Partial<UserQuery>, readonly string[]]>([
    ['kind', { kind: 'guest' }, ['guest']],
    ['department, exactly but for case', { department: 'sales' }, ['anne', 'zoe']],
    ['manager', { managerId: 'zoe' }, ['bob', 'guest']],
    ['part of a name, without marks', { search: 'mull' }, ['anne']],
    ['part of an address', { search: 'ada.love' }, ['ada']],
    ['all of these together', { managerId: 'zoe', kind: 'person', department: 'Sales and more', search: 'bob' }, ['bob']],
    ['something nobody has', { search: 'nobody' }, []],
  ])('is filtered by %s', async (_what, wish, expected) => {
    expect(await idsOf(wish)).toEqual(expected);
  });

  it('follows decisions, renames and departures at once', async () => {
    await world.decide('approve', 'ada', 'bob');
    await world.decide('deny', 'guest');
    world.tenant.put('zoe', { displayName: 'Aaron Able' });
    world.tenant.purge('bob');
    await world.sync();
    expect(await idsOf()).toEqual(['zoe', 'anne']);
    expect(await idsOf({ status: 'approved' })).toEqual(['ada']);
    expect(await idsOf({ status: 'denied' })).toEqual(['guest']);
    expect(await idsOf({ status: 'removed' })).toEqual(['bob']);
  });
});

it.each([1, 2, 5])('read page by page has everybody once, in the same order (%i a page)', async (limit) => {
  const seen: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await listUsers(world.ports, companyId, { ...query, limit, cursor });
    expect(page.users.length).toBeLessThanOrEqual(limit);
    seen.push(...page.users.map(({ objectId }) => objectId));
    ({ cursor } = page);
    if (cursor === null) break;
  }
  expect(seen).toEqual(await idsOf());
});

it('goes on behind people who were decided since the page before', async () => {
  const first = await listUsers(world.ports, companyId, { ...query, limit: 2 });
  await world.decide('approve', ...first.users.map(({ objectId }) => objectId));
  expect(await idsOf({ cursor: first.cursor })).toEqual(['bob', 'guest', 'zoe']);
});

describe('a list of many', () => {
  const decideAndLeave = async (command: 'approve' | 'reopen', objectIds: readonly string[]) => {
    const { scope, users } = await requireUsers(world.ports, companyId);
    const before = await users.readMany(objectIds);
    await world.decide(command, ...objectIds);
    const after = await users.readMany(objectIds);
    const changes = objectIds.flatMap((objectId) => {
      const stored = after.get(objectId);
      return stored === undefined ? [] : [{ before: before.get(objectId), after: stored }];
    });
    await leaveLists(world.ports, scope, changes);
    return { scope, users };
  };
  /** Users read one by one for a page. */
  const pointReads = async (wish: Partial<UserQuery>) => {
    let reads = 0;
    const { users: table } = world.ports.tables;
    const counted = {
      ...table,
      get: async (key: Parameters<typeof table.get>[0]) => {
        reads += 1;
        return await table.get(key);
      },
    };
    const page = await listUsers({ ...world.ports, tables: { ...world.ports.tables, users: counted } }, companyId, { ...query, ...wish });
    return { reads, ids: page.users.map(({ objectId }) => objectId) };
  };
  const many = Array.from({ length: 300 }, (_, number) => `many-${String(number).padStart(3, '0')}`);
  beforeEach(async () => {
    for (const [number, id] of many.entries()) world.tenant.put(id, personFields(id, number % 10 === 0 ? { userType: 'Guest' } : {}));
    await world.sync();
  });

  it.each(['name', 'arrival'] as const)('reads nobody who was decided, by %s', async (order) => {
    await decideAndLeave('approve', many.slice(0, 270));
    const { reads, ids } = await pointReads({ order, limit: 20 });
    expect(ids).toHaveLength(20);
    expect(reads).toBe(20);
    expect(ids.some((id) => many.slice(0, 270).includes(id))).toBe(false);
  });

  it('shows again who was reopened, wherever the word of the decision was late', async () => {
    await decideAndLeave('approve', many.slice(0, 270));
    await decideAndLeave('reopen', many.slice(100, 200));
    const { ids } = await pointReads({ search: 'many-', limit: 200 });
    expect(ids).toEqual([...many.slice(100, 200), ...many.slice(270)]);
    expect((await pointReads({ status: 'approved', limit: 500 })).ids).toEqual([...many.slice(0, 100), ...many.slice(200, 270)]);
  });

  it('finds the rare kinds without looking at anybody else, and the common one', async () => {
    const guests = many.filter((_, number) => number % 10 === 0);
    await decideAndLeave('approve', guests.slice(0, 10));
    const { reads, ids } = await pointReads({ kind: 'guest', limit: 50 });
    expect(ids).toEqual(['guest', ...guests.slice(10)]);
    expect(reads).toBe(ids.length);
    expect((await pointReads({ kind: 'guest', search: 'many-29', limit: 50 })).ids).toEqual(['many-290']);
    const persons = await pointReads({ kind: 'person', limit: 50 });
    expect([persons.reads, persons.ids.length]).toEqual([50, 50]);
    expect(persons.ids.some((id) => guests.includes(id))).toBe(false);
  });

  it('shows nobody under a kind they are no longer of', async () => {
    world.tenant.put('many-010', personFields('many-010', { userType: 'Member' }));
    await world.sync();
    expect(await idsOf({ kind: 'guest' })).not.toContain('many-010');
    expect(await idsOf({ kind: 'person', search: 'many-010' })).toEqual(['many-010']);
  });
});

it('is empty before the first sync', async () => {
  const ports = makeFakePorts();
  await storeCompany(ports.tables);
  expect(await listUsers(ports, companyId, query)).toEqual({ users: [], cursor: null });
});
