// The bodies of transactions and their answers, as the service documents and sends them.
import { describe, expect, it } from 'vitest';
import { batchHeaders, decodeBatch, encodeBatch } from '../../shared/adapters/table-batch.ts';

const address = 'https://account.table.core.windows.net/users';

const lines = (...all: readonly string[]) => all.join('\r\n');

/** As Azure answers; `Preference-Applied` and the addresses come only for inserts. */
const answered = (...parts: readonly (readonly string[])[]) =>
  lines(
    '--batchresponse_b06b0418',
    'Content-Type: multipart/mixed; boundary=changesetresponse_d6331212',
    '',
    ...parts.flatMap((part) => [
      '--changesetresponse_d6331212',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      ...part,
      '',
    ]),
    '--changesetresponse_d6331212--',
    '--batchresponse_b06b0418--',
    '',
  );

const common = ['X-Content-Type-Options: nosniff', 'Cache-Control: no-cache'];

describe('the body of a transaction', () => {
  it('holds each write as a request of its own, under one change set', () => {
    const body = encodeBatch([
      { method: 'POST', address, etag: undefined, body: '{"RowKey":"a"}' },
      { method: 'DELETE', address: `${address}(PartitionKey='p',RowKey='b')`, etag: 'W/"1"', body: undefined },
    ]);
    const part = ['--changeset_writes', 'Content-Type: application/http', 'Content-Transfer-Encoding: binary', ''];
    const headers = [
      'Content-Type: application/json',
      'Accept: application/json;odata=minimalmetadata',
      'Prefer: return-no-content',
      'DataServiceVersion: 3.0;',
    ];
    expect(batchHeaders).toEqual({ 'Content-Type': 'multipart/mixed; boundary=batch_writes' });
    expect(body).toBe(
      lines(
        '--batch_writes',
        'Content-Type: multipart/mixed; boundary=changeset_writes',
        '',
        ...part,
        `POST ${address} HTTP/1.1`,
        ...headers,
        '',
        '{"RowKey":"a"}',
        ...part,
        `DELETE ${address}(PartitionKey='p',RowKey='b') HTTP/1.1`,
        ...headers,
        'If-Match: W/"1"',
        '',
        '',
        '--changeset_writes--',
        '--batch_writes--',
        '',
      ),
    );
  });

  it('holds no line or paragraph separator as such', () => {
    const body = encodeBatch([{ method: 'PUT', address, etag: undefined, body: '{"text":"a\u2028b\u2029ü"}' }]);
    expect(body).toContain(String.raw`{"text":"a\u2028b\u2029ü"}`);
  });
});

describe('the answer to a transaction', () => {
  it('gives the status and the ETag of each write', () => {
    const text = answered(
      [
        'HTTP/1.1 204 No Content',
        ...common,
        'Preference-Applied: return-no-content',
        'DataServiceVersion: 3.0;',
        `Location: ${address}(PartitionKey='p',RowKey='ETag:%20x')`,
        `DataServiceId: ${address}(PartitionKey='p',RowKey='ETag:%20x')`,
        `ETag: W/"datetime'2021-06-18T21%3A43%3A46.7026499Z'"`,
        '',
      ],
      ['HTTP/1.1 204 No Content', ...common, 'DataServiceVersion: 1.0;', `etag: W/"datetime'2021'"`, ''],
      ['HTTP/1.1 204 No Content', ...common, 'DataServiceVersion: 1.0;', ''],
    );
    expect(decodeBatch(text)).toEqual([
      { status: 204, etag: `W/"datetime'2021-06-18T21%3A43%3A46.7026499Z'"`, body: '' },
      { status: 204, etag: `W/"datetime'2021'"`, body: '' },
      { status: 204, etag: undefined, body: '' },
    ]);
  });

  it('gives the refusal alone, with what the service says', () => {
    const said =
      '{"odata.error":{"code":"EntityAlreadyExists","message":{"lang":"en-US","value":"2:The specified entity already exists.\\nTime"}}}';
    const refusal = [
      'HTTP/1.1 409 Conflict',
      ...common,
      'DataServiceVersion: 3.0;',
      'Content-Type: application/json;odata=minimalmetadata',
      '',
      said,
    ];
    expect(decodeBatch(answered(refusal))).toEqual([{ status: 409, etag: undefined, body: said }]);
  });

  it('has no parts when it is something else', () => {
    expect(decodeBatch('')).toEqual([]);
    expect(decodeBatch('<html>HTTP/1.1 200</html>')).toEqual([]);
  });
});
