// Where a company's sync stands: one row, changed only by compare-and-swap, and always by the holder of the newest fence.
import * as z from 'zod';
import type { Key, Properties, Tables } from '../ports/tables.ts';
import type { LoadPlan } from '../domain/load-partitions.ts';
import type { Reshard } from '../domain/resharding.ts';
import { noCounts, type RoundCounts } from '../domain/round-counts.ts';
import { type Load, neverSynced, type Round, roundPhases, roundReasons, type SyncState } from '../domain/sync-round.ts';
import { changeDocument, decodeDocument, type Found, readDocument } from './document.ts';

export const countsSchema: z.ZodType<RoundCounts> = z.object(
  Object.fromEntries(Object.keys(noCounts).map((name) => [name, z.number()])) as Record<keyof RoundCounts, z.ZodNumber>,
);

const numbers = z.record(z.string(), z.number());
const givenUp = z.enum(['uncovered', 'refused', 'failing', 'endless']);
const planSchema: z.ZodType<LoadPlan> = z.object({
  total: z.number(),
  parallel: z.number(),
  splitting: z.record(z.string(), z.object({ expected: z.number(), counts: numbers })),
  waiting: numbers,
  reading: z.record(z.string(), z.object({ expected: z.number(), received: z.number(), link: z.string() })),
  done: z.array(z.string()),
  received: z.number(),
  pages: z.number(),
  failures: numbers,
  setbacks: z.number(),
  givenUp: givenUp.nullable(),
});
const loadSchema: z.ZodType<Load> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reading'), plan: planSchema, deltaLink: z.string() }),
  z.object({ kind: z.literal('read') }),
  z.object({ kind: z.literal('fellBack'), why: z.enum([...givenUp.options, 'countsDisagree']) }),
]);

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
  load: loadSchema.nullable(),
  lastProblem: z.string().nullable(),
  counts: countsSchema,
});

const reshardSchema: z.ZodType<Reshard> = z.object({
  generation: z.number(),
  shards: z.number(),
  stage: z.enum(['announce', 'copy', 'seal', 'givenUp']),
  copied: z.object({ shard: z.number(), after: z.string() }),
});

const syncSchema: z.ZodType<SyncState> = z.object({
  fence: z.number(),
  round: roundSchema.nullable(),
  runAgain: z.enum(['full', 'delta']).nullable(),
  deltaLink: z.string().nullable(),
  deltaLinkAt: z.string().nullable(),
  fieldsVersion: z.number(),
  lastFullAt: z.string().nullable(),
  fullDueAt: z.string().nullable(),
  lastRoundAt: z.string().nullable(),
  failedRounds: z.number(),
  generation: z.number(),
  shards: z.number(),
  reshard: reshardSchema.nullable(),
  retired: z.array(z.object({ generation: z.number(), shards: z.number(), at: z.string() })),
  removals: z.array(z.object({ at: z.string(), count: z.number() })),
  people: z.number(),
  unannounced: z.number(),
  announcedAt: z.string().nullable(),
  connectionAnnounced: z.boolean(),
  heads: z.string().nullable(),
});

export const syncRow = 'sync';
const keyOf = (companyId: string): Key => ({ partition: companyId, row: syncRow });

export const decodeSync = (properties: Properties | undefined): SyncState =>
  properties ? decodeDocument(syncSchema, properties) : neverSynced;

export async function readSync(tables: Tables, companyId: string): Promise<Found<SyncState>> {
  return (await readDocument(tables.companies, keyOf(companyId), syncSchema)) ?? { value: neverSynced, etag: '' };
}

/** Changes the state by compare-and-swap; `change` returns `undefined` to leave it as it is. */
export async function changeSync(
  tables: Tables,
  companyId: string,
  change: (state: SyncState) => SyncState | undefined,
): Promise<SyncState> {
  return (await changeDocument(tables.companies, keyOf(companyId), syncSchema, (present) => change(present ?? neverSynced))) ?? neverSynced;
}
