// Requests to one table, made by hand and sent through the SDK's pipeline: its authorisation, retries and telemetry without its
// serializers, which cost more processor time than all the rest.
import { createDefaultHttpClient, createHttpHeaders, createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { RestError, type TableClient } from '@azure/data-tables';
import type { Key, Range, Write } from '../ports/tables.ts';
import { encodeEntity } from './table-values.ts';

/** Of one write. `address` is absolute, as a transaction demands. */
export interface WriteRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly address: string;
  readonly etag: string | undefined;
  readonly body: string | undefined;
}

export interface Outgoing {
  readonly method: 'GET' | WriteRequest['method'];
  readonly address: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Where a table is and how to ask it; `send` throws only when no answer came. */
export interface TableConnection {
  /** The service, without a slash at the end. */
  readonly service: string;
  readonly table: string;
  readonly send: (outgoing: Outgoing) => Promise<PipelineResponse>;
}

/** The version that the SDK speaks too. */
const everyRequest = {
  Accept: 'application/json;odata=minimalmetadata',
  DataServiceVersion: '3.0',
  MaxDataServiceVersion: '3.0;NetFx',
  'x-ms-version': '2019-02-02',
};

/** One for all tables: it keeps the connections. */
const httpClient = createDefaultHttpClient();

/** The client's pipeline without the two policies that only serve its own operations; answers are parsed once, here. */
export function connect(client: TableClient, allowInsecureConnection: boolean): TableConnection {
  const pipeline = client.pipeline.clone();
  pipeline.removePolicy({ phase: 'Serialize' });
  pipeline.removePolicy({ phase: 'Deserialize' });
  // A connection string may hold a signature instead of a key; the SDK then keeps it as the query of the address.
  const [service = '', signature] = client.url.split('?');
  const send = ({ method, address, headers, body }: Outgoing): Promise<PipelineResponse> =>
    pipeline.sendRequest(
      httpClient,
      createPipelineRequest({
        url: signature === undefined ? address : `${address}${address.includes('?') ? '&' : '?'}${signature}`,
        method,
        allowInsecureConnection,
        headers: createHttpHeaders({ ...everyRequest, ...headers }),
        ...(body === undefined ? {} : { body }),
      }),
    );
  return { service: service.replace(/\/$/, ''), table: client.tableName, send };
}

/** Text in an address: quotes doubled for OData, then percent-encoded. */
export function quoted(text: string): string {
  return `'${encodeURIComponent(text.toWellFormed().replaceAll("'", "''"))}'`;
}

export function addressOf({ service, table }: TableConnection, { partition, row }: Key): string {
  return `${service}/${table}(PartitionKey=${quoted(partition)},RowKey=${quoted(row)})`;
}

/** The address of one page of a range: at most `top` rows, behind the place where the last answer ended. */
export function pageAddressOf(
  { service, table }: TableConnection,
  { partition, from, below, select }: Range,
  top: number | undefined,
  next: string,
): string {
  let filter = `PartitionKey%20eq%20${quoted(partition)}`;
  if (from !== undefined) filter += `%20and%20RowKey%20ge%20${quoted(from)}`;
  if (below !== undefined) filter += `%20and%20RowKey%20lt%20${quoted(below)}`;
  const columns = select === undefined ? '' : `&$select=${['RowKey', ...select].join(',')}`;
  return `${service}/${table}()?$filter=${filter}${columns}${top === undefined ? '' : `&$top=${top}`}${next}`;
}

/** What one write asks of the service (https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api). */
export function writeRequestOf(connection: TableConnection, partition: string, write: Write): WriteRequest {
  if (write.kind === 'insert') {
    const { service, table } = connection;
    const body = encodeEntity(partition, write.row, write.properties);
    return { method: 'POST', address: `${service}/${table}`, etag: undefined, body };
  }
  const address = addressOf(connection, { partition, row: write.row });
  if (write.kind === 'remove') return { method: 'DELETE', address, etag: write.etag ?? '*', body: undefined };
  const method = write.kind === 'merge' ? 'PATCH' : 'PUT';
  // Without an ETag the service makes an absent row, with one it refuses.
  return {
    method,
    address,
    etag: write.kind === 'upsert' ? undefined : write.etag,
    body: encodeEntity(partition, write.row, write.properties),
  };
}

interface ErrorBody {
  readonly 'odata.error'?: { readonly code?: string; readonly message?: { readonly value?: string } };
}

/** What the service says of a failure: `{"odata.error":{"code":"…","message":{"lang":"en-US","value":"…"}}}`, or nothing readable. */
function readError(body: string): ErrorBody['odata.error'] {
  try {
    return (JSON.parse(body) as ErrorBody)['odata.error'];
  } catch {
    return undefined;
  }
}

/** An answer, or a part of one, that refuses: an SDK error with `statusCode` and the service's stable `code`. */
export function failureOf(response: PipelineResponse, statusCode = response.status, body = response.bodyAsText ?? ''): RestError {
  const said = readError(body);
  const code = said?.code ?? response.headers.get('x-ms-error-code');
  return new RestError(said?.message?.value ?? body, {
    statusCode,
    request: response.request,
    response,
    ...(code === undefined ? {} : { code }),
  });
}
