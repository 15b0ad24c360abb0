// Graph's resource units: a token bucket for each application and tenant and one for the application as a whole
// (docs/graph.md §3, §9 item 50).
import type { GraphCaller } from './authenticate.ts';
import type { GraphRequest } from './request.ts';
import type { GraphSettings } from './settings.ts';

/** What the caller of one request gets to see of the quota. */
type Allowance = { readonly allowed: boolean; readonly headers: Readonly<Record<string, string>> };

interface Bucket {
  level: number;
  updatedAt: number;
  refusedUntil: number;
}

const window = 10_000;
const applicationUnits = 150_000;
const applicationWindow = 20_000;
/** What a call made before `Retry-After` has passed adds to the wait. */
const penalty = 1_000;

/** Resource units of a request: lists 2, other reads 1; `$select` −1, `$expand` +1, `$top` below 20 −1, at least 1. */
function resourceUnits({ segments, query }: Pick<GraphRequest, 'segments' | 'query'>): number {
  const list = segments[0] === 'users' && (segments.length === 1 || (segments[1] ?? '').includes('delta'));
  const top = Number(query.get('top') ?? Number.NaN);
  const units = (list ? 2 : 1) - (query.has('select') ? 1 : 0) + (query.has('expand') ? 1 : 0) - (top < 20 ? 1 : 0);
  return Math.max(1, units);
}

/** Quota of a tenant in resource units per 10 s: sizes S, M and L (docs/graph.md §3). */
function tenantQuota(users: number): number {
  if (users < 50) return 3_500;
  return users <= 500 ? 5_000 : 8_000;
}

/** Counts resource units on the sandbox's clock. */
export function makeThrottle(): {
  readonly take: (
    request: GraphRequest,
    tenant: { readonly users: number; readonly settings: GraphSettings; readonly now: number },
  ) => Allowance;
} {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (key: string, capacity: number, span: number, now: number): Bucket => {
    const known = buckets.get(key) ?? { level: capacity, updatedAt: now, refusedUntil: 0 };
    known.level = Math.min(capacity, known.level + ((now - known.updatedAt) * capacity) / span);
    known.updatedAt = now;
    buckets.set(key, known);
    return known;
  };
  return {
    take: (request, { users, settings, now }) => {
      const units = resourceUnits(request);
      const { caller } = request;
      const headers = { 'x-ms-resource-unit': String(units) };
      if (!settings.throttle) return { allowed: true, headers };
      const quota = settings.resourceUnitsPer10s ?? tenantQuota(users);
      const scopes = [
        { scope: 'Tenant_Application', quota, bucket: bucketOf(`${caller.appId} ${caller.tenantId}`, quota, window, now), span: window },
        {
          scope: 'Application',
          quota: applicationUnits,
          bucket: bucketOf(caller.appId, applicationUnits, applicationWindow, now),
          span: applicationWindow,
        },
      ];
      for (const { scope, quota: capacity, bucket, span } of scopes) {
        const early = now < bucket.refusedUntil;
        if (!early && bucket.level >= units) continue;
        const wait = (Math.max(units, capacity / 10) - bucket.level) * (span / capacity);
        bucket.refusedUntil = early ? bucket.refusedUntil + penalty : now + Math.max(penalty, wait);
        const seconds = Math.ceil((bucket.refusedUntil - now) / 1000);
        return { allowed: false, headers: { ...headers, 'retry-after': String(seconds), ...throttleHeaders(caller, scope) } };
      }
      for (const { bucket } of scopes) bucket.level -= units;
      const share = Math.max(...scopes.map(({ bucket, quota: capacity }) => 1 - bucket.level / capacity));
      return { allowed: true, headers: share < 0.8 ? headers : { ...headers, 'x-ms-throttle-limit-percentage': share.toFixed(2) } };
    },
  };
}

/** The headers that say which quota was exceeded. */
export function throttleHeaders(caller: GraphCaller, scope: string): Readonly<Record<string, string>> {
  return {
    'x-ms-throttle-scope': `${scope}/ReadWrite/${caller.appId}/${caller.tenantId}`,
    'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
  };
}
