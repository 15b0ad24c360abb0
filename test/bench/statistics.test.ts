import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, percentile } from '../../bench/statistics.ts';

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });

describe('median', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 2, 3], 2.5],
    [[100, 1, 1], 1],
  ])('of %j is %d', (given, expected) => expect(median(given)).toBe(expected));

  it('has as many values on either side, in whatever order they come', () => {
    fc.assert(
      fc.property(values, (given) => {
        const middle = median(given);
        const below = given.filter((value) => value < middle).length;
        const above = given.filter((value) => value > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(given.length / 2);
        expect(median(given.toReversed())).toBe(middle);
      }),
    );
  });

  it('refuses to make a figure out of nothing', () => expect(() => median([])).toThrow(RangeError));
});

describe('percentile', () => {
  it.each([
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.5, 5],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.95, 10],
    [[7], 0.95, 7],
    [[3, 1, 2], 0, 1],
  ])('of %j at %d is %d', (given, share, expected) => expect(percentile(given, share)).toBe(expected));

  it('is a value that was measured', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
        expect(given).toContain(percentile(given, share));
      }),
    );
  });
});
