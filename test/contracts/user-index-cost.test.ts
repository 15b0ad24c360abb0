// What the user index costs in storage calls and rows: the same for a thousand users as for a hundred thousand.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMissingTables, makeTables } from '../../shared/adapters/tables.ts';
import { makeUserIndex } from '../../shared/adapters/user-index-tables.ts';
import type { IndexEntry } from '../../shared/domain/packed-line.ts';
import { cursorAfter, invertedInstant } from '../../shared/domain/packed-position.ts';
import { changesBetweenUpkeeps, mostLinesFor } from '../../shared/domain/packed-upkeep.ts';
import type { Range, Table } from '../../shared/ports/tables.ts';
import type { UserIndex } from '../../shared/ports/user-index.ts';
import { type Azurite, startAzurite } from '../../sandbox/azurite.ts';
import { makeFakeTables } from '../fakes/tables.ts';

interface CountedTable extends Table {
  readonly calls: () => number;
}

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite({ services: 'table' });
});
afterAll(() => azurite.stop());

/** Over a real service, where each request counts. */
async function overAzurite(): Promise<CountedTable> {
  let calls = 0;
  const access = { kind: 'connectionString', connectionString: azurite.connectionString } as const;
  await createMissingTables(access);
  const count = (request: never, next: (request: never) => Promise<never>) => {
    calls += 1;
    return next(request);
  };
  const { lists } = makeTables(access, [{ name: 'count', sendRequest: count }]);
  return { ...lists, calls: () => calls };
}

/** In memory, where a range counts once for each thousand rows it gives, as the service would. */
async function inMemory(): Promise<CountedTable> {
  let calls = 0;
  const table = makeFakeTables().lists;
  const count = () => {
    calls += 1;
  };
  return {
    get: async (key) => {
      count();
      return await table.get(key);
    },
    write: async (partition, writes) => {
      count();
      return await table.write(partition, writes);
    },
    range: async function* (range: Range) {
      count();
      let rows = 0;
      for await (const row of table.range(range)) {
        if (rows > 0 && rows % 1_000 === 0) count();
        rows += 1;
        yield row;
      }
    },
    calls: () => calls,
  };
}

const kinds = ['room', 'guest', 'sharedMailbox'] as const;
const kindOf = (number: number) => (number % 20 === 0 ? (kinds[(number / 20) % 3] ?? 'room') : 'person');
const firstArrival = Date.UTC(2026, 10, 1);

/** The n-th to arrive, whose name is anywhere among the others. */
function user(number: number, order: 'name' | 'arrival'): IndexEntry {
  const digits = number.toString().padStart(12, '0');
  const facets = { kind: kindOf(number), department: `Department ${number % 40}`, text: `user.${digits}@example.test` };
  const name = `${((number * 7_919) % 1_000_003).toString().padStart(7, '0')} of user`;
  const key = order === 'name' ? name : invertedInstant(new Date(firstArrival + number * 1_000).toISOString());
  return { key, id: `00000000-0000-4000-8000-${digits}`, facets };
}

const range = (from: number, below: number) => Array.from({ length: below - from }, (_, at) => from + at);
const byPosition = (left: IndexEntry, right: IndexEntry) => {
  if (left.key !== right.key) return left.key < right.key ? -1 : 1;
  return left.id < right.id ? -1 : 1;
};
const keepAll = async (entries: readonly IndexEntry[]) => entries;
/** With few loose lines: they come with the manifest. */
const fewestCalls = 2;
const mostCalls = 3;
const limit = 50;

const places = [
  ['a thousand users over a real service', 1_000, overAzurite],
  ['a hundred thousand users in memory', 100_000, inMemory],
] as const;
const cases = places.flatMap(([title, size, open]) => (['name', 'arrival'] as const).map((order) => [title, order, size, open] as const));

describe.each(cases)('a list of %s by %s', (_, order, size, open) => {
  let table: CountedTable;
  let index: UserIndex;
  let kindsIndex: UserIndex;
  /** Who is listed in truth, by number. */
  const listed = new Set<number>();
  let upkeep = 0;

  const callsOf = async (action: () => Promise<unknown>) => {
    const before = table.calls();
    await action();
    return table.calls() - before;
  };
  const onKinds = (entry: IndexEntry): IndexEntry => ({ ...entry, key: `${entry.facets.kind} ${entry.key}` });
  const add = async (numbers: readonly number[]) => {
    for (const number of numbers) listed.add(number);
    const entries = numbers.map((number) => user(number, order));
    const others = entries.filter(({ facets }) => facets.kind !== 'person').map(onKinds);
    await (entries.length < 400 ? index.add(entries) : index.addMany(entries));
    await (others.length < 400 ? kindsIndex.add(others) : kindsIndex.addMany(others));
  };
  const decide = async (numbers: readonly number[]) => {
    for (const number of numbers) listed.delete(number);
    const gone = numbers.map((number) => ({ ...user(number, order), version: 1, gone: true }));
    await index.addMany(gone);
    await kindsIndex.addMany(gone.filter(({ facets }) => facets.kind !== 'person').map((one) => ({ ...one, ...onKinds(one) })));
  };
  const pack = async () => {
    const wish = { mostRuns: 1, mostLoose: 400, keep: keepAll };
    upkeep += await callsOf(async () => {
      await index.compact({ ...wish, mostLines: mostLinesFor(listed.size) });
      await kindsIndex.compact({ ...wish, mostLines: mostLinesFor(listed.size / 20) });
    });
  };
  const inOrder = () => [...listed].map((number) => user(number, order)).toSorted(byPosition);
  const firstOf = (entries: readonly IndexEntry[], from: number) => entries.slice(from, from + limit).map(({ id }) => id);

  /** A page at the top, in the middle and near the end, and one of each kind: all of them right, full, and cheap. */
  const expectPagesIn = async (calls: number) => {
    const all = inOrder();
    for (const at of [0, Math.floor(all.length / 2), all.length - limit - 1]) {
      const before = all[at - 1];
      const read = () => index.read({ limit, ...(before === undefined ? {} : { cursor: cursorAfter(before) }) });
      expect((await read()).entries.map(({ id }) => id)).toEqual(firstOf(all, at));
      expect(await callsOf(read)).toBeLessThanOrEqual(calls);
    }
    const readPersons = () => index.read({ limit, mostLeaves: 2, match: ({ kind }) => kind === 'person' });
    const persons = all.filter(({ facets }) => facets.kind === 'person');
    expect((await readPersons()).entries.map(({ id }) => id)).toEqual(firstOf(persons, 0));
    expect(await callsOf(readPersons)).toBeLessThanOrEqual(calls);
    for (const kind of kinds) {
      const read = () => kindsIndex.read({ limit, prefix: `${kind} ` });
      const ofKind = all.filter(({ facets }) => facets.kind === kind);
      expect((await read()).entries.map(({ id }) => id)).toEqual(firstOf(ofKind, 0));
      expect(await callsOf(read)).toBeLessThanOrEqual(calls);
    }
  };

  beforeAll(async () => {
    table = await open();
    const scope = randomUUID();
    const place = { table, scope, now: () => Date.UTC(2026, 10, 22), newId: randomUUID };
    index = makeUserIndex({ ...place, index: `pending-${order}` });
    kindsIndex = makeUserIndex({ ...place, index: `pending-${order}-kinds` });
  });

  test('is loaded with few calls', async () => {
    let most = 0;
    for (let start = 0; start < size; start += 8_000) {
      most = Math.max(most, await callsOf(async () => await add(range(start, Math.min(start + 8_000, size)))));
    }
    // 32 full leaves or a few more, 20 a call, the manifest read and written; the same for the other kinds.
    expect(most).toBeLessThanOrEqual(10);
    await pack();
  });

  test('shows pages in 2 calls once it is loaded', async () => await expectPagesIn(fewestCalls));

  test('finds one key in 2 calls', async () => {
    const wanted = user(Math.floor(size / 4), order);
    expect(await callsOf(() => index.read({ key: wanted.key, limit: 1 }))).toBeLessThanOrEqual(fewestCalls);
    expect((await index.read({ key: wanted.key, limit: 1 })).entries).toEqual([wanted]);
  });

  test('takes a single addition in one call', async () => {
    expect(await callsOf(() => index.add([user(0, order)]))).toBe(1);
  });

  test('shows pages in 3 calls with 50 rounds that each added people, and looking after it costs less than a call a person', async () => {
    upkeep = 0;
    const added = Math.min(100, size / 50);
    let changed = 0;
    for (let round = 0; round < 50; round += 1) {
      await add(range(size + round * added, size + (round + 1) * added));
      changed += added;
      if (changed >= changesBetweenUpkeeps(size)) {
        await pack();
        changed = 0;
      }
      if (round % 10 === 9) await expectPagesIn(mostCalls);
    }
    expect(upkeep).toBeLessThan(50 * added);
  });

  test('shows pages in 3 calls after nine in ten were decided within the hour', async () => {
    upkeep = 0;
    const all = inOrder();
    // From the top, as an admin would who works through the list.
    const decided = all.slice(0, Math.floor(all.length * 0.9)).map(({ id }) => Number(id.slice(-12)));
    const atOnce = 1_000;
    for (let start = 0; start < decided.length; start += atOnce) {
      await decide(decided.slice(start, start + atOnce));
      await pack();
    }
    await expectPagesIn(mostCalls);
    expect(upkeep).toBeLessThan(decided.length);
  });
});

test.each([
  ['a share of a load becomes a run: two leaves and the manifest', 300, true, 3],
  ['a share of a load that is tiny stays loose', 20, true, 20],
  ['as many at other times stay loose, where a run more would cost each page a call', 300, false, 300],
])('beside 10,000 packed lines, %s', async (_, count, ofLoad, expected) => {
  const table = await inMemory();
  const index = makeUserIndex({ table, scope: 'company-1', index: 'mail', now: () => Date.UTC(2026, 10, 22), newId: randomUUID });
  await index.addMany(range(0, 10_000).map((number) => user(number, 'name')));
  let rows = 0;
  const counted = makeUserIndex({
    table: {
      ...table,
      write: async (partition, writes) => {
        rows += writes.length;
        return await table.write(partition, writes);
      },
    },
    scope: 'company-1',
    index: 'mail',
    now: () => Date.UTC(2026, 10, 22),
    newId: randomUUID,
  });
  await counted.addMany(
    range(10_000, 10_000 + count).map((number) => user(number, 'name')),
    { ofLoad },
  );
  expect(rows).toBe(expected);
});

test('a long first look at a list whose lines were all decided goes on after at most 4 readings', async () => {
  const table = await inMemory();
  const index = makeUserIndex({ table, scope: 'company-1', index: 'pending-name', now: () => Date.UTC(2026, 10, 22), newId: randomUUID });
  const users = range(0, 20_000).map((number) => user(number, 'name'));
  await index.addMany(users);
  const sorted = users.toSorted(byPosition);
  // Just below what makes compaction due: the worst that a reader ever meets.
  await index.add(sorted.slice(0, 800).map((one) => ({ ...one, version: 1, gone: true })));
  expect(await index.compact({ mostRuns: 1, mostLoose: 400, mostLines: 20_000, keep: keepAll })).toMatchObject({ outcome: 'notNeeded' });
  let readings = 0;
  for (let cursor: string | null = ''; cursor !== null && readings < 10; ) {
    const page = await index.read({ limit, cursor, ...(readings === 0 ? {} : { mostLeaves: 16 }) });
    readings += 1;
    if (page.entries.length === limit) {
      expect(page.entries).toEqual(sorted.slice(800, 800 + limit));
      break;
    }
    cursor = page.next;
  }
  expect(readings).toBeLessThanOrEqual(4);
});

test('more loose lines than fit in memory comfortably are packed in several goes, and none is missed in between', async () => {
  const table = await inMemory();
  const index = makeUserIndex({ table, scope: 'company-1', index: 'mail', now: () => Date.UTC(2026, 10, 22), newId: randomUUID });
  const users = range(0, 21_500)
    .map((number) => user(number, 'name'))
    .toSorted(byPosition);
  await index.add(users);
  const wish = { mostRuns: 1, mostLoose: 400, mostLines: 21_500, keep: keepAll };
  const readAll = async () => {
    const found: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await index.read({ limit: 5_000, mostLeaves: 40, cursor });
      found.push(...page.entries.map((entry) => entry.id));
      cursor = page.next;
    }
    return found;
  };
  const compact = () => index.compact({ ...wish, mostRuns: 0 });
  expect(await compact()).toMatchObject({ outcome: 'compacted', looseLeft: true });
  expect(await readAll()).toEqual(users.map((one) => one.id));
  expect(await compact()).toMatchObject({ outcome: 'compacted', lines: 21_500, looseLeft: false });
  expect(await index.compact(wish)).toEqual({ outcome: 'notNeeded', lines: 21_500 });
  expect(await readAll()).toEqual(users.map((one) => one.id));
});

test('gives the room of replaced leaves back at a later compaction', async () => {
  const table = await inMemory();
  let time = Date.UTC(2026, 10, 22);
  const index = makeUserIndex({ table, scope: 'company-1', index: 'mail', now: () => time, newId: randomUUID });
  await index.addMany(range(0, 10_000).map((number) => user(number, 'name')));
  const rows = async () => {
    let count = 0;
    for await (const _ of table.range({ partition: 'company-1-mail' })) count += 1;
    return count;
  };
  const loaded = await rows();
  for (let round = 0; round < 4; round += 1) {
    time += 3_600_001;
    await index.compact({ mostRuns: 0, mostLoose: 0, keep: keepAll });
  }
  // The run in use, the one it replaced, the manifest.
  expect(await rows()).toBeLessThanOrEqual(2 * loaded);
});
