// The settings a company begins with, and which time zones it may choose.
import { expect, it } from 'vitest';
import { defaultSettings, isTimeZone } from '../../shared/domain/company.ts';

it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata', 'Pacific/Chatham'])('%s is a time zone', (name) => {
  expect(isTimeZone(name)).toBe(true);
});

it.each(['', 'Berlin', 'Europe/Atlantis', 'UTC+25', ' UTC', 'Europe/Berlin\n', '../UTC'])('%j is no time zone', (name) => {
  expect(isTimeZone(name)).toBe(false);
});

it('begins carefully: synced hourly, read in full weekly, and many removals at once are held', () => {
  expect(defaultSettings).toMatchObject({ syncEveryMinutes: 60, syncPaused: false, fullRoundEveryDays: 7, newUsersMail: 'hourly' });
  expect(isTimeZone(defaultSettings.timeZone)).toBe(true);
  expect(defaultSettings.removalHoldPercent).toBeLessThanOrEqual(10);
  expect(defaultSettings.removalHoldCount).toBeGreaterThan(0);
});
