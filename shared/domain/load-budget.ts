// Keeps the requests of a load within what Graph grants one application in one tenant, so that the load does not throttle itself.
import type { LoadRequest } from './load-partitions.ts';

/** A token bucket. Serializable; times are milliseconds since 1970. */
export interface Budget {
  /** Resource units granted a second. */
  readonly perSecond: number;
  readonly capacity: number;
  readonly level: number;
  /** When `level` was true. In the future while Graph has asked us to wait. */
  readonly at: number;
}

/** Other work of ours in the same tenant, and whatever Microsoft counts differently, has the other half. */
const ourShare = 0.5;
const slowestPerSecond = 20;

/** Graph's quota in resource units per 10 s, by the size of the tenant: S, M and L (docs/graph.md §3). */
function quota(users: number): number {
  if (users < 50) return 3_500;
  return users <= 500 ? 5_000 : 8_000;
}

export function startBudget({ users, now }: { readonly users: number; readonly now: number }): Budget {
  const capacity = quota(users) * ourShare;
  return { perSecond: capacity / 10, capacity, level: capacity, at: now };
}

/** A page of users: 2, −1 for `$select`, +1 for `$expand`. A path that is not listed, such as a count: 1 (docs/graph.md §3). */
export function resourceUnits(request: LoadRequest): number {
  return request.kind === 'page' ? 2 : request.parts.length;
}

/** Takes units out, and says how many milliseconds to wait before the request may be sent. */
export function spend(budget: Budget, units: number, now: number): { readonly budget: Budget; readonly waitMs: number } {
  const from = Math.max(now, budget.at);
  const level = Math.min(budget.capacity, budget.level + ((from - budget.at) / 1000) * budget.perSecond) - units;
  const waitMs = from - now + Math.max(0, Math.ceil((-level / budget.perSecond) * 1000));
  return { budget: { ...budget, level, at: from }, waitMs };
}

/** After a 429: half as fast from now on, and nothing before Graph's wait has passed. */
export function slowDown(budget: Budget, { now, retryAfterMs }: { readonly now: number; readonly retryAfterMs: number }): Budget {
  const perSecond = Math.max(slowestPerSecond, budget.perSecond / 2);
  const at = Math.max(budget.at, now + retryAfterMs);
  return { perSecond, capacity: perSecond * 10, level: Math.min(0, budget.level), at };
}
