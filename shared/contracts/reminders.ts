// Weekly reminders in the API: the decision about one manager in words, the weeks of a company, and what links in the mails open.
import * as z from 'zod';
import { weekExists } from '../domain/local-time.ts';
import { mailStates } from '../domain/message.ts';
import { reminderOverrides, skipReasons } from '../domain/weekly-reminder.ts';
import { statusCounts } from './assignments.ts';
import { count, instant } from './common.ts';

const week = z
  .string()
  .regex(/^20\d\d-W(0[1-9]|[1-4]\d|5[0-3])$/, { error: 'Must be an ISO week such as 2026-W10.', abort: true })
  .refine(weekExists, 'The year has no such week.')
  .meta({ description: 'ISO week, such as `2026-W10`.', examples: ['2026-W10'] });

export const reminderSetting = z
  .enum(reminderOverrides)
  .meta({ description: '`inherit`: as the company has it. `on` and `off` stand above the company’s switch.' });

export const weekQuery = z.strictObject({ week: week.optional() });

export const reminderChange = z.strictObject({ setting: reminderSetting }).meta({ id: 'ReminderChange' });
export const changedReminders = z.object({ setting: reminderSetting }).meta({ id: 'ChangedReminders' });

export const managerReminders = z
  .object({
    setting: reminderSetting,
    companyOn: z.boolean(),
    week,
    dueAt: instant,
    outcome: z.enum(['sent', 'skipped', 'undecided']),
    reason: z.enum(skipReasons).nullable(),
    words: z.string().meta({ description: 'What became of this week’s reminder and why, for people.' }),
    decidedAt: instant.nullable(),
    said: z.object({ overdue: count, dueSoon: count, doneSinceLast: count }).nullable(),
    mail: z
      .object({ mailId: z.string(), state: z.enum(mailStates), notBefore: instant.nullable(), finishedAt: instant.nullable() })
      .nullable(),
    lastSent: z.object({ week, decidedAt: instant }).nullable(),
    nextDueAt: instant,
  })
  .meta({ id: 'ManagerReminders' });

export const reminderWeeks = z
  .object({
    companyOn: z.boolean(),
    nextDueAt: instant,
    mails: z.object({
      waiting: count.meta({ description: 'Decided, and waiting for the mail quota.' }),
      estimatedEnd: instant.nullable().meta({ description: 'When the last of them is expected to be sent.' }),
    }),
    weeks: z
      .array(
        z.object({
          week,
          dueAt: instant,
          startedAt: instant,
          finishedAt: instant.nullable(),
          total: count.meta({ description: 'Managers with an account or an invitation when it began.' }),
          decided: count,
          sent: count,
          skipped: z.array(z.object({ reason: z.enum(skipReasons), words: z.string(), count })),
        }),
      )
      .meta({ description: 'Newest first.' }),
  })
  .meta({ id: 'ReminderWeeks' });

/** `{id}.{secret}` of a link in a mail. */
const token = z.string().min(1).max(300);
export const unsubscribeQuery = z.strictObject({ token });
export const statusRequest = z.strictObject({ token }).meta({ id: 'TeamStatusRequest' });

export const teamStatus = z
  .object({
    companyName: z.string(),
    managerName: z.string(),
    asOf: instant,
    worksUntil: instant,
    counts: statusCounts,
    members: z.array(z.object({ displayName: z.string(), counts: statusCounts })),
  })
  .meta({ id: 'TeamStatus' });
