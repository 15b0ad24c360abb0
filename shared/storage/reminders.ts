// The ledger of weekly reminders: one row a manager and week, made once and never changed, with the mail it causes beside it; and one row
// a company and week that says how far the deciding is.
import * as z from 'zod';
import { type SkipReason, skipReasons } from '../domain/weekly-reminder.ts';
import type { Tables } from '../ports/tables.ts';
import { decodeDocument, documentWrite, type Found, readDocument } from './document.ts';
import { type Effect, effectWrite } from './outbox.ts';
import { removeRows } from './remove-rows.ts';

type Managers = Pick<Tables, 'managers'>;

export interface ReminderEntry {
  readonly objectId: string;
  /** `null` when it was sent. */
  readonly reason: SkipReason | null;
  readonly dueAt: string;
  readonly decidedAt: string;
  /** What was to be said; nothing of it when it was skipped before the team was looked at. */
  readonly overdue: number;
  readonly dueSoon: number;
  readonly doneSinceLast: number;
  readonly mailId: string | null;
}

const entrySchema: z.ZodType<ReminderEntry> = z.object({
  objectId: z.string(),
  reason: z.enum(skipReasons).nullable(),
  dueAt: z.string(),
  decidedAt: z.string(),
  overdue: z.number(),
  dueSoon: z.number(),
  doneSinceLast: z.number(),
  mailId: z.string().nullable(),
});

export interface ReminderWeek {
  readonly week: string;
  readonly dueAt: string;
  /** What was done after this instant is new. */
  readonly since: string;
  readonly startedAt: string;
  /** Accounts when it began. */
  readonly total: number;
  readonly sent: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Object id of the last account that was decided. */
  readonly cursor: string | null;
  readonly finishedAt: string | null;
}

const weekSchema: z.ZodType<ReminderWeek> = z.object({
  week: z.string(),
  dueAt: z.string(),
  since: z.string(),
  startedAt: z.string(),
  total: z.number(),
  sent: z.number(),
  skipped: z.partialRecord(z.enum(skipReasons), z.number()),
  cursor: z.string().nullable(),
  finishedAt: z.string().nullable(),
});

/** Where the entries of a week lie, and the mails they cause. */
export const ledgerPlace = (companyId: string, week: string) =>
  ({ table: 'managers', partition: `${companyId}~reminders~${week}` }) as const;

export async function readEntry({ managers }: Managers, companyId: string, week: string, objectId: string) {
  const { partition } = ledgerPlace(companyId, week);
  return (await readDocument(managers, { partition, row: objectId }, entrySchema))?.value;
}

/** Entries behind one object id, up to and with another. */
export async function readEntries(
  { managers }: Managers,
  companyId: string,
  week: string,
  { after, last }: { readonly after: string | null; readonly last: string },
): Promise<readonly ReminderEntry[]> {
  const { partition } = ledgerPlace(companyId, week);
  const found: ReminderEntry[] = [];
  // `!` sorts before everything that an object id is made of.
  for await (const row of managers.range({ partition, ...(after === null ? {} : { from: `${after}!` }), below: `${last}!` }))
    found.push(decodeDocument(entrySchema, row.properties));
  return found;
}

/** Stores entries with their mails, all or none; `exists` when one of them was decided before. */
export async function insertEntries(
  { managers }: Managers,
  companyId: string,
  week: string,
  decided: readonly { readonly entry: ReminderEntry; readonly effects: readonly Effect[] }[],
): Promise<'done' | 'exists'> {
  const writes = decided.flatMap(({ entry, effects }) => [documentWrite.insert(entry.objectId, entry), ...effects.map(effectWrite)]);
  const outcome = await managers.write(ledgerPlace(companyId, week).partition, writes);
  return outcome.kind === 'done' ? 'done' : 'exists';
}

const weekPrefix = 'week~';
const weekKey = (companyId: string, week: string) => ({ partition: companyId, row: `${weekPrefix}${week}` });

export async function readWeek({ managers }: Managers, companyId: string, week: string): Promise<Found<ReminderWeek> | undefined> {
  return await readDocument(managers, weekKey(companyId, week), weekSchema);
}

/** Weeks from one on, oldest first. */
export async function listWeeks({ managers }: Managers, companyId: string, from: string): Promise<readonly ReminderWeek[]> {
  const found: ReminderWeek[] = [];
  for await (const row of managers.range({ partition: companyId, from: `${weekPrefix}${from}`, below: `${weekPrefix}~` }))
    found.push(decodeDocument(weekSchema, row.properties));
  return found;
}

/** Forgets a week, what was decided in it first: whatever is left after a crash is found again by the week. */
export async function dropWeek({ managers }: Managers, companyId: string, week: string): Promise<void> {
  await removeRows(managers, { partition: ledgerPlace(companyId, week).partition });
  await managers.write(companyId, [{ kind: 'remove', row: weekKey(companyId, week).row }]);
}

/** Begins a week unless it has begun. */
export async function insertWeek({ managers }: Managers, companyId: string, week: ReminderWeek): Promise<void> {
  await managers.write(companyId, [documentWrite.insert(weekKey(companyId, week.week).row, week)]);
}

/** Moves a week on, unless somebody else did. */
export async function replaceWeek(
  { managers }: Managers,
  companyId: string,
  { value, etag }: Found<ReminderWeek>,
): Promise<'done' | 'changed'> {
  const outcome = await managers.write(companyId, [documentWrite.replace(weekKey(companyId, value.week).row, value, etag)]);
  return outcome.kind === 'done' ? 'done' : 'changed';
}
