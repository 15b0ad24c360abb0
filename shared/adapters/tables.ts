// The port `tables` on Azure Table Storage (or Azurite) through the SDK.
import type { TokenCredential } from '@azure/identity';
import type { PipelinePolicy } from './storage-meter.ts';
import { odata, RestError, TableClient, type TableEntityResult, TableServiceClient, type TransactionAction } from '@azure/data-tables';
import {
  type Key,
  type Properties,
  type Range,
  type StoredRow,
  type Table,
  type TableName,
  type Tables,
  tableNames,
  type Value,
  type Write,
  type WriteOutcome,
} from '../ports/tables.ts';

/** How the account is reached: a connection string, or its address and an identity. */
export type TablesAccess =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly endpoint: string; readonly credential: TokenCredential };

const system = new Set(['partitionKey', 'rowKey', 'etag', 'timestamp', 'odata.metadata']);

function toValue(value: unknown): Value | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'bigint') return Number(value);
  return undefined;
}

function toRow(entity: TableEntityResult<Record<string, unknown>>): StoredRow {
  const properties: Record<string, Value> = {};
  for (const [name, raw] of Object.entries(entity)) {
    const value = system.has(name) ? undefined : toValue(raw);
    if (value !== undefined) properties[name] = value;
  }
  return { partition: entity.partitionKey ?? '', row: entity.rowKey ?? '', etag: entity.etag, properties };
}

/**
 * Numbers travel as doubles: the SDK would guess Int32 for whole ones and lose large counts. Half a surrogate pair, which JSON can
 * carry and UTF-8 cannot, becomes U+FFFD here, so that no service in between has to decide.
 */
function toEntity(
  partition: string,
  row: string,
  properties: Properties,
): { partitionKey: string; rowKey: string } & Record<string, unknown> {
  const entity: { partitionKey: string; rowKey: string } & Record<string, unknown> = { partitionKey: partition, rowKey: row };
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'number') entity[name] = { type: 'Double', value: String(value) };
    else entity[name] = typeof value === 'string' ? value.toWellFormed() : value;
  }
  return entity;
}

function toAction(partition: string, write: Write): TransactionAction {
  switch (write.kind) {
    case 'insert':
      return ['create', toEntity(partition, write.row, write.properties)];
    case 'upsert':
      return ['upsert', toEntity(partition, write.row, write.properties), 'Replace'];
    case 'merge':
      return ['upsert', toEntity(partition, write.row, write.properties), 'Merge'];
    case 'replace':
      return ['update', toEntity(partition, write.row, write.properties), 'Replace', { etag: write.etag }];
    case 'remove':
      if (write.etag !== undefined) throw new RangeError('The SDK cannot guard a removal inside a transaction; write it alone.');
      return ['delete', { partitionKey: partition, rowKey: write.row }];
  }
}

/** The service's stable error code: in the error itself after a transaction, in the parsed body after a single request. */
function codeOf({ code, details }: RestError): string | undefined {
  if (code !== undefined) return code;
  const body = (details as { readonly odataError?: { readonly code?: string } } | undefined)?.odataError;
  return body?.code;
}

/**
 * Which rule was broken, from the code of the answer; anything else is a fault and is thrown on. The message of a refused
 * transaction starts with the position of the refused write, `2:The specified entity already exists.`
 */
function refusalOf(error: unknown, writes: readonly Write[]): WriteOutcome {
  if (!(error instanceof RestError)) throw error;
  const code = codeOf(error);
  const position = writes.length === 1 ? '0' : /^(\d+):/.exec(error.message)?.[1];
  const row = (position === undefined ? undefined : writes[Number(position)]?.row) ?? '';
  if (code === 'EntityAlreadyExists') return { kind: 'exists', row };
  if (code === 'UpdateConditionNotSatisfied' || code === 'ResourceNotFound') return { kind: 'changed', row };
  throw error;
}

async function writeOne(client: TableClient, partition: string, write: Write): Promise<string | undefined> {
  switch (write.kind) {
    case 'insert':
      return (await client.createEntity(toEntity(partition, write.row, write.properties))).etag;
    case 'upsert':
      return (await client.upsertEntity(toEntity(partition, write.row, write.properties), 'Replace')).etag;
    case 'merge':
      return (await client.upsertEntity(toEntity(partition, write.row, write.properties), 'Merge')).etag;
    case 'replace':
      return (await client.updateEntity(toEntity(partition, write.row, write.properties), 'Replace', { etag: write.etag })).etag;
    case 'remove':
      await client.deleteEntity(partition, write.row, { etag: write.etag ?? '*' });
      return undefined;
  }
}

function filterOf({ partition, from, below }: Range): string {
  const parts = [odata`PartitionKey eq ${partition}`];
  if (from !== undefined) parts.push(odata`RowKey ge ${from}`);
  if (below !== undefined) parts.push(odata`RowKey lt ${below}`);
  return parts.join(' and ');
}

function makeTable(client: TableClient): Table {
  const get = async ({ partition, row }: Key): Promise<StoredRow | undefined> => {
    try {
      return toRow(await client.getEntity(partition, row));
    } catch (error) {
      // A missing table is also a 404, but it is a fault of the deployment and no absent row.
      if (error instanceof RestError && codeOf(error) === 'ResourceNotFound') return undefined;
      throw error;
    }
  };
  /** A conditional delete cannot ride in the SDK's transaction, so a guarded removal goes alone. */
  const write = async (partition: string, writes: readonly Write[]): Promise<WriteOutcome> => {
    const [first] = writes;
    if (first === undefined) throw new RangeError('A transaction needs at least one write.');
    try {
      if (writes.length === 1) {
        const etag = await writeOne(client, partition, first);
        return { kind: 'done', etags: new Map(etag === undefined ? [] : [[first.row, etag]]) };
      }
      const answer = await client.submitTransaction(writes.map((each) => toAction(partition, each)));
      const etags = new Map<string, string>();
      for (const [index, each] of writes.entries()) {
        const etag = answer.subResponses[index]?.etag;
        if (etag !== undefined) etags.set(each.row, etag);
      }
      return { kind: 'done', etags };
    } catch (error) {
      return refusalOf(error, writes);
    }
  };
  const range = async function* (wanted: Range): AsyncIterable<StoredRow> {
    const select = wanted.select ? ['PartitionKey', 'RowKey', ...wanted.select] : undefined;
    const rows = client.listEntities({
      queryOptions: { filter: filterOf(wanted), ...(select ? { select } : {}) },
    });
    let left = wanted.limit ?? Number.POSITIVE_INFINITY;
    for await (const page of rows.byPage(wanted.limit === undefined ? {} : { maxPageSize: Math.min(wanted.limit, 1000) })) {
      for (const entity of page.slice(0, left)) yield toRow(entity);
      left -= page.length;
      if (left <= 0) return;
    }
  };
  return { get, write, range };
}

const retryOptions = { maxRetries: 5, retryDelayInMs: 100, maxRetryDelayInMs: 4000 };

/** A client of one table; exported for the index, which packs rows of its own. Each policy sees every attempt of every request. */
export function makeTableClient(access: TablesAccess, name: string, policies: readonly PipelinePolicy[] = []): TableClient {
  const additionalPolicies = policies.map((policy) => ({ policy, position: 'perRetry' }) as const);
  const options = { retryOptions, additionalPolicies };
  if (access.kind === 'connectionString') {
    return TableClient.fromConnectionString(access.connectionString, name, { allowInsecureConnection: isPlainHttp(access), ...options });
  }
  return new TableClient(access.endpoint, name, access.credential, options);
}

/** Plain http appears in a connection string only for an emulator on this machine. */
function isPlainHttp(access: TablesAccess): boolean {
  return access.kind === 'connectionString' && /TableEndpoint=http:\/\//i.test(access.connectionString);
}

/** All tables of the system. Nothing is requested until the first use. */
export function makeTables(access: TablesAccess, policies: readonly PipelinePolicy[] = []): Tables {
  return Object.fromEntries(tableNames.map((name) => [name, makeTable(makeTableClient(access, name, policies))])) as Record<
    TableName,
    Table
  >;
}

/** Creates the tables that are missing; safe to call at every start. */
export async function createMissingTables(access: TablesAccess): Promise<void> {
  const service =
    access.kind === 'connectionString'
      ? TableServiceClient.fromConnectionString(access.connectionString, { allowInsecureConnection: isPlainHttp(access) })
      : new TableServiceClient(access.endpoint, access.credential);
  await Promise.all(tableNames.map((name) => service.createTable(name)));
}
