// Weekly reminders over HTTP: why somebody got one or not, the switch of one manager, and the weeks of a company.
import type * as z from 'zod';
import * as contract from '../shared/contracts/reminders.ts';
import { Refusal } from '../shared/domain/errors.ts';
import { displayNameOf } from '../shared/domain/person-text.ts';
import { explainSkip, skipReasons } from '../shared/domain/weekly-reminder.ts';
import type { ReminderWeek } from '../shared/storage/reminders.ts';
import { changeReminders } from '../shared/use-cases/change-reminders.ts';
import { requireUsers } from '../shared/use-cases/company-users.ts';
import { explainReminder, readReminderWeeks } from '../shared/use-cases/explain-reminders.ts';
import { findUsers } from '../shared/use-cases/find-users.ts';
import { managerIn } from './account.ts';
import { inCompany } from './companies.ts';
import { type Route, route } from './route.ts';
import { oneUser } from './users.ts';

function viewWeek({ week, dueAt, startedAt, finishedAt, total, sent, skipped }: ReminderWeek) {
  const reasons = skipReasons.flatMap((reason) => {
    const count = skipped[reason] ?? 0;
    return count === 0 ? [] : [{ reason, words: explainSkip(reason), count }];
  });
  const decided = reasons.reduce((sum, { count }) => sum + count, sent);
  return { week, dueAt, startedAt, finishedAt, total, decided, sent, skipped: reasons } satisfies z.input<
    typeof contract.reminderWeeks
  >['weeks'][number];
}

export const reminderRoutes: readonly Route[] = [
  route({
    name: 'readReminderWeeks',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/reminders',
    action: 'readReminders',
    tag: 'Reminders',
    summary: 'The last weeks: how many reminders were sent, how many not and why, and until when mails wait for the quota.',
    params: inCompany,
    success: { status: 200, schema: contract.reminderWeeks },
    handle: async ({ ports, params, state }) => {
      if (state === null) throw new Refusal('not-found');
      const { weeks, ...rest } = await readReminderWeeks(ports, params.companyId, state);
      return { status: 200, body: { ...rest, weeks: weeks.map(viewWeek) } };
    },
  }),
  route({
    name: 'readManagerReminders',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/managers/{userId}/reminders',
    action: 'readReminders',
    tag: 'Reminders',
    summary: 'Whether a manager got the reminder of a week, and why not, in words. Without a week: the last one that was due.',
    params: oneUser,
    query: contract.weekQuery,
    success: { status: 200, schema: contract.managerReminders },
    handle: async ({ ports, params, query, state }) => {
      if (state === null) throw new Refusal('not-found');
      return { status: 200, body: await explainReminder(ports, { ...params, week: query.week ?? null, state }) };
    },
  }),
  route({
    name: 'changeManagerReminders',
    method: 'PUT',
    path: 'api/v1/companies/{companyId}/managers/{userId}/reminders',
    action: 'changeReminders',
    tag: 'Reminders',
    summary: 'Switches the weekly reminders of one manager on or off, or leaves it to the company.',
    params: oneUser,
    body: contract.reminderChange,
    success: { status: 200, schema: contract.changedReminders },
    handle: async ({ ports, params, body, principal, state }) => {
      const { companyId, userId } = params;
      const [found] = await findUsers(ports, await requireUsers(ports, companyId, state), [{ userId }]);
      if (found?.kind !== 'found') throw new Refusal('not-found');
      await changeReminders(ports, { companyId, user: found.user, setting: body.setting, by: principal.name });
      return { status: 200, body: { setting: body.setting } };
    },
  }),
  route({
    name: 'changeOwnReminders',
    method: 'PUT',
    path: 'api/v1/account/reminders',
    action: 'manager',
    tag: 'User Portal',
    summary: 'Switches the own weekly reminders on or off, or leaves it to the company.',
    body: contract.reminderChange,
    success: { status: 200, schema: contract.changedReminders },
    handle: async (call) => {
      const { companyId, facts } = managerIn(call);
      const by = displayNameOf(facts.user.fields);
      await changeReminders(call.ports, { companyId, user: facts.user, setting: call.body.setting, by });
      return { status: 200, body: { setting: call.body.setting } };
    },
  }),
];
