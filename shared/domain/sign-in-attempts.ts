// How often somebody may try to sign in: failures cost waiting, longer each time, for the account and for the address they come from.

/** Failures of one account or one address. */
export interface Attempts {
  readonly failures: number;
  /** UTC instant of the last failure. */
  readonly lastAt: string;
}

export interface AttemptRule {
  /** Failures that cost nothing: fingers slip. */
  readonly free: number;
  readonly longestWaitMs: number;
  /** So long after the last failure all of them are forgotten. */
  readonly forgottenAfterMs: number;
}

const minuteMs = 60_000;

/** Once the free ones are used up, some hundred guesses a day at the most: 10,000 take more than three months, and are noticed before. */
export const accountRule: AttemptRule = { free: 5, longestWaitMs: 15 * minuteMs, forgottenAfterMs: 24 * 60 * minuteMs };
/** Offices share an address, so more is free, and it is sooner forgotten. */
export const addressRule: AttemptRule = { free: 50, longestWaitMs: 15 * minuteMs, forgottenAfterMs: 60 * minuteMs };

/** Mails with links for a new password: three at once, then further apart. */
export const resetRule: AttemptRule = { free: 3, longestWaitMs: 60 * minuteMs, forgottenAfterMs: 24 * 60 * minuteMs };

const secondMs = 1_000;

/** How long to wait from now on, in milliseconds; 0 when trying is allowed. */
export function waitBefore(attempts: Attempts | undefined, rule: AttemptRule, now: Date): number {
  if (attempts === undefined || isForgotten(attempts, rule, now)) return 0;
  const over = attempts.failures - rule.free;
  if (over < 0) return 0;
  const wait = Math.min(rule.longestWaitMs, secondMs * 2 ** Math.min(over, 30));
  return Math.max(0, Date.parse(attempts.lastAt) + wait - now.getTime());
}

export function afterFailure(attempts: Attempts | undefined, rule: AttemptRule, now: Date): Attempts {
  const before = attempts === undefined || isForgotten(attempts, rule, now) ? 0 : attempts.failures;
  return { failures: before + 1, lastAt: now.toISOString() };
}

/** After an attempt that was counted at `countedAt` turned out to be right: as if it had not been made. */
export function withoutAttempt(present: Attempts, before: Attempts | undefined, countedAt: string): Attempts {
  const lastAt = present.lastAt === countedAt ? (before?.lastAt ?? countedAt) : present.lastAt;
  return { failures: Math.max(0, present.failures - 1), lastAt };
}

const isForgotten = ({ lastAt }: Attempts, { forgottenAfterMs }: AttemptRule, now: Date) =>
  now.getTime() - Date.parse(lastAt) >= forgottenAfterMs;
