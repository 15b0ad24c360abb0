// Local days: where a day begins and ends in a zone, clock changes included, and which days are still to be billed.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysToBill, lastEndedDay } from '../../shared/domain/billing-day.ts';
import { addDays, localDay } from '../../shared/domain/local-time.ts';

describe('days to bill', () => {
  const now = new Date('2026-03-05T12:00:00Z');

  it.each<[string, readonly string[]]>([
    ['2026-03-04', []],
    ['2026-03-03', ['2026-03-04']],
    ['2026-02-27', ['2026-02-28', '2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04']],
    // The company moved to a zone that is behind.
    ['2026-03-05', []],
  ])('after %s', (billedDay, expected) => {
    expect(daysToBill(billedDay, now, 'UTC')).toEqual(expected);
  });

  it('reach back two months at most', () => {
    const days = daysToBill('2020-01-01', now, 'UTC');
    expect(days).toHaveLength(62);
    expect(days.at(-1)).toBe('2026-03-04');
  });

  it('are each billed once in any zone, however irregularly the timer runs', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Africa/Cairo', 'America/Santiago', 'Pacific/Kiritimati', 'Pacific/Pago_Pago');
    const hours = fc.array(fc.integer({ min: 0, max: 24 * 20 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        zones,
        fc.date({ min: new Date('2024-01-01'), max: new Date('2028-01-01'), noInvalidDate: true }),
        hours,
        (timeZone, start, waits) => {
          let time = start.getTime();
          let billedDay = lastEndedDay(start, timeZone);
          const billed: string[] = [];
          for (const wait of waits) {
            time += wait * 3_600_000;
            const days: readonly string[] = daysToBill(billedDay, new Date(time), timeZone);
            for (const day of days) expect(day < localDay(new Date(time), timeZone)).toBe(true);
            billed.push(...days);
            billedDay = days.at(-1) ?? billedDay;
          }
          for (const [index, day] of billed.slice(1).entries()) expect(addDays(day, -1)).toBe(billed[index]);
        },
      ),
    );
  });
});
