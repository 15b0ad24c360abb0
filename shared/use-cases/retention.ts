// How long a company's mails and weekly reminders are kept: long enough to answer questions about the last year, and then no longer.
import { isoWeek, localDay } from '../domain/local-time.ts';
import type { Ports } from '../ports/ports.ts';
import { dropMailsBefore } from '../storage/mails.ts';
import { dropWeek, listWeeks } from '../storage/reminders.ts';
import { readableFleet } from './fleet-rows.ts';

const daysKept = 400;
const dayMs = 86_400_000;

type RetentionPorts = Pick<Ports, 'tables' | 'clock' | 'log'>;

async function dropOldOf({ tables, clock, log }: RetentionPorts, companyId: string): Promise<void> {
  const before = new Date(clock.now().getTime() - daysKept * dayMs);
  const mails = await dropMailsBefore(tables, companyId, before);
  // A week's name differs by one at most between time zones.
  const firstKept = isoWeek(localDay(before, 'UTC'));
  const weeks = (await listWeeks(tables, companyId, '')).filter(({ week }) => week < firstKept);
  for (const { week } of weeks) await dropWeek(tables, companyId, week);
  if (mails + weeks.length > 0) log('info', 'Dropped what was kept for long enough.', { companyId, mails, weeks: weeks.length });
}

/** Drops what is older than 400 days, company by company; one company's trouble stops no other. Run by a daily timer. */
export async function dropOld(ports: RetentionPorts): Promise<void> {
  for await (const { companyId } of readableFleet(ports)) {
    try {
      await dropOldOf(ports, companyId);
    } catch (error) {
      ports.log('error', 'Old mails and reminders could not be dropped.', {
        companyId,
        error: error instanceof Error ? error.name : 'unknown',
      });
    }
  }
}
