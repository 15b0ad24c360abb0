// The pure part of the packed index: order, packing, merging and paging, for any text and any split.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countBelow, mergeStretches, pageOf, sortedOnce } from '../../shared/domain/packed-index.ts';
import { cutLeaves, unpackLeaf } from '../../shared/domain/packed-leaf.ts';
import type { IndexEntry, Line } from '../../shared/domain/packed-line.ts';
import { entryFrom, isHere } from '../../shared/domain/packed-line.ts';
import {
  hasRun,
  leafSpan,
  packedLines,
  packManifest,
  runOf,
  unpackManifest,
  withRun,
  withRunsReplaced,
} from '../../shared/domain/packed-manifest.ts';
import { rangeOf } from '../../shared/domain/packed-position.ts';
import { lineOf, lines } from './packed-arbitraries.ts';

describe('leaves', () => {
  test('give back what was packed', () => {
    fc.assert(
      fc.property(lines(30), (all) => {
        const sorted = sortedOnce(all);
        expect(cutLeaves(sorted, false).leaves.flatMap((leaf) => unpackLeaf(leaf.text))).toEqual(sorted);
      }),
    );
  });

  test('fit in a property however large the lines are', () => {
    const worst = '\ud800'.repeat(5_000);
    const large = Array.from({ length: 20 }, (_, index) => {
      return lineOf({ key: worst, id: `user-${index + 10}`, facets: { kind: worst, department: worst, manager: worst, text: worst } }, 1);
    });
    for (const leaf of cutLeaves(large, false).leaves) expect(leaf.text.length).toBeLessThanOrEqual(30_000);
  });

  test('hold all entries in order wherever the input was split, and are full', () => {
    const numbers = fc.array(fc.nat(2_000), { maxLength: 1_200, size: 'max' });
    fc.assert(
      fc.property(numbers, fc.array(fc.nat(1_200), { maxLength: 4 }), (keys, cuts) => {
        const all = sortedOnce(keys.map((key) => lineOf({ key: key.toString(36), id: 'x', facets: {} }, 1)));
        const leaves = [];
        let rest: readonly Line[] = [];
        let start = 0;
        for (const cut of cuts.toSorted((left, right) => left - right)) {
          const part = cutLeaves([...rest, ...all.slice(start, cut)], true);
          leaves.push(...part.leaves);
          rest = part.rest;
          start = Math.max(start, cut);
        }
        leaves.push(...cutLeaves([...rest, ...all.slice(start)], false).leaves);
        expect(leaves.flatMap((leaf) => unpackLeaf(leaf.text))).toEqual(all);
        expect(leaves.slice(0, -1).every((leaf) => leaf.count === 250)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a manifest', () => {
  const run = (name: string, numbers: readonly number[]) => {
    const entries = sortedOnce(numbers.map((number) => lineOf({ key: number.toString().padStart(5, '0'), id: 'x', facets: {} }, 1)));
    const { leaves } = cutLeaves(entries, false);
    return { entries, leaves, run: runOf(name, leaves) };
  };

  test('leads to every entry once, from any place', () => {
    const numbers = fc.array(fc.nat(99_999), { minLength: 1, maxLength: 1_500, size: 'max' });
    fc.assert(
      fc.property(numbers, fc.nat(99_999), fc.nat(600), fc.integer({ min: 1, max: 3 }), (all, start, wanted, mostLeaves) => {
        const made = run('a', all);
        const { from, end } = { from: rangeOf({ prefix: start.toString().padStart(5, '0') }).from, end: rangeOf({}).end };
        const found: Line[] = [];
        for (let at = from; at < end; ) {
          const span = leafSpan(made.run, { from: at, end }, { entries: wanted, mostLeaves });
          expect(span.last - span.first).toBeLessThan(mostLeaves);
          const entries = made.leaves.slice(span.first, span.last + 1).flatMap((leaf) => unpackLeaf(leaf.text));
          found.push(...entries.filter(({ position }) => position >= at && position < span.before));
          expect(entries.filter(({ position }) => position >= span.before)).toEqual([]);
          at = span.before;
        }
        expect(found).toEqual(made.entries.filter(({ position }) => position >= from));
      }),
      { numRuns: 100 },
    );
  });

  test('of 100,000 names fits in one row, and is read back as it was', () => {
    const entries = Array.from({ length: 100_000 }, (_, index) => {
      const name = `${(index * 7_919).toString(36)} van der müller`;
      return lineOf(
        {
          key: name,
          id: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
          facets: { kind: 'person', department: 'Customer Service' },
        },
        1,
      );
    });
    const manifest = withRun({ runs: [] }, runOf('a', cutLeaves(sortedOnce(entries), false).leaves));
    const texts = packManifest(manifest);
    expect(texts).toHaveLength(1);
    expect(manifest.runs[0]?.starts.length).toBeLessThanOrEqual(500);
    expect(unpackManifest(texts)).toEqual(manifest);
    expect(packedLines(manifest)).toBe(100_000);
    const huge = { runs: Array.from({ length: 30 }, (_, index) => ({ ...manifest.runs[0]!, name: `run-${index}` })) };
    expect(packManifest(huge).every((text) => text.length <= 30_000)).toBe(true);
    expect(unpackManifest(packManifest(huge))).toEqual(huge);
  });

  test('gets a merged run only in place of all it was merged from', () => {
    const [one, two, three] = ['one', 'two', 'three'].map((name) => run(name, [1, 2]).run) as [
      ReturnType<typeof runOf>,
      ReturnType<typeof runOf>,
      ReturnType<typeof runOf>,
    ];
    const both = withRun(withRun({ runs: [] }, one), two);
    expect(withRunsReplaced(withRun(both, three), [one, two], run('merged', [3]).run)?.runs.map(({ name }) => name)).toEqual([
      'three',
      'merged',
    ]);
    expect(withRunsReplaced(both, [one, three], run('merged', [3]).run)).toBeNull();
    expect(withRunsReplaced(both, [one, two], runOf('empty', []))).toEqual({ runs: [] });
    expect(hasRun(both, 'two')).toBe(true);
    expect(hasRun(both, 'three')).toBe(false);
  });
});

test('paging over several sources shows everybody who is here once, in order, by the statement that counts, however far each source was read', () => {
  const random = fc.array(fc.nat(40), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(fc.array(lines(40), { minLength: 1, maxLength: 4 }), random, fc.integer({ min: 1, max: 12 }), (sources, lengths, limit) => {
      const { from, end } = rangeOf({});
      const found: IndexEntry[] = [];
      let step = 0;
      for (let cursor: string | null = from; cursor !== null; ) {
        const at: string = cursor;
        const stretches = sources.map((source) => {
          const left = sortedOnce(source).filter(({ position }) => position >= at);
          const some = left[lengths[step++ % lengths.length] ?? 0];
          const before = some === undefined || some.position <= at ? end : some.position;
          return { lines: left.slice(0, countBelow(left, before)), before };
        });
        const page = pageOf(mergeStretches(stretches, end), { limit, end, match: ({ kind }) => kind === undefined });
        found.push(...page.entries);
        cursor = page.next;
      }
      const here = sortedOnce(sources.flat()).filter(isHere).map(entryFrom);
      expect(found).toEqual(here.filter(({ facets }) => facets.kind === undefined));
    }),
    { numRuns: 300 },
  );
});
