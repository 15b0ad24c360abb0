// The removal hold: which removals wait, and that neither size of company nor splitting gets a mass removal past it.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../shared/domain/company.ts';
import { addToWindow, decideRemovals, pruneWindow, removalsIn } from '../../shared/domain/removal-hold.ts';
import type { AppliedRemovals, RemovalHoldSettings } from '../../shared/domain/removal-hold.ts';

const start = Date.parse('2026-03-02T00:00:00Z');
const minute = 60_000;
const day = 24 * 60 * minute;
const at = (milliseconds: number): string => new Date(start + milliseconds).toISOString();

const anyCount = fc.nat(2000);
const anySettings: fc.Arbitrary<RemovalHoldSettings> = fc.record({
  removalHoldPercent: fc.integer({ min: 0, max: 100 }),
  removalHoldCount: fc.nat(50),
});

/** Removals applied by rounds that arrive one after the other, each at most as large as what is left. */
function applyRounds(population: number, rounds: readonly { at: string; proposed: number }[], settings: RemovalHoldSettings): number {
  let history: readonly AppliedRemovals[] = [];
  let active = population;
  for (const round of rounds) {
    const proposed = Math.min(round.proposed, active);
    history = pruneWindow(history, round.at);
    const decision = decideRemovals({ proposed, activePopulation: active, removedInWindow: removalsIn(history), settings });
    if (decision.kind === 'apply') {
      history = addToWindow(history, { at: round.at, count: proposed });
      active -= proposed;
    }
  }
  return population - active;
}

describe('decideRemovals', () => {
  it.each([
    { proposed: 0, activePopulation: 0, removedInWindow: 0, kind: 'apply', what: 'nothing to remove' },
    { proposed: 0, activePopulation: 10, removedInWindow: 90, kind: 'apply', what: 'nothing to remove after many' },
    { proposed: 1, activePopulation: 1, removedInWindow: 0, kind: 'apply', what: 'the only user of a company' },
    { proposed: 2, activePopulation: 2, removedInWindow: 0, kind: 'hold', what: 'both users of a company' },
    { proposed: 1, activePopulation: 3, removedInWindow: 0, kind: 'apply', what: 'one of three' },
    { proposed: 2, activePopulation: 4, removedInWindow: 0, kind: 'apply', what: 'half of four' },
    { proposed: 3, activePopulation: 5, removedInWindow: 0, kind: 'hold', what: 'most of five' },
    { proposed: 5, activePopulation: 5, removedInWindow: 0, kind: 'hold', what: 'all of five, which is not more than five' },
    { proposed: 5, activePopulation: 12, removedInWindow: 0, kind: 'apply', what: 'five of twelve: a large share but few people' },
    { proposed: 6, activePopulation: 12, removedInWindow: 0, kind: 'hold', what: 'six of twelve' },
    { proposed: 6, activePopulation: 60, removedInWindow: 0, kind: 'apply', what: 'exactly ten per cent' },
    { proposed: 7, activePopulation: 60, removedInWindow: 0, kind: 'hold', what: 'just above ten per cent' },
    {
      proposed: 90,
      activePopulation: 1000,
      removedInWindow: 0,
      kind: 'apply',
      what: 'ninety of a thousand: many people but a small share',
    },
    { proposed: 10, activePopulation: 910, removedInWindow: 90, kind: 'apply', what: 'ten more, ten per cent of a thousand altogether' },
    { proposed: 11, activePopulation: 910, removedInWindow: 90, kind: 'hold', what: 'eleven more' },
    { proposed: 1000, activePopulation: 1000, removedInWindow: 0, kind: 'hold', what: 'everybody' },
    { proposed: 9, activePopulation: 3, removedInWindow: 0, kind: 'hold', what: 'more than there are' },
    { proposed: 1, activePopulation: Number.NaN, removedInWindow: 0, kind: 'hold', what: 'an unknown population' },
    { proposed: -1, activePopulation: 100, removedInWindow: 0, kind: 'hold', what: 'a negative number' },
    { proposed: 1, activePopulation: 100, removedInWindow: 0.5, kind: 'hold', what: 'half a person' },
  ] as const)('$what: $kind', ({ kind, what: _what, ...numbers }) => {
    expect(decideRemovals({ ...numbers, settings: defaultSettings }).kind).toBe(kind);
  });

  it('says how many of how many, and which limit', () => {
    expect(decideRemovals({ proposed: 11, activePopulation: 910, removedInWindow: 90, settings: defaultSettings })).toEqual({
      kind: 'hold',
      reason: "101 of 1000 users would be removed within 7 days; more than 5 and more than 10 % need an admin's decision.",
    });
    expect(decideRemovals({ proposed: 3, activePopulation: 5, removedInWindow: 0, settings: defaultSettings })).toEqual({
      kind: 'hold',
      reason: "3 of 5 users would be removed within 7 days; more than 1 and more than 50 % need an admin's decision.",
    });
  });

  it('waits when the settings are unusable', () => {
    const settings = { removalHoldPercent: Number.NaN, removalHoldCount: Number.NaN };
    expect(decideRemovals({ proposed: 1, activePopulation: 100, removedInWindow: 0, settings }).kind).toBe('hold');
  });

  it('never applies more when fewer would wait', () => {
    fc.assert(
      fc.property(anyCount, anyCount, anyCount, anyCount, anySettings, (proposed, more, activePopulation, removed, settings) => {
        const numbers = { activePopulation, removedInWindow: removed, settings };
        const fewer = decideRemovals({ ...numbers, proposed });
        if (fewer.kind === 'hold') expect(decideRemovals({ ...numbers, proposed: proposed + more }).kind).toBe('hold');
      }),
    );
  });

  it('never applies more after more was removed within the window', () => {
    fc.assert(
      fc.property(anyCount, anyCount, anyCount, anySettings, (proposed, population, moved, settings) => {
        const earlier = Math.min(moved, population);
        const before = decideRemovals({ proposed, activePopulation: population, removedInWindow: 0, settings });
        const after = decideRemovals({ proposed, activePopulation: population - earlier, removedInWindow: earlier, settings });
        if (before.kind === 'hold') expect(after.kind).toBe('hold');
      }),
    );
  });

  it('lets no mass removal through by splitting it over rounds of one window', () => {
    const anyRounds = fc.array(fc.record({ offset: fc.nat(7 * day - 1), proposed: fc.nat(60) }), { maxLength: 28 });
    fc.assert(
      fc.property(anyCount, anyRounds, anySettings, (population, rounds, settings) => {
        const inOrder = rounds.toSorted((one, other) => one.offset - other.offset);
        const within = inOrder.map(({ offset, proposed }) => ({ at: at(offset), proposed }));
        const removed = applyRounds(population, within, settings);
        const asOne = decideRemovals({ proposed: removed, activePopulation: population, removedInWindow: 0, settings });
        expect(asOne.kind).toBe('apply');
      }),
    );
  });

  it('stops a slow loss of everybody, one user an hour, at the limit', () => {
    const hourly = Array.from({ length: 100 }, (_, index) => ({ at: at(index * 60 * minute), proposed: 1 }));
    expect(applyRounds(100, hourly, defaultSettings)).toBe(10);
  });

  it('never empties a company of two or more within one window', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 300 }),
        fc.array(fc.nat(300), { maxLength: 30 }),
        anySettings,
        (population, sizes, settings) => {
          const rounds = sizes.map((proposed, index) => ({ at: at(index * minute), proposed }));
          expect(applyRounds(population, rounds, settings)).toBeLessThanOrEqual(Math.max(1, population / 2));
        },
      ),
    );
  });
});

describe('the window', () => {
  it('forgets removals after seven days, and not a moment earlier', () => {
    const history = addToWindow([], { at: at(0), count: 4 });
    expect(removalsIn(pruneWindow(history, at(7 * day - 1)))).toBe(4);
    expect(removalsIn(pruneWindow(history, at(7 * day)))).toBe(0);
  });

  it('keeps removals from the future, as a clock set back makes them', () => {
    expect(removalsIn(pruneWindow([{ at: at(day), count: 3 }], at(0)))).toBe(3);
  });

  it('joins the rounds of one hour under the later instant', () => {
    const history = addToWindow(addToWindow([], { at: at(40 * minute), count: 2 }), { at: at(10 * minute), count: 3 });
    expect(history).toEqual([{ at: at(40 * minute), count: 5 }]);
  });

  it('leaves no trace of a round that removed nobody', () => {
    expect(addToWindow([], { at: at(0), count: 0 })).toEqual([]);
  });

  it('refuses an instant that is none, instead of forgetting the removals', () => {
    expect(() => pruneWindow([{ at: 'yesterday', count: 3 }], at(0))).toThrow(RangeError);
  });

  it('neither loses nor invents removals, forgets none early, and stays short', () => {
    const anyHistory = fc.array(fc.record({ minutes: fc.nat(20 * 24 * 60), count: fc.nat(9) }), { maxLength: 400 });
    fc.assert(
      fc.property(anyHistory, (rounds) => {
        const added = rounds.toSorted((one, other) => one.minutes - other.minutes);
        const now = (added.at(-1)?.minutes ?? 0) * minute;
        const history = added.reduce<readonly AppliedRemovals[]>(
          (window, { minutes, count }) => addToWindow(pruneWindow(window, at(minutes * minute)), { at: at(minutes * minute), count }),
          [],
        );
        const ageLimit = (days: number): number =>
          added.filter(({ minutes }) => now - minutes * minute < days * day).reduce((sum, { count }) => sum + count, 0);
        expect(removalsIn(history)).toBeGreaterThanOrEqual(ageLimit(7));
        expect(removalsIn(history)).toBeLessThanOrEqual(ageLimit(7 + 1 / 24));
        expect(history.length).toBeLessThanOrEqual(169);
      }),
      { numRuns: 50 },
    );
  });
});
