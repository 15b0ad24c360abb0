// The end of a round: lists are packed, the cursor is swapped, people who wait are announced, and the next round is scheduled.
import { isPackedByBirth } from '../domain/packed-upkeep.ts';
import { announce, nextAnnouncementAt } from '../domain/announcement.ts';
import { headcount } from '../domain/counts.ts';
import { fieldsVersion } from '../domain/directory-fields.ts';
import { pruneWindow } from '../domain/removal-hold.ts';
import type { Round, SyncState } from '../domain/sync-round.ts';
import { changeFleet } from '../storage/fleet.ts';
import { dropRunsBefore } from '../storage/runs.ts';
import { storeHeads } from '../storage/shard-heads.ts';
import { withEffects } from './effects.ts';
import { packLists } from './list-upkeep.ts';
import { announcementMails } from './notices.ts';
import { dueNext, nextDueAt } from '../domain/schedule.ts';
import { headsOf, type RoundContext, type RoundResult, stage, totalsOf, writeState } from './round-context.ts';
import { reviewAfterFirstRound } from './review-effects.ts';
import { forgetLedger, runOf, stageUsage } from './sync-failure.ts';
import { withNewRound } from './sync-request.ts';

/** A load in parts is confirmed by the feed, later the same day: parts and counts come from replicas that may have been behind. */
const confirmAfterMs = 8 * 3_600_000;

function fullDueAfter(state: SyncState, round: Round, now: Date): string | null {
  if (round.load?.kind === 'read') return new Date(now.getTime() + confirmAfterMs).toISOString();
  return round.kind === 'full' ? null : state.fullDueAt;
}

function finished(state: SyncState, round: Round, now: Date): SyncState {
  const at = now.toISOString();
  const complete = round.counts.unreadable === 0;
  const cursor = complete
    ? {
        deltaLink: round.nextDeltaLink,
        deltaLinkAt: at,
        fieldsVersion,
        lastFullAt: round.kind === 'full' ? at : state.lastFullAt,
        fullDueAt: fullDueAfter(state, round, now),
      }
    : {};
  return { ...state, ...cursor, round: null, lastRoundAt: at, failedRounds: 0, removals: pruneWindow(state.removals, at) };
}

/** Everybody stored, and which copy of the heads is true. */
interface Stock {
  readonly people: number;
  readonly heads: string | null;
}

/**
 * Counts everybody and keeps the heads for the next round, when this one wrote anything. Counted from the people themselves and not
 * from what rounds say they added: a crash or a failed round cannot hide anybody.
 * @param present what the sync row says now
 */
async function takeStock(context: RoundContext, present: Stock): Promise<Stock> {
  const { ports, companyId, scope } = context;
  if (present.heads !== null) return present;
  const people = headcount(await totalsOf(context));
  // Another copy of this stretch may store its own: each only ever names the one it stored.
  const version = ports.ids.newId();
  await storeHeads(ports.tables, companyId, { version, generation: scope.generation, heads: await headsOf(context) });
  return { people, heads: version };
}

const unreadableProblem = (unreadable: number) =>
  `${unreadable} entries could not be read; nobody was removed on the strength of this round and it will be read again.`;

interface Closing {
  readonly taken: Stock;
  readonly now: Date;
  /** Whether a mark says that mails may wait here. */
  readonly mayMail: boolean;
}

/** Swaps the cursor, stores the record and the mails in one transaction; a request that came meanwhile is the next round in the same write. */
async function closeRound(context: RoundContext, { taken, now, mayMail }: Closing): Promise<SyncState | 'stale'> {
  const { ports, companyId, users, settings, round, state } = context;
  const unreadable = round.counts.unreadable;
  const recordOf = () =>
    runOf(round, {
      status: unreadable > 0 ? 'incomplete' : 'succeeded',
      finishedAt: now.toISOString(),
      problem: unreadable > 0 ? unreadableProblem(unreadable) : (context.round.verdict?.reason ?? null),
    });
  return await writeState(context, async (present) => {
    // Whoever changed the row meanwhile may have been another copy of this stretch, and may have stored people as well.
    const { people, heads } = present === state ? taken : await takeStock(context, present);
    const closed = finished(present, round, now);
    const newPeople = Math.max(0, people - present.people);
    const announcement = announce(closed, { newPeople, frequency: settings.newUsersMail, now });
    // Another try begins with what others changed, and marks the place first: nobody would look for this mail.
    if (announcement.mail !== null && !mayMail) throw new Error('Others have stored people for whom a mail is due.');
    const effects =
      announcement.mail === null
        ? []
        : await announcementMails(ports, { companyId, users, announcement: announcement.mail, newCount: announcement.newCount });
    const announced: SyncState = { ...closed, people, heads, ...announcement.state };
    if (present.runAgain === null) return { next: announced, run: recordOf(), effects };
    const request = { companyId, reason: 'runAgain', requestedBy: 'Sync', wanted: present.runAgain } as const;
    const { instanceId } = round;
    return { next: withNewRound(announced, { request, settings, now, runId: ports.ids.newId(), instanceId }), run: recordOf(), effects };
  });
}

/** Records of rounds are kept for 90 days. */
const runsKeptMs = 90 * 86_400_000;

/** Finishes a round whose people are stored and settled. */
export async function finish(context: RoundContext): Promise<RoundResult> {
  const { ports, companyId, scope, users, settings, round } = context;
  const { rowsWritten } = round.counts;
  // Decisions by ids make lists longer as well; a full round looks even when it wrote nobody.
  const changed = Math.max(rowsWritten, round.kind === 'full' ? 1 : 0);
  if (!round.first || !isPackedByBirth(rowsWritten)) await packLists(ports, scope, users, changed);
  await reviewAfterFirstRound(context);
  const stock = await takeStock(context, context.state);
  const newPeople = Math.max(0, stock.people - context.state.people);
  const now = ports.clock.now();
  const likely = announce(context.state, { newPeople, frequency: settings.newUsersMail, now });
  const closing: Closing = { taken: stock, now, mayMail: likely.mail !== null };
  const places = likely.mail === null ? [] : [{ table: 'companies', partition: companyId } as const];
  stageUsage(context);
  // The two calls that end a round and the schedule are part of it.
  stage(context, {}, { storageCalls: 2 });
  const state = await withEffects(ports, companyId, places, async () => await closeRound(context, closing));
  if (state === 'stale') return { kind: 'stale' };
  await changeFleet(ports.tables, companyId, {
    running: state.round === null ? null : { instanceId: state.round.instanceId, since: state.round.startedAt },
    ...dueNext(nextDueAt(companyId, settings, ports.clock.now())),
    noticeAt: nextAnnouncementAt(state, settings.newUsersMail)?.toISOString() ?? null,
  });
  await forgetLedger(context);
  // Full rounds are rare enough to look for old records, and come often enough that there are never many.
  if (round.kind === 'full') await dropRunsBefore(ports.tables, companyId, new Date(ports.clock.now().getTime() - runsKeptMs));
  return { kind: 'ended', again: state.round === null ? null : state.fence };
}
