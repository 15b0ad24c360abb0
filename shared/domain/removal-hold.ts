// Rule 3, "nobody is removed by mistake": when too many people would vanish within a rolling window, their removal waits for an admin.
import type { Settings } from './company.ts';

/** A company's own limit: more people than the count *and* more than the percentage of the people there were. */
export type RemovalHoldSettings = Pick<Settings, 'removalHoldPercent' | 'removalHoldCount'>;

/** The rolling window, in days. */
export const removalWindowDays = 7;

/**
 * The floor for small companies, whatever the settings: the usual limit alone would let a company of five be emptied, because five is
 * not "more than five". One single removal never waits here, so that the last leaver of a tiny company does not either.
 */
const floor: RemovalHoldSettings = { removalHoldPercent: 50, removalHoldCount: 1 };

/** All three numbers count the same sort of users (say, active ones); mixing sorts makes the share meaningless. */
export interface RemovalProposal {
  /** Users who would be removed now; count those already held again, or a mass removal trickles past its own hold. */
  readonly proposed: number;
  /** Users there are now, the proposed ones included. */
  readonly activePopulation: number;
  /** Users whose removal was applied within the window (`removalsIn` of the pruned history). */
  readonly removedInWindow: number;
  readonly settings: RemovalHoldSettings;
}

export type RemovalDecision = { readonly kind: 'apply' } | { readonly kind: 'hold'; readonly reason: string };

/**
 * Whether the proposed removals are applied or wait. The share is taken of the people there were at the start of the window, so one
 * mass removal split over several rounds is judged as one. Numbers that cannot be true are a reason to wait, never to remove.
 */
export function decideRemovals({ proposed, activePopulation, removedInWindow, settings }: RemovalProposal): RemovalDecision {
  if (![proposed, activePopulation, removedInWindow].every((count) => Number.isSafeInteger(count) && count >= 0)) {
    return { kind: 'hold', reason: 'The number of removals could not be compared with the number of users.' };
  }
  if (proposed === 0) return { kind: 'apply' };
  const total = removedInWindow + proposed;
  const population = removedInWindow + Math.max(activePopulation, proposed);
  const passed = [settings, floor].find((limit) => !isWithin(limit, total, population));
  if (passed === undefined) return { kind: 'apply' };
  return {
    kind: 'hold',
    reason:
      `${total} of ${population} users would be removed within ${removalWindowDays} days; ` +
      `more than ${passed.removalHoldCount} and more than ${passed.removalHoldPercent} % need an admin's decision.`,
  };
}

/** Removals applied at an instant (ISO 8601 UTC). */
export interface AppliedRemovals {
  readonly at: string;
  readonly count: number;
}

/** The applied removals that are still within the window at `now`. An entry from the future (a clock set back) stays. */
export function pruneWindow(history: readonly AppliedRemovals[], now: string): readonly AppliedRemovals[] {
  const start = instantOf(now) - removalWindowDays * 24 * hour;
  return history.filter((entry) => instantOf(entry.at) > start);
}

/**
 * The history with one more round's removals. Rounds of the same hour become one entry under the later instant, which bounds the list
 * (169 entries for seven days) and keeps people in the window rather longer than shorter.
 */
export function addToWindow(history: readonly AppliedRemovals[], applied: AppliedRemovals): readonly AppliedRemovals[] {
  if (applied.count === 0) return history;
  const sameHour = history.filter((entry) => hourOf(entry.at) === hourOf(applied.at));
  const others = history.filter((entry) => hourOf(entry.at) !== hourOf(applied.at));
  const merged = [...sameHour, applied].reduce((one, other) => ({
    at: instantOf(one.at) > instantOf(other.at) ? one.at : other.at,
    count: one.count + other.count,
  }));
  return [...others, merged];
}

/** How many removals a history holds; prune it first. */
export function removalsIn(history: readonly AppliedRemovals[]): number {
  return history.reduce((sum, entry) => sum + entry.count, 0);
}

const hour = 60 * 60 * 1000;

// Written so that settings which are no numbers are never "within".
function isWithin(limit: RemovalHoldSettings, total: number, population: number): boolean {
  return total <= limit.removalHoldCount || total * 100 <= limit.removalHoldPercent * population;
}

function hourOf(instant: string): number {
  return Math.floor(instantOf(instant) / hour);
}

function instantOf(text: string): number {
  const instant = Date.parse(text);
  // Not-a-number would silently fall out of every comparison, and with it the removals it stands for.
  if (Number.isNaN(instant)) throw new RangeError(`Not an instant: "${text}".`);
  return instant;
}
