// Plots are text made by hand, so a test reads them the way a browser would: every element closed, everything inside the frame.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawPlot, gridOf, type Plot } from '../../bench/plot.ts';

const point = fc.record({ x: fc.double({ min: 0.001, max: 1e7, noNaN: true }), y: fc.double({ min: 0.001, max: 1e7, noNaN: true }) });
/** With all that markup needs escaped, but without words that a broken number would show. */
const words = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '<', '>', '&', '"', 'é'), maxLength: 20 });
const plots: fc.Arbitrary<Plot> = fc.record({
  title: words,
  xTitle: fc.constant('users'),
  yTitle: fc.constant('seconds'),
  series: fc.array(fc.record({ name: words, points: fc.array(point, { minLength: 1, maxLength: 6 }), dashed: fc.boolean() }), {
    minLength: 1,
    maxLength: 7,
  }),
});

/** Names of elements that are left open, or closed without having been opened. */
function unbalanced(svg: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, closing, name = '', selfClosing] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (selfClosing === '/') continue;
    if (closing !== '/') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...open, ...wrong];
}

/** Markup taken out, no bare `<` or `&` is left. */
const strayMarkup = (svg: string) => /[<]|&(?!(?:amp|lt|gt|quot);)/.test(svg.replaceAll(/<[^<>]*>/g, ''));

describe('drawPlot', () => {
  it('is well-formed and stays within its frame, whatever it draws', () => {
    fc.assert(
      fc.property(plots, (plot) => {
        const svg = drawPlot(plot);
        expect(unbalanced(svg)).toEqual([]);
        expect(strayMarkup(svg)).toBe(false);
        expect(svg).not.toMatch(/(?:NaN|Infinity|undefined)[\s"]/);
        for (const [, x, y] of svg.matchAll(/cx="([\d.-]+)" cy="([\d.-]+)"/g)) {
          expect(Number(x)).toBeGreaterThanOrEqual(70);
          expect(Number(x)).toBeLessThanOrEqual(610);
          expect(Number(y)).toBeGreaterThanOrEqual(56);
          expect(Number(y)).toBeLessThanOrEqual(396);
        }
      }),
    );
  });

  it('draws one point for each value and names each line', () => {
    const svg = drawPlot({
      title: 'Time & population',
      xTitle: 'users',
      yTitle: 'seconds',
      series: [
        { name: 'First sync', points: [10, 100, 1000].map((x) => ({ x, y: x / 10 })) },
        { name: 'Floor', points: [{ x: 10, y: 1 }], dashed: true },
        { name: 'Never measured', points: [] },
      ],
    });
    expect(svg.match(/<circle/g)).toHaveLength(4);
    expect(svg).toContain('>First sync</text>');
    expect(svg).toContain('Time &amp; population');
    expect(svg).not.toContain('Never measured');
  });

  it('has colours for dark pages', () => {
    expect(drawPlot({ title: '', xTitle: '', yTitle: '', series: [{ name: '', points: [{ x: 1, y: 1 }] }] })).toContain(
      'prefers-color-scheme:dark',
    );
  });

  it('refuses to draw nothing', () => {
    expect(() => drawPlot({ title: 'empty', xTitle: '', yTitle: '', series: [] })).toThrow(RangeError);
  });
});

describe('gridOf', () => {
  it.each([
    [
      [2, 8],
      [1, 3, 10],
    ],
    [
      [10_000, 300_000],
      [10_000, 30_000, 100_000, 300_000],
    ],
    [
      [5, 5],
      [3, 10],
    ],
    [
      [0.02, 0.5],
      [0.01, 0.03, 0.1, 0.3, 1],
    ],
    [
      [100, 100],
      [100, 300],
    ],
    [
      [999.9999999999999, 2_000],
      [300, 1_000, 3_000],
    ],
  ])('of %j is %j', (values, lines) => expect(gridOf(values)).toEqual(lines));
});
