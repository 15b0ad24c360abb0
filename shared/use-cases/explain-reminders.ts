// "Why did X not get it?" in words, and how far a company's week is: decided, sent, waiting for the mail quota, and until when.
import { longInstant } from '../domain/local-time.ts';
import { estimateEnd } from '../domain/mail-quota.ts';
import type { SendRecord } from '../domain/message.ts';
import {
  decideReminder,
  type DueReminder,
  explainSkip,
  isTooLate,
  latestReminder,
  nextReminder,
  reminderOf,
  type ReminderOverride,
  type SkipReason,
} from '../domain/weekly-reminder.ts';
import type { Ports } from '../ports/ports.ts';
import type { CompanyState } from '../storage/company-state.ts';
import { readFleetRow } from '../storage/fleet.ts';
import { readQuotaWindow, readSendRecord, recordsSince } from '../storage/mails.ts';
import { noAccount, readAccount } from '../storage/manager-accounts.ts';
import { listWeeks, readEntry, readWeek, type ReminderEntry, type ReminderWeek } from '../storage/reminders.ts';
import { standingFacts } from './compose-reminder.ts';
import { requireManagerFacts } from './manager-facts.ts';
import { scheduleOf } from './weekly-reminders.ts';

export interface ReminderExplanation {
  readonly setting: ReminderOverride;
  readonly companyOn: boolean;
  readonly week: string;
  readonly dueAt: string;
  readonly outcome: 'sent' | 'skipped' | 'undecided';
  readonly reason: SkipReason | null;
  readonly words: string;
  readonly decidedAt: string | null;
  readonly said: Pick<ReminderEntry, 'overdue' | 'dueSoon' | 'doneSinceLast'> | null;
  readonly mail: (Pick<SendRecord, 'state' | 'notBefore' | 'finishedAt'> & { readonly mailId: string }) | null;
  readonly lastSent: { readonly week: string; readonly decidedAt: string } | null;
  readonly nextDueAt: string;
}

/** What became of the mail of a reminder that was sent. */
function mailWords(record: SendRecord | undefined, inWords: (at: string) => string): string {
  if (record === undefined) return 'It was decided to send it; the mail is about to be made.';
  switch (record.state) {
    case 'accepted':
      return `It was sent: the mail service took it over on ${inWords(record.finishedAt ?? record.mail.createdAt)}.`;
    case 'refused':
      return `The mail service refused it: ${record.problem ?? 'without a reason'}`;
    case 'withdrawn':
      return `It was decided to send it, and it was not sent after all: ${record.problem ?? 'without a reason'}`;
    case 'queued':
    case 'claimed':
      return record.notBefore === null
        ? 'The mail is on its way.'
        : `The mail waits for its turn, expected on ${inWords(record.notBefore)}. Password resets and invitations go first.`;
  }
}

/** Weeks that are shown, and searched for the last reminder that was sent. */
const weeksShownMs = 8 * 7 * 86_400_000;

const firstShown = (schedule: ReturnType<typeof scheduleOf>, now: Date) =>
  latestReminder(schedule, new Date(now.getTime() - weeksShownMs)).week;

async function findLastSent(
  ports: Pick<Ports, 'tables'>,
  companyId: string,
  objectId: string,
  weeks: readonly ReminderWeek[],
): Promise<ReminderExplanation['lastSent']> {
  for (const { week, sent } of weeks.toReversed()) {
    const entry = sent > 0 ? await readEntry(ports.tables, companyId, week, objectId) : undefined;
    if (entry?.reason === null) return { week, decidedAt: entry.decidedAt };
  }
  return null;
}

interface Question {
  readonly companyId: string;
  readonly userId: string;
  /** The last one that was due, unless told. */
  readonly week: string | null;
  readonly state: CompanyState;
}

/**
 * What became of a manager's reminder of a week, and why.
 * @throws Refusal `not-found` when there is no such user in this company
 */
export async function explainReminder(ports: Ports, { companyId, userId, week: asked, state }: Question): Promise<ReminderExplanation> {
  const manager = await requireManagerFacts(ports, { companyId, userId, state });
  const { objectId } = manager.user;
  const now = ports.clock.now();
  const schedule = scheduleOf(state.settings);
  const week = asked ?? latestReminder(schedule, now).week;
  const [entry, begun, found, weeks, fleet] = await Promise.all([
    readEntry(ports.tables, companyId, week, objectId),
    readWeek(ports.tables, companyId, week),
    readAccount(ports.tables, companyId, objectId),
    listWeeks(ports.tables, companyId, firstShown(schedule, now)),
    readFleetRow(ports.tables, companyId),
  ]);
  const account = found?.value ?? noAccount(objectId);
  const inWords = (at: string) => longInstant(at, schedule.timeZone, 'en');
  const due: DueReminder = { week, dueAt: begun ? new Date(begun.value.dueAt) : reminderOf(schedule, week).dueAt };
  const about = {
    setting: account.reminders,
    companyOn: state.settings.weeklyReminders,
    week,
    dueAt: due.dueAt.toISOString(),
    lastSent: await findLastSent(ports, companyId, objectId, weeks),
    nextDueAt: nextReminder(schedule, now, fleet?.remindedWeek ?? null).dueAt.toISOString(),
  };
  const none = { decidedAt: null, said: null, mail: null };
  const skipped = (reason: SkipReason) => ({ ...about, ...none, outcome: 'skipped', reason, words: explainSkip(reason) }) as const;
  const undecided = (words: string) => ({ ...about, ...none, outcome: 'undecided', reason: null, words }) as const;
  if (entry !== undefined) {
    const { overdue, dueSoon, doneSinceLast, decidedAt, mailId, reason, dueAt } = entry;
    const record = mailId === null ? undefined : (await readSendRecord(ports.tables, companyId, mailId))?.value;
    return {
      ...about,
      dueAt,
      outcome: reason === null ? 'sent' : 'skipped',
      reason,
      words: reason === null ? mailWords(record, inWords) : explainSkip(reason),
      decidedAt,
      said: { overdue, dueSoon, doneSinceLast },
      mail:
        mailId === null || record === undefined
          ? null
          : { mailId, state: record.state, notBefore: record.notBefore, finishedAt: record.finishedAt },
    };
  }
  if (due.dueAt > now) return undecided(`It is not due before ${inWords(about.dueAt)}.`);
  // Without an entry: there was no account when the week was decided, or it is not decided yet.
  const decision = decideReminder(await standingFacts(ports, { companyId, state }, account, manager), due, due.dueAt);
  const isOver = (begun !== undefined && begun.value.finishedAt !== null) || isTooLate(due, now);
  if (account.state === 'none') return skipped('notAccepted');
  if (!isOver) return undecided('It is due and is being decided; look again in a few minutes.');
  if (decision.kind === 'skip') return skipped(decision.reason);
  return skipped(begun === undefined ? 'tooLate' : 'acceptedLater');
}

export interface ReminderWeeks {
  readonly companyOn: boolean;
  readonly nextDueAt: string;
  readonly mails: { readonly waiting: number; readonly estimatedEnd: string | null };
  /** Newest first. */
  readonly weeks: readonly ReminderWeek[];
}

/** A full minute sends a mail into the minute after the next at most (mail-quota.ts). */
const longestMinuteWaitMs = 2 * 60_000;

/** Reminders of a company that wait for the mail quota, and until when. */
async function readWaiting(ports: Ports, companyId: string, since: string): Promise<ReminderWeeks['mails']> {
  const now = ports.clock.now();
  let [waiting, withoutPlace, last] = [0, 0, 0];
  for await (const { mail, state, notBefore } of recordsSince(ports.tables, companyId, since)) {
    if (mail.content.kind !== 'weeklyReminder' || (state !== 'queued' && state !== 'claimed')) continue;
    waiting += 1;
    // Who waits for the next minute alone has no place in the line yet.
    if (notBefore === null || Date.parse(notBefore) <= now.getTime() + longestMinuteWaitMs) withoutPlace += 1;
    else last = Math.max(last, Date.parse(notBefore));
  }
  if (waiting === 0) return { waiting, estimatedEnd: null };
  const window = await readQuotaWindow(ports.tables);
  const estimate = withoutPlace === 0 ? 0 : estimateEnd(window, ports.operation.mailQuota, withoutPlace, now).getTime();
  return { waiting, estimatedEnd: new Date(Math.max(last, estimate)).toISOString() };
}

/** The last weeks of a company. */
export async function readReminderWeeks(ports: Ports, companyId: string, state: CompanyState): Promise<ReminderWeeks> {
  const now = ports.clock.now();
  const schedule = scheduleOf(state.settings);
  const [weeks, fleet] = await Promise.all([
    listWeeks(ports.tables, companyId, firstShown(schedule, now)),
    readFleetRow(ports.tables, companyId),
  ]);
  const latest = weeks.at(-1);
  // Mails of a week may wait into the next one where the quota is small.
  const since = weeks.at(-2)?.startedAt ?? latest?.startedAt;
  return {
    companyOn: state.settings.weeklyReminders,
    nextDueAt: nextReminder(schedule, now, fleet?.remindedWeek ?? null).dueAt.toISOString(),
    mails: since === undefined ? { waiting: 0, estimatedEnd: null } : await readWaiting(ports, companyId, since),
    weeks: weeks.toReversed(),
  };
}
