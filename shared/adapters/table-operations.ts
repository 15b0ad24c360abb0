// The operations of the port `tables` on one table: which requests they take, and what the answers mean.
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { RestError } from '@azure/data-tables';
import type { Key, Range, StoredRow, Table, Write, WriteOutcome } from '../ports/tables.ts';
import { batchHeaders, decodeBatch, encodeBatch } from './table-batch.ts';
import { addressOf, failureOf, pageAddressOf, type TableConnection, writeRequestOf } from './table-requests.ts';
import { decodeEntity, type Entity, escapeCharacters } from './table-values.ts';

/** Most rows that Table Storage answers to one query. */
const largestPage = 1000;

const isRefusal = ({ status }: { readonly status: number }): boolean => status < 200 || status >= 300;

/**
 * Which rule was broken, from the code of the answer; anything else is a fault and is thrown. The message of a refused transaction
 * starts with the position of the refused write, `2:The specified entity already exists.`
 */
function refusalOf(failure: RestError, writes: readonly Write[]): WriteOutcome {
  const position = writes.length === 1 ? '0' : /^(\d+):/.exec(failure.message)?.[1];
  const row = (position === undefined ? undefined : writes[Number(position)]?.row) ?? '';
  if (failure.code === 'EntityAlreadyExists') return { kind: 'exists', row };
  if (failure.code === 'UpdateConditionNotSatisfied' || failure.code === 'ResourceNotFound') return { kind: 'changed', row };
  throw failure;
}

/**
 * Azurite damages a character that arrives in two pieces, as one of a large body may; ASCII does not come in pieces. Even the largest
 * row (1 MiB, two bytes a character) stays below the 4 MiB of a request so.
 */
const beyondAscii = /[\u0080-\uffff]/g;

async function writeOne(connection: TableConnection, partition: string, write: Write): Promise<WriteOutcome> {
  const { method, address, etag, body } = writeRequestOf(connection, partition, write);
  const headers = {
    ...(body === undefined ? {} : { 'Content-Type': 'application/json', Prefer: 'return-no-content' }),
    ...(etag === undefined ? {} : { 'If-Match': etag }),
  };
  const answer = await connection.send({ method, address, headers, body: body && escapeCharacters(body, beyondAscii) });
  if (isRefusal(answer)) return refusalOf(failureOf(answer), [write]);
  const stored = write.kind === 'remove' ? undefined : answer.headers.get('etag');
  return { kind: 'done', etags: new Map(stored === undefined ? [] : [[write.row, stored]]) };
}

async function writeMany(connection: TableConnection, partition: string, writes: readonly Write[]): Promise<WriteOutcome> {
  const body = encodeBatch(writes.map((write) => writeRequestOf(connection, partition, write)));
  const answer = await connection.send({ method: 'POST', address: `${connection.service}/$batch`, headers: batchHeaders, body });
  if (isRefusal(answer)) throw failureOf(answer);
  const parts = decodeBatch(answer.bodyAsText ?? '');
  const refused = parts.find(isRefusal);
  if (refused !== undefined) return refusalOf(failureOf(answer, refused.status, refused.body), writes);
  if (parts.length !== writes.length) {
    const message = `The transaction of ${writes.length} writes was answered with ${parts.length} parts.`;
    throw new RestError(message, { code: RestError.PARSE_ERROR, statusCode: answer.status, request: answer.request, response: answer });
  }
  const etags = new Map<string, string>();
  for (const [index, { etag }] of parts.entries()) {
    const write = writes[index];
    if (etag !== undefined && write !== undefined && write.kind !== 'remove') etags.set(write.row, etag);
  }
  return { kind: 'done', etags };
}

async function get(connection: TableConnection, key: Key): Promise<StoredRow | undefined> {
  const answer = await connection.send({ method: 'GET', address: addressOf(connection, key) });
  if (!isRefusal(answer)) return decodeEntity(key.partition.toWellFormed(), JSON.parse(answer.bodyAsText ?? '') as Entity);
  const failure = failureOf(answer);
  // A missing table is also a 404, but it is a fault of the deployment and no absent row.
  if (failure.code === 'ResourceNotFound') return undefined;
  throw failure;
}

/** Where the next page starts, as the end of an address; the service may name a partition alone. */
function nextOf({ headers }: PipelineResponse): string | undefined {
  const partition = headers.get('x-ms-continuation-NextPartitionKey');
  if (partition === undefined) return undefined;
  const row = headers.get('x-ms-continuation-NextRowKey');
  const rowPart = row === undefined ? '' : `&NextRowKey=${encodeURIComponent(row)}`;
  return `&NextPartitionKey=${encodeURIComponent(partition)}${rowPart}`;
}

async function* range(connection: TableConnection, wanted: Range): AsyncIterable<StoredRow> {
  const { partition, limit } = wanted;
  let left = limit ?? Number.POSITIVE_INFINITY;
  let next: string | undefined = '';
  while (left > 0 && next !== undefined) {
    const top = limit === undefined ? undefined : Math.min(left, largestPage);
    const answer = await connection.send({ method: 'GET', address: pageAddressOf(connection, wanted, top, next) });
    if (isRefusal(answer)) throw failureOf(answer);
    const { value } = JSON.parse(answer.bodyAsText ?? '') as { readonly value: readonly Entity[] };
    for (const entity of value) yield decodeEntity(partition.toWellFormed(), entity);
    left -= value.length;
    next = nextOf(answer);
  }
}

/** The port's table over a connection. Failures that are no outcome of the port are thrown as the SDK's `RestError`. */
export function makeTable(connection: TableConnection): Table {
  return {
    get: (key) => get(connection, key),
    write: async (partition, writes) => {
      const [first] = writes;
      if (first === undefined) throw new RangeError('A transaction needs at least one write.');
      return writes.length === 1 ? writeOne(connection, partition, first) : writeMany(connection, partition, writes);
    },
    range: (wanted) => range(connection, wanted),
  };
}
