import { describe, expect, test } from 'vitest';
import { parseSchedule, parseTimeSpan } from './schedules.ts';

const next = (schedule: string, from: string, timeZone = 'UTC') =>
  new Date(parseSchedule(schedule, timeZone).next(Date.parse(from))).toISOString();

describe('NCRONTAB', () => {
  test.each([
    ['0 */5 * * * *', '2026-01-01T00:01:00Z', '2026-01-01T00:05:00.000Z'],
    ['30 0 9 * * 1-5', '2026-01-03T10:00:00Z', '2026-01-05T09:00:30.000Z'],
    ['0 0 0 1 jan,Jul *', '2026-01-01T00:00:00Z', '2026-07-01T00:00:00.000Z'],
    ['0 5/20 * * * *', '2026-01-01T00:06:00Z', '2026-01-01T00:25:00.000Z'],
    ['0 0 8 * * SUN', '2026-01-01T00:00:00Z', '2026-01-04T08:00:00.000Z'],
  ])('%s after %s is %s', (schedule, from, expected) => {
    expect(next(schedule, from)).toBe(expected);
  });

  test('follows a time zone through a change of summer time', () => {
    expect(next('0 0 8 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T06:00:00.000Z');
    expect(next('0 0 8 * * *', '2026-03-27T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-28T07:00:00.000Z');
  });

  test.each([
    '*/5 * * * *',
    '0 0 0 L * *',
    '@daily',
    '0 0 0 ? * MON',
    '0 0 0 * * 7',
    '0 0 0 * * Monday',
    '0 0 24 * * *',
    '0 60 * * * *',
    '0 0 0 * * MON#1',
    '',
  ])('"%s" is refused as in Azure', (schedule) => {
    expect(() => parseSchedule(schedule, 'UTC')).toThrow(/schedule/i);
  });
});

describe('time spans', () => {
  test.each([
    ['00:05:00', 300_000],
    ['1.02:00:00', 93_600_000],
    ['00:00:01.5', 1500],
    ['24:00:00', undefined],
    ['5 minutes', undefined],
  ])('%s is %s ms', (text, expected) => {
    expect(parseTimeSpan(text)).toBe(expected);
  });

  test('are schedules too', () => {
    expect(next('00:05:00', '2026-01-01T00:01:00Z')).toBe('2026-01-01T00:06:00.000Z');
    expect(() => parseSchedule('00:00:00', 'UTC')).toThrow('never passes');
  });
});
