// What every user index must do, asked of the one in memory and of the one over a real table service.

import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeUserIndex } from '../../shared/adapters/user-index-tables.ts';
import { createMissingTables, makeTables } from '../../shared/adapters/tables.ts';
import { inFlightMilliseconds } from '../../shared/domain/packed-index.ts';
import type { IndexEntry, IndexStatement } from '../../shared/domain/packed-line.ts';
import { cursorAfter, invertedInstant } from '../../shared/domain/packed-position.ts';
import type { Table } from '../../shared/ports/tables.ts';
import type { IndexRead, UserIndex } from '../../shared/ports/user-index.ts';
import { type Azurite, startAzurite } from '../../sandbox/azurite.ts';
import { makeFakeUserIndex } from '../fakes/user-index.ts';

let tables: Azurite;
let table: Table;
let time = Date.UTC(2026, 10, 22);

beforeAll(async () => {
  tables = await startAzurite({ services: 'table' });
  const access = { kind: 'connectionString', connectionString: tables.connectionString } as const;
  await createMissingTables(access);
  table = makeTables(access).lists;
});
afterAll(() => tables.stop());

const now = (): number => time;
const makers: Readonly<Record<string, () => UserIndex>> = {
  'in memory': () => makeFakeUserIndex({ now }),
  'over Table Storage': () =>
    makeUserIndex({ table, scope: randomUUID(), index: 'pending-name', now, newId: randomUUID, packFrom: () => 1 }),
};

function numbered(from: number, to: number): IndexEntry[] {
  return Array.from({ length: to - from }, (_, index) => {
    const number = (from + index).toString().padStart(6, '0');
    return { key: `name ${number}`, id: `user-${number}`, facets: { kind: (from + index) % 100 === 0 ? 'room' : 'person' } };
  });
}

const always = { mostRuns: 0, mostLoose: 0, mostLines: 0, keep: async (entries: readonly IndexEntry[]) => entries };

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
    expect(await index.compact({ ...always, keep })).toMatchObject({ outcome: 'compacted', lines: 70 });
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
    const wish = { ...always, mostRuns: 1, mostLoose: 10, mostLines: 320 };
    await index.addMany(numbered(0, 300));
    await index.add(numbered(300, 310));
    expect(await index.compact(wish)).toEqual({ outcome: 'notNeeded', lines: 300 });
    await index.add(numbered(310, 313));
    expect(await index.compact(wish)).toEqual({ outcome: 'compacted', lines: 313, looseLeft: false });
    await index.addMany(numbered(313, 314));
    expect(await index.compact(wish)).toEqual({ outcome: 'compacted', lines: 314, looseLeft: false });
    expect(await index.compact(wish)).toEqual({ outcome: 'notNeeded', lines: 314 });
  });

  test('lets a long list have more loose lines before it is rewritten', async () => {
    const index = make();
    const wish = { ...always, mostRuns: 1, mostLoose: 10, mostLines: 2_000 };
    await index.addMany(numbered(0, 1_000));
    await index.add(numbered(1_000, 1_040));
    expect(await index.compact(wish)).toMatchObject({ outcome: 'notNeeded' });
    await index.add(numbered(1_040, 1_041));
    expect(await index.compact(wish)).toMatchObject({ outcome: 'compacted', lines: 1_041 });
  });

  test('asks nobody while no more lines are left than may be true', async () => {
    const index = make();
    await index.addMany(numbered(0, 300));
    time += inFlightMilliseconds;
    const nobody = async () => [];
    expect(await index.compact({ ...always, mostLines: 300, keep: nobody })).toMatchObject({ lines: 300 });
    expect(await index.compact({ mostRuns: 0, mostLoose: 0, keep: nobody })).toMatchObject({ lines: 300 });
    expect(await index.compact({ ...always, mostRuns: 5, mostLines: 299, keep: nobody })).toMatchObject({ lines: 0 });
    expect(await readAll(index)).toEqual([]);
  });

  describe('somebody who has gone', () => {
    const gone = (entries: readonly IndexEntry[], version: number): IndexStatement[] =>
      entries.map((entry) => ({ ...entry, version, gone: true }));
    const returned = (entries: readonly IndexEntry[], version: number): IndexStatement[] => entries.map((entry) => ({ ...entry, version }));

    test.each(['add', 'addMany'] as const)('is passed over at once, and dropped by a compaction that asks nobody (%s)', async (add) => {
      const index = make();
      await index.addMany(numbered(0, 500));
      await index[add](gone(numbered(0, 450), 1));
      expect(await readAll(index)).toEqual(numbered(450, 500));
      expect((await readAll(index, { match: (facets) => facets.kind === 'person' }, 7)).length).toBe(50);
      expect(await index.compact({ mostRuns: 0, mostLoose: 0, keep: always.keep })).toMatchObject({ outcome: 'compacted', lines: 50 });
      expect(await readAll(index)).toEqual(numbered(450, 500));
    });

    test('who came back is there, though the word of going comes again and late', async () => {
      const index = make();
      await index.addMany(numbered(0, 100));
      await index.add(gone(numbered(0, 60), 1));
      await index.add(returned(numbered(0, 30), 2));
      time += 1;
      await index.addMany(gone(numbered(0, 60), 1));
      const there = [...numbered(0, 30), ...numbered(60, 100)];
      expect(await readAll(index)).toEqual(there);
      await index.compact({ mostRuns: 0, mostLoose: 0, keep: always.keep });
      expect(await readAll(index)).toEqual(there);
      await index.add(gone(numbered(0, 10), 1));
      expect(await readAll(index)).toEqual(there);
    });

    test('is gone for a version, whatever of that version is added afterwards', async () => {
      const index = make();
      await index.add(gone(numbered(0, 10), 3));
      time += 1;
      await index.add(returned(numbered(0, 20), 3));
      expect(await readAll(index)).toEqual(numbered(10, 20));
    });

    test('and came back is there, however often that went to and fro since the last packing', async () => {
      const index = make();
      const others = numbered(1, 4);
      await index.add(others);
      // More than a page reads of what is loose: the last word must not be among what it leaves out.
      for (let version = 0; version <= 210; version += 1) {
        time += 1;
        await index.add(version % 2 === 0 ? returned(numbered(0, 1), version) : gone(numbered(0, 1), version));
      }
      expect(await readAll(index, {}, 50)).toEqual([...numbered(0, 1), ...others]);
      expect(await readAll(index, { prefix: 'name 000000' }, 1)).toEqual(numbered(0, 1));
      await index.compact({ mostRuns: 0, mostLoose: 0, keep: always.keep });
      expect(await readAll(index)).toEqual([...numbered(0, 1), ...others]);
    });

    test('keeps the version when found true, so that an old word of going does not count', async () => {
      const index = make();
      await index.add(returned(numbered(0, 10), 4));
      time += inFlightMilliseconds;
      await index.compact(always);
      await index.add(gone(numbered(0, 10), 3));
      expect(await readAll(index)).toEqual(numbered(0, 10));
    });
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
