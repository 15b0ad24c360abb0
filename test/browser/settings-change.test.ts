// The settings form sends what was changed, as the API takes it.
import { describe, expect, it } from 'vitest';
import { settingsChangeOf } from '../../portal/settings-change.ts';
import { settingsChange } from '../../shared/contracts/companies.ts';
import { settings } from './stub-company.ts';

/** The form as a browser submits it when nobody touched it; an unticked box is missing. */
const untouched = {
  timeZone: 'Europe/Berlin',
  syncEveryMinutes: '60',
  fullRoundEveryDays: '7',
  loadInParts: 'on',
  newUsersMail: 'hourly',
  removalHoldPercent: '10',
  removalHoldCount: '5',
  dueSoonDays: '7',
  invitationDays: '14',
};

describe('the settings form', () => {
  it('changes nothing when nothing was touched', () => {
    expect(settingsChangeOf(settings, untouched)).toBeNull();
  });

  it('sends only what differs', () => {
    const change = settingsChangeOf(settings, { ...untouched, syncEveryMinutes: '240', syncPaused: 'on', newUsersMail: 'daily' });
    expect(change).toEqual({ syncEveryMinutes: 240, syncPaused: true, newUsersMail: 'daily' });
    expect(settingsChange.parse(change)).toEqual(change);
  });

  it('takes a tick away', () => {
    expect(settingsChangeOf({ ...settings, syncPaused: true }, untouched)).toEqual({ syncPaused: false });
  });
});
