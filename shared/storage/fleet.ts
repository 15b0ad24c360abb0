// One small row a company, in one partition, so that a timer finds who is due without opening every company.
import * as z from 'zod';
import type { Tables } from '../ports/tables.ts';
import { changeDocument, decodeDocument, readDocument } from './document.ts';

export interface FleetRow {
  readonly companyId: string;
  /** When the next scheduled round is due; `null` while not connected or paused. */
  readonly dueAt: string | null;
  /** When admins are to be told of people found since the last mail. */
  readonly noticeAt: string | null;
  /** The orchestration of the running round, so that a lost one is noticed. */
  readonly running: { readonly instanceId: string; readonly since: string } | null;
  readonly timeZone: string;
  /** Last local day whose billing count was stored, `YYYY-MM-DD`. */
  readonly billedDay: string | null;
}

const fleetSchema: z.ZodType<FleetRow> = z.object({
  companyId: z.string(),
  dueAt: z.string().nullable(),
  noticeAt: z.string().nullable(),
  running: z.object({ instanceId: z.string(), since: z.string() }).nullable(),
  timeZone: z.string(),
  billedDay: z.string().nullable(),
});

const partition = 'fleet';

export async function changeFleet(tables: Tables, companyId: string, change: Partial<Omit<FleetRow, 'companyId'>>): Promise<void> {
  await changeDocument(tables.companies, { partition, row: companyId }, fleetSchema, (present) => ({
    dueAt: null,
    noticeAt: null,
    running: null,
    timeZone: 'UTC',
    billedDay: null,
    ...present,
    ...change,
    companyId,
  }));
}

export async function* readFleet(tables: Tables): AsyncIterable<FleetRow> {
  for await (const row of tables.companies.range({ partition })) yield decodeDocument(fleetSchema, row.properties);
}

export async function readFleetRow(tables: Tables, companyId: string): Promise<FleetRow | undefined> {
  return (await readDocument(tables.companies, { partition, row: companyId }, fleetSchema))?.value;
}
