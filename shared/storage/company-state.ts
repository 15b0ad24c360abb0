// Everything a sync needs to know of a company before it asks anybody, in one read: its rows lie side by side in one partition.
import type { Settings } from '../domain/company.ts';
import type { Integration } from '../domain/integration.ts';
import type { SyncState } from '../domain/sync-round.ts';
import type { StoredRow, Tables } from '../ports/tables.ts';
import { decodeIntegration, decodeSettings, integrationRow, settingsRow } from './companies.ts';
import { decodeSync, syncRow } from './sync-state.ts';

export interface CompanyState {
  readonly integration: Integration;
  readonly settings: Settings;
  readonly sync: SyncState;
  /** Of the sync row; `null` before the first round was asked for. */
  readonly syncEtag: string | null;
}

/** Reads integration, settings and sync state of a company; what has no row yet is as it is at first. */
export async function readCompanyState(tables: Pick<Tables, 'companies'>, companyId: string): Promise<CompanyState> {
  const found = new Map<string, StoredRow>();
  const range = { partition: companyId, from: integrationRow, below: `${syncRow}!` };
  for await (const row of tables.companies.range(range)) found.set(row.row, row);
  const sync = found.get(syncRow);
  return {
    integration: decodeIntegration(found.get(integrationRow)?.properties),
    settings: decodeSettings(found.get(settingsRow)?.properties),
    sync: decodeSync(sync?.properties),
    syncEtag: sync?.etag ?? null,
  };
}
