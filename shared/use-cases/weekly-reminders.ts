// The weekly reminders of a company: which week is to be decided, and the deciding of it, slice by slice. Each manager's entry in the
// ledger is made once with the mail it causes; whatever crashes or runs twice finds it and goes on.
import pLimit from 'p-limit';
import { isoWeek, localDay } from '../domain/local-time.ts';
import { nextReminder, openReminders, type ReminderSchedule } from '../domain/weekly-reminder.ts';
import type { Settings } from '../domain/company.ts';
import type { Ports } from '../ports/ports.ts';
import { readCompany, readSettings } from '../storage/companies.ts';
import { readCompanyState } from '../storage/company-state.ts';
import type { Found } from '../storage/document.ts';
import { changeFleet, type FleetRow, readFleetRow } from '../storage/fleet.ts';
import { listAccounts, type ListedAccount, type ManagerAccount } from '../storage/manager-accounts.ts';
import {
  insertEntries,
  insertWeek,
  ledgerPlace,
  listWeeks,
  readEntries,
  readWeek,
  type ReminderEntry,
  type ReminderWeek,
  replaceWeek,
} from '../storage/reminders.ts';
import { composeReminder, type ReminderRun } from './compose-reminder.ts';
import { openUsers } from './company-users.ts';
import { withEffects } from './effects.ts';
import { readableFleet } from './fleet-rows.ts';
import { readManagerFacts } from './manager-facts.ts';

export const scheduleOf = ({ weeklyReminderDay, weeklyReminderHour, timeZone }: Settings): ReminderSchedule => ({
  weekday: weeklyReminderDay,
  hour: weeklyReminderHour,
  timeZone,
});

/** Companies served by one run of the timer; the others follow a minute later. */
const companiesAtOnce = 100;

/** Whose reminders are to be looked at, from the fleet's rows alone; longest overdue first. */
export function planReminders(rows: readonly FleetRow[], now: Date): readonly string[] {
  return rows
    .filter(({ remindAt }) => remindAt === null || Date.parse(remindAt) <= now.getTime())
    .toSorted((left, right) => ((left.remindAt ?? '') < (right.remindAt ?? '') ? -1 : 1))
    .slice(0, companiesAtOnce)
    .map(({ companyId }) => companyId);
}

export async function readReminderPlan(ports: Pick<Ports, 'tables' | 'clock' | 'log'>): Promise<readonly string[]> {
  const rows: FleetRow[] = [];
  for await (const row of readableFleet(ports)) rows.push(row);
  return planReminders(rows, ports.clock.now());
}

/** A week of a company. */
export interface ReminderInput {
  readonly companyId: string;
  readonly week: string;
  readonly dueAt: string;
}

const weekMs = 7 * 86_400_000;
/** A company is looked at this often at least, so that a change of its settings whose notice was lost costs hours and no week. */
const lookAgainMs = 12 * 3_600_000;

/** The oldest week of a company that is still to be decided; when there is none, notes when to look again. */
export async function findOpenReminders(ports: Pick<Ports, 'tables' | 'clock'>, companyId: string): Promise<ReminderInput | undefined> {
  const fleet = await readFleetRow(ports.tables, companyId);
  const schedule = scheduleOf((await readSettings(ports.tables, companyId)).value);
  const now = ports.clock.now();
  // What has begun is brought to its end, whatever day and hour are now.
  const recent = isoWeek(localDay(new Date(now.getTime() - 8 * weekMs), schedule.timeZone));
  const weeks = await listWeeks(ports.tables, companyId, recent);
  const begun = weeks.find(({ finishedAt }) => finishedAt === null);
  if (begun !== undefined) return { companyId, week: begun.week, dueAt: begun.dueAt };
  // Without it no week would count as missed: the first one may have ended without a word to the fleet.
  const lastWeek = fleet?.remindedWeek ?? weeks.at(-1)?.week ?? null;
  const [open] = openReminders(schedule, lastWeek, now);
  if (open !== undefined) return { companyId, week: open.week, dueAt: open.dueAt.toISOString() };
  const next = nextReminder(schedule, now, lastWeek).dueAt.getTime();
  const remindAt = new Date(Math.min(next, now.getTime() + lookAgainMs)).toISOString();
  await changeFleet(ports.tables, companyId, { remindAt, ...(fleet?.remindedWeek === lastWeek ? {} : { remindedWeek: lastWeek }) });
  return undefined;
}

const tryAgainMs = 10 * 60_000;

/** Other companies go first meanwhile. */
async function postpone({ tables, clock }: Pick<Ports, 'tables' | 'clock'>, companyId: string): Promise<void> {
  await changeFleet(tables, companyId, { remindAt: new Date(clock.now().getTime() + tryAgainMs).toISOString() });
}

/** Tries again later what failed several times in a row. */
export async function postponeReminders(ports: Pick<Ports, 'tables' | 'clock' | 'log'>, { companyId, week }: ReminderInput): Promise<void> {
  ports.log('error', 'The weekly reminders of a company could not be decided; they are tried again.', { companyId, week });
  await postpone(ports, companyId);
}

/**
 * Starts the open week of a company, if there is one; never throws. A company that fails is tried again later: as long as it is overdue it
 * would be first in line each minute, and a hundred of them would keep everybody else from getting a turn.
 */
export async function startReminders(
  ports: Pick<Ports, 'tables' | 'clock' | 'log'>,
  companyId: string,
  start: (open: ReminderInput) => Promise<void>,
): Promise<void> {
  try {
    const open = await findOpenReminders(ports, companyId);
    if (open !== undefined) await start(open);
  } catch (error) {
    const facts = { companyId, error: error instanceof Error ? error.name : 'unknown' };
    ports.log('warning', 'The weekly reminders of a company could not be started; they are tried again in ten minutes.', facts);
    // When storage is away, the next minute finds the company where it was.
    await postpone(ports, companyId).catch(() => undefined);
  }
}

/** What was done since the reminder before is new, or in the last seven days where that one is missing or far back. */
function sinceOf(former: ReminderWeek | undefined, dueAt: string): string {
  const due = Date.parse(dueAt);
  const formerDue = former === undefined ? 0 : Date.parse(former.dueAt);
  return new Date(formerDue < due && due - formerDue <= 2 * weekMs ? formerDue : due - weekMs).toISOString();
}

async function beginWeek(ports: Pick<Ports, 'tables' | 'clock'>, { companyId, week, dueAt }: ReminderInput): Promise<void> {
  const former = (await listWeeks(ports.tables, companyId, '')).findLast((each) => each.week < week);
  let total = 0;
  for await (const { account } of listAccounts(ports.tables, companyId, null))
    if (account !== undefined && account.state !== 'none') total += 1;
  const startedAt = ports.clock.now().toISOString();
  const since = sinceOf(former, dueAt);
  await insertWeek(ports.tables, companyId, {
    week,
    dueAt,
    since,
    startedAt,
    total,
    sent: 0,
    skipped: {},
    cursor: null,
    finishedAt: null,
  });
}

/** Accounts of one step; with their mails they fit into one transaction. */
const sliceSize = 50;
const parallelManagers = 8;
const attempts = 8;

interface Slice {
  readonly accounts: readonly ManagerAccount[];
  /** Object id of the last row, readable or not: the next slice begins behind it. */
  readonly last: string | undefined;
  readonly isLast: boolean;
}

/** Judged by its rows: one that cannot be read is passed over, and ends or repeats nothing. */
async function readSlice({ tables, log }: Pick<Ports, 'tables' | 'log'>, companyId: string, after: string | null): Promise<Slice> {
  const rows: ListedAccount[] = [];
  for await (const row of listAccounts(tables, companyId, after, sliceSize)) rows.push(row);
  const accounts = rows.flatMap(({ objectId, account }) => {
    if (account === undefined) log('error', 'The account of a manager cannot be read; there is no reminder.', { companyId, objectId });
    return account ?? [];
  });
  return { accounts, last: rows.at(-1)?.objectId, isLast: rows.length < sliceSize };
}

/** Makes the entries that a slice still lacks. Another run of the same step may make some of them first: then the rest is decided anew. */
async function decideSlice(
  ports: Ports,
  companyId: string,
  { week, dueAt, since, cursor }: ReminderWeek,
  accounts: readonly ManagerAccount[],
  last: string,
): Promise<void> {
  const [state, company] = await Promise.all([readCompanyState(ports.tables, companyId), readCompany(ports.tables, companyId)]);
  const opened = await openUsers(ports, companyId, state);
  const run: ReminderRun = { companyId, companyName: company?.name ?? '', state, opened, week: { dueAt, since } };
  const limit = pLimit(parallelManagers);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const known = new Set((await readEntries(ports.tables, companyId, week, { after: cursor, last })).map(({ objectId }) => objectId));
    const open = accounts.filter((account) => account.state !== 'none' && !known.has(account.objectId));
    if (open.length === 0) return;
    const asked = open.filter((account) => account.state === 'active').map(({ objectId }) => objectId);
    const facts = opened && (await readManagerFacts(ports, opened, asked));
    const decided = await Promise.all(
      open.map((account) => limit(async () => await composeReminder(ports, run, account, facts?.get(account.objectId)))),
    );
    if ((await insertEntries(ports.tables, companyId, week, decided)) === 'done') return;
  }
  throw new Error(`The entries of ${week} were made by others ${attempts} times in a row.`);
}

function movedOn(week: ReminderWeek, entries: readonly ReminderEntry[]): ReminderWeek {
  const skipped = { ...week.skipped };
  for (const { reason } of entries) if (reason !== null) skipped[reason] = (skipped[reason] ?? 0) + 1;
  return { ...week, skipped, sent: week.sent + entries.filter(({ reason }) => reason === null).length };
}

/** What a step leads to. */
export type ReminderStep = { readonly kind: 'more' | 'finished' };

async function step(ports: Ports, { companyId, week }: ReminderInput, { value, etag }: Found<ReminderWeek>): Promise<ReminderStep> {
  if (value.finishedAt === null) {
    const { accounts, last, isLast } = await readSlice(ports, companyId, value.cursor);
    if (last !== undefined) {
      const place = ledgerPlace(companyId, week);
      await withEffects(ports, companyId, [place], async () => await decideSlice(ports, companyId, value, accounts, last));
    }
    const range = last === undefined ? undefined : { after: value.cursor, last };
    const entries = range === undefined ? [] : await readEntries(ports.tables, companyId, week, range);
    const finishedAt = isLast ? ports.clock.now().toISOString() : null;
    // Entries never change, so whoever moves the week on counts them once; another run of this step then changes nothing.
    const next = { ...movedOn(value, entries), cursor: last ?? value.cursor, finishedAt };
    const outcome = await replaceWeek(ports.tables, companyId, { value: next, etag });
    if (!isLast || outcome === 'changed') return { kind: 'more' };
  }
  // Looked at once more at once: after an outage another week may be open.
  await changeFleet(ports.tables, companyId, { remindedWeek: week, remindAt: null });
  return { kind: 'finished' };
}

/** Decides the next managers of a week. Repeatable at any point, also beside itself. */
export async function decideReminders(ports: Ports, input: ReminderInput): Promise<ReminderStep> {
  const { companyId, week } = input;
  let found = await readWeek(ports.tables, companyId, week);
  if (found === undefined) {
    await beginWeek(ports, input);
    found = await readWeek(ports.tables, companyId, week);
  }
  if (found === undefined) throw new Error(`The week ${week} did not begin.`);
  return await step(ports, input, found);
}
