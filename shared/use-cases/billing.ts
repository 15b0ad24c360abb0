// What is billed: active users now, and the count each local day ended with. Pending and denied people are never in it.
import * as z from 'zod';
import { daysToBill, lastEndedDay } from '../domain/billing-day.ts';
import { localDay } from '../domain/local-time.ts';
import { emptyCounts, summarise } from '../domain/counts.ts';
import type { Ports } from '../ports/ports.ts';
import { decodeDocument, documentWrite } from '../storage/document.ts';
import { changeFleet, type FleetRow } from '../storage/fleet.ts';
import { openUsers } from './company-users.ts';
import { readableFleet } from './fleet-rows.ts';

export interface BilledDay {
  readonly day: string;
  readonly activeUsers: number;
  /** When the count was taken. */
  readonly takenAt: string;
  /** True when the count was not taken within about an hour of that midnight (after an outage): it is the count of then. */
  readonly late: boolean;
}

const daySchema: z.ZodType<BilledDay> = z.object({ day: z.string(), activeUsers: z.number(), takenAt: z.string(), late: z.boolean() });
const partitionOf = (companyId: string) => `${companyId}~billing`;

/** Active users at this moment. */
export async function activeNow(ports: Pick<Ports, 'tables'>, companyId: string): Promise<number> {
  const opened = await openUsers(ports, companyId);
  return summarise(opened ? await opened.users.totals() : emptyCounts).active;
}

/** The timer runs hourly, so a count taken within this of midnight is the first that could be. */
const onTimeMs = 65 * 60_000;

/** Stores the counts of days that have ended; the first count of a day stays. */
export async function closeBillingDays(
  ports: Pick<Ports, 'tables' | 'clock'>,
  { companyId, timeZone, billedDay }: FleetRow,
): Promise<number> {
  const now = ports.clock.now();
  if (billedDay === null) {
    // Days from before the company was counted are nobody's to bill.
    await changeFleet(ports.tables, companyId, { billedDay: lastEndedDay(now, timeZone) });
    return 0;
  }
  const days = daysToBill(billedDay, now, timeZone);
  const last = days.at(-1);
  if (last === undefined) return 0;
  const activeUsers = await activeNow(ports, companyId);
  const justEnded = localDay(new Date(now.getTime() - onTimeMs), timeZone);
  for (const day of days) {
    const entry: BilledDay = { day, activeUsers, takenAt: now.toISOString(), late: day !== justEnded };
    await ports.tables.audit.write(partitionOf(companyId), [documentWrite.insert(day, entry)]);
  }
  await changeFleet(ports.tables, companyId, { billedDay: last });
  return days.length;
}

/** Closes the days of every company; one company's trouble stops no other. Run by an hourly timer. */
export async function closeAllBillingDays(ports: Pick<Ports, 'tables' | 'clock' | 'log'>): Promise<void> {
  for await (const row of readableFleet(ports)) {
    try {
      await closeBillingDays(ports, row);
    } catch (error) {
      const { companyId } = row;
      ports.log('error', 'A day could not be billed yet.', { companyId, error: error instanceof Error ? error.name : 'unknown' });
    }
  }
}

/** Days from `from` to `to`, both included. */
export async function listBilledDays(
  ports: Pick<Ports, 'tables'>,
  companyId: string,
  from: string,
  to: string,
): Promise<readonly BilledDay[]> {
  const days: BilledDay[] = [];
  for await (const row of ports.tables.audit.range({ partition: partitionOf(companyId), from, below: `${to}~` })) {
    days.push(decodeDocument(daySchema, row.properties));
  }
  return days;
}
