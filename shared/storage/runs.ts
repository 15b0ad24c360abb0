// The record every round leaves: what it was, what it did, how long it took, and what stopped it.
import * as z from 'zod';
import type { RoundCounts, RoundKind, RoundReason } from '../domain/sync-round.ts';
import { roundReasons } from '../domain/sync-round.ts';
import type { Tables } from '../ports/tables.ts';
import { invertedInstant } from '../domain/packed-position.ts';
import { decodeDocument, documentWrite } from './document.ts';
import { countsSchema } from './sync-state.ts';

export const runStatuses = ['running', 'succeeded', 'incomplete', 'failed'] as const;
export type RunStatus = (typeof runStatuses)[number];

export interface RunRecord {
  readonly runId: string;
  readonly kind: RoundKind;
  readonly reason: RoundReason;
  readonly requestedBy: string;
  readonly status: RunStatus;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly counts: RoundCounts;
  /** What stopped or limited it, in a sentence; `null` when nothing did. */
  readonly problem: string | null;
}

const runSchema: z.ZodType<RunRecord> = z.object({
  runId: z.string(),
  kind: z.enum(['full', 'delta']),
  reason: z.enum(roundReasons),
  requestedBy: z.string(),
  status: z.enum(runStatuses),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  counts: countsSchema,
  problem: z.string().nullable(),
});

const rowOf = (run: Pick<RunRecord, 'runId' | 'startedAt'>) => `${invertedInstant(run.startedAt)}~${run.runId}`;

/** Stores or replaces the record of a round. */
export async function storeRun(tables: Tables, companyId: string, run: RunRecord): Promise<void> {
  await tables.rounds.write(companyId, [documentWrite.upsert(rowOf(run), run)]);
}

/** Newest first. */
export async function listRuns(
  tables: Tables,
  companyId: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<{ readonly runs: readonly RunRecord[]; readonly next: string | null }> {
  const runs: RunRecord[] = [];
  let last: string | null = null;
  for await (const row of tables.rounds.range({ partition: companyId, ...(after === null ? {} : { from: `${after}~` }) })) {
    if (runs.length === limit) return { runs, next: last };
    runs.push(decodeDocument(runSchema, row.properties));
    last = row.row;
  }
  return { runs, next: null };
}
