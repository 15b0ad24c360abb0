// The end of a round: lists are packed, the cursor is swapped, people who wait are announced, and the next round is scheduled.
import { announce, nextAnnouncementAt } from '../domain/announcement.ts';
import type { Settings } from '../domain/company.ts';
import { type Counts, summarise } from '../domain/counts.ts';
import { fieldsVersion } from '../domain/directory-fields.ts';
import { pruneWindow } from '../domain/removal-hold.ts';
import type { Round, SyncState } from '../domain/sync-round.ts';
import type { Ports } from '../ports/ports.ts';
import { readSettings } from '../storage/companies.ts';
import { documentWrite } from '../storage/document.ts';
import { changeFleet } from '../storage/fleet.ts';
import { dropLedger } from '../storage/ledger.ts';
import { type Effect, effectWrite } from '../storage/outbox.ts';
import { storeRun } from '../storage/runs.ts';
import { readSync, syncRow } from '../storage/sync-state.ts';
import { withEffects } from './effects.ts';
import { packLists } from './list-upkeep.ts';
import { announcementMails } from './notices.ts';
import { runOf, runStep, type StepContext, type StepInput, type StepResult } from './sync-context.ts';
import { withNewRound } from './sync-request.ts';

/** Spreads companies over the minutes of an hour, so that full hours see no stampede: stable per company, up to a tenth of the interval. */
function jitterMs(companyId: string, everyMinutes: number): number {
  let hash = 0;
  for (const character of companyId) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  return hash % Math.max(1, everyMinutes * 6_000);
}

/** When the next scheduled round is due; `null` while paused. */
export function nextDueAt(companyId: string, settings: Settings, now: Date): string | null {
  if (settings.syncPaused) return null;
  return new Date(now.getTime() + settings.syncEveryMinutes * 60_000 + jitterMs(companyId, settings.syncEveryMinutes)).toISOString();
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
      }
    : {};
  return { ...state, ...cursor, round: null, lastRoundAt: at, failedRounds: 0, removals: pruneWindow(state.removals, at) };
}

const attempts = 20;

/** Swaps the cursor and stores the mails in one transaction; a request that came meanwhile becomes the next round in the same write. */
async function closeRound(context: StepContext, settings: Settings): Promise<SyncState | 'stale'> {
  const { ports, companyId, fence, users } = context;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { value: state, etag } = await readSync(ports.tables, companyId);
    const { round } = state;
    if (state.fence !== fence || round === null) return 'stale';
    const now = ports.clock.now();
    const closed = finished(state, round, now);
    // Counted from the people themselves and not from what rounds say they added: a crash or a failed round cannot hide anybody.
    const mayHaveGrown = round.kind === 'full' || round.counts.entries > 0 || state.failedRounds > 0;
    const people = mayHaveGrown ? headcount(await users.totals()) : state.people;
    const newPeople = Math.max(0, people - state.people);
    const announcement = announce(closed, { newPeople, frequency: settings.newUsersMail, now });
    const mails: readonly Effect[] =
      announcement.mail === null
        ? []
        : await announcementMails(ports, { companyId, users, announcement: announcement.mail, newCount: announcement.newCount });
    const announced: SyncState = { ...closed, people, ...announcement.state };
    const next =
      state.runAgain === null
        ? announced
        : withNewRound(announced, {
            request: { companyId, reason: 'runAgain', requestedBy: 'Sync', wanted: state.runAgain },
            settings,
            now,
            runId: ports.ids.newId(),
            instanceId: round.instanceId,
          });
    const outcome = await ports.tables.companies.write(companyId, [documentWrite.replace(syncRow, next, etag), ...mails.map(effectWrite)]);
    if (outcome.kind === 'done') return next;
  }
  throw new Error('The sync state was changed by others too often.');
}

/** Everybody stored; users are never deleted, so this only grows. */
function headcount(counts: Counts): number {
  const { found, removed } = summarise(counts);
  return found + removed;
}

/** Finishes a round whose people are stored and settled. */
export async function finishRound(ports: Ports, input: StepInput): Promise<StepResult> {
  return await runStep(ports, input, async (context) => await finish(ports, context));
}

async function finish(ports: Ports, context: StepContext): Promise<StepResult> {
  const { round, companyId, scope, users } = context;
  if (round.phase !== 'finish') throw new Error(`A round in phase ${round.phase} cannot finish.`);
  await packLists(ports, scope, users, round.counts.rowsWritten);
  const at = ports.clock.now().toISOString();
  const unreadable = round.counts.unreadable;
  const problem =
    unreadable > 0
      ? `${unreadable} entries could not be read; nobody was removed on the strength of this round and it will be read again.`
      : null;
  await storeRun(
    ports.tables,
    companyId,
    runOf(round, {
      status: problem === null ? 'succeeded' : 'incomplete',
      finishedAt: at,
      problem: problem ?? round.verdict?.reason ?? null,
    }),
  );
  const settings = (await readSettings(ports.tables, companyId)).value;
  const place = { table: 'companies', partition: companyId } as const;
  const state = await withEffects(ports, companyId, [place], async () => await closeRound(context, settings));
  if (state === 'stale') return { kind: 'stale' };
  const noticeAt = nextAnnouncementAt(state, settings.newUsersMail);
  await changeFleet(ports.tables, companyId, {
    running: state.round === null ? null : { instanceId: state.round.instanceId, since: at },
    dueAt: nextDueAt(companyId, settings, ports.clock.now()),
    noticeAt: noticeAt?.toISOString() ?? null,
  });
  await dropLedger(ports.tables, companyId, round.runId);
  return { kind: 'ended', again: state.round === null ? null : state.fence };
}
