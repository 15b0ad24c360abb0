// What is done with a mail taken from the queue, and that the quota of the mail service is never exceeded.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mailStates, nextSendStep, type QuotaWindow, takeSlot } from '../../shared/domain/message.ts';

it('asks before it repeats, and never repeats what is finished', () => {
  expect(Object.fromEntries(mailStates.map((state) => [state, nextSendStep(state).kind]))).toEqual({
    queued: 'claim',
    claimed: 'ask',
    accepted: 'finished',
    refused: 'finished',
  });
});

describe('the quota', () => {
  const quota = { perMinute: 2, perHour: 5 };
  const minuteMs = 60_000;
  const start = Date.parse('2026-03-02T08:00:00.000Z');
  const minute = start / minuteMs;
  const at = (minutes: number) => new Date(start + minutes * minuteMs);
  const windowOf = (...sent: readonly (readonly [number, number])[]): QuotaWindow => ({
    pausedUntil: null,
    minutes: sent.map(([offset, count]) => ({ minute: minute + offset, sent: count })),
  });

  it.each<[string, QuotaWindow, number, number | 'go']>([
    ['an empty window', windowOf(), 0, 'go'],
    ['room in this minute', windowOf([0, 1]), 0.5, 'go'],
    ['a full minute', windowOf([0, 2]), 0.5, 2],
    ['a full minute together with the one before', windowOf([-1, 1], [0, 1]), 0.5, 1],
    ['a minute before that is full', windowOf([-1, 2]), 0, 1],
    ['an earlier full minute', windowOf([-2, 2]), 0, 'go'],
    ['a full hour', windowOf([-50, 2], [-40, 2], [-30, 1]), 0, 11],
    ['an hour that is just over', windowOf([-61, 2], [-40, 2], [-30, 1]), 0, 'go'],
    ['a pause', { pausedUntil: at(7).toISOString(), minutes: [] }, 0, 7],
    ['a pause that is over', { pausedUntil: at(7).toISOString(), minutes: [] }, 7, 'go'],
  ])('%s', (_what, window, now, expected) => {
    const slot = takeSlot(window, at(now), quota);
    expect(slot.kind === 'go' ? 'go' : (slot.until.getTime() - start) / minuteMs).toBe(expected);
  });

  it('counts what it lets go, and forgets the pause and old minutes', () => {
    const slot = takeSlot({ ...windowOf([-90, 5], [-3, 1], [0, 1]), pausedUntil: at(-1).toISOString() }, at(0), quota);
    expect(slot).toEqual({ kind: 'go', window: windowOf([-3, 1], [0, 2]) });
  });

  it('is kept in every sliding minute and hour, and nobody waits in vain', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 150 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 20 }), (waits, perMinute, perHour) => {
        let window: QuotaWindow = { pausedUntil: null, minutes: [] };
        let now = start;
        const sent: number[] = [];
        for (const wait of waits) {
          now += wait;
          const slot = takeSlot(window, new Date(now), { perMinute, perHour });
          if (slot.kind === 'wait') {
            expect(slot.until.getTime()).toBeGreaterThan(now);
            expect(slot.until.getTime() - now).toBeLessThanOrEqual(61 * minuteMs);
            continue;
          }
          window = slot.window;
          sent.push(now);
        }
        for (const moment of sent) {
          const within = (span: number) => sent.filter((each) => each > moment - span && each <= moment).length;
          expect(within(minuteMs)).toBeLessThanOrEqual(perMinute);
          expect(within(60 * minuteMs)).toBeLessThanOrEqual(perHour);
        }
      }),
    );
  });
});
