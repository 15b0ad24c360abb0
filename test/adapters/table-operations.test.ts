// The table over answers that Azurite does not give: pages cut short, odd continuations, transactions answered in part.
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeTable } from '../../shared/adapters/table-operations.ts';
import { addressOf, type Outgoing, quoted } from '../../shared/adapters/table-requests.ts';

interface Answer {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const service = 'https://account.table.core.windows.net';

/** A table that gives these answers, and what it was asked. */
function script(...answers: readonly Answer[]) {
  const asked: Outgoing[] = [];
  const table = makeTable({
    service,
    table: 'users',
    send: async (outgoing) => {
      const { status = 200, body = '', headers = {} } = answers[asked.length] ?? {};
      asked.push(outgoing);
      return { request: createPipelineRequest({ url: outgoing.address }), status, headers: createHttpHeaders(headers), bodyAsText: body };
    },
  });
  return { table, asked };
}

const page = (...rows: readonly string[]) => JSON.stringify({ value: rows.map((RowKey) => ({ 'odata.etag': 'W/"1"', RowKey })) });
const behind = (partition: string, row?: string) => ({
  'x-ms-continuation-NextPartitionKey': partition,
  ...(row === undefined ? {} : { 'x-ms-continuation-NextRowKey': row }),
});
const rowsOf = async (rows: AsyncIterable<{ readonly row: string }>) => (await Array.fromAsync(rows)).map(({ row }) => row);

describe('ranges', () => {
  it('ask on until the limit when the service cuts its answers short, even to no row', async () => {
    const { table, asked } = script(
      { body: page('a', 'b'), headers: behind('1!4!cA--', '1!4!Yg==') },
      { body: page(), headers: behind('1!4!cA--') },
      { body: page('c'), headers: behind('1!4!cA--', 'more') },
    );
    expect(await rowsOf(table.range({ partition: "p's", from: 'a', below: 'ü', select: ['name'], limit: 3 }))).toEqual(['a', 'b', 'c']);
    const first = `${service}/users()?$filter=PartitionKey%20eq%20'p''s'%20and%20RowKey%20ge%20'a'%20and%20RowKey%20lt%20'%C3%BC'&$select=RowKey,name`;
    expect(asked.map(({ address }) => address)).toEqual([
      `${first}&$top=3`,
      `${first}&$top=1&NextPartitionKey=1!4!cA--&NextRowKey=1!4!Yg%3D%3D`,
      `${first}&$top=1&NextPartitionKey=1!4!cA--`,
    ]);
  });

  it('fetch a page only when it is wanted, and nothing for no rows', async () => {
    const { table, asked } = script({ body: page('a', 'b'), headers: behind('p', 'c') }, { body: page('c') });
    for await (const { row } of table.range({ partition: 'p' })) if (row === 'b') break;
    expect(asked).toHaveLength(1);
    expect(await rowsOf(table.range({ partition: 'p', limit: 0 }))).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it('throw a failure in the middle', async () => {
    const { table } = script(
      { body: page('a'), headers: behind('p', 'b') },
      { status: 403, headers: { 'x-ms-error-code': 'AuthenticationFailed' } },
    );
    await expect(rowsOf(table.range({ partition: 'p' }))).rejects.toMatchObject({ statusCode: 403, code: 'AuthenticationFailed' });
  });
});

describe('transactions', () => {
  const two = [{ kind: 'remove', row: 'a' } as const, { kind: 'remove', row: 'b' } as const];

  it('are no success when the service answers for some writes only', async () => {
    const { table } = script({ status: 202, body: '--x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n\r\n--x--' });
    await expect(table.write('p', two)).rejects.toMatchObject({ name: 'RestError', statusCode: 202, code: 'PARSE_ERROR' });
  });

  it('throw when they are refused as a whole, whatever the words', async () => {
    const body = '<?xml version="1.0"?><error>Too large</error>';
    const { table } = script({ status: 413, body, headers: { 'x-ms-error-code': 'RequestBodyTooLarge' } });
    await expect(table.write('p', two)).rejects.toMatchObject({ statusCode: 413, code: 'RequestBodyTooLarge', message: body });
  });
});

describe('addresses', () => {
  it('carry any key as text of OData', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        const text = quoted(key);
        expect(new URL(`${service}/users(${text})`).pathname).toBe(`/users(${text})`);
        expect(decodeURIComponent(text).slice(1, -1).replaceAll("''", "'")).toBe(key.toWellFormed());
        expect(text).toMatch(/^[!-~]*$/);
        expect(text).not.toMatch(/[/?#\\&=+]/);
      }),
    );
    const place = { service, table: 'users', send: () => Promise.reject(new Error('Nothing is sent.')) };
    expect(addressOf(place, { partition: '', row: "O'N%" })).toBe(`${service}/users(PartitionKey='',RowKey='O''N%25')`);
  });
});
