// Local days, weeks and hours: clock changes, weeks around New Year, and zones at both ends of the world.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, daysBetween, instantOf, isoWeek, localDay, weekdayOf, weekExists } from '../../shared/domain/local-time.ts';

describe('the ISO week', () => {
  it.each([
    ['2026-03-02', '2026-W10'],
    ['2026-01-01', '2026-W01'],
    ['2025-12-29', '2026-W01'],
    ['2025-12-28', '2025-W52'],
    ['2027-01-03', '2026-W53'],
    ['2027-01-04', '2027-W01'],
    ['2020-12-31', '2020-W53'],
    ['2021-01-03', '2020-W53'],
    ['2024-02-29', '2024-W09'],
  ])('of %s is %s', (day, week) => {
    expect(isoWeek(day)).toBe(week);
  });

  it('53 is only in years that have one', () => {
    const years = Array.from({ length: 100 }, (_, number) => `20${String(number).padStart(2, '0')}`);
    const long = years.filter((year) => weekExists(`${year}-W53`));
    expect(long.slice(0, 6)).toEqual(['2004', '2009', '2015', '2020', '2026', '2032']);
    expect(years.every((year) => weekExists(`${year}-W01`) && weekExists(`${year}-W52`))).toBe(true);
    expect(years.some((year) => weekExists(`${year}-W00`) || weekExists(`${year}-W54`))).toBe(false);
  });

  it('is the same from Monday to Sunday, and rises with each Monday', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), (days) => {
        const day = addDays('1970-01-01', days);
        const monday = addDays(day, 1 - weekdayOf(day));
        expect(isoWeek(day)).toBe(isoWeek(monday));
        expect(isoWeek(addDays(monday, 6))).toBe(isoWeek(monday));
        expect(isoWeek(addDays(monday, 7)) > isoWeek(monday)).toBe(true);
      }),
    );
  });
});

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

describe('an hour of a local day', () => {
  it.each([
    ['UTC', '2026-03-02', 8, '2026-03-02T08:00:00.000Z'],
    ['Europe/Berlin', '2026-03-27', 8, '2026-03-27T07:00:00.000Z'],
    ['Europe/Berlin', '2026-03-30', 8, '2026-03-30T06:00:00.000Z'],
    // 02:00 is left out: it begins when it would have, had the clocks not been put forward.
    ['Europe/Berlin', '2026-03-29', 2, '2026-03-29T01:00:00.000Z'],
    ['Europe/Berlin', '2026-03-29', 3, '2026-03-29T01:00:00.000Z'],
    // 02:00 comes twice: the first.
    ['Europe/Berlin', '2026-10-25', 2, '2026-10-25T00:00:00.000Z'],
    ['America/New_York', '2026-11-01', 1, '2026-11-01T05:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-03-02', 8, '2026-03-01T18:00:00.000Z'],
    ['Pacific/Pago_Pago', '2026-03-02', 8, '2026-03-02T19:00:00.000Z'],
    ['Asia/Kathmandu', '2026-03-02', 8, '2026-03-02T02:15:00.000Z'],
    // A day without midnight.
    ['Africa/Cairo', '2026-04-24', 0, '2026-04-23T22:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-10-04', 2, '2026-10-03T15:30:00.000Z'],
  ])('in %s: %s %i:00 begins at %s', (timeZone, day, hour, instant) => {
    expect(instantOf(day, hour, timeZone).toISOString()).toBe(instant);
  });

  it('is in that day, or in the next when the clocks leave it out', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Africa/Cairo', 'America/Santiago', 'Pacific/Kiritimati', 'Australia/Lord_Howe');
    fc.assert(
      fc.property(zones, fc.integer({ min: 18_000, max: 25_000 }), fc.integer({ min: 0, max: 23 }), (timeZone, days, hour) => {
        const day = addDays('1970-01-01', days);
        const instant = instantOf(day, hour, timeZone);
        expect([0, 1]).toContain(daysBetween(day, localDay(instant, timeZone)));
        expect(instantOf(addDays(day, 1), hour, timeZone).getTime()).toBeGreaterThan(instant.getTime());
      }),
    );
  });

  it('is never known for a zone that does not exist', () => {
    expect(() => instantOf('2026-03-02', 8, 'Atlantis/Capital')).toThrow(RangeError);
  });
});

it.each([
  ['2026-03-01', -1, '2026-02-28'],
  ['2028-02-28', 1, '2028-02-29'],
  ['2025-12-31', 1, '2026-01-01'],
])('%s and %i days is %s', (day, days, other) => {
  expect(addDays(day, days)).toBe(other);
  expect(daysBetween(day, other)).toBe(days);
});
