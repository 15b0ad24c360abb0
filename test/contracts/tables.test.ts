// The contract of the port `tables`, run unchanged against the fake and against the adapter on a real table service.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMissingTables, makeTables } from '../../shared/adapters/tables.ts';
import { type Properties, type Range, type StoredRow, type Table, transactionLimit, type Write } from '../../shared/ports/tables.ts';
import { type Azurite, startAzurite } from '../../sandbox/azurite.ts';
import { makeFakeTables } from '../fakes/tables.ts';

let service: Azurite;
const access = () => ({ kind: 'connectionString', connectionString: service.connectionString }) as const;

beforeAll(async () => {
  service = await startAzurite({ services: 'table' });
  await createMissingTables(access());
});
afterAll(() => service.stop());

const makers: Readonly<Record<string, () => Table>> = {
  'in memory': () => makeFakeTables().companies,
  'over Table Storage': () => makeTables(access()).companies,
};

const insert = (row: string, properties: Properties = {}): Write => ({ kind: 'insert', row, properties });
const upsert = (row: string, properties: Properties = {}): Write => ({ kind: 'upsert', row, properties });
const merge = (row: string, properties: Properties = {}, etag?: string): Write => ({
  kind: 'merge',
  row,
  properties,
  ...(etag === undefined ? {} : { etag }),
});
const replace = (row: string, etag: string, properties: Properties = {}): Write => ({ kind: 'replace', row, properties, etag });

async function collect(rows: AsyncIterable<StoredRow>): Promise<readonly StoredRow[]> {
  const all: StoredRow[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** Writes and returns the new ETag of the row written last. */
async function store(table: Table, partition: string, ...writes: readonly Write[]): Promise<string> {
  const outcome = await table.write(partition, writes);
  if (outcome.kind !== 'done') throw new Error(`The write was refused: ${outcome.kind} ${outcome.row}`);
  return [...outcome.etags.values()].at(-1) ?? '';
}

describe.each(Object.entries(makers))('a table %s', (_name, makeOne) => {
  const open = () => ({ table: makeOne(), partition: randomUUID() });

  it('gives back what was stored, with the ETag of the write', async () => {
    const { table, partition } = open();
    const etag = await store(table, partition, insert('a', { text: 'x', flag: false }));
    expect(await table.get({ partition, row: 'a' })).toEqual({ partition, row: 'a', etag, properties: { text: 'x', flag: false } });
    expect(await table.get({ partition, row: 'b' })).toBeUndefined();
    expect(await table.get({ partition: 'elsewhere', row: 'a' })).toBeUndefined();
  });

  describe('single writes', () => {
    it('inserts once', async () => {
      const { table, partition } = open();
      await store(table, partition, insert('a', { by: 'first' }));
      expect(await table.write(partition, [insert('a', { by: 'second' })])).toEqual({ kind: 'exists', row: 'a' });
      expect((await table.get({ partition, row: 'a' }))?.properties).toEqual({ by: 'first' });
    });

    it('upserts the whole row, present or not', async () => {
      const { table, partition } = open();
      await store(table, partition, upsert('a', { one: 1, two: 2 }));
      await store(table, partition, upsert('a', { two: 3 }));
      expect((await table.get({ partition, row: 'a' }))?.properties).toEqual({ two: 3 });
    });

    it('merges into the row it knows, and into no other', async () => {
      const { table, partition } = open();
      expect(await table.write(partition, [merge('a', { two: 2 }, 'W/"datetime\'2026-01-01T00%3A00%3A00.0000000Z\'"')])).toEqual({
        kind: 'changed',
        row: 'a',
      });
      const first = await store(table, partition, insert('a', { one: 1 }));
      const second = await store(table, partition, merge('a', { two: 2 }, first));
      expect((await table.get({ partition, row: 'a' }))?.properties).toEqual({ one: 1, two: 2 });
      expect(await table.write(partition, [merge('a', { two: 3 }, first), insert('b')])).toEqual({ kind: 'changed', row: 'a' });
      await store(table, partition, merge('a', { one: 4 }, second), insert('b'));
      expect((await table.get({ partition, row: 'a' }))?.properties).toEqual({ one: 4, two: 2 });
    });

    it('merges named properties into the row, present or not', async () => {
      const { table, partition } = open();
      const first = await store(table, partition, merge('a', { one: 1, two: 2 }));
      const second = await store(table, partition, merge('a', { two: 3, text: 'x' }));
      expect(second).not.toBe(first);
      expect(await table.get({ partition, row: 'a' })).toMatchObject({ etag: second, properties: { one: 1, two: 3, text: 'x' } });
    });

    it('replaces the whole row under its newest ETag only', async () => {
      const { table, partition } = open();
      const first = await store(table, partition, insert('a', { one: 1, two: 2 }));
      const second = await store(table, partition, replace('a', first, { two: 3 }));
      expect(second).not.toBe(first);
      expect(await table.write(partition, [replace('a', first, { two: 4 })])).toEqual({ kind: 'changed', row: 'a' });
      expect(await table.get({ partition, row: 'a' })).toMatchObject({ etag: second, properties: { two: 3 } });
      expect(await table.write(partition, [replace('absent', first)])).toEqual({ kind: 'changed', row: 'absent' });
    });

    it('removes, guarded or not', async () => {
      const { table, partition } = open();
      const old = await store(table, partition, insert('a'));
      const etag = await store(table, partition, upsert('a', { n: 1 }));
      expect(await table.write(partition, [{ kind: 'remove', row: 'a', etag: old }])).toEqual({ kind: 'changed', row: 'a' });
      expect(await table.write(partition, [{ kind: 'remove', row: 'a', etag }])).toEqual({ kind: 'done', etags: new Map() });
      expect(await table.get({ partition, row: 'a' })).toBeUndefined();
      expect(await table.write(partition, [{ kind: 'remove', row: 'a' }])).toEqual({ kind: 'changed', row: 'a' });
      await store(table, partition, insert('a'));
      expect(await table.write(partition, [{ kind: 'remove', row: 'a' }])).toEqual({ kind: 'done', etags: new Map() });
    });
  });

  describe('transactions', () => {
    it('apply everything and name the new ETags', async () => {
      const { table, partition } = open();
      const etag = await store(table, partition, insert('old', { n: 1 }));
      await store(table, partition, insert('gone'), insert('kept', { text: 'x', n: 0 }));
      const guard = await store(table, partition, insert('guarded'));
      const outcome = await table.write(partition, [
        insert('new', { n: 1 }),
        replace('old', etag, { n: 2 }),
        upsert('any', { n: 3 }),
        { kind: 'remove', row: 'gone' },
        merge('kept', { n: 4 }),
        { kind: 'remove', row: 'guarded', etag: guard },
      ]);
      const rows = await collect(table.range({ partition }));
      expect(rows.map(({ row, properties }) => [row, properties])).toEqual([
        ['any', { n: 3 }],
        ['kept', { text: 'x', n: 4 }],
        ['new', { n: 1 }],
        ['old', { n: 2 }],
      ]);
      expect(outcome).toEqual({ kind: 'done', etags: new Map(rows.map((row) => [row.row, row.etag])) });
    });

    const refusals: readonly (readonly [string, (stale: string) => Write, 'exists' | 'changed'])[] = [
      ['an insert of a present row', () => insert('here'), 'exists'],
      ['a replacement under an old ETag', (stale) => replace('here', stale), 'changed'],
      ['a replacement of an absent row', (stale) => replace('absent', stale), 'changed'],
      ['a removal of an absent row', () => ({ kind: 'remove', row: 'absent' }), 'changed'],
      ['a removal under an old ETag', (stale) => ({ kind: 'remove', row: 'here', etag: stale }), 'changed'],
      ['a guarded removal of an absent row', (stale) => ({ kind: 'remove', row: 'absent', etag: stale }), 'changed'],
    ];
    it.each(refusals)('apply nothing when they hold %s, and name it', async (_what, makeWrite, kind) => {
      const { table, partition } = open();
      const stale = await store(table, partition, insert('here', { n: 1 }));
      await store(table, partition, upsert('here', { n: 2 }));
      const refused = makeWrite(stale);
      const others = Array.from({ length: 20 }, (_, index) => upsert(`other-${index}`));
      for (const at of [0, 1, 12, 20]) {
        expect(await table.write(partition, others.toSpliced(at, 0, refused))).toEqual({ kind, row: refused.row });
      }
      expect((await collect(table.range({ partition }))).map(({ row, properties }) => [row, properties])).toEqual([['here', { n: 2 }]]);
    });

    it('reject what Table Storage cannot do instead of doing half of it', async () => {
      const { table, partition } = open();
      await store(table, partition, insert('a'));
      const many = Array.from({ length: transactionLimit + 1 }, (_, index) => insert(`row-${index}`));
      await expect(table.write(partition, [])).rejects.toThrow();
      await expect(table.write(partition, many)).rejects.toThrow();
      await expect(table.write(partition, [insert('b'), upsert('b')])).rejects.toThrow();
      await expect(table.write(partition, [insert('b/c')])).rejects.toThrow();
      expect((await collect(table.range({ partition }))).map(({ row }) => row)).toEqual(['a']);
    });

    it('let exactly one of several writers with the same ETag through', async () => {
      const { table, partition } = open();
      const etag = await store(table, partition, insert('counter', { n: 0 }));
      const race = Array.from({ length: 8 }, (_, n) => table.write(partition, [replace('counter', etag, { n }), insert(`by-${n}`)]));
      const outcomes = await Promise.all(race);
      expect(outcomes.filter((outcome) => outcome.kind === 'done')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome.kind === 'changed')).toHaveLength(7);
      expect(await collect(table.range({ partition }))).toHaveLength(2);
    });
  });

  describe('values', () => {
    const values: readonly (readonly [string, Properties[string]])[] = [
      ['an empty text', ''],
      ['text in any script', 'Łódź Ünal 北京 👩‍🚀 \' " \\ / \u0000 \n'],
      ['a text of 30,000 characters', 'ü'.repeat(30_000)],
      ['the longest text', '漢'.repeat(32_768)],
      ['line and paragraph separators', 'a\u2028b\u2029c\u0085d\r\ne'],
      ['what looks like a part of a transaction', '}\r\n--changeset_writes\r\nPUT http://x/y HTTP/1.1 {"PartitionKey":"p"}'],
      ['a whole number', 3],
      ['a fraction', -0.125],
      ['a large count', Number.MAX_SAFE_INTEGER],
      ['a flag', false],
    ];
    it.each(values)('keep %s', async (_what, value) => {
      const { table, partition } = open();
      await store(table, partition, insert('a', { value }), upsert('b', { value }));
      await store(table, partition, insert('c', { value }));
      for (const row of await collect(table.range({ partition }))) expect(row.properties).toStrictEqual({ value });
    });

    it('keep long texts of many bytes a letter, however they meet the blocks of the network', async () => {
      const { table, partition } = open();
      const text = 'ü漢'.repeat(16_000);
      for (const before of ['', 'x', 'xx', 'xxx', 'xxxx']) {
        await store(table, partition, upsert('a', { before, text }));
        expect((await table.get({ partition, row: 'a' }))?.properties).toEqual({ before, text });
      }
    });

    it.each([0, 255, 65_536])('keep %i bytes', async (length) => {
      const { table, partition } = open();
      const bytes = Uint8Array.from({ length }, (_, index) => index % 256);
      await store(table, partition, insert('a', { bytes }), insert('b', { bytes }));
      for (const { properties } of await collect(table.range({ partition }))) {
        const found = properties['bytes'];
        if (!(found instanceof Uint8Array)) throw new Error('The bytes came back as something else.');
        expect(Buffer.from(found).equals(bytes)).toBe(true);
      }
    });

    it('replace half a surrogate pair, which no text on the wire could hold', async () => {
      const { table, partition } = open();
      await store(table, partition, insert('a', { text: 'x\ud800y' }));
      expect((await table.get({ partition, row: 'a' }))?.properties).toEqual({ text: 'x\ufffdy' });
    });

    it.each([
      ['text', 'x'.repeat(32_769)],
      ['bytes', new Uint8Array(65_537)],
    ])('reject %s above 64 KiB', async (_what, value) => {
      const { table, partition } = open();
      await expect(table.write(partition, [insert('a', { value })])).rejects.toThrow();
    });

    it.each([
      ['signs of addresses', '50%25 + \'a\' = (b), c&d; e:f@g !*$~|{h} "i"'],
      ['any script', 'Łódź Ünal 北京 👩‍🚀'],
    ])('keep keys with %s, alone and in transactions', async (_what, text) => {
      const table = makeOne();
      const partition = `${text} ${randomUUID()}`;
      const rows = ['1', '2', '3'].map((end) => text + end);
      const [one = '', two = '', three = ''] = rows;
      await store(table, partition, insert(one, { n: 1 }));
      await store(table, partition, insert(two, { n: 2 }), upsert(three, { n: 3 }), merge(one, { n: 4 }));
      expect(await table.get({ partition, row: one })).toMatchObject({ partition, row: one, properties: { n: 4 } });
      expect((await collect(table.range({ partition, from: one }))).map(({ row }) => row)).toEqual(rows);
      expect(await table.write(partition, [insert('x'), insert(two)])).toEqual({ kind: 'exists', row: two });
      await store(table, partition, ...[one, two].map((row): Write => ({ kind: 'remove', row })), merge(three));
      expect((await collect(table.range({ partition, below: `${text}4` }))).map(({ row }) => row)).toEqual([three]);
    });

    it('replace half a surrogate pair in keys, too', async () => {
      const { table, partition } = open();
      await store(table, partition, insert('x\ud800y', { n: 1 }));
      await store(table, partition, merge('x\udc00y', { m: 2 }), insert('z'));
      const stored = { row: 'x\ufffdy', properties: { n: 1, m: 2 } };
      expect(await table.get({ partition, row: 'x\ud800y' })).toMatchObject(stored);
      expect(await table.get({ partition, row: 'x\ufffdy' })).toMatchObject(stored);
    });

    it('keep keys in any script, with quotes', async () => {
      const table = makeOne();
      const key = { partition: `it's ${randomUUID()} Ü`, row: "O'Neil ü 👩" };
      await store(table, key.partition, insert(key.row, { n: 1 }), insert('Before'));
      expect(await table.get(key)).toMatchObject({ ...key, properties: { n: 1 } });
      expect(await collect(table.range({ partition: key.partition, from: key.row }))).toHaveLength(1);
    });
  });

  describe('ranges', () => {
    const name = (index: number) => `row-${String(index).padStart(5, '0')}`;
    const count = 2_345;
    let place: { readonly table: Table; readonly partition: string };
    beforeAll(async () => {
      place = open();
      const rows = Array.from({ length: count }, (_, index) => insert(name(index), { index, text: `t${index}`, flag: index % 2 === 0 }));
      for (let start = 0; start < count; start += transactionLimit)
        await store(place.table, place.partition, ...rows.slice(start, start + transactionLimit));
      await store(place.table, `${place.partition}-next`, insert(name(0)));
    });
    const rowsOf = async (range: Omit<Range, 'partition'>) =>
      (await collect(place.table.range({ partition: place.partition, ...range }))).map(({ row }) => row);
    const names = (from: number, below: number) => Array.from({ length: below - from }, (_, index) => name(from + index));

    it('read thousands of rows of one partition in row-key order', async () => {
      expect(await rowsOf({})).toEqual(names(0, count));
    });

    it('include from and exclude below', async () => {
      expect(await rowsOf({ from: name(1_200) })).toEqual(names(1_200, count));
      expect(await rowsOf({ below: name(1_100) })).toEqual(names(0, 1_100));
      expect(await rowsOf({ from: name(7), below: name(9) })).toEqual(names(7, 9));
      expect(await rowsOf({ from: name(7), below: name(7) })).toEqual([]);
      expect(await rowsOf({ from: 'row-00007~', below: 'row-00009~' })).toEqual(names(8, 10));
    });

    it.each([0, 1, 50, 1_000, 1_001, 2_345, 9_999])('end after a limit of %i rows', async (limit) => {
      expect(await rowsOf({ limit })).toEqual(names(0, Math.min(limit, count)));
      expect(await rowsOf({ from: name(2_300), limit, select: ['index'] })).toEqual(names(2_300, Math.min(2_300 + limit, count)));
    });

    it('return the properties asked for', async () => {
      const [row] = await collect(
        place.table.range({ partition: place.partition, from: name(3), below: name(4), select: ['index', 'absent'] }),
      );
      expect(row).toMatchObject({ ...(await place.table.get({ partition: place.partition, row: name(3) })), properties: { index: 3 } });
      expect(Object.keys(row?.properties ?? {})).toEqual(['index']);
      const [bare] = await collect(place.table.range({ partition: place.partition, from: name(3), below: name(4), select: [] }));
      expect(bare?.properties).toEqual({});
    });

    it('survive removals of what was read', async () => {
      const { table, partition } = open();
      await store(table, partition, insert('a'), insert('b'), insert('c'));
      for await (const { row } of table.range({ partition })) await table.write(partition, [{ kind: 'remove', row }]);
      expect(await collect(table.range({ partition }))).toEqual([]);
    });
  });
});
