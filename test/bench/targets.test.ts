// What counts as kept: medians of the right place, a limit in the right direction, and nothing passes that was not measured.
import { describe, expect, it } from 'vitest';
import { type Sample, summarise } from '../../bench/samples.ts';
import { quickTargets } from '../../bench/quick-targets.ts';
import { at, atLeast, atMost, fullTargets, judge, type Target, term } from '../../bench/targets.ts';

const sample = (scenario: string, ms: number, repeat: number, variant?: string): Sample => ({
  scenario,
  population: 10,
  latencyMs: 0,
  repeat,
  figures: { ms },
  ...(variant === undefined ? {} : { variant }),
});

const ratio: Target = { name: 'ratio', value: term(at('first', 10, 0)), per: term(at('bare', 10, 0)), ...atMost(1.5) };
const verdictOf = (samples: readonly Sample[], target: Target = ratio) => judge([target], summarise(samples))[0];

describe('summarise', () => {
  it('takes the median of each figure of each place', () => {
    const samples = [sample('first', 5, 0), sample('first', 100, 1), sample('first', 6, 2), sample('first', 1, 0, 'other')];
    expect(summarise(samples)).toEqual([
      { scenario: 'first', population: 10, latencyMs: 0, samples: 3, medians: { ms: 6 } },
      { scenario: 'first', population: 10, latencyMs: 0, variant: 'other', samples: 1, medians: { ms: 1 } },
    ]);
  });

  it('takes the median of those samples that have a figure', () => {
    const [first, second] = [sample('first', 5, 0), sample('first', 7, 1)];
    const [summary] = summarise([first, { ...second, figures: { ms: 7, peakMb: 3 } }]);
    expect(summary?.medians).toEqual({ ms: 6, peakMb: 3 });
  });
});

describe('judge', () => {
  it('divides medians and compares with the limit', () => {
    expect(verdictOf([sample('bare', 10, 0), sample('first', 15, 0)])).toMatchObject({ value: 1.5, outcome: 'PASS' });
    expect(verdictOf([sample('bare', 10, 0), sample('first', 16, 0)])).toMatchObject({ value: 1.6, outcome: 'FAIL' });
  });

  it('knows limits from below', () => {
    const least: Target = { ...ratio, ...atLeast(8) };
    expect(verdictOf([sample('bare', 1, 0), sample('first', 8, 0)], least)).toMatchObject({ outcome: 'PASS' });
    expect(verdictOf([sample('bare', 1, 0), sample('first', 7, 0)], least)).toMatchObject({ outcome: 'FAIL' });
  });

  it('passes nothing that was not measured', () => {
    expect(verdictOf([sample('first', 1, 0)])).toMatchObject({ value: null, outcome: 'not measured' });
    expect(verdictOf([])).toMatchObject({ value: null, outcome: 'not measured' });
    expect(verdictOf([sample('bare', 10, 0), sample('first', 1, 0, 'another variant')])).toMatchObject({ outcome: 'not measured' });
  });

  it('accepts nothing above a limit of zero', () => {
    const none: Target = { name: 'rows', value: term(at('full', 10, 0), 'ms'), ...atMost(0) };
    expect(verdictOf([sample('full', 0, 0)], none)).toMatchObject({ outcome: 'PASS' });
    expect(verdictOf([sample('full', 1, 0)], none)).toMatchObject({ outcome: 'FAIL' });
  });
});

describe.each([
  ['full', fullTargets(['by name'])],
  ['quick', quickTargets(['by name'])],
])('the targets of the %s run', (_kind, targets) => {
  it('have names of their own', () => expect(new Set(targets.map(({ name }) => name)).size).toBe(targets.length));
});
