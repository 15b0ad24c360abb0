// When the weekly reminder of a manager is due, and why it is sent or not.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noAssignments } from '../../shared/domain/assignment.ts';
import { accountStates } from '../../shared/domain/manager-account.ts';
import {
  decideReminder,
  explainSkip,
  latestDecisionMs,
  latestReminder,
  nextReminder,
  openReminders,
  type ReminderFacts,
  type ReminderSchedule,
  reminderOf,
  reminderOverrides,
  skipReasons,
} from '../../shared/domain/weekly-reminder.ts';

const mondayAtEight: ReminderSchedule = { weekday: 1, hour: 8, timeZone: 'Europe/Berlin' };

describe('a reminder is due', () => {
  it.each<[string, readonly string[]]>([
    ['2026-03-02T06:59:59Z', []],
    ['2026-03-02T07:00:00Z', ['2026-W10']],
    // Until two days later, for whoever was asleep.
    ['2026-03-04T07:00:00Z', ['2026-W10']],
    ['2026-03-04T07:00:01Z', []],
    // An hour earlier in UTC once the clocks are put forward.
    ['2026-03-30T05:59:59Z', []],
    ['2026-03-30T06:00:00Z', ['2026-W14']],
  ])('on Mondays at eight in Berlin: at %s', (now, weeks) => {
    expect(openReminders(mondayAtEight, null, new Date(now)).map(({ week }) => week)).toEqual(weeks);
  });

  it('on a late Sunday still belongs to its own week on Monday', () => {
    const schedule = { weekday: 7, hour: 23, timeZone: 'Pacific/Auckland' };
    const due = openReminders(schedule, null, new Date('2026-03-02T12:00:00Z'));
    expect(due).toEqual([{ week: '2026-W09', dueAt: new Date('2026-03-01T10:00:00Z') }]);
  });

  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Africa/Cairo', 'America/Santiago', 'Pacific/Kiritimati', 'Australia/Lord_Howe');
  const schedules = fc.record({ weekday: fc.integer({ min: 1, max: 7 }), hour: fc.integer({ min: 0, max: 23 }), timeZone: zones });
  const instants = fc.date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2035-01-01T00:00:00Z'), noInvalidDate: true });

  it('once a week, at any time of any year, in any zone', () => {
    fc.assert(
      fc.property(schedules, instants, (schedule, now) => {
        const { week, dueAt } = nextReminder(schedule, now);
        expect(dueAt > now).toBe(true);
        expect(dueAt.getTime() - now.getTime()).toBeLessThanOrEqual(7 * 86_400_000 + 2 * 3_600_000);
        expect(openReminders(schedule, null, dueAt)).toContainEqual({ week, dueAt });
        expect(openReminders(schedule, null, new Date(dueAt.getTime() + latestDecisionMs)).map((due) => due.week)).toContain(week);
        expect(nextReminder(schedule, dueAt).week > week).toBe(true);
        expect(latestReminder(schedule, dueAt)).toEqual({ week, dueAt });
        expect(reminderOf(schedule, week)).toEqual({ week, dueAt });
      }),
    );
  });

  it('once a week, however often day, hour and time zone are changed in between', () => {
    const steps = fc.array(fc.record({ schedule: schedules, hours: fc.integer({ min: 1, max: 400 }) }), { maxLength: 30 });
    fc.assert(
      fc.property(instants, steps, (start, changes) => {
        const decided: string[] = [];
        let now = start.getTime();
        for (const { schedule, hours } of changes) {
          now += hours * 3_600_000;
          const last = decided.at(-1) ?? null;
          decided.push(...openReminders(schedule, last, new Date(now)).map(({ week }) => week));
          expect(nextReminder(schedule, new Date(now), decided.at(-1) ?? null).week > (decided.at(-1) ?? '')).toBe(true);
        }
        expect(decided).toEqual([...new Set(decided)].toSorted());
      }),
      { numRuns: 40 },
    );
  });

  it('also when it was missed, for a month', () => {
    const missed = (now: string) => openReminders(mondayAtEight, '2026-W10', new Date(now)).map(({ week }) => week);
    expect(missed('2026-03-08T00:00:00Z')).toEqual([]);
    expect(missed('2026-03-25T00:00:00Z')).toEqual(['2026-W11', '2026-W12', '2026-W13']);
    expect(missed('2026-09-02T00:00:00Z')).toHaveLength(5);
  });
});

describe('a reminder', () => {
  const due = { week: '2026-W10', dueAt: new Date('2026-03-02T07:00:00Z') };
  const facts: ReminderFacts = {
    isLinked: true,
    companyOn: true,
    override: 'inherit',
    state: 'active',
    activeSince: new Date('2026-02-01T00:00:00Z'),
    hasAddress: true,
    addressRefused: false,
    team: { ...noAssignments, overdue: 1 },
    doneSinceLast: 0,
  };

  it.each<[string, Partial<ReminderFacts>, string]>([
    ['something is overdue', {}, 'send'],
    ['something is due soon', { team: { ...noAssignments, dueSoon: 1 } }, 'send'],
    ['the company has left its tenant', { isLinked: false }, 'disconnected'],
    ['something was done', { team: { ...noAssignments, done: 3 }, doneSinceLast: 1 }, 'send'],
    ['nothing is to be said', { team: { ...noAssignments, open: 4, done: 3 } }, 'nothingToSay'],
    ['the company has switched it off', { companyOn: false }, 'companyOff'],
    ['the manager wants it all the same', { companyOn: false, override: 'on' }, 'send'],
    ['the manager has switched it off', { override: 'off' }, 'managerOff'],
    ['nobody was invited', { state: 'none', activeSince: null }, 'notAccepted'],
    ['the invitation is open', { state: 'invited', activeSince: null }, 'notAccepted'],
    ['it was accepted after it was due', { activeSince: new Date('2026-03-02T07:00:01Z') }, 'acceptedLater'],
    ['it was accepted at the last moment', { activeSince: due.dueAt }, 'send'],
    ['the account is suspended', { state: 'suspended' }, 'suspended'],
    ['the account is disabled', { state: 'disabled' }, 'disabled'],
    ['there is no address', { hasAddress: false }, 'noAddress'],
    ['the address bounces', { addressRefused: true }, 'addressRefused'],
  ])('when %s', (_, change, outcome) => {
    const decision = decideReminder({ ...facts, ...change }, due, due.dueAt);
    expect(decision.kind === 'send' ? 'send' : decision.reason).toBe(outcome);
  });

  it('is not made up for after two days', () => {
    const late = new Date(due.dueAt.getTime() + latestDecisionMs);
    expect(decideReminder(facts, due, late)).toEqual({ kind: 'send' });
    expect(decideReminder(facts, due, new Date(late.getTime() + 1))).toEqual({ kind: 'skip', reason: 'tooLate' });
  });

  it('goes to active accounts only, whatever the switches say', () => {
    fc.assert(
      fc.property(fc.constantFrom(...accountStates), fc.constantFrom(...reminderOverrides), fc.boolean(), (state, override, companyOn) => {
        const decision = decideReminder({ ...facts, state, override, companyOn }, due, due.dueAt);
        if (decision.kind === 'send') expect(state).toBe('active');
      }),
    );
  });

  it('that is not sent has a reason in words', () => {
    for (const reason of skipReasons) expect(explainSkip(reason)).toMatch(/^[A-Z].+\.$/);
  });
});
