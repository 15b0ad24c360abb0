// The orchestrations, as prose. Only ids, fences and counts cross their history; every step is an activity that can be repeated.
import * as df from 'durable-functions';
import type { OrchestrationContext, RetryOptions, Task } from 'durable-functions';
import type { ProbeInput, ProbeResult } from '../shared/use-cases/probe-access.ts';
import type { RoundInput, RoundResult } from '../shared/use-cases/round-context.ts';

/** Asked of every orchestration from the first day, so that a later change of order can keep old instances on their path. */
const version = 1;

export interface SyncInput extends RoundInput {
  readonly version: number;
}

export interface ConnectInput {
  readonly companyId: string;
  readonly since: string;
  /** Probes made before this history began. */
  readonly tries: number;
  readonly version: number;
}

export const syncInput = (companyId: string, fence: number): SyncInput => ({ companyId, fence, version });
export const connectInput = (companyId: string, since: string): ConnectInput => ({ companyId, since, tries: 0, version });

/** Five tries over about a minute and a half: storage faults and restarts pass in that time. */
export function retries(): RetryOptions {
  const options = new df.RetryOptions(3_000, 5);
  options.backoffCoefficient = 2;
  return options;
}

/** History grows with every step and replay costs its square, so a long round goes on in a fresh one. */
export const stepsPerHistory = 40;

function pause(context: OrchestrationContext, milliseconds: number): Task {
  return context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + milliseconds));
}

/** Goes on in a fresh history. */
function goOn(context: OrchestrationContext, input: SyncInput): string {
  context.df.continueAsNew(input);
  return 'continued';
}

/** One company's round, stretch by stretch, then the round asked for meanwhile, if any. */
export function* syncCompany(context: OrchestrationContext): Generator<Task, string, RoundResult> {
  const input = context.df.getInput<SyncInput>();
  if (!input) throw new Error('syncCompany needs a company and a fence.');
  const round: RoundInput = { companyId: input.companyId, fence: input.fence };
  for (let stretch = 0; stretch < stepsPerHistory; stretch += 1) {
    let result: RoundResult;
    try {
      result = yield context.df.callActivityWithRetry('runRound', retries(), round);
    } catch {
      // It failed five times in a row: the round is given up with its cursor where it was, and tried again on schedule.
      result = yield context.df.callActivityWithRetry('abandonRound', retries(), round);
    }
    if (result.kind === 'wait') yield pause(context, result.milliseconds);
    if (result.kind === 'ended' && result.again !== null) return goOn(context, syncInput(input.companyId, result.again));
    if (result.kind === 'ended' || result.kind === 'stale') return result.kind;
  }
  return goOn(context, input);
}

/** After the link: wait until the permission works, then start the first sync; or say what is wrong. */
export function* connectCompany(context: OrchestrationContext): Generator<Task, string, ProbeResult> {
  const input = context.df.getInput<ConnectInput>();
  if (!input) throw new Error('connectCompany needs a company.');
  for (let { tries } = input; tries < input.tries + stepsPerHistory; tries += 1) {
    const probe: ProbeInput = { companyId: input.companyId, since: input.since, tries };
    const result: ProbeResult = yield context.df.callActivityWithRetry('probeAccess', retries(), probe);
    if (result.kind !== 'wait') {
      if (result.kind === 'connected') yield context.df.callActivityWithRetry('startFirstSync', retries(), { companyId: input.companyId });
      return result.kind;
    }
    yield pause(context, result.milliseconds);
  }
  context.df.continueAsNew({ ...input, tries: input.tries + stepsPerHistory });
  return 'continued';
}
