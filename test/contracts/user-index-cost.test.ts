// What the user index costs in storage calls and rows: the same for a thousand users as for a hundred thousand.

import { randomUUID } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeUserIndex } from '../../shared/adapters/user-index-tables.ts';
import type { IndexEntry } from '../../shared/domain/packed-index.ts';
import { inFlightMilliseconds } from '../../shared/domain/packed-index.ts';
import { cursorAfter } from '../../shared/domain/packed-position.ts';
import { type Azurite, startAzurite } from '../../sandbox/azurite.ts';
import { makeMemoryIndexTable } from '../fakes/index-table.ts';

let tables: Azurite;
let client: TableClient;
let calls = 0;

beforeAll(async () => {
  tables = await startAzurite({ services: 'table' });
});
afterAll(() => tables.stop());

function user(number: number): IndexEntry {
  const digits = number.toString().padStart(12, '0');
  const facets = {
    kind: number % 1_000 === 0 ? 'room' : 'person',
    department: `Department ${number % 40}`,
    text: `user.${digits}@example.test`,
  };
  return { key: `name ${digits.slice(6)} of user`, id: `00000000-0000-4000-8000-${digits}`, facets };
}

async function callsOf(action: () => Promise<unknown>): Promise<number> {
  calls = 0;
  await action();
  return calls;
}

async function countRows(): Promise<number> {
  let rows = 0;
  for await (const page of client.listEntities({ queryOptions: { select: ['RowKey'] } }).byPage()) rows += page.length;
  return rows;
}

describe.each([1_000, 100_000])('an index of %d users', (size) => {
  let time = Date.UTC(2026, 10, 22);
  const scope = randomUUID();
  const index = () => makeUserIndex({ client, scope, index: 'pending-name', now: () => time, newId: randomUUID });
  const wish = { mostRuns: 1, mostLoose: 1_000 };
  const keepAll = async (entries: readonly IndexEntry[]) => entries;

  beforeAll(async () => {
    client = TableClient.fromConnectionString(tables.connectionString, `cost${size}`, { allowInsecureConnection: true });
    await client.createTable();
    client.pipeline.addPolicy({
      name: 'count',
      sendRequest: (request, next) => {
        calls += 1;
        return next(request);
      },
    });
  });

  test('is loaded with few calls into few rows', async () => {
    const users = Array.from({ length: size }, (_, number) => user((number * 7_919) % size));
    let most = 0;
    for (let start = 0; start < size; start += 5_000)
      most = Math.max(most, await callsOf(() => index().addMany(users.slice(start, start + 5_000))));
    expect(most).toBeLessThanOrEqual(4);
    expect(await countRows()).toBeLessThanOrEqual(size / 150 + 1);
  });

  test('shows a page anywhere in 3 calls once compacted', async () => {
    await index().compact({ ...wish, mostRuns: 0, keep: keepAll });
    for (const start of [0, size / 2, size - 60]) {
      const cursor = cursorAfter(user(start));
      expect(await callsOf(() => index().read({ limit: 50, cursor }))).toBe(3);
      const page = await index().read({ limit: 50, cursor });
      expect(page.entries).toEqual(Array.from({ length: 50 }, (_, at) => user(start + 1 + at)));
    }
  });

  test('finds one key in 3 calls', async () => {
    const wanted = user(size / 4);
    expect(await callsOf(() => index().read({ key: wanted.key, limit: 1 }))).toBe(3);
    expect((await index().read({ key: wanted.key, limit: 1 })).entries).toEqual([wanted]);
  });

  test('looks for rare entries with 3 calls a page', async () => {
    const request = { limit: 50, match: ({ kind }: IndexEntry['facets']) => kind === 'room' };
    expect(await callsOf(() => index().read(request))).toBe(3);
    expect((await index().read(request)).entries[0]).toEqual(user(0));
  });

  test('takes a single addition in one call, and 600 recent ones cost a page nothing', async () => {
    expect(await callsOf(() => index().add([user(0)]))).toBe(1);
    for (let number = 0; number < 600; number += 1) await index().add([{ ...user(number), id: `late-${number}` }]);
    expect(await callsOf(() => index().read({ limit: 50 }))).toBe(3);
    const { entries } = await index().read({ limit: 4 });
    expect(entries.map((entry) => entry.id)).toEqual([user(0).id, 'late-0', user(1).id, 'late-1']);
  });

  test('shows 500 hints in 3 calls while nine in ten of them are stale', async () => {
    expect(await callsOf(() => index().read({ limit: 500 }))).toBe(3);
    expect((await index().read({ limit: 500 })).entries).toHaveLength(500);
  });

  test('shows a full page of true entries in 3 calls after nine in ten were decided', async () => {
    time += inFlightMilliseconds;
    const isTrue = ({ id }: IndexEntry) => id.endsWith('3');
    const outcome = await index().compact({ ...wish, mostRuns: 0, keep: async (entries) => entries.filter(isTrue) });
    expect(outcome).toMatchObject({ outcome: 'compacted', kept: size / 10 + 60 });
    expect(await callsOf(() => index().read({ limit: 50 }))).toBe(3);
    const { entries } = await index().read({ limit: 50 });
    expect(entries.filter(isTrue)).toHaveLength(50);
  });

  test('gives the room of replaced leaves back at a later compaction', async () => {
    for (let round = 0; round < 2; round += 1) {
      time += inFlightMilliseconds + 1;
      await index().compact({ ...wish, mostRuns: 0, keep: keepAll });
    }
    // The run in use, the one it replaced, the manifest.
    expect(await countRows()).toBeLessThanOrEqual(2 * Math.ceil((size / 10 + 60) / 150) + 1);
  });
});

test('more loose entries than fit in memory comfortably are packed in several goes, and none is missed in between', async () => {
  const table = makeMemoryIndexTable();
  const index = makeUserIndex({ client: table, scope: 'company-1', index: 'mail', now: () => Date.UTC(2026, 10, 22), newId: randomUUID });
  const users = Array.from({ length: 21_500 }, (_, number) => user(number));
  await index.add(users);
  const wish = { mostRuns: 4, mostLoose: 400, keep: async (entries: readonly IndexEntry[]) => entries };
  const readAll = async () => {
    const found: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await index.read({ limit: 5_000, mostLeaves: 40, cursor });
      found.push(...page.entries.map((entry) => entry.id));
      cursor = page.next;
    }
    return found;
  };
  expect(await index.compact(wish)).toMatchObject({ outcome: 'compacted', looseLeft: true });
  expect(await readAll()).toEqual(users.map((one) => one.id));
  expect(await index.compact(wish)).toMatchObject({ outcome: 'compacted', kept: 21_500, looseLeft: false });
  expect(await index.compact(wish)).toEqual({ outcome: 'notNeeded' });
  expect(await readAll()).toEqual(users.map((one) => one.id));
});
