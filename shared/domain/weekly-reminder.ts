// The weekly reminder of a manager: when it is due, whether it is sent, and why not. One decision per manager and week, whatever the
// clocks, the settings and the timers do meanwhile.
import type { StatusCounts } from './assignment.ts';
import { addDays, instantOf, isoWeek, localDay, weekdayOf } from './local-time.ts';
import type { AccountState } from './manager-account.ts';

export interface ReminderSchedule {
  /** Monday is 1, Sunday is 7. */
  readonly weekday: number;
  /** 0 to 23, in the company's time zone. */
  readonly hour: number;
  readonly timeZone: string;
}

export interface DueReminder {
  /** ISO week of the local day, such as `2026-W10`. */
  readonly week: string;
  readonly dueAt: Date;
}

const hourMs = 3_600_000;
/** After an outage a reminder is decided this late at most; its mail may wait longer for the quota. */
export const latestDecisionMs = 48 * hourMs;

function dueIn(monday: string, { weekday, hour, timeZone }: ReminderSchedule): DueReminder {
  return { week: isoWeek(monday), dueAt: instantOf(addDays(monday, weekday - 1), hour, timeZone) };
}

/** The reminder of a week by the schedule of now. @param week ISO week, such as `2026-W10` */
export function reminderOf(schedule: ReminderSchedule, week: string): DueReminder {
  const [year = '', number = ''] = week.split('-W');
  // The fourth of January is in the first week of its year (ISO 8601).
  const fourth = `${year}-01-04`;
  return dueIn(addDays(fourth, 1 - weekdayOf(fourth) + 7 * (Number(number) - 1)), schedule);
}

/** Weeks before this one that are still looked at: after a longer outage older ones are not even recorded as missed. */
const weeksBack = 4;

/** The reminders of the weeks around this one, oldest first. */
function around(schedule: ReminderSchedule, now: Date): readonly DueReminder[] {
  const today = localDay(now, schedule.timeZone);
  const monday = addDays(today, 1 - weekdayOf(today));
  // Two weeks ahead: by another time zone a week may have begun and be decided that has not begun here.
  return Array.from({ length: weeksBack + 3 }, (_, index) => dueIn(addDays(monday, 7 * (index - weeksBack)), schedule));
}

/** Whether a reminder is past the time in which it may be decided. */
export const isTooLate = ({ dueAt }: Pick<DueReminder, 'dueAt'>, now: Date) => now.getTime() - dueAt.getTime() > latestDecisionMs;

/**
 * Reminders that have to be decided now, oldest first, those that were missed among them. Whatever becomes of day, hour and time zone,
 * a week that was decided is over.
 * @param lastWeek the last week that was decided; `null` before the first, when nothing can have been missed
 */
export function openReminders(schedule: ReminderSchedule, lastWeek: string | null, now: Date): readonly DueReminder[] {
  const past = around(schedule, now).filter(({ dueAt }) => dueAt <= now);
  return past.filter((due) => (lastWeek === null ? !isTooLate(due, now) : due.week > lastWeek));
}

/** When the next reminder is due. @param lastWeek as for `openReminders` */
export function nextReminder(schedule: ReminderSchedule, now: Date, lastWeek: string | null = null): DueReminder {
  const next = around(schedule, now).find(({ week, dueAt }) => dueAt > now && (lastWeek === null || week > lastWeek));
  if (next === undefined) throw new RangeError('A week has no reminder.');
  return next;
}

/** The last reminder whose time has come, decided or not. */
export function latestReminder(schedule: ReminderSchedule, now: Date): DueReminder {
  const latest = around(schedule, now).findLast(({ dueAt }) => dueAt <= now);
  if (latest === undefined) throw new RangeError('A week has no reminder.');
  return latest;
}

export const reminderOverrides = ['inherit', 'on', 'off'] as const;
export type ReminderOverride = (typeof reminderOverrides)[number];

export const skipReasons = [
  'disconnected',
  'companyOff',
  'managerOff',
  'notAccepted',
  'acceptedLater',
  'suspended',
  'disabled',
  'noAddress',
  'addressRefused',
  'nothingToSay',
  'tooLate',
] as const;
export type SkipReason = (typeof skipReasons)[number];

export type ReminderDecision = { readonly kind: 'send' } | { readonly kind: 'skip'; readonly reason: SkipReason };

/** What is known of a manager when the reminder is decided. */
export interface ReminderFacts {
  /** The company follows its directory; what is known of teams is true. */
  readonly isLinked: boolean;
  readonly companyOn: boolean;
  readonly override: ReminderOverride;
  readonly state: AccountState;
  /** When the account became active; `null` when it never did. */
  readonly activeSince: Date | null;
  readonly hasAddress: boolean;
  /** The mail service has refused the address for good. */
  readonly addressRefused: boolean;
  readonly team: StatusCounts;
  /** Courses that team members have finished since the last reminder. */
  readonly doneSinceLast: number;
}

const stateReasons: Readonly<Record<Exclude<AccountState, 'active'>, SkipReason>> = {
  none: 'notAccepted',
  invited: 'notAccepted',
  suspended: 'suspended',
  disabled: 'disabled',
};

/** Decides one reminder. The reason that is told is the first in the order in which an admin would look. */
export function decideReminder(facts: ReminderFacts, { dueAt }: Pick<DueReminder, 'dueAt'>, now: Date): ReminderDecision {
  const skip = (reason: SkipReason) => ({ kind: 'skip', reason }) as const;
  if (!facts.isLinked) return skip('disconnected');
  const { state, activeSince, override, companyOn, team } = facts;
  if (state !== 'active') return skip(stateReasons[state]);
  // Until the invitation is accepted a manager gets nothing about the team, and what was due before is not made up for.
  if (activeSince === null || activeSince > dueAt) return skip('acceptedLater');
  if (override === 'off') return skip('managerOff');
  if (override === 'inherit' && !companyOn) return skip('companyOff');
  if (isTooLate({ dueAt }, now)) return skip('tooLate');
  if (!facts.hasAddress) return skip('noAddress');
  if (facts.addressRefused) return skip('addressRefused');
  return team.overdue + team.dueSoon + facts.doneSinceLast === 0 ? skip('nothingToSay') : { kind: 'send' };
}

const sentences: Readonly<Record<SkipReason, string>> = {
  disconnected: 'The company is not connected to its Microsoft 365 tenant.',
  companyOff: 'Weekly reminders are switched off for the company.',
  managerOff: 'Weekly reminders are switched off for this manager.',
  notAccepted: 'The invitation has not been accepted. Until then a manager gets no mail about the team.',
  acceptedLater: 'The invitation was accepted after this week’s reminder was due.',
  suspended: 'The account is suspended, because the directory shows no team or no such person.',
  disabled: 'An admin has disabled the account.',
  noAddress: 'The directory has no mail address for this manager.',
  addressRefused: 'The mail service refuses the address.',
  nothingToSay: 'Nothing was overdue, due soon or newly done.',
  tooLate:
    'It could not be decided within 48 hours of the time it was due: the service was not running, or the day was changed afterwards.',
};

/** Why a manager got no reminder, in words for an admin. */
export const explainSkip = (reason: SkipReason) => sentences[reason];
