// When a company's next round is due.
import type { Settings } from './company.ts';

/** Spreads companies over the minutes of an hour, so that full hours see no stampede: stable per company, up to a tenth of the interval. */
function jitterMs(companyId: string, everyMinutes: number): number {
  let hash = 0;
  for (const character of companyId) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  return hash % Math.max(1, everyMinutes * 6_000);
}

/** When the next scheduled round is due; `null` while paused. */
export function nextDueAt(companyId: string, settings: Settings, now: Date): string | null {
  if (settings.syncPaused) return null;
  return new Date(now.getTime() + settings.syncEveryMinutes * 60_000 + jitterMs(companyId, settings.syncEveryMinutes)).toISOString();
}

/**
 * What the end of a round says of the next one. It takes no company off the schedule: its settings were read when the stretch began, and
 * an admin may have ended the pause since. One that is still paused leaves the schedule when it is due.
 */
export const dueNext = (dueAt: string | null): { readonly dueAt?: string } => (dueAt === null ? {} : { dueAt });
