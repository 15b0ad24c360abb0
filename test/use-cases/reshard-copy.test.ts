// The copying of users from few shards to more, on its own: repeated after a crash, by two at once, and late.
import { beforeEach, expect, it } from 'vitest';
import { addUser, type Counts, emptyCounts } from '../../shared/domain/counts.ts';
import type { ShardPlace } from '../../shared/domain/resharding.ts';
import { copyAgain, type CopyTarget, copyInOrder, readNewShards, readOldRows } from '../../shared/storage/shard-copy.ts';
import { writeUsers } from '../../shared/storage/shard-writer.ts';
import { makeUsers, type UserScope } from '../../shared/storage/users.ts';
import { buildUser, personFields, tenantId } from '../builders.ts';
import { type FakeTables, makeFakeTables } from '../fakes/tables.ts';

const old: UserScope = { companyId: 'company1', tenantId, generation: 1, shards: 2 };
const target: UserScope = { ...old, generation: 5, shards: 8 };
const ids = Array.from({ length: 40 }, (_, index) => `user-${String(index).padStart(2, '0')}`);

let tables: FakeTables;

async function put(scope: UserScope, objectIds: readonly string[], decision: 'pending' | 'approved'): Promise<void> {
  const users = makeUsers(tables.users, scope);
  const result = await writeUsers({
    users,
    scope,
    objectIds,
    present: await users.readMany(objectIds),
    fence: null,
    knownCounts: new Map(),
    decide: (objectId) => ({
      user: buildUser({ objectId, decision, fields: personFields(objectId) }),
      digest: 'digest',
      history: [{ at: '2026-03-02T08:00:00.000Z', what: decision, by: 'Avery', why: null }],
    }),
  });
  expect(result.kind).toBe('done');
}

beforeEach(async () => {
  tables = makeFakeTables();
  await put(old, ids, 'pending');
});

const openTarget = async (): Promise<CopyTarget> => ({ scope: target, fence: 4, shards: await readNewShards(tables.users, target) });

/** Copies everybody from a place on, a few at a time; says where it stands before each batch. */
async function copyAll(from: ShardPlace, atPlace: (place: ShardPlace) => void): Promise<void> {
  const opened = await openTarget();
  for (let place: ShardPlace | null = from; place !== null; ) {
    atPlace(place);
    const batch = await readOldRows(tables.users, old, place, 7);
    if ((await copyInOrder(tables.users, opened, batch.rows)) === 'changed') throw new Error('Somebody else has written.');
    place = batch.next;
  }
}

async function check(approved: readonly string[] = []): Promise<void> {
  const users = makeUsers(tables.users, target);
  const found = await users.readMany(ids);
  expect([...found.keys()].toSorted()).toEqual(ids);
  const before = await makeUsers(tables.users, old).readMany(ids);
  for (const [id, { etag: _etag, ...user }] of found) {
    const { etag: _old, ...expected } = before.get(id) ?? { etag: '' };
    expect(user).toEqual(expected);
    expect(user.user.decision).toBe(approved.includes(id) ? 'approved' : 'pending');
  }
  expect(await users.totals()).toEqual([...found.values()].map(({ user }) => user).reduce<Counts>(addUser, emptyCounts));
  for (let shard = 0; shard < target.shards; shard += 1) expect((await users.readShardCounts(shard)).fence).toBe(4);
}

const start: ShardPlace = { shard: 0, after: '' };

it('brings everybody over with history and counts, wherever it crashes', async () => {
  for (let crashAt = 0; ; crashAt += 1) {
    tables = makeFakeTables();
    await put(old, ids, 'pending');
    let place = start;
    let calls = 0;
    tables.failWith(() => {
      calls += 1;
      if (calls === crashAt) throw new Error('The process died.');
    });
    const note = (at: ShardPlace) => {
      place = at;
    };
    const whole = await copyAll(start, note).then(
      () => true,
      () => false,
    );
    tables.failWith(undefined);
    if (!whole) await copyAll(place, note);
    await check();
    if (whole && crashAt > 0) return;
  }
});

it('copies again whom somebody has changed since', async () => {
  await copyAll(start, () => undefined);
  await put(old, ids.slice(3, 20), 'approved');
  expect(await copyAgain(tables.users, old, await openTarget(), ids.slice(3, 20))).toBe('done');
  await check(ids.slice(3, 20));
});

it('refuses a late copy, so that it cannot put an older row over a newer one', async () => {
  await copyAll(start, () => undefined);
  const late = await openTarget();
  const all = await readOldRows(tables.users, old, start, 1000);
  await put(old, ids, 'approved');
  expect(await copyAgain(tables.users, old, await openTarget(), ids)).toBe('done');
  const asIfNew: CopyTarget = { ...late, shards: new Map([...late.shards].map(([shard, head]) => [shard, { ...head, filledTo: null }])) };
  expect(await copyInOrder(tables.users, asIfNew, all.rows)).toBe('changed');
  await check(ids);
});
