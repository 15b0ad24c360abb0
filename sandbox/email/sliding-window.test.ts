// The quota is what the app's mail lanes are built around, so its arithmetic is tested on its own.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeSlidingWindow, type Quota } from './sliding-window.ts';

const lenient: Quota = { perMinute: 2, perHour: 5, refusedAttemptsCount: false };
const minute = 60_000;

it('says how long until the oldest attempt leaves the minute', () => {
  const window = makeSlidingWindow();
  expect([window.attempt(0, lenient), window.attempt(10_000, lenient)]).toEqual([null, null]);
  expect(window.attempt(20_000, lenient)).toBe(40_000);
  expect(window.attempt(59_999, lenient)).toBe(1);
  expect(window.attempt(60_000, lenient)).toBeNull();
});

it('applies the hour when the minute would allow more', () => {
  const window = makeSlidingWindow();
  for (const at of [0, 1, 2, 3, 4]) expect(window.attempt(at * 2 * minute, lenient)).toBeNull();
  expect(window.attempt(10 * minute, lenient)).toBe(50 * minute);
  expect(window.attempt(60 * minute, lenient)).toBeNull();
});

it('makes those wait longer who do not wait, when refused attempts count', () => {
  const strict: Quota = { perMinute: 1, perHour: 100, refusedAttemptsCount: true };
  const window = makeSlidingWindow();
  expect(window.attempt(0, strict)).toBeNull();
  expect(window.attempt(30_000, strict)).toBe(60_000);
  expect(window.attempt(60_000, strict)).toBe(60_000);
  expect(window.attempt(120_000, strict)).toBeNull();
});

it('counts the attempts it is started with', () => {
  expect(makeSlidingWindow([0, 1]).attempt(2, lenient)).toBe(59_998);
});

it('never lets more through than the quota, and always keeps its word about the wait', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 60 });
  const quota = fc.record({
    perMinute: fc.integer({ min: 1, max: 4 }),
    perHour: fc.integer({ min: 1, max: 8 }),
    refusedAttemptsCount: fc.boolean(),
  });
  fc.assert(
    fc.property(steps, quota, (gaps, limits) => {
      const window = makeSlidingWindow();
      const accepted: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        const wait = window.attempt(now, limits);
        if (wait === null) accepted.push(now);
        else {
          now += wait;
          expect(window.attempt(now, limits)).toBeNull();
          accepted.push(now);
        }
      }
      for (const at of accepted) {
        expect(accepted.filter((other) => other > at - minute && other <= at).length).toBeLessThanOrEqual(limits.perMinute);
        expect(accepted.filter((other) => other > at - 60 * minute && other <= at).length).toBeLessThanOrEqual(limits.perHour);
      }
    }),
  );
});
