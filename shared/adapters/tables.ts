// The port `tables` on Azure Table Storage (or Azurite): clients of the SDK, with requests of our own through their pipelines.
import type { TokenCredential } from '@azure/identity';
import type { PipelinePolicy } from './storage-meter.ts';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { type Table, type TableName, type Tables, tableNames } from '../ports/tables.ts';
import { makeTable } from './table-operations.ts';
import { connect } from './table-requests.ts';

/** How the account is reached: a connection string, or its address and an identity. */
export type TablesAccess =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly endpoint: string; readonly credential: TokenCredential };

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
  const open = (name: TableName): Table => makeTable(connect(makeTableClient(access, name, policies), isPlainHttp(access)));
  return Object.fromEntries(tableNames.map((name) => [name, open(name)])) as Record<TableName, Table>;
}

/** Creates the tables that are missing; safe to call at every start. */
export async function createMissingTables(access: TablesAccess): Promise<void> {
  const service =
    access.kind === 'connectionString'
      ? TableServiceClient.fromConnectionString(access.connectionString, { allowInsecureConnection: isPlainHttp(access) })
      : new TableServiceClient(access.endpoint, access.credential);
  await Promise.all(tableNames.map((name) => service.createTable(name)));
}
