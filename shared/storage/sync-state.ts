// Where a company's sync stands: one row, changed only by compare-and-swap, and always by the holder of the newest fence.
import * as z from 'zod';
import type { Key, Tables } from '../ports/tables.ts';
import { neverSynced, noCounts, type Round, type RoundCounts, roundPhases, roundReasons, type SyncState } from '../domain/sync-round.ts';
import { type Found, readDocument, changeDocument } from './document.ts';

export const countsSchema: z.ZodType<RoundCounts> = z.object(
  Object.fromEntries(Object.keys(noCounts).map((name) => [name, z.number()])) as Record<keyof RoundCounts, z.ZodNumber>,
);

const roundSchema: z.ZodType<Round> = z.object({
  runId: z.string(),
  instanceId: z.string(),
  kind: z.enum(['full', 'delta']),
  reason: z.enum(roundReasons),
  requestedBy: z.string(),
  phase: z.enum(roundPhases),
  startedAt: z.string(),
  first: z.boolean(),
  link: z.string().nullable(),
  previousLink: z.string().nullable(),
  linkSince: z.string(),
  failures: z.number(),
  setbacks: z.number(),
  chunk: z.number(),
  nextDeltaLink: z.string().nullable(),
  expected: z.number().nullable(),
  verdict: z.object({ kind: z.enum(['apply', 'hold']), reason: z.string().nullable(), removals: z.number() }).nullable(),
  lastProblem: z.string().nullable(),
  counts: countsSchema,
});

const stateSchema: z.ZodType<SyncState> = z.object({
  fence: z.number(),
  round: roundSchema.nullable(),
  runAgain: z.enum(['full', 'delta']).nullable(),
  deltaLink: z.string().nullable(),
  deltaLinkAt: z.string().nullable(),
  fieldsVersion: z.number(),
  lastFullAt: z.string().nullable(),
  lastRoundAt: z.string().nullable(),
  failedRounds: z.number(),
  generation: z.number(),
  shards: z.number(),
  removals: z.array(z.object({ at: z.string(), count: z.number() })),
  people: z.number(),
  unannounced: z.number(),
  announcedAt: z.string().nullable(),
  connectionAnnounced: z.boolean(),
});

export const syncRow = 'sync';
const keyOf = (companyId: string): Key => ({ partition: companyId, row: syncRow });

export async function readSync(tables: Tables, companyId: string): Promise<Found<SyncState>> {
  return (await readDocument(tables.companies, keyOf(companyId), stateSchema)) ?? { value: neverSynced, etag: '' };
}

/** Changes the state by compare-and-swap; `change` returns `undefined` to leave it as it is. */
export async function changeSync(
  tables: Tables,
  companyId: string,
  change: (state: SyncState) => SyncState | undefined,
): Promise<SyncState> {
  return (
    (await changeDocument(tables.companies, keyOf(companyId), stateSchema, (present) => change(present ?? neverSynced))) ?? neverSynced
  );
}

/**
 * Changes the running round, but only for the holder of the newest fence. `change` returns `stale` when another copy of the same step
 * has gone on already, and `undefined` when the round stands where it should.
 * @returns the new state, or `stale` when another round has taken over.
 */
export async function changeRound(
  tables: Tables,
  companyId: string,
  fence: number,
  change: (round: Round, state: SyncState) => Partial<SyncState> | 'stale' | undefined,
): Promise<SyncState | 'stale'> {
  let stale = false;
  const state = await changeSync(tables, companyId, (present) => {
    const changed = present.fence !== fence || present.round === null ? 'stale' : change(present.round, present);
    stale = changed === 'stale';
    return changed === 'stale' || changed === undefined ? undefined : { ...present, ...changed };
  });
  return stale ? 'stale' : state;
}
