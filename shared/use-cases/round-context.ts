// What the phases of a round work with: the company's state as last read, what this stretch changed in it and has not stored yet,
// and what it remembers so that nothing is read twice.
import pLimit from 'p-limit';
import { type Counts, emptyCounts, headcount, sumCounts } from '../domain/counts.ts';
import type { Settings } from '../domain/company.ts';
import type { Integration } from '../domain/integration.ts';
import type { KnownUsers } from '../domain/known-users.ts';
import { addCounts, type RoundCounts } from '../domain/round-counts.ts';
import { noHeads, type Round, type SyncState } from '../domain/sync-round.ts';
import type { Directory, DirectoryFailure, DirectoryUsage } from '../ports/directory.ts';
import type { Ports } from '../ports/ports.ts';
import { readCompanyState } from '../storage/company-state.ts';
import { documentWrite } from '../storage/document.ts';
import { type Ledger, readLedger, storeLedger } from '../storage/ledger.ts';
import { type Effect, effectWrite } from '../storage/outbox.ts';
import { type RunRecord, runWrite } from '../storage/runs.ts';
import { readHeads } from '../storage/shard-heads.ts';
import type { KnownCounts } from '../storage/shard-writer.ts';
import { syncRow } from '../storage/sync-state.ts';
import type { Settled } from './settled.ts';
import { makeUsers, type Users, type UserScope } from '../storage/users.ts';

/** Which round of which company a stretch belongs to. */
export interface RoundInput {
  readonly companyId: string;
  readonly fence: number;
}

/** What the orchestration does next. Never holds a link or a person. */
export type RoundResult =
  /** There is more to do at once. */
  | { readonly kind: 'more' }
  | { readonly kind: 'wait'; readonly milliseconds: number }
  /** The round is over; `again` is the fence of the one that was asked for meanwhile. */
  | { readonly kind: 'ended'; readonly again: number | null }
  /** A newer round, or another copy of this stretch, has taken over: stop without a trace. */
  | { readonly kind: 'stale' };

/** What came of reading the list of managers. */
export interface ManagersRead {
  /** What the list says of those whose manager this round's feed did not state. */
  readonly unstated: ReadonlyMap<string, string | null>;
  readonly pages: number;
  /** Where to go on; `null` when everybody was read. */
  readonly link: string | null;
  readonly done: boolean;
  readonly failure: DirectoryFailure | undefined;
}

/** What a stretch keeps in memory; another one finds it out anew. */
interface Memory {
  ledger: Ledger | undefined;
  readingLedger: Promise<Ledger> | undefined;
  heads: KnownCounts | undefined;
  readingHeads: Promise<KnownCounts> | undefined;
  knowing: Promise<KnownUsers> | undefined;
  /** Complete when set. */
  known: KnownUsers | undefined;
  reviewsMatter: boolean;
  /** Begun beside the storing of the last users. */
  managersAhead: Promise<Settled<ManagersRead | 'givenUp'>> | undefined;
}

export interface RoundContext extends RoundInput {
  readonly ports: Ports;
  readonly integration: Integration;
  readonly settings: Settings;
  readonly directory: Directory;
  /** Real milliseconds by the ports' clock; phases that read page by page stop here. */
  readonly deadline: number;
  readonly memory: Memory;
  /** As this stretch leaves it. */
  state: SyncState;
  round: Round;
  /** As it is stored. */
  stored: { readonly round: Round; readonly etag: string };
  /** Storage calls of this stretch so far. */
  readonly storageCalls: () => number;
  /** What of this stretch's requests and calls is in the round's counts already. */
  staged: DirectoryUsage & { readonly storageCalls: number };
  /** What the stored state lacks. */
  unstored: Partial<SyncState>;
  scope: UserScope;
  users: Users;
}

/** Loads what a stretch needs; `stale` when the round is no longer the newest. */
export async function openRound(
  ports: Ports,
  input: RoundInput,
  { longestMs, storageCalls }: { readonly longestMs: number; readonly storageCalls: () => number },
): Promise<RoundContext | 'stale'> {
  const { integration, settings, sync: state, syncEtag } = await readCompanyState(ports.tables, input.companyId);
  const { round } = state;
  if (state.fence !== input.fence || round === null || syncEtag === null || integration.tenantId === null) return 'stale';
  return {
    ...input,
    ports,
    integration,
    settings,
    directory: ports.openDirectory(integration.tenantId),
    deadline: ports.clock.now().getTime() + longestMs,
    memory: {
      ledger: undefined,
      readingLedger: undefined,
      heads: undefined,
      readingHeads: undefined,
      knowing: undefined,
      known: undefined,
      reviewsMatter: false,
      managersAhead: undefined,
    },
    state,
    round,
    stored: { round, etag: syncEtag },
    storageCalls,
    staged: { requests: 0, retries: 0, throttledMs: 0, storageCalls: 0 },
    unstored: {},
    ...openUsersOf(ports, input.companyId, integration.tenantId, state),
  };
}

function openUsersOf(ports: Ports, companyId: string, tenantId: string, { generation, shards }: SyncState) {
  const scope: UserScope = { companyId, tenantId, generation, shards: Math.max(1, shards) };
  return { scope, users: makeUsers(ports.tables.users, scope) };
}

/** Changes the state in memory; `checkpoint` or the end of the round stores it. */
export function stageState(context: RoundContext, change: Partial<SyncState>): void {
  const { ports, companyId, integration } = context;
  context.unstored = { ...context.unstored, ...change };
  context.state = { ...context.state, ...change };
  if (change.round) context.round = change.round;
  if (change.shards !== undefined) Object.assign(context, openUsersOf(ports, companyId, integration.tenantId ?? '', context.state));
}

/** Changes the round in memory; counts are added. */
export function stage(context: RoundContext, change: Partial<Round>, counts: Partial<RoundCounts> = {}): void {
  stageState(context, { round: { ...context.round, ...change, counts: addCounts(context.round.counts, counts) } });
}

type Position = Pick<Round, 'phase' | 'chunk' | 'link'>;
const sameRound = (one: Round, { phase, chunk, link }: Position) => one.phase === phase && one.chunk === chunk && one.link === link;

const attempts = 20;
const parallelReads = 16;

/**
 * Writes the sync row, with what belongs to the same transaction, until nobody interferes. Requests and announcements may change
 * the row meanwhile and are kept; finding the round elsewhere than this stretch left it means that another copy has gone on, and
 * finding it where this stretch wants it is finding one's own write.
 * @param build what to store on top of the row as it is now; called again for each try
 */
export async function writeState(
  context: RoundContext,
  build: (present: SyncState) => Promise<{ readonly next: SyncState; readonly run?: RunRecord; readonly effects?: readonly Effect[] }>,
): Promise<SyncState | 'stale'> {
  const { ports, companyId, fence } = context;
  let { etag } = context.stored;
  let present = context.state;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { next, run, effects = [] } = await build(present);
    const writes = [documentWrite.replace(syncRow, next, etag), ...(run ? [runWrite(run)] : []), ...effects.map(effectWrite)];
    const outcome = await ports.tables.companies.write(companyId, writes);
    if (outcome.kind === 'done') {
      context.state = next;
      context.unstored = {};
      if (next.round) context.stored = { round: next.round, etag: outcome.etags.get(syncRow) ?? '' };
      return next;
    }
    const now = await readCompanyState(ports.tables, companyId);
    const { round } = now.sync;
    if (now.sync.fence !== fence || round === null || now.syncEtag === null) return 'stale';
    if (!sameRound(round, context.stored.round) && !sameRound(round, context.round)) return 'stale';
    // Perhaps by another copy of this stretch, which writes users, too: then what this one knows of the counts may be out of date, and
    // what the other one decided about removals holds for both.
    if (now.sync.heads === null) context.memory.heads?.clear();
    if (round.verdict?.kind === 'hold' || context.round.verdict === null) stage(context, { verdict: round.verdict });
    etag = now.syncEtag;
    present = { ...now.sync, ...context.unstored };
  }
  throw new Error('The sync state was changed by others too often.');
}

/** Stores what the stretch has staged: what was seen first, then the position behind it. */
export async function checkpoint(context: RoundContext): Promise<'stored' | 'stale'> {
  if (Object.keys(context.unstored).length === 0) return 'stored';
  const { ports, companyId, memory } = context;
  const { runId, chunk } = context.round;
  const seen = memory.ledger && (await storeLedger(ports.tables, { companyId, runId, chunk }, memory.ledger, ports.ids.newId()));
  if (seen === 'stored') stage(context, { chunk: chunk + 1 });
  return (await writeState(context, async (present) => ({ next: present }))) === 'stale' ? 'stale' : 'stored';
}

/** What the round has seen, read once a stretch, however many ask for it at the same time. */
export async function ledgerOf(context: RoundContext): Promise<Ledger> {
  const { ports, companyId, memory, stored } = context;
  memory.readingLedger ??= readLedger(ports.tables, { companyId, runId: stored.round.runId, chunk: stored.round.chunk });
  memory.ledger = await memory.readingLedger;
  return memory.ledger;
}

/** Counts rows as far as they are known without reading them; each use is checked by ETag. */
export async function headsOf(context: RoundContext): Promise<KnownCounts> {
  const { memory } = context;
  memory.readingHeads ??= readKnownHeads(context);
  memory.heads ??= await memory.readingHeads;
  return memory.heads;
}

async function readKnownHeads({ ports, companyId, state, scope }: RoundContext): Promise<KnownCounts> {
  switch (state.heads) {
    case null:
      return new Map();
    case noHeads: {
      const none = { counts: emptyCounts, fence: 0, etag: null };
      return new Map(Array.from({ length: scope.shards }, (_, shard) => [shard, none] as const));
    }
    default:
      return await readHeads(ports.tables, companyId, { version: state.heads, generation: scope.generation });
  }
}

/** Must come before the first write to users: from now on until the round ends, no stored copy of the heads is true. */
export async function beforeWriting(context: RoundContext): Promise<'stored' | 'stale'> {
  if (context.state.heads === null) return 'stored';
  await headsOf(context);
  stageState(context, { heads: null });
  return await checkpoint(context);
}

async function sumOfShards(context: RoundContext): Promise<Counts> {
  const heads = await headsOf(context);
  const missing = Array.from({ length: context.scope.shards }, (_, shard) => shard).filter((shard) => !heads.has(shard));
  const limit = pLimit(parallelReads);
  await Promise.all(missing.map((shard) => limit(async () => heads.set(shard, await context.users.readShardCounts(shard)))));
  return sumCounts([...heads.values()].map(({ counts }) => counts));
}

/** Counts of the whole company, with a read only for shards that are not known. Exact in presence, which only rounds change. */
export async function totalsOf(context: RoundContext): Promise<Counts> {
  const totals = await sumOfShards(context);
  const { known, heads } = context.memory;
  // A late copy of an earlier stretch may have added people after the copy of the heads was made. Whoever has just read everybody sees it.
  if (known === undefined || known.size() === headcount(totals)) return totals;
  heads?.clear();
  return await sumOfShards(context);
}
