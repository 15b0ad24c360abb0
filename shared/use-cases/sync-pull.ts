// The users phase: pages are fetched while the batch before is stored, and the cursor moves only after what it covers is stored.
import { pageBudget, shardsFor, type Round } from '../domain/sync-round.ts';
import type { DeltaEntry, DirectoryFailure } from '../ports/directory.ts';
import type { Ports } from '../ports/ports.ts';
import { changeFleet } from '../storage/fleet.ts';
import { type Ledger, readLedger, storeLedger } from '../storage/ledger.ts';
import { storeRun } from '../storage/runs.ts';
import type { KnownCounts } from '../storage/shard-writer.ts';
import { changeRound } from '../storage/sync-state.ts';
import {
  meetFailure,
  moveRound,
  noteAccess,
  type Position,
  runOf,
  runStep,
  saveRound,
  type StepContext,
  type StepInput,
  type StepResult,
  usageCounts,
} from './sync-context.ts';
import { storeBatch } from './sync-store.ts';

/** The shards of a company are fixed now; too many cost a little, too few a lot. */
const expectedUnlessCounted = 10_000;

/** Opens the round: how many to expect, how many shards to use, and a run record that says it runs. */
export async function beginRound(ports: Ports, input: StepInput): Promise<StepResult> {
  return await runStep(ports, input, async (context) => await begin(ports, context));
}

async function begin(ports: Ports, context: StepContext): Promise<StepResult> {
  const { round, companyId, state, fence } = context;
  await changeFleet(ports.tables, companyId, { running: { instanceId: round.instanceId, since: round.startedAt } });
  let { expected } = round;
  if (round.kind === 'full' && expected === null) {
    const counted = await context.directory.countUsers();
    if (!counted.ok && counted.failure.kind === 'accessLost')
      return await meetFailure(context, counted.failure, usageCounts(context.directory));
    if (counted.ok) expected = counted.value;
  }
  const shards = state.shards === 0 ? shardsFor(expected ?? expectedUnlessCounted) : state.shards;
  const saved = await changeRound(ports.tables, companyId, fence, (present) => ({ shards, round: { ...present, expected } }));
  if (saved === 'stale') return { kind: 'stale' };
  await storeRun(ports.tables, companyId, runOf(round, { status: 'running', finishedAt: null, problem: null }));
  return { kind: 'next' };
}

/** Users per batch: enough to fill each shard's transaction, few enough to hold in memory. */
const batchSize = (shards: number) => Math.min(8000, Math.max(1000, shards * 60));
/** One activity stays well below the function timeout (host.json) and reports progress often. */
const activityMs = 30_000;
/** A stored page link older than this is not resumed (docs/graph.md §10 item 8). */
const linkLifeMs = 86_400_000;

interface Batch {
  readonly entries: readonly DeltaEntry[];
  readonly pages: number;
  /** Where to go on after this batch. */
  readonly next: Pick<Round, 'link' | 'previousLink' | 'phase' | 'nextDeltaLink'>;
}

interface Storage {
  readonly context: StepContext;
  readonly ledger: Ledger;
  readonly knownCounts: KnownCounts;
  /** Where the cursor stands: behind the batch stored last. */
  position: Position;
}

type Stored = { readonly kind: 'stored' | 'stale' } | { readonly kind: 'failed'; readonly error: unknown };

/** Stores one batch and then moves the cursor behind it. Never rejects: it runs beside the next fetch. */
async function storeAndMove(storage: Storage, batch: Batch): Promise<Stored> {
  const { context, ledger, knownCounts } = storage;
  const { ports, companyId, round, users, scope, fence } = context;
  try {
    const { value: stored, calls } = await ports.storageMeter(async () => {
      const outcome = await storeBatch({ ports, users, scope, fence, first: round.first, ledger, knownCounts }, batch.entries);
      if (outcome === 'stale') return outcome;
      const { chunk } = storage.position;
      await storeLedger(ports.tables, { companyId, runId: round.runId, chunk, copy: ports.ids.newId(), ledger, gone: outcome.gone });
      return outcome;
    });
    if (stored === 'stale') return { kind: 'stale' };
    const from = storage.position;
    const linkSince = ports.clock.now().toISOString();
    const to = { ...batch.next, linkSince, chunk: from.chunk + 1, failures: 0, lastProblem: null };
    const moved = await moveRound(context, { from, to, counts: { ...stored.counts, pages: batch.pages, storageCalls: calls } });
    storage.position = to;
    return { kind: moved === 'stale' ? 'stale' : 'stored' };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

const broken = (sentence: string): DirectoryFailure => ({
  kind: 'broken',
  detail: { status: null, code: null, requestId: null, sentence },
});

/** Reads and stores pages until the feed ends, time is up, or a request fails. */
export async function pullUsers(ports: Ports, input: StepInput): Promise<StepResult> {
  return await runStep(ports, input, async (context) => (context.round.phase === 'users' ? await pull(ports, context) : { kind: 'next' }));
}

async function pull(ports: Ports, context: StepContext): Promise<StepResult> {
  const { round, directory, scope, companyId } = context;
  const started = ports.clock.now().getTime();
  const outdated = round.kind === 'full' && round.link !== null && started - Date.parse(round.linkSince) > linkLifeMs;
  if (outdated) {
    const refused: DirectoryFailure = { ...broken('The stored page link is too old to go on from.'), kind: 'tokenRefused' };
    return await meetFailure(context, refused);
  }

  const ledger = await readLedger(ports.tables, { companyId, runId: round.runId, chunk: round.chunk });
  const storage: Storage = { context, ledger, knownCounts: new Map(), position: round };
  let storing: Promise<Stored> = Promise.resolve({ kind: 'stored' });
  let { link, previousLink } = round;
  let entries: DeltaEntry[] = [];
  let pages = 0;
  let allPages = round.counts.pages;
  let failure: DirectoryFailure | undefined;
  let done = false;

  const handOver = async (next: Batch['next']): Promise<Stored> => {
    const former = await storing;
    if (former.kind !== 'stored') return former;
    storing = storeAndMove(storage, { entries, pages, next });
    entries = [];
    pages = 0;
    return former;
  };

  while (!done && failure === undefined) {
    const answer = await directory.deltaPage(link);
    if (!answer.ok) {
      failure = answer.failure;
      break;
    }
    const { next } = answer.value;
    entries.push(...answer.value.entries);
    pages += 1;
    allPages += 1;
    done = next.kind === 'deltaLink';
    if (!done && next.link === link) failure = broken('A page named itself as the next one.');
    if (!done && allPages > pageBudget(round.expected)) failure = broken(`The feed did not end after ${allPages} pages.`);
    if (failure) break;
    previousLink = link;
    link = next.link;
    const outOfTime = ports.clock.now().getTime() - started > activityMs;
    if (!done && !outOfTime && entries.length < batchSize(scope.shards)) continue;
    const position: Batch['next'] = done
      ? { link: null, previousLink: null, phase: round.kind === 'full' ? 'managers' : 'removals', nextDeltaLink: link }
      : { link, previousLink, phase: 'users', nextDeltaLink: null };
    const former = await handOver(position);
    if (former.kind === 'stale') return { kind: 'stale' };
    if (former.kind === 'failed') throw former.error;
    if (outOfTime) break;
  }
  if (failure !== undefined && pages > 0 && failure.kind !== 'broken') {
    await handOver({ link, previousLink, phase: 'users', nextDeltaLink: null });
  }
  const last = await storing;
  if (last.kind === 'stale') return { kind: 'stale' };
  if (last.kind === 'failed') throw last.error;
  if (failure !== undefined) return await meetFailure(context, failure, usageCounts(directory));
  await noteAccess(context);
  const saved = await saveRound(context, () => ({}), usageCounts(directory));
  if (saved === 'stale') return { kind: 'stale' };
  return { kind: done ? 'next' : 'more' };
}
