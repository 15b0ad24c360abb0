// The upkeep of the lists costs nothing without changes, little with few, and is done when enough has changed.
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeUserIndex } from '../../shared/adapters/user-index-tables.ts';
import { listEntriesOf } from '../../shared/domain/user-lists.ts';
import type { User } from '../../shared/domain/user.ts';
import type { Ports } from '../../shared/ports/ports.ts';
import { addListEntries } from '../../shared/storage/list-entries.ts';
import { writeUsers } from '../../shared/storage/shard-writer.ts';
import { indexScope, makeUsers, type UserChange, type UserScope } from '../../shared/storage/users.ts';
import { leaveLists, packLists } from '../../shared/use-cases/list-upkeep.ts';
import { buildUser, personFields, tenantId } from '../builders.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';

const scope: UserScope = { companyId: 'company1', tenantId, generation: 1, shards: 4 };
let fake: FakePorts;
let ports: Ports;
let calls = 0;
beforeEach(() => {
  fake = makeFakePorts();
  fake.beforeEachCall(() => {
    calls += 1;
  });
  // The lists as they are stored, so that each of their calls counts too.
  const index: Ports['index'] = (company, list) =>
    makeUserIndex({
      table: fake.tables.lists,
      scope: indexScope(company),
      index: list,
      now: () => fake.clock.now().getTime(),
      newId: randomUUID,
    });
  ports = { ...fake, index };
});

const usersOf = () => makeUsers(ports.tables.users, scope);
const numbered = (count: number) =>
  Array.from({ length: count }, (_, number) => {
    const objectId = `user-${String(number).padStart(5, '0')}`;
    return buildUser({ objectId, fields: personFields(objectId) });
  });
async function store(users: readonly User[]): Promise<readonly UserChange[]> {
  const wanted = new Map(users.map((user) => [user.objectId, user]));
  const objectIds = [...wanted.keys()];
  const result = await writeUsers({
    users: usersOf(),
    scope,
    objectIds,
    present: await usersOf().readMany(objectIds),
    fence: null,
    knownCounts: new Map(),
    decide: (objectId) => ({ user: wanted.get(objectId) ?? buildUser(), digest: '', history: [] }),
    before: async (changes) =>
      await addListEntries(
        ports,
        scope,
        changes.flatMap(({ after }) => listEntriesOf(after.user)),
      ),
  });
  return result.kind === 'done' ? result.changes : [];
}
async function callsOf(work: () => Promise<unknown>): Promise<number> {
  calls = 0;
  await work();
  return calls;
}
const pack = async (changed: number) => await packLists(ports, scope, usersOf(), changed);
const linesOf = async (list: 'pending-name' | 'approved-name') =>
  (await ports.index(scope, list).read({ limit: 5_000 })).entries.map(({ id }) => id);
const approved = (user: User): User => ({ ...user, decision: 'approved', decisionRevision: user.decisionRevision + 1 });
const looseRows = async (list: string) => {
  let rows = 0;
  for await (const _ of fake.tables.lists.range({ partition: `${indexScope(scope)}-${list}`, from: 'l', below: 'm' })) rows += 1;
  return rows;
};

describe('upkeep', () => {
  it('costs nothing without changes, and two calls until enough has changed', async () => {
    expect(await callsOf(async () => await pack(0))).toBe(0);
    await store(numbered(600));
    expect(await callsOf(async () => await pack(100))).toBe(2);
    expect(await looseRows('pending-name')).toBe(0);
    expect(await callsOf(async () => await pack(99))).toBe(2);
    expect(await callsOf(async () => await pack(1))).toBeGreaterThan(2);
    expect(await callsOf(async () => await pack(1))).toBe(2);
  });

  it('packs many small additions into one run', async () => {
    const users = numbered(2_000);
    await store(users.slice(0, 500));
    for (let start = 500; start < 2_000; start += 50) {
      await store(users.slice(start, start + 50));
      await pack(50);
      // What a list bears, and what may come before the next look.
      expect(await looseRows('pending-name')).toBeLessThanOrEqual(400 + 200);
    }
    expect(await linesOf('pending-name')).toEqual(users.map(({ objectId }) => objectId));
  });

  it('takes decided people off the list at once, with and without packing', async () => {
    const users = numbered(1_000);
    await store(users);
    await leaveLists(ports, scope, await store(users.slice(0, 900).map(approved)));
    expect(await linesOf('pending-name')).toEqual(users.slice(900).map(({ objectId }) => objectId));
    await pack(900);
    expect(await looseRows('pending-name')).toBe(0);
    expect(await linesOf('pending-name')).toEqual(users.slice(900).map(({ objectId }) => objectId));
    expect(await linesOf('approved-name')).toHaveLength(900);
  });

  it('counts decisions made between two rounds', async () => {
    const users = numbered(300);
    await store(users);
    await leaveLists(ports, scope, await store(users.slice(0, 250).map(approved)));
    expect(await callsOf(async () => await pack(1))).toBeGreaterThan(2);
  });

  it('drops lines that went stale without a decision, once they are a fifth of the list and older than an hour', async () => {
    const users = numbered(800);
    await store(users);
    const renamed = users.slice(0, 500).map((user) => ({ ...user, fields: personFields(`x ${user.objectId}`) }));
    await store(renamed);
    await pack(1_300);
    expect(await linesOf('pending-name')).toHaveLength(1_300);
    fake.clock.advance(3_600_001);
    await pack(200);
    expect(await linesOf('pending-name')).toHaveLength(800);
    expect(fake.logged).toEqual([]);
  });

  it('that fails is logged, and nobody is missing', async () => {
    const users = numbered(500);
    await store(users);
    fake.beforeEachCall(() => {
      throw new Error('storage is away');
    });
    await pack(500);
    await leaveLists(ports, scope, [
      {
        before: { user: users[0] ?? buildUser(), digest: '', history: [], etag: '1' },
        after: { user: approved(users[0] ?? buildUser()), digest: '', history: [] },
      },
    ]);
    fake.beforeEachCall(undefined);
    expect(fake.logged.map(({ level, message }) => [level, message])).toEqual([
      ['warning', 'The lists could not be looked after.'],
      ['warning', 'Decided people could not be taken off a list.'],
    ]);
    expect(await linesOf('pending-name')).toHaveLength(500);
  });
});
