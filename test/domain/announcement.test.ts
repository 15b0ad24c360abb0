// Admins are told once after the first round and then not more often than they want; nobody new is left out.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announce, nextAnnouncementAt } from '../../shared/domain/announcement.ts';
import { noticeFrequencies } from '../../shared/domain/company.ts';
import { buildSyncState } from '../builders.ts';

const at = '2026-03-02T08:00:00.000Z';
const after = (minutes: number) => new Date(Date.parse(at) + minutes * 60_000);
const connected = { unannounced: 0, announcedAt: at, connectionAnnounced: true };

describe('announcing', () => {
  it('tells of the connection first, whoever came', () => {
    const state = { unannounced: 0, announcedAt: null, connectionAnnounced: false };
    for (const newPeople of [0, 5]) {
      expect(announce(state, { newPeople, frequency: 'daily', now: after(0) })).toEqual({
        mail: 'integrationConnected',
        newCount: newPeople,
        state: connected,
      });
    }
  });

  it.each([
    ['nobody new', 'hourly', 0, 120, null, 0, 0],
    ['new people too early', 'hourly', 3, 59, null, 0, 5],
    ['new people in time', 'hourly', 3, 60, 'newUsersFound', 5, 0],
    ['new people within the day', 'daily', 3, 1439, null, 0, 5],
    ['new people after a day', 'daily', 3, 1440, 'newUsersFound', 5, 0],
  ] as const)('%s (%s)', (_what, frequency, newPeople, minutes, mail, newCount, unannounced) => {
    const earlier = newPeople === 0 ? 0 : 2;
    const result = announce({ ...connected, unannounced: earlier }, { newPeople, frequency, now: after(minutes) });
    expect(result).toMatchObject({ mail, newCount, state: { unannounced, connectionAnnounced: true } });
    expect(result.state.announcedAt).toBe(mail === null ? at : after(minutes).toISOString());
  });

  it('returns what it decides about and nothing else of a larger state', () => {
    const { state } = announce(buildSyncState({ ...connected, people: 7 }), { newPeople: 1, frequency: 'daily', now: after(1) });
    expect(Object.keys(state).toSorted()).toEqual(['announcedAt', 'connectionAnnounced', 'unannounced']);
  });

  it('says when the next mail may go', () => {
    expect(nextAnnouncementAt(connected, 'hourly')).toBeNull();
    expect(nextAnnouncementAt({ ...connected, unannounced: 1 }, 'hourly')).toEqual(after(60));
    expect(nextAnnouncementAt({ ...connected, unannounced: 1 }, 'daily')).toEqual(after(1440));
    expect(nextAnnouncementAt({ ...connected, unannounced: 1, announcedAt: null }, 'daily')).toEqual(new Date(0));
  });

  it('tells of everybody exactly once and keeps its distance', () => {
    const rounds = fc.array(fc.record({ newPeople: fc.nat(5), minutes: fc.integer({ min: 1, max: 600 }) }), { maxLength: 40 });
    fc.assert(
      fc.property(rounds, fc.constantFrom(...noticeFrequencies), (met, frequency) => {
        let state = announce({ ...connected, connectionAnnounced: false }, { newPeople: 0, frequency, now: after(0) }).state;
        let [minutes, came, told, last] = [0, 0, 0, 0];
        for (const { newPeople, minutes: passed } of met) {
          minutes += passed;
          came += newPeople;
          const result = announce(state, { newPeople, frequency, now: after(minutes) });
          state = result.state;
          told += result.newCount;
          if (result.mail !== null) {
            expect(minutes - last).toBeGreaterThanOrEqual(frequency === 'hourly' ? 60 : 1440);
            last = minutes;
          }
          expect(told + state.unannounced).toBe(came);
        }
      }),
    );
  });
});
