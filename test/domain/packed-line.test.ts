// A line of the packed index: what was said comes back from its text, and of several statements one counts.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sortedOnce } from '../../shared/domain/packed-index.ts';
import { entryFrom, isHere, lineFrom, statedBy } from '../../shared/domain/packed-line.ts';
import { keptKey, partsOf, positionOf } from '../../shared/domain/packed-position.ts';
import { anyText, entry, id, lineOf } from './packed-arbitraries.ts';

const moment = fc.nat(4_000_000_000_000);
const version = fc.nat(10_000);

describe('a line', () => {
  test('gives back what was said, from its text alone', () => {
    fc.assert(
      fc.property(entry, version, moment, (one, ofVersion, addedAt) => {
        const line = lineOf({ ...one, version: ofVersion }, addedAt);
        expect(lineFrom(line.text)).toEqual(line);
        expect(entryFrom(line)).toEqual(one);
        expect(isHere(line)).toBe(true);
        expect(statedBy(line)).toEqual({ version: ofVersion, addedAt });
        expect(line.text).not.toMatch(/[\n\u2028\u2029]/u);
      }),
      { numRuns: 1_000 },
    );
  });

  test('of somebody who has gone keeps the place and nothing else', () => {
    fc.assert(
      fc.property(entry, version, moment, (one, ofVersion, addedAt) => {
        const line = lineFrom(lineOf({ ...one, version: ofVersion, gone: true }, addedAt).text);
        expect(isHere(line)).toBe(false);
        expect(entryFrom(line)).toEqual({ ...one, facets: {} });
        expect(statedBy(line)).toEqual({ version: ofVersion, addedAt });
      }),
    );
  });

  test('keeps as much of long texts as fits in a leaf', () => {
    const worst = '\ud800'.repeat(5_000);
    const line = lineOf({ key: worst, id: 'user-1', facets: { kind: worst, department: worst, manager: worst, text: worst } }, 1);
    expect(line.text.length).toBeLessThan(30_000);
    expect(entryFrom(line)).toMatchObject({ key: '\ud800'.repeat(72), facets: { text: '\ud800'.repeat(512) } });
  });

  test('refuses an id that could break it', () => {
    expect(() => lineOf({ key: 'a', id: 'a b', facets: {} }, 1)).toThrow(RangeError);
  });
});

test('a position is made of its key and id and of nothing else', () => {
  fc.assert(
    fc.property(anyText(100), id, (key, anyId) => {
      expect(partsOf(positionOf({ key, id: anyId }))).toEqual({ key: keptKey(key), id: anyId });
    }),
    { numRuns: 1_000 },
  );
});

describe('of several statements about one place', () => {
  const place = { key: 'ada', id: '1', facets: {} };
  const here = (ofVersion: number, addedAt: number) => lineOf({ ...place, version: ofVersion }, addedAt);
  const gone = (ofVersion: number, addedAt: number) => lineOf({ ...place, version: ofVersion, gone: true }, addedAt);

  test.each([
    ['the later one counts', [here(0, 1), here(0, 2)], here(0, 2)],
    ['going counts', [here(0, 1), gone(1, 2)], gone(1, 2)],
    ['going counts against a line that came late', [gone(1, 2), here(0, 3)], gone(1, 2)],
    ['coming back counts', [here(0, 1), gone(1, 2), here(2, 3)], here(2, 3)],
    ['coming back counts against a going that came late', [here(0, 1), here(2, 3), gone(1, 9)], here(2, 3)],
    ['going counts against a coming of the same version, which never happened', [gone(2, 1), here(2, 2)], gone(2, 1)],
    ['versions above nine compare as numbers', [here(40, 1), gone(4, 2)], here(40, 1)],
  ])('%s', (_, statements, counts) => {
    expect(sortedOnce(statements)).toEqual([counts]);
    expect(sortedOnce(statements.toReversed())).toEqual([counts]);
  });
});
