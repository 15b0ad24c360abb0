// A quota over the last minute and the last hour, as the service counts its requests.

/** Limits are requests per window; times are milliseconds since 1970 (UTC). */
export interface Quota {
  readonly perMinute: number;
  readonly perHour: number;
  /** Whether a refused attempt uses up quota as well. */
  readonly refusedAttemptsCount: boolean;
}

export interface SlidingWindow {
  /** Null when the attempt is within the quota; else the milliseconds until an attempt would be, if none came before. */
  readonly attempt: (now: number, quota: Quota) => number | null;
}

const minute = 60_000;
const hour = 60 * minute;

/** Starts with attempts already counted, which is how a quota survives a restart. */
export function makeSlidingWindow(earlierAttempts: readonly number[] = []): SlidingWindow {
  let attempts = [...earlierAttempts];
  const waitFor = (now: number, length: number, limit: number): number => {
    const inside = attempts.filter((at) => at > now - length);
    const mustLeave = inside[inside.length - limit];
    if (inside.length < limit) return 0;
    return mustLeave === undefined ? length : mustLeave + length - now;
  };
  const wait = (now: number, quota: Quota): number => Math.max(waitFor(now, minute, quota.perMinute), waitFor(now, hour, quota.perHour));

  return {
    attempt: (now, quota) => {
      attempts = attempts.filter((at) => at > now - hour);
      const refused = wait(now, quota) > 0;
      if (!refused || quota.refusedAttemptsCount) attempts.push(now);
      return refused ? wait(now, quota) : null;
    },
  };
}
