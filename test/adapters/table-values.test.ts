// Property values and keys survive the way to Table Storage and back, and nothing in them disturbs the body around them.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntity, encodeEntity, type Entity, escapeCharacters } from '../../shared/adapters/table-values.ts';
import type { Properties, Value } from '../../shared/ports/tables.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\u2028', '\ud800', '{', '}', '\n', '漢') }),
);
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
const value: fc.Arbitrary<Value> = fc.oneof(text, number, fc.integer(), fc.maxSafeInteger(), fc.boolean(), fc.uint8Array());
const name = fc.stringMatching(/^[a-z][a-zA-Z0-9_]{0,20}$/);
const properties: fc.Arbitrary<Properties> = fc.dictionary(name, value, { noNullPrototype: true });

/** What a service keeps: well-formed text, and bytes. */
const kept = (all: Properties) =>
  Object.fromEntries(
    Object.entries(all).map(([key, each]) => {
      if (typeof each === 'string') return [key, each.toWellFormed()];
      return [key, each instanceof Uint8Array ? [...each] : each];
    }),
  );
const plain = (all: Properties) =>
  Object.fromEntries(Object.entries(all).map(([key, each]) => [key, each instanceof Uint8Array ? [...each] : each]));

const answer = (body: string): Entity => ({ 'odata.etag': 'W/"1"', ...JSON.parse(body) });

describe('values of Table Storage', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(text, text, properties, (partition, row, all) => {
        const { row: found, properties: read } = decodeEntity(partition, answer(encodeEntity(partition, row, all)));
        expect(found).toBe(row.toWellFormed());
        expect(plain(read)).toStrictEqual(kept(all));
      }),
    );
  });

  it('stay on one line, and mean the same with any characters escaped', () => {
    fc.assert(
      fc.property(text, properties, (row, all) => {
        const body = encodeEntity('p', row, all);
        const escaped = escapeCharacters(body, /[\u0080-\uffff]/g);
        expect(escaped).toMatch(/^[\x20-\x7f]*$/);
        expect(JSON.parse(escaped)).toEqual(JSON.parse(body));
      }),
    );
  });

  it('name the types that JSON lacks', () => {
    const bytes = Uint8Array.from([9, 1, 2, 3]).subarray(1);
    expect(encodeEntity('p', 'r', { text: 'ü', flag: true, whole: 3, bytes })).toBe(
      '{"PartitionKey":"p","RowKey":"r","text":"ü","flag":true,"whole@odata.type":"Edm.Double","whole":"3","bytes@odata.type":"Edm.Binary","bytes":"AQID"}',
    );
  });

  it('are read as the service sends them, types before or behind', () => {
    const entity = JSON.parse(
      `{"odata.metadata":"https://a.table.core.windows.net/$metadata#users/@Element","odata.etag":"W/\\"1\\"","PartitionKey":"p","RowKey":"r",
        "Timestamp@odata.type":"Edm.DateTime","Timestamp":"2026-01-01T00:00:00Z","whole":3.0,"small":-0.125,"int":7,
        "long@odata.type":"Edm.Int64","long":"9007199254740991","bytes":"AQID","bytes@odata.type":"Edm.Binary",
        "infinite@odata.type":"Edm.Double","infinite":"Infinity","asked":null,"when@odata.type":"Edm.DateTime","when":"2026-01-01T00:00:00Z",
        "id@odata.type":"Edm.Guid","id":"c9da6455-213d-42c9-9a79-3e9149a57833","empty":"","flag":false}`,
    );
    const { partition, row, etag, properties: read } = decodeEntity('p', entity);
    expect({ partition, row, etag }).toEqual({ partition: 'p', row: 'r', etag: 'W/"1"' });
    expect(plain(read)).toStrictEqual({
      whole: 3,
      small: -0.125,
      int: 7,
      long: Number.MAX_SAFE_INTEGER,
      bytes: [1, 2, 3],
      infinite: Number.POSITIVE_INFINITY,
      empty: '',
      flag: false,
    });
  });
});
