// A page of users: sorted, filtered, and true at the moment it is read, whatever the lists still say.
import { beforeEach, describe, expect, it } from 'vitest';
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

it('is empty before the first sync', async () => {
  const ports = makeFakePorts();
  await storeCompany(ports.tables);
  expect(await listUsers(ports, companyId, query)).toEqual({ users: [], cursor: null });
});
