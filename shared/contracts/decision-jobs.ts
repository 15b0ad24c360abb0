// Decision jobs, as the API speaks of them: everybody who matches a filter, decided in the background.
import * as z from 'zod';
import { decisionCommands } from '../domain/decision.ts';
import { jobOutcomes, jobStates } from '../domain/decision-job.ts';
import { accountKinds, decisions } from '../domain/user.ts';
import { count, id, instant, line, pageToken, searchText, userId } from './common.ts';

const filter = z.strictObject({
  status: z.enum(decisions),
  kind: z.enum(accountKinds).optional(),
  department: searchText(200).optional(),
  manager: userId.optional(),
  search: searchText(100).optional(),
});

export const newDecisionJob = z
  .strictObject({
    command: z.enum(decisionCommands),
    filter: filter.meta({ description: 'The same filters as the list of users has.' }),
    reason: line(500).nullable().default(null),
    expectedCount: count
      .nullable()
      .default(null)
      .meta({ description: 'How many you saw. When more match by over 5 % or 10 people, nobody is decided.' }),
  })
  .meta({ id: 'NewDecisionJob' });

export const decisionJob = z
  .object({
    jobId: id,
    command: z.enum(decisionCommands),
    filter: z.object({
      status: z.enum(decisions),
      kind: z.enum(accountKinds).nullable(),
      department: z.string().nullable(),
      manager: z.string().nullable(),
      search: z.string().nullable(),
    }),
    filterText: z.string().meta({ description: 'The filter in words.' }),
    reason: z.string().nullable(),
    by: z.string(),
    state: z
      .enum(jobStates)
      .meta({ description: 'A cancelled or failed job has stopped early: what it decided stays decided, and its users say who that is.' }),
    matched: count.nullable().meta({ description: 'How many matched when the job began; null while they are collected.' }),
    decided: count,
    unchanged: count.meta({ description: 'Somebody else made the same decision meanwhile.' }),
    refused: count.meta({ description: 'Were decided otherwise, left or changed meanwhile, and stay as they are.' }),
    secondsLeft: count.nullable(),
    startedAt: instant,
    endedAt: instant.nullable(),
    cancelledBy: z.string().nullable().meta({ description: 'Set as soon as somebody cancels; the slice under way is finished first.' }),
    problem: z.string().nullable().meta({ description: 'Why a failed job stopped.' }),
  })
  .meta({ id: 'DecisionJob' });

export const decisionJobPage = z.object({ jobs: z.array(decisionJob), nextPage: z.string().nullable() }).meta({ id: 'DecisionJobPage' });

export const jobUserQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(200), page: pageToken.optional() });
export const jobUserPage = z
  .object({
    users: z.array(z.object({ userId, outcome: z.enum(jobOutcomes).exclude(['dropped']) })),
    nextPage: z.string().nullable().meta({ description: 'A page may be shorter than asked for and still have a next one.' }),
  })
  .meta({ id: 'JobUserPage' });
