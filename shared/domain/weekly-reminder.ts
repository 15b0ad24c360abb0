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

/** This week's reminder and the ones beside it, which clocks and late decisions may concern as well. */
function around(schedule: ReminderSchedule, now: Date): readonly DueReminder[] {
  const today = localDay(now, schedule.timeZone);
  const monday = addDays(today, 1 - weekdayOf(today));
  return [-7, 0, 7].map((days) => dueIn(addDays(monday, days), schedule));
}

/** Reminders whose time has come and is not over, oldest first: one as a rule, none between two. */
export function dueReminders(schedule: ReminderSchedule, now: Date): readonly DueReminder[] {
  return around(schedule, now).filter(({ dueAt }) => {
    const late = now.getTime() - dueAt.getTime();
    return late >= 0 && late <= latestDecisionMs;
  });
}

/** When the next reminder is due. */
export function nextReminder(schedule: ReminderSchedule, now: Date): DueReminder {
  const next = around(schedule, now).find(({ dueAt }) => dueAt > now);
  if (next === undefined) throw new RangeError('A week has no reminder.');
  return next;
}

export const reminderOverrides = ['inherit', 'on', 'off'] as const;
export type ReminderOverride = (typeof reminderOverrides)[number];

export const skipReasons = [
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
export function decideReminder(facts: ReminderFacts, { dueAt }: DueReminder): ReminderDecision {
  const skip = (reason: SkipReason) => ({ kind: 'skip', reason }) as const;
  const { state, activeSince, override, companyOn, team } = facts;
  if (state !== 'active') return skip(stateReasons[state]);
  // Until the invitation is accepted a manager gets nothing about the team, and what was due before is not made up for.
  if (activeSince === null || activeSince > dueAt) return skip('acceptedLater');
  if (override === 'off') return skip('managerOff');
  if (override === 'inherit' && !companyOn) return skip('companyOff');
  if (!facts.hasAddress) return skip('noAddress');
  if (facts.addressRefused) return skip('addressRefused');
  return team.overdue + team.dueSoon + facts.doneSinceLast === 0 ? skip('nothingToSay') : { kind: 'send' };
}

const sentences: Readonly<Record<SkipReason, string>> = {
  companyOff: 'Weekly reminders are switched off for the company.',
  managerOff: 'Weekly reminders are switched off for this manager.',
  notAccepted: 'The invitation has not been accepted. Until then a manager gets no mail about the team.',
  acceptedLater: 'The invitation was accepted after this week’s reminder was due.',
  suspended: 'The account is suspended, because the directory shows no team or no such person.',
  disabled: 'An admin has disabled the account.',
  noAddress: 'The directory has no mail address for this manager.',
  addressRefused: 'The mail service refuses the address.',
  nothingToSay: 'Nothing was overdue, due soon or newly done.',
  tooLate: 'The service was not running within 48 hours of the time it was due.',
};

/** Why a manager got no reminder, in words for an admin. */
export const explainSkip = (reason: SkipReason) => sentences[reason];
