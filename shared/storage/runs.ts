// The record every round leaves: what it was, what it did, how long it took, and what stopped it.
import * as z from 'zod';
import type { RoundCounts } from '../domain/round-counts.ts';
import type { RoundKind, RoundReason } from '../domain/sync-round.ts';
import { roundReasons } from '../domain/sync-round.ts';
import type { StoredRow, Tables, Write } from '../ports/tables.ts';
import { invertedInstant } from '../domain/packed-position.ts';
import { decodeDocument, documentWrite } from './document.ts';
import { countsSchema } from './sync-state.ts';
import { removeRows } from './remove-rows.ts';

export const runStatuses = ['succeeded', 'incomplete', 'failed'] as const;
export type RunStatus = (typeof runStatuses)[number];

/** How people were read; all but large first rounds go by the delta chain. */
export const waysOfReading = ['deltaChain', 'parts', 'partsThenDeltaChain'] as const;
export type WayOfReading = (typeof waysOfReading)[number];

export interface RunRecord {
  readonly runId: string;
  readonly kind: RoundKind;
  readonly reason: RoundReason;
  readonly readBy: WayOfReading;
  readonly requestedBy: string;
  readonly status: RunStatus;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly counts: RoundCounts;
  /** What stopped or limited it, in a sentence; `null` when nothing did. */
  readonly problem: string | null;
}

const runSchema: z.ZodType<RunRecord> = z.object({
  runId: z.string(),
  kind: z.enum(['full', 'delta']),
  reason: z.enum(roundReasons),
  readBy: z.enum(waysOfReading),
  requestedBy: z.string(),
  status: z.enum(runStatuses),
  startedAt: z.string(),
  finishedAt: z.string(),
  counts: countsSchema,
  problem: z.string().nullable(),
});

/** Beside the sync row, so that the end of a round and its record are one transaction. A tilde sorts behind the company's own rows. */
const prefix = '~run~';
const rowOf = (run: Pick<RunRecord, 'runId' | 'startedAt'>) => `${prefix}${invertedInstant(run.startedAt)}~${run.runId}`;

/** The write that stores the record of a round, in the company's partition. */
export const runWrite = (run: RunRecord): Write => documentWrite.upsert(rowOf(run), run);

/** Rounds that have ended, newest first. */
export async function listRuns(
  tables: Tables,
  companyId: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<{ readonly runs: readonly RunRecord[]; readonly next: string | null }> {
  const range = { partition: companyId, from: after === null ? prefix : `${after}~`, below: `${prefix}~`, limit: limit + 1 };
  const rows: StoredRow[] = [];
  for await (const row of tables.companies.range(range)) rows.push(row);
  const shown = rows.slice(0, limit);
  return {
    runs: shown.map((row) => decodeDocument(runSchema, row.properties)),
    next: rows.length > limit ? (shown.at(-1)?.row ?? null) : null,
  };
}

/** Forgets the records of rounds that started before an instant. */
export async function dropRunsBefore(tables: Tables, companyId: string, before: Date): Promise<number> {
  const from = `${prefix}${invertedInstant(before.toISOString())}~`;
  return await removeRows(tables.companies, { partition: companyId, from, below: `${prefix}~` });
}
