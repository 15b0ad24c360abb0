// What every step of a round works with, and what a step that met a failure does about it.
import { addToWindow } from '../domain/removal-hold.ts';
import { type Integration, problemOf } from '../domain/integration.ts';
import { addCounts, onFailure, type Round, type RoundCounts, type SyncState, type Verdict } from '../domain/sync-round.ts';
import type { Directory, DirectoryFailure } from '../ports/directory.ts';
import type { Ports } from '../ports/ports.ts';
import { readIntegration, readSettings } from '../storage/companies.ts';
import { changeFleet } from '../storage/fleet.ts';
import { dropLedger } from '../storage/ledger.ts';
import { type RunRecord, type RunStatus, storeRun } from '../storage/runs.ts';
import { changeRound, changeSync, readSync } from '../storage/sync-state.ts';
import { makeUsers, type Users, type UserScope } from '../storage/users.ts';
import { recordAccessLost, recordAccessRestored } from './access-lost.ts';
import { withNewRound } from './sync-request.ts';

/** Which round of which company a step belongs to. */
export interface StepInput {
  readonly companyId: string;
  readonly fence: number;
}

/** What the orchestration does next. Never holds a link or a person. */
export type StepResult =
  /** The same step again: there is more of it. */
  | { readonly kind: 'more' }
  /** On to the next step. */
  | { readonly kind: 'next' }
  | { readonly kind: 'wait'; readonly milliseconds: number }
  /** The round is over; `again` names the one that was asked for meanwhile. */
  | { readonly kind: 'ended'; readonly again: number | null }
  /** A newer round has taken over: stop without a trace. */
  | { readonly kind: 'stale' };

export interface StepContext {
  readonly ports: Ports;
  readonly companyId: string;
  readonly fence: number;
  readonly state: SyncState;
  readonly round: Round;
  readonly integration: Integration;
  readonly directory: Directory;
  readonly scope: UserScope;
  readonly users: Users;
}

/** Loads what a step needs; `stale` when the round is no longer the newest. */
export async function openStep(ports: Ports, { companyId, fence }: StepInput): Promise<StepContext | 'stale'> {
  const [{ value: state }, integration] = await Promise.all([readSync(ports.tables, companyId), readIntegration(ports.tables, companyId)]);
  if (state.fence !== fence || state.round === null || integration.tenantId === null) return 'stale';
  const scope: UserScope = { companyId, tenantId: integration.tenantId, generation: state.generation, shards: Math.max(1, state.shards) };
  return {
    ports,
    companyId,
    fence,
    state,
    round: state.round,
    integration,
    directory: ports.openDirectory(integration.tenantId),
    scope,
    users: makeUsers(ports.tables.users, scope),
  };
}

/**
 * Runs one step of a round. It does nothing when a newer round has taken over, and gives the round up when the company was
 * disconnected meanwhile: its tenant must not be asked any more.
 */
export async function runStep(ports: Ports, input: StepInput, step: (context: StepContext) => Promise<StepResult>): Promise<StepResult> {
  const context = await openStep(ports, input);
  if (context === 'stale') return { kind: 'stale' };
  if (context.integration.state === 'disconnected') return await giveUp(context, 'The company was disconnected from its tenant.');
  return await step(context);
}

export function runOf(
  round: Round,
  end: { readonly status: RunStatus; readonly finishedAt: string | null; readonly problem: string | null },
): RunRecord {
  const { runId, kind, reason, requestedBy, startedAt, counts } = round;
  return { runId, kind, reason, requestedBy, startedAt, counts, ...end };
}

/** Requests of this step so far, as counts. */
export function usageCounts(directory: Directory): Partial<RoundCounts> {
  const { requests, retries, throttledMs } = directory.usage();
  return { graphCalls: requests, graphRetries: retries, throttledMs };
}

/** Changes the running round under its fence. */
export async function saveRound(
  context: StepContext,
  change: (round: Round) => Partial<Round>,
  counts: Partial<RoundCounts> = {},
): Promise<Round | 'stale'> {
  const state = await changeRound(context.ports.tables, context.companyId, context.fence, (round) => ({
    round: { ...round, ...change(round), counts: addCounts(round.counts, counts) },
  }));
  return state === 'stale' || state.round === null ? 'stale' : state.round;
}

/** Where a round stands in its reading. */
export type Position = Pick<Round, 'phase' | 'chunk' | 'link'>;

const standsAt = (round: Round, { phase, chunk, link }: Position) => round.phase === phase && round.chunk === chunk && round.link === link;

/**
 * Moves the round from one position to the next. A second copy of the same step (a worker taken for dead that lives) must not move it
 * back or twice: it finds the round elsewhere and is `stale`. Finding it at the very end of this move is finding one's own write.
 */
export async function moveRound(
  context: StepContext,
  move: { readonly from: Position; readonly to: Position & Partial<Round>; readonly counts: Partial<RoundCounts> },
): Promise<Round | 'stale'> {
  const { from, to, counts } = move;
  const state = await changeRound(context.ports.tables, context.companyId, context.fence, (round) => {
    if (standsAt(round, to)) return undefined;
    if (!standsAt(round, from)) return 'stale';
    return { round: { ...round, ...to, counts: addCounts(round.counts, counts) } };
  });
  return state === 'stale' || state.round === null ? 'stale' : state.round;
}

/** Remembers removals for the rolling window before any of them is applied, so that a crash can only count too many. */
export async function saveVerdict(context: StepContext, verdict: Verdict): Promise<'saved' | 'stale'> {
  const at = context.ports.clock.now().toISOString();
  const state = await changeRound(context.ports.tables, context.companyId, context.fence, (round, present) => ({
    round: { ...round, verdict },
    removals: verdict.kind === 'apply' ? addToWindow(present.removals, { at, count: verdict.removals }) : present.removals,
  }));
  return state === 'stale' ? 'stale' : 'saved';
}

/**
 * Ends the round and starts a full one under the next fence, so that nothing that was read so far, and nobody who is still at it,
 * can touch what the new round finds. Nobody is removed.
 */
async function startOver(context: StepContext, problem: string): Promise<StepResult> {
  const { ports, companyId, fence, round } = context;
  const now = ports.clock.now();
  await storeRun(ports.tables, companyId, runOf(round, { status: 'incomplete', finishedAt: now.toISOString(), problem }));
  const settings = (await readSettings(ports.tables, companyId)).value;
  const runId = ports.ids.newId();
  const state = await changeSync(ports.tables, companyId, (present) => {
    if (present.fence !== fence || present.round === null) return undefined;
    const { kind, requestedBy, instanceId, setbacks } = present.round;
    const request = { companyId, reason: kind === 'delta' ? 'tokenRefused' : 'restarted', requestedBy, wanted: 'full' } as const;
    return withNewRound(present, { request, settings, now, runId, instanceId, setbacks: setbacks + 1 });
  });
  if (state.round?.runId !== runId) return { kind: 'stale' };
  await dropLedger(ports.tables, companyId, round.runId);
  return { kind: 'ended', again: state.fence };
}

/** Minutes until a failed company is tried again: doubling, at most a day. */
const backOffMinutes = (failedRounds: number) => Math.min(24 * 60, 5 * 2 ** Math.min(failedRounds, 10));

/** Ends the round without having finished it. Everything stored stays as it is; the cursor stays where it was. */
export async function giveUp(context: StepContext, problem: string): Promise<StepResult> {
  const { ports, companyId, fence, round } = context;
  const now = ports.clock.now();
  const at = now.toISOString();
  await storeRun(ports.tables, companyId, runOf(round, { status: 'failed', finishedAt: at, problem }));
  let stale = false;
  const state = await changeSync(ports.tables, companyId, (present) => {
    stale = present.fence !== fence || present.round === null;
    // A full round that failed is still wanted.
    const runAgain = round.kind === 'full' ? round.kind : present.runAgain;
    return stale ? undefined : { ...present, round: null, runAgain, lastRoundAt: at, failedRounds: present.failedRounds + 1 };
  });
  if (stale) return { kind: 'stale' };
  const { syncPaused } = (await readSettings(ports.tables, companyId)).value;
  const dueAt = syncPaused ? null : new Date(now.getTime() + backOffMinutes(state.failedRounds) * 60_000).toISOString();
  await changeFleet(ports.tables, companyId, { running: null, dueAt });
  await dropLedger(ports.tables, companyId, round.runId);
  ports.log('warning', 'A sync round failed.', { companyId, runId: round.runId, failedRounds: state.failedRounds });
  return { kind: 'ended', again: null };
}

/** One failed request → what the round does: wait, step back, start over, or give up. Nobody is ever removed here. */
export async function meetFailure(context: StepContext, failure: DirectoryFailure, counts: Partial<RoundCounts> = {}): Promise<StepResult> {
  const { sentence } = failure.detail;
  const saved = await saveRound(context, () => ({ lastProblem: sentence }), counts);
  if (saved === 'stale') return { kind: 'stale' };
  const step = onFailure(saved, failure);
  const current = { ...context, round: saved };
  switch (step.kind) {
    case 'wait': {
      const failures = failure.kind === 'throttled' ? saved.failures : saved.failures + 1;
      const waiting = await saveRound(current, () => ({ failures }));
      return waiting === 'stale' ? { kind: 'stale' } : { kind: 'wait', milliseconds: step.milliseconds };
    }
    case 'stepBack': {
      const back = await saveRound(current, (round) => ({
        link: round.previousLink,
        previousLink: null,
        failures: round.failures + 1,
        setbacks: round.setbacks + 1,
      }));
      return back === 'stale' ? { kind: 'stale' } : { kind: 'more' };
    }
    case 'startFullRound':
      return await startOver(current, sentence);
    case 'giveUp':
      if (failure.kind === 'accessLost') {
        const problem = problemOf(failure.owner, failure.detail);
        await recordAccessLost(context.ports, context.companyId, problem);
      }
      return await giveUp(current, sentence);
  }
}

/** A request worked: whoever was told that access is lost can see that it is back. */
export async function noteAccess({ ports, companyId, integration }: StepContext): Promise<void> {
  if (integration.state === 'accessLost') await recordAccessRestored(ports, companyId);
}
