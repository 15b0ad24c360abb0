// Local days: where a day begins and ends in a zone, clock changes included, and which days are still to be billed.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayBefore, daysToBill, lastEndedDay, localDay } from '../../shared/domain/billing-day.ts';

describe('the local day', () => {
  it.each<[string, string, string]>([
    ['UTC', '2026-03-02T23:59:59.999Z', '2026-03-02'],
    ['UTC', '2026-03-03T00:00:00.000Z', '2026-03-03'],
    ['Pacific/Kiritimati', '2026-03-02T10:00:00Z', '2026-03-03'],
    ['Pacific/Pago_Pago', '2026-03-03T10:59:59Z', '2026-03-02'],
    ['Asia/Kathmandu', '2026-03-02T18:15:00Z', '2026-03-03'],
    ['Europe/Berlin', '2026-03-28T22:59:59Z', '2026-03-28'],
    ['Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29'],
    ['Europe/Berlin', '2026-03-29T22:00:00Z', '2026-03-30'],
    ['Europe/Berlin', '2026-10-25T22:59:59Z', '2026-10-25'],
    ['Europe/Berlin', '2026-10-25T23:00:00Z', '2026-10-26'],
    // In Cairo the last Friday of April begins at 01:00: there is no midnight.
    ['Africa/Cairo', '2026-04-23T21:59:59Z', '2026-04-23'],
    ['Africa/Cairo', '2026-04-23T22:00:00Z', '2026-04-24'],
    ['America/New_York', '2027-01-01T04:59:59Z', '2026-12-31'],
    ['Asia/Tehran', '2028-02-29T12:00:00Z', '2028-02-29'],
  ])('in %s at %s is %s', (timeZone, instant, day) => {
    expect(localDay(new Date(instant), timeZone)).toBe(day);
  });

  it('is never known for a zone that does not exist', () => {
    expect(() => localDay(new Date(0), 'Atlantis/Capital')).toThrow(RangeError);
  });
});

it.each([
  ['2026-03-01', '2026-02-28'],
  ['2028-03-01', '2028-02-29'],
  ['2026-01-01', '2025-12-31'],
])('the day before %s is %s', (day, before) => {
  expect(dayBefore(day)).toBe(before);
});

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
          for (const [index, day] of billed.slice(1).entries()) expect(dayBefore(day)).toBe(billed[index]);
        },
      ),
    );
  });
});
