// A company's own rows lie side by side in one partition, and are read with one call: by every sync, and by every request to the API.
import type { Grant } from '../domain/access.ts';
import type { Company, Settings } from '../domain/company.ts';
import type { Integration } from '../domain/integration.ts';
import type { SyncState } from '../domain/sync-round.ts';
import type { StoredRow, Tables } from '../ports/tables.ts';
import {
  companyRow,
  decodeCompany,
  decodeGrants,
  decodeIntegration,
  decodeSettings,
  grantsRow,
  integrationRow,
  settingsRow,
} from './companies.ts';
import { decodeSync, syncRow } from './sync-state.ts';

export interface CompanyState {
  readonly integration: Integration;
  readonly settings: Settings;
  readonly sync: SyncState;
  /** Of the sync row; `null` before the first round was asked for. */
  readonly syncEtag: string | null;
}

/** A company and who may do what in it, with its state. */
export interface OpenedCompany {
  /** `undefined` when there is no such company. */
  readonly company: Company | undefined;
  readonly grants: readonly Grant[];
  readonly state: CompanyState;
}

async function readRows(tables: Pick<Tables, 'companies'>, companyId: string, from: string): Promise<ReadonlyMap<string, StoredRow>> {
  const found = new Map<string, StoredRow>();
  for await (const row of tables.companies.range({ partition: companyId, from, below: `${syncRow}!` })) found.set(row.row, row);
  return found;
}

function stateIn(rows: ReadonlyMap<string, StoredRow>): CompanyState {
  const sync = rows.get(syncRow);
  return {
    integration: decodeIntegration(rows.get(integrationRow)?.properties),
    settings: decodeSettings(rows.get(settingsRow)?.properties),
    sync: decodeSync(sync?.properties),
    syncEtag: sync?.etag ?? null,
  };
}

/** Reads integration, settings and sync state of a company; what has no row yet is as it is at first. */
export async function readCompanyState(tables: Pick<Tables, 'companies'>, companyId: string): Promise<CompanyState> {
  return stateIn(await readRows(tables, companyId, integrationRow));
}

/** Reads all there is to know of a company before it is asked who may do what. */
export async function openCompany(tables: Pick<Tables, 'companies'>, companyId: string): Promise<OpenedCompany> {
  const rows = await readRows(tables, companyId, companyRow);
  return {
    company: decodeCompany(rows.get(companyRow)?.properties),
    grants: decodeGrants(rows.get(grantsRow)?.properties),
    state: stateIn(rows),
  };
}
