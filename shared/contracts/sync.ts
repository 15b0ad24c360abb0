// Rounds, their progress and their records, as the API speaks of them.
import * as z from 'zod';
import { noCounts } from '../domain/round-counts.ts';
import { roundPhases, roundReasons } from '../domain/sync-round.ts';
import { runStatuses, waysOfReading } from '../storage/runs.ts';
import { deliveryOutcomes } from '../domain/mail-delivery.ts';
import { mailStates } from '../domain/message.ts';
import { count, instant } from './common.ts';

export const syncRequest = z.strictObject({ full: z.boolean().default(false) }).meta({ id: 'SyncRequest' });
export const syncAccepted = z.object({ outcome: z.enum(['started', 'willRunAgain']), runId: z.string() }).meta({ id: 'SyncAccepted' });

const counts = z
  .object(Object.fromEntries(Object.keys(noCounts).map((name) => [name, count])) as Record<keyof typeof noCounts, typeof count>)
  .meta({ id: 'RoundCounts' });

export const run = z
  .object({
    runId: z.string(),
    kind: z.enum(['full', 'delta']),
    reason: z.enum(roundReasons),
    readBy: z.enum(waysOfReading).meta({ description: 'Whether the first round of a large tenant was read in parts, side by side.' }),
    requestedBy: z.string(),
    status: z.enum(runStatuses),
    startedAt: instant,
    finishedAt: instant,
    milliseconds: z.int(),
    problem: z.string().nullable(),
    counts,
  })
  .meta({ id: 'Run' });
export const runPage = z.object({ runs: z.array(run), nextPage: z.string().nullable() }).meta({ id: 'RunPage' });

export const progress = z
  .object({
    running: z
      .object({
        runId: z.string(),
        kind: z.enum(['full', 'delta']),
        phase: z.enum(roundPhases),
        users: count.meta({ description: 'Distinct users read so far.' }),
        expected: count.nullable(),
        usersPerSecond: z.number().nullable(),
        secondsLeft: z.number().nullable(),
        problem: z.string().nullable().meta({ description: 'The last failure while the round keeps trying.' }),
        startedAt: instant,
      })
      .nullable(),
    willRunAgain: z.boolean(),
    lastRoundAt: instant.nullable(),
    lastFullAt: instant.nullable(),
    nextRoundAt: instant.nullable(),
    paused: z.boolean(),
  })
  .meta({ id: 'SyncProgress' });

export const mailList = z
  .object({
    mails: z.array(
      z.object({
        mailId: z.string(),
        kind: z.string(),
        to: z.array(z.string()),
        state: z.enum(mailStates),
        createdAt: instant,
        notBefore: instant.nullable(),
        finishedAt: instant.nullable(),
        problem: z.string().nullable(),
        delivery: z
          .object({
            outcome: z.enum(deliveryOutcomes),
            at: instant,
            words: z.string(),
            detail: z.string().nullable().meta({ description: 'What the mail server of the other side said.' }),
          })
          .nullable()
          .meta({ description: 'What became of an accepted mail, once the mail service has reported it.' }),
      }),
    ),
  })
  .meta({ id: 'MailList' });
