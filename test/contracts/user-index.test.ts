// What every user index must do, asked of the one in memory and of the one over a real table service.

import { randomUUID } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeUserIndex } from '../../shared/adapters/user-index-tables.ts';
import type { IndexEntry } from '../../shared/domain/packed-index.ts';
import { inFlightMilliseconds } from '../../shared/domain/packed-index.ts';
import { cursorAfter, invertedInstant } from '../../shared/domain/packed-position.ts';
import type { IndexRead, UserIndex } from '../../shared/ports/user-index.ts';
import { type Azurite, startAzurite } from '../../sandbox/azurite.ts';
import { makeFakeUserIndex } from '../fakes/user-index.ts';

let tables: Azurite;
let client: TableClient;
let time = Date.UTC(2026, 10, 22);

beforeAll(async () => {
  tables = await startAzurite({ services: 'table' });
  client = TableClient.fromConnectionString(tables.connectionString, 'contract', { allowInsecureConnection: true });
  await client.createTable();
});
afterAll(() => tables.stop());

const now = (): number => time;
const makers: Readonly<Record<string, () => UserIndex>> = {
  'in memory': () => makeFakeUserIndex({ now }),
  'over Table Storage': () => makeUserIndex({ client, scope: randomUUID(), index: 'pending-name', now, newId: randomUUID }),
};

function numbered(from: number, to: number): IndexEntry[] {
  return Array.from({ length: to - from }, (_, index) => {
    const number = (from + index).toString().padStart(6, '0');
    return { key: `name ${number}`, id: `user-${number}`, facets: { kind: (from + index) % 100 === 0 ? 'room' : 'person' } };
  });
}

const always = { mostRuns: 0, mostLoose: 0, keep: async (entries: readonly IndexEntry[]) => entries };

async function readAll(index: UserIndex, request: Omit<IndexRead, 'limit' | 'cursor'> = {}, limit = 400): Promise<IndexEntry[]> {
  const found: IndexEntry[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page = await index.read({ ...request, limit, cursor } as IndexRead);
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    found.push(...page.entries);
    cursor = page.next;
  }
  return found;
}

describe.each(Object.entries(makers))('a user index %s', (_, make) => {
  test('is empty at first', async () => {
    expect(await make().read({ limit: 50 })).toEqual({ entries: [], next: null });
  });

  test('shows loose and packed entries once each, in order, page by page', async () => {
    const index = make();
    await index.addMany(numbered(0, 900).toReversed());
    await index.add(numbered(850, 1_050));
    await index.addMany(numbered(1_000, 1_100));
    expect(await readAll(index, {}, 70)).toEqual(numbered(0, 1_100));
    const page = await index.read({ limit: 50 });
    expect(page.entries).toEqual(numbered(0, 50));
    expect(page.next).toBe(cursorAfter({ key: 'name 000049', id: 'user-000049' }));
  });

  test('goes on behind any entry that the reader stopped at', async () => {
    const index = make();
    await index.add(numbered(0, 20));
    const page = await index.read({ limit: 5, cursor: cursorAfter({ key: 'name 000007', id: 'user-000007' }) });
    expect(page.entries).toEqual(numbered(8, 13));
  });

  test('finds exactly the entries of a key, or of all keys with a prefix', async () => {
    const index = make();
    const mails = ['ann@example.test', 'ann@example.test.uk', 'ann', 'bob@example.test', 'Zoë/#?\\%\'"+ 漢😀\u2028', '\ud800', ''];
    await index.addMany(mails.map((key, at) => ({ key, id: `packed-${at}`, facets: {} })));
    await index.add(mails.map((key, at) => ({ key, id: `loose-${at}`, facets: {} })));
    for (const [at, key] of mails.entries()) {
      expect((await readAll(index, { key })).map((entry) => entry.id)).toEqual([`loose-${at}`, `packed-${at}`]);
    }
    const keys = (await readAll(index, { prefix: 'ann@' }, 1)).map((entry) => entry.key);
    expect(keys).toEqual(['ann@example.test', 'ann@example.test', 'ann@example.test.uk', 'ann@example.test.uk']);
  });

  test('gives back any text it was given, loose, packed and compacted', async () => {
    const facet = fc.option(fc.string({ unit: 'binary', maxLength: 40 }), { nil: undefined });
    const facets = fc.record({ kind: facet, department: facet, manager: facet, text: facet }).map((all) => JSON.parse(JSON.stringify(all)));
    const entry = fc.record({ key: fc.string({ unit: 'binary', maxLength: 70 }), id: fc.uuid(), facets });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(entry, { selector: ({ id }) => id, minLength: 1, maxLength: 60 }), async (entries) => {
        const index = make();
        const half = Math.floor(entries.length / 2);
        await index.add(entries.slice(0, half));
        await index.addMany(entries.slice(half));
        const inOrder = entries.toSorted((left, right) =>
          left.key === right.key ? (left.id < right.id ? -1 : 1) : left.key < right.key ? -1 : 1,
        );
        expect(await readAll(index, {}, 7)).toEqual(inOrder);
        await index.compact(always);
        expect(await readAll(index)).toEqual(inOrder);
      }),
      { numRuns: 20 },
    );
  });

  test('filters by facets with bounded work: short pages, but nothing missed', async () => {
    const index = make();
    await index.addMany(numbered(0, 3_000));
    const rooms = await readAll(index, { mostLeaves: 2, match: (facets) => facets.kind === 'room' }, 3);
    expect(rooms).toEqual(numbered(0, 3_000).filter((entry) => entry.facets.kind === 'room'));
    const [first] = numbered(0, 1);
    expect((await index.read({ limit: 50, mostLeaves: 1, match: (facets) => facets.kind === 'room' })).entries).toContainEqual(first);
  });

  test('puts the newest first under an inverted instant', async () => {
    const index = make();
    const instants = ['2026-01-01T00:00:00Z', '2026-11-22T08:00:00.001Z', '1999-12-31T23:59:59Z', '2026-11-22T08:00:00.002Z'];
    await index.add(instants.map((instant, at) => ({ key: invertedInstant(instant), id: `user-${at}`, facets: {} })));
    expect((await readAll(index)).map((entry) => entry.id)).toEqual(['user-3', 'user-1', 'user-0', 'user-2']);
  });

  test('shows the facets that were added last', async () => {
    const index = make();
    const entry = (department: string): IndexEntry => ({ key: 'ann', id: 'ann', facets: { department } });
    await index.addMany([entry('Sales')]);
    time += 1;
    await index.add([entry('Support')]);
    expect(await readAll(index)).toEqual([entry('Support')]);
    time += 1;
    await index.addMany([entry('Law')]);
    expect(await readAll(index)).toEqual([entry('Law')]);
    await index.compact(always);
    expect(await readAll(index)).toEqual([entry('Law')]);
  });

  test('drops by compaction what is no longer true, once nobody can be about to make it true', async () => {
    const index = make();
    await index.addMany(numbered(0, 500));
    await index.add(numbered(500, 600));
    const keep = async (entries: readonly IndexEntry[]) => entries.filter((entry) => entry.id.endsWith('7'));
    await index.compact({ ...always, keep });
    expect(await readAll(index)).toHaveLength(600);
    time += inFlightMilliseconds;
    await index.add(numbered(600, 610));
    expect(await index.compact({ ...always, keep })).toMatchObject({ outcome: 'compacted', kept: 70, dropped: 540 });
    expect(await readAll(index)).toEqual([...numbered(0, 600).filter((entry) => entry.id.endsWith('7')), ...numbered(600, 610)]);
  });

  test('takes corrected facets from the caller at compaction', async () => {
    const index = make();
    await index.add(numbered(0, 2));
    time += inFlightMilliseconds;
    await index.compact({ ...always, keep: async (entries) => entries.map((entry) => ({ ...entry, facets: { kind: 'guest' } })) });
    expect((await readAll(index)).map((entry) => entry.facets)).toEqual([{ kind: 'guest' }, { kind: 'guest' }]);
  });

  test('compacts only above its thresholds', async () => {
    const index = make();
    const wish = { ...always, mostRuns: 1, mostLoose: 10 };
    await index.addMany(numbered(0, 300));
    await index.add(numbered(300, 310));
    expect(await index.compact(wish)).toEqual({ outcome: 'notNeeded' });
    await index.add(numbered(310, 311));
    expect(await index.compact(wish)).toMatchObject({ outcome: 'compacted', kept: 311 });
    await index.addMany(numbered(311, 312));
    expect(await index.compact(wish)).toMatchObject({ outcome: 'compacted', kept: 312 });
    expect(await index.compact(wish)).toEqual({ outcome: 'notNeeded' });
  });

  test('keeps what is added again while compaction asks about it', async () => {
    const index = make();
    await index.addMany(numbered(0, 3));
    await index.add(numbered(3, 6));
    time += inFlightMilliseconds;
    const keep = async () => {
      await index.add(numbered(1, 4));
      await index.addMany(numbered(4, 5));
      return [];
    };
    await index.compact({ ...always, keep });
    expect(await readAll(index)).toEqual(numbered(1, 5));
  });

  test('changes nothing when the caller cannot tell what is true', async () => {
    const index = make();
    await index.addMany(numbered(0, 10));
    time += inFlightMilliseconds;
    const keep = () => Promise.reject(new Error('no answer'));
    await expect(index.compact({ ...always, keep })).rejects.toThrow('no answer');
    expect(await readAll(index)).toEqual(numbered(0, 10));
  });

  test('refuses an id that could break a row key', async () => {
    await expect(make().add([{ key: 'a', id: 'a/b', facets: {} }])).rejects.toThrow(RangeError);
    await expect(make().addMany([{ key: 'a', id: '', facets: {} }])).rejects.toThrow(RangeError);
  });
});
