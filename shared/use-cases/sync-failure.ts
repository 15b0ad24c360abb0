// What a round does about a failed request: wait, step back, start over or give up; nobody is ever removed here.
import { problemOf } from '../domain/integration.ts';
import { type RoundCounts } from '../domain/round-counts.ts';
import { type Load, onFailure, type Round, withoutRound } from '../domain/sync-round.ts';
import type { DirectoryFailure } from '../ports/directory.ts';
import { changeFleet } from '../storage/fleet.ts';
import { dropLedger } from '../storage/ledger.ts';
import type { RunRecord, RunStatus, WayOfReading } from '../storage/runs.ts';
import { recordAccessLost, recordAccessRestored } from './access-lost.ts';
import { type RoundContext, type RoundResult, stage, writeState } from './round-context.ts';
import { dueNext } from '../domain/schedule.ts';
import { withNewRound } from './sync-request.ts';

function wayOfReading(load: Load | null): WayOfReading {
  if (load === null) return 'deltaChain';
  return load.kind === 'fellBack' ? 'partsThenDeltaChain' : 'parts';
}

export function runOf(
  { runId, kind, reason, requestedBy, startedAt, counts, load }: Round,
  end: { readonly status: RunStatus; readonly finishedAt: string; readonly problem: string | null },
): RunRecord {
  return { runId, kind, reason, readBy: wayOfReading(load), requestedBy, startedAt, counts, ...end };
}

/** Adds what this stretch has asked of the directory and of storage, since the last time, to the round's counts. */
export function stageUsage(context: RoundContext): void {
  const { requests, retries, throttledMs } = context.directory.usage();
  const { staged } = context;
  const storageCalls = context.storageCalls();
  context.staged = { requests, retries, throttledMs, storageCalls };
  const counts: Partial<RoundCounts> = {
    graphCalls: requests - staged.requests,
    graphRetries: retries - staged.retries,
    throttledMs: throttledMs - staged.throttledMs,
    storageCalls: storageCalls - staged.storageCalls,
  };
  stage(context, {}, counts);
}

/** Forgets what the round had seen; called when its end is stored. */
export async function forgetLedger({ ports, companyId, stored }: RoundContext): Promise<void> {
  await dropLedger(ports.tables, { companyId, ...stored.round });
}

/**
 * Ends the round and starts a full one under the next fence, so that nothing that was read so far, and nobody who is still at it,
 * can touch what the new round finds. Nobody is removed.
 */
async function startOver(context: RoundContext, problem: string): Promise<RoundResult> {
  const { ports, companyId, round, settings } = context;
  const now = ports.clock.now();
  const runId = ports.ids.newId();
  const { kind, requestedBy, instanceId, setbacks } = round;
  const request = { companyId, reason: kind === 'delta' ? 'tokenRefused' : 'restarted', requestedBy, wanted: 'full' } as const;
  const state = await writeState(context, async (present) => ({
    next: withNewRound(present, { request, settings, now, runId, instanceId, setbacks: setbacks + 1 }),
    run: runOf(round, { status: 'incomplete', finishedAt: now.toISOString(), problem }),
  }));
  if (state === 'stale') return { kind: 'stale' };
  await dropLedger(ports.tables, { companyId, ...round });
  return { kind: 'ended', again: state.fence };
}

/** Minutes until a failed company is tried again: doubling, at most a day. */
const backOffMinutes = (failedRounds: number) => Math.min(24 * 60, 5 * 2 ** Math.min(failedRounds, 10));

/** Ends the round without having finished it. Everything stored stays as it is; the cursor stays where it was. */
export async function giveUp(context: RoundContext, problem: string): Promise<RoundResult> {
  const { ports, companyId, round, settings } = context;
  const now = ports.clock.now();
  const at = now.toISOString();
  const ended = await writeState(context, async (present) => ({
    next: { ...withoutRound(present, round, at), failedRounds: present.failedRounds + 1 },
    run: runOf(round, { status: 'failed', finishedAt: at, problem }),
  }));
  if (ended === 'stale') return { kind: 'stale' };
  const dueAt = settings.syncPaused ? null : new Date(now.getTime() + backOffMinutes(ended.failedRounds) * 60_000).toISOString();
  await changeFleet(ports.tables, companyId, { running: null, ...dueNext(dueAt) });
  await forgetLedger(context);
  ports.log('warning', 'A sync round failed.', { companyId, runId: round.runId, failedRounds: ended.failedRounds });
  return { kind: 'ended', again: null };
}

/** One failed request → what the round does. */
export async function meetFailure(context: RoundContext, failure: DirectoryFailure): Promise<RoundResult> {
  const { sentence } = failure.detail;
  stageUsage(context);
  stage(context, { lastProblem: sentence });
  const { round } = context;
  const step = onFailure(round, failure);
  switch (step.kind) {
    case 'wait':
      if (failure.kind !== 'throttled') stage(context, { failures: round.failures + 1 });
      return { kind: 'wait', milliseconds: step.milliseconds };
    case 'stepBack': {
      const { previousLink, failures, setbacks } = round;
      stage(context, { link: previousLink, previousLink: null, failures: failures + 1, setbacks: setbacks + 1 });
      return { kind: 'more' };
    }
    case 'startFullRound':
      return await startOver(context, sentence);
    case 'giveUp':
      if (failure.kind === 'accessLost') {
        await recordAccessLost(context.ports, context.companyId, problemOf(failure.owner, failure.detail));
      }
      return await giveUp(context, sentence);
  }
}

/** A request worked: whoever was told that access is lost can see that it is back. */
export async function noteAccess({ ports, companyId, integration }: RoundContext): Promise<void> {
  if (integration.state === 'accessLost') await recordAccessRestored(ports, companyId);
}
