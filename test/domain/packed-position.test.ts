// The order of a packed index: a position sorts as its key and id do, whatever their characters.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cursorAfter,
  invertedInstant,
  isCursor,
  keptKey,
  positionOf,
  rangeOf,
  separatorBetween,
} from '../../shared/domain/packed-position.ts';
import { anyText, entry, id } from './packed-arbitraries.ts';

function order<T>(left: T, right: T): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

describe('a position', () => {
  test('sorts as (key, id) does', () => {
    fc.assert(
      fc.property(anyText(8), anyText(8), id, id, (leftKey, rightKey, leftId, rightId) => {
        const left = positionOf({ key: leftKey, id: leftId });
        const right = positionOf({ key: rightKey, id: rightId });
        expect(order(left, right)).toBe(order(leftKey, rightKey) || order(leftId, rightId));
      }),
      { numRuns: 2_000 },
    );
  });

  test('holds only characters that a Table key and a URL carry unescaped, and is never too long', () => {
    fc.assert(
      fc.property(anyText(500), id, (key, anyId) => {
        const cursor = cursorAfter({ key, id: anyId });
        expect(cursor).toMatch(/^[A-Za-z0-9._~,-]+$/u);
        expect(isCursor(cursor)).toBe(true);
        expect(positionOf({ key, id: 'x'.repeat(110) }).length).toBeLessThanOrEqual(471);
        expect(positionOf({ key: keptKey(key), id: anyId })).toBe(positionOf({ key, id: anyId }));
        expect(key.startsWith(keptKey(key))).toBe(true);
      }),
    );
  });

  test('of a long key stays unique by its id, and keeps as much of the key as fits', () => {
    const key = 'x'.repeat(2_000);
    expect(keptKey(key)).toHaveLength(360);
    expect(keptKey('漢'.repeat(100))).toHaveLength(72);
    expect(positionOf({ key, id: 'a' })).not.toBe(positionOf({ key, id: 'b' }));
  });

  test('is inside the range of a prefix or a key exactly when the key is', () => {
    fc.assert(
      fc.property(anyText(6), anyText(3), id, (key, part, anyId) => {
        const position = positionOf({ key, id: anyId });
        const isIn = ({ from, end }: { from: string; end: string }) => position >= from && position < end;
        expect(isIn(rangeOf({}))).toBe(true);
        expect(isIn(rangeOf({ prefix: part }))).toBe(key.startsWith(part));
        expect(isIn(rangeOf({ prefix: key.slice(0, 2) }))).toBe(true);
        expect(isIn(rangeOf({ key: part }))).toBe(key === part);
        expect(isIn(rangeOf({ key }))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is refused for an id that could break it', () => {
    for (const bad of ['', 'a/b', 'a.b', 'é', 'x'.repeat(111)]) expect(() => positionOf({ key: 'a', id: bad })).toThrow(RangeError);
  });

  test('is not made of text that only looks like a cursor', () => {
    for (const bad of ['', "' or RowKey ge '", 'a/b', 'x'.repeat(501)]) expect(isCursor(bad)).toBe(false);
  });

  test('has a separator from its neighbour that is above the one and not above the other', () => {
    fc.assert(
      fc.property(entry, entry, (one, other) => {
        const [last, first] = [positionOf(one), positionOf(other)].toSorted(order) as [string, string];
        fc.pre(last !== first);
        const separator = separatorBetween(last, first);
        expect(last < separator && separator <= first).toBe(true);
        expect(separator.slice(0, -1) <= last).toBe(true);
      }),
    );
  });
});

test('an inverted instant sorts the newest first', () => {
  fc.assert(
    fc.property(fc.nat(9_999_999_999_999), fc.nat(9_999_999_999_999), (left, right) => {
      const keys = [left, right].map((milliseconds) => invertedInstant(new Date(milliseconds).toISOString()));
      expect(order(keys[0], keys[1])).toBe(order(right, left));
    }),
  );
  expect(() => invertedInstant('yesterday')).toThrow(RangeError);
  expect(() => invertedInstant('1969-12-31T23:59:59Z')).toThrow(RangeError);
});
