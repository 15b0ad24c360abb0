// Numbers and times as an admin reads them.
import { describe, expect, it } from 'vitest';
import { counted, everyMinutes, makeFormat } from '../../portal/format.ts';

const format = makeFormat('en-GB', 'Europe/Berlin');
const now = new Date('2026-03-12T12:00:00Z');

describe('format', () => {
  it('shows an instant in the reader’s time zone', () => {
    expect(format.instant('2026-03-12T08:15:00.000Z')).toBe('12 Mar 2026, 09:15');
    expect(format.day('2026-03-12T23:15:00.000Z')).toBe('13 Mar 2026');
  });

  it.each([
    ['2026-03-12T11:59:30Z', 'just now'],
    ['2026-03-12T11:55:00Z', '5 minutes ago'],
    ['2026-03-12T12:00:20Z', 'in a moment'],
    ['2026-03-12T14:10:00Z', 'in 2 hours'],
    ['2026-03-09T12:00:00Z', '3 days ago'],
  ])('says how far %s is away', (at, words) => {
    expect(format.distance(at, now)).toBe(words);
  });

  it.each([
    [850, '850 ms'],
    [12_300, '12 s'],
    [59_700, '1 min'],
    [245_000, '4 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [7_200_000, '2 h'],
  ])('shortens a duration of %d ms', (milliseconds, words) => {
    expect(format.duration(milliseconds)).toBe(words);
  });

  it('counts with the right form of the word', () => {
    expect([0, 1, 1204].map((count) => counted(format, count, 'user'))).toEqual(['0 users', '1 user', '1,204 users']);
  });

  it.each([
    [5, 'Every 5 minutes'],
    [60, 'Every hour'],
    [90, 'Every 90 minutes'],
    [240, 'Every 4 hours'],
    [1440, 'Every day'],
    [10_080, 'Every 7 days'],
  ])('words a schedule of %d minutes', (minutes, words) => {
    expect(everyMinutes(minutes)).toBe(words);
  });
});
