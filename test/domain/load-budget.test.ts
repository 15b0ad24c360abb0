// The budget of a load keeps it within its share of Graph's quota, and slower after a throttle.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Budget, resourceUnits, slowDown, spend, startBudget } from '../../shared/domain/load-budget.ts';

/** Sends so many requests of 2 units, each when it may; the times in milliseconds. */
function sendAll(start: Budget, requests: number, now: number): readonly number[] {
  const times: number[] = [];
  let budget = start;
  for (let sent = 0; sent < requests; sent += 1) {
    const { budget: after, waitMs } = spend(budget, 2, now);
    budget = after;
    times.push(now + waitMs);
  }
  return times;
}

describe('a budget', () => {
  it.each([
    [49, 1_750],
    [500, 2_500],
    [501, 4_000],
  ])('of a tenant with %i users is half of Graph’s quota: %i units at once, and as many in each 10 s', (users, units) => {
    const times = sendAll(startBudget({ users, now: 1_000 }), units, 1_000);
    expect(times.filter((time) => time === 1_000)).toHaveLength(units / 2);
    expect(times.at(-1)).toBe(11_000);
  });

  it('is never exceeded in any 10 s after the first, whenever requests come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_000), { maxLength: 200 }), (pauses) => {
        let now = 0;
        let budget = { ...startBudget({ users: 5_000, now }), level: 0 };
        const sent: { readonly at: number; readonly units: number }[] = [];
        for (const pause of pauses) {
          now += pause;
          const { budget: after, waitMs } = spend(budget, 50, now);
          budget = after;
          sent.push({ at: now + waitMs, units: 50 });
          now += waitMs;
        }
        for (const { at } of sent) {
          const inWindow = sent.filter((other) => other.at > at - 10_000 && other.at <= at).reduce((sum, { units }) => sum + units, 0);
          expect(inWindow).toBeLessThanOrEqual(2 * 4_000);
        }
      }),
    );
  });

  it('halves after a throttle, waits as long as Graph asks, and never stops altogether', () => {
    const slow = slowDown(startBudget({ users: 5_000, now: 0 }), { now: 0, retryAfterMs: 7_000 });
    const times = sendAll(slow, 1_000, 0);
    expect(times[0]).toBe(7_010);
    expect(times.at(-1)).toBe(7_000 + 10_000);
    const stopped = Array.from({ length: 40 }).reduce<Budget>((now) => slowDown(now, { now: 0, retryAfterMs: 0 }), slow);
    expect(spend(stopped, 2, 60_000).waitMs).toBe(0);
    expect(stopped.perSecond).toBe(20);
  });

  it('counts a page of users 2 and each count of a batch 1', () => {
    expect(resourceUnits({ kind: 'page', prefix: 'a', link: null })).toBe(2);
    expect(resourceUnits({ kind: 'count', prefix: '', parts: ['a', 'b', 'c'] })).toBe(3);
  });
});
