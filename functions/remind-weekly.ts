// The weekly reminders of one company, as prose, and the timer that starts them. Only ids and instants cross the history.
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { OrchestrationContext, Task } from 'durable-functions';
import pLimit from 'p-limit';
import type { Ports } from '../shared/ports/ports.ts';
import { readReminderPlan, type ReminderInput, type ReminderStep, startReminders } from '../shared/use-cases/weekly-reminders.ts';
import { ended, statusOf } from './durable.ts';
import { retries, stepsPerHistory } from './orchestrations.ts';

/** Asked of every orchestration from the first day, so that a later change of order can keep old instances on their path. */
const version = 1;

interface RemindInput extends ReminderInput {
  readonly version: number;
}

/** One company's week, slice by slice. */
export function* remindCompany(context: OrchestrationContext): Generator<Task, string, ReminderStep> {
  const input = context.df.getInput<RemindInput>();
  if (!input) throw new Error('remindCompany needs a company and a week.');
  const week: ReminderInput = { companyId: input.companyId, week: input.week, dueAt: input.dueAt };
  try {
    for (let steps = 0; steps < stepsPerHistory; steps += 1) {
      const step: ReminderStep = yield context.df.callActivityWithRetry('decideReminders', retries(), week);
      if (step.kind === 'finished') return 'finished';
    }
  } catch {
    // A step failed five times in a row: the ledger says who was decided, and the timer starts the rest again.
    yield context.df.callActivityWithRetry('postponeReminders', retries(), week);
    return 'postponed';
  }
  context.df.continueAsNew(input);
  return 'continued';
}

/** Companies looked at side by side. */
const companiesAtOnce = 8;

/** Starts a week unless it is under way. One instance a company and week: two timers at once start one. */
async function startWeek(client: df.DurableClient, open: ReminderInput): Promise<void> {
  const instanceId = `remind-${open.companyId}-${open.week}`;
  const status = await statusOf(client, instanceId);
  if (status !== undefined && !ended.includes(status)) return;
  await client.startNew('remindCompany', { instanceId, input: { ...open, version } satisfies RemindInput });
}

/** The timer of the weekly reminders: looks at companies whose time has come. One company's trouble stops no other. */
export async function remindManagers(context: InvocationContext, ports: Ports): Promise<void> {
  const client = df.getClient(context);
  const limit = pLimit(companiesAtOnce);
  const startOne = async (companyId: string) => await startReminders(ports, companyId, async (open) => await startWeek(client, open));
  await Promise.all((await readReminderPlan(ports)).map((companyId) => limit(startOne, companyId)));
}
