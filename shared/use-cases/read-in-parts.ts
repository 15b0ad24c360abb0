// Reads a list of the directory in parts, several at a time, at the pace Graph allows one application in one tenant.
import { countsArrived, type LoadPlan, type LoadRequest, nextRequests, pageArrived, requestFailed } from '../domain/load-partitions.ts';
import { resourceUnits, slowDown, spend, startBudget } from '../domain/load-budget.ts';
import type { Answer, Directory, DirectoryFailure } from '../ports/directory.ts';
import type { Clock } from '../ports/clock.ts';

interface Page<E> {
  readonly entries: readonly E[];
  readonly nextLink: string | null;
}

export interface PartReading<E> {
  readonly directory: Pick<Directory, 'countByPrefix'>;
  readonly clock: Clock;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly plan: LoadPlan;
  /** Milliseconds by the clock; nothing is begun behind it. */
  readonly deadline: number;
  readonly page: (link: string | null, prefix: string) => Promise<Answer<Page<E>>>;
  /**
   * Takes what has come since the last time, with the plan behind it; no request is begun while it makes the reader wait. `stop` ends
   * the reading without the rest.
   */
  readonly take: (entries: readonly E[], plan: LoadPlan) => Promise<'goOn' | 'stop'>;
}

/** Failures of the tenant as a whole, which are met by whoever reads and not by reading in another way. */
export type TenantFailure = Extract<DirectoryFailure, { kind: 'throttled' | 'accessLost' }>;

export interface PartsRead {
  /** As last taken. */
  readonly plan: LoadPlan;
  /** What ended the reading before its plan was done; `null` when the plan or the time came to its end, or `take` stopped it. */
  readonly failure: TenantFailure | null;
}

/** Waits longer than this are left to the orchestration. */
const longestPauseMs = 10_000;

/**
 * Reads until the plan is complete or given up, time is up, the tenant as a whole refuses, or Graph asks for a long pause. Makes at least
 * one request, so that short stretches come to an end, too. Every answer that came is taken.
 * @throws what a request or `take` throws, when nothing is under way any more
 */
export async function readInParts<E>(reading: PartReading<E>): Promise<PartsRead> {
  const { clock, directory, page, take, deadline } = reading;
  const underWay = new Map<LoadRequest, Promise<void>>();
  let { plan } = reading;
  let budget = startBudget({ users: plan.total, now: clock.now().getTime() });
  let slowedAt = Number.NEGATIVE_INFINITY;
  let failure: TenantFailure | null = null;
  let thrown: { readonly error: unknown } | undefined;
  let news = false;
  let arrived: E[] = [];

  const slow = (retryAfterMs: number, sentAt: number) => {
    const now = clock.now().getTime();
    // Of requests that were under way together, the first refusal slows down and the others only tell how long to wait.
    if (sentAt > slowedAt) budget = slowDown(budget, { now, retryAfterMs });
    else budget = { ...budget, at: Math.max(budget.at, now + retryAfterMs) };
    slowedAt = now;
  };
  const meet = (request: LoadRequest, refusal: DirectoryFailure, sentAt: number) => {
    if (refusal.kind === 'throttled') slow(refusal.retryAfterMs, sentAt);
    if (refusal.kind === 'accessLost' || (refusal.kind === 'throttled' && refusal.retryAfterMs > longestPauseMs)) failure = refusal;
    else plan = requestFailed(plan, request, refusal);
  };
  const mayBegin = () => failure === null && thrown === undefined && clock.now().getTime() < deadline;
  const ask = async (request: LoadRequest, waitMs: number): Promise<void> => {
    if (waitMs > 0) {
      await reading.pause(waitMs);
      if (!mayBegin()) return;
    }
    const sentAt = clock.now().getTime();
    if (request.kind === 'count') {
      const answer = await directory.countByPrefix(request.parts);
      if (answer.ok) plan = countsArrived(plan, request, answer.value);
      else meet(request, answer.failure, sentAt);
      return;
    }
    const answer = await page(request.link, request.prefix);
    if (!answer.ok) return meet(request, answer.failure, sentAt);
    const { entries, nextLink } = answer.value;
    arrived.push(...entries);
    plan = pageArrived(plan, request.prefix, { count: entries.length, nextLink });
  };
  /** Never rejects: nobody may be looking. */
  const follow = async (request: LoadRequest, waitMs: number): Promise<void> => {
    try {
      await ask(request, waitMs);
    } catch (error) {
      thrown ??= { error };
    }
    underWay.delete(request);
    news = true;
  };
  const beginMore = () => {
    for (const request of nextRequests(plan, [...underWay.keys()])) {
      const spent = spend(budget, resourceUnits(request), clock.now().getTime());
      budget = spent.budget;
      underWay.set(request, follow(request, spent.waitMs));
    }
  };

  let taken = plan;
  try {
    beginMore();
    while (news || underWay.size > 0) {
      if (!news) await Promise.race(underWay.values());
      if (thrown !== undefined) throw thrown.error;
      const entries = arrived;
      arrived = [];
      news = false;
      taken = plan;
      if ((await take(entries, taken)) === 'stop') break;
      if (mayBegin()) beginMore();
    }
  } finally {
    await Promise.all(underWay.values());
  }
  return { plan: taken, failure };
}
