// The fleet: which companies are due, how many may start now, whose orchestration was lost, and who is to be told of waiting people.
import { announce, nextAnnouncementAt } from '../domain/announcement.ts';
import { mayBeSynced } from '../domain/integration.ts';
import type { Ports } from '../ports/ports.ts';
import { readSettings } from '../storage/companies.ts';
import { readCompanyState } from '../storage/company-state.ts';
import { documentWrite } from '../storage/document.ts';
import { changeFleet, type FleetRow } from '../storage/fleet.ts';
import { effectWrite } from '../storage/outbox.ts';
import { readSync, syncRow } from '../storage/sync-state.ts';
import { isProbe } from './connect.ts';
import { openUsers } from './company-users.ts';
import { withEffects } from './effects.ts';
import { readableFleet } from './fleet-rows.ts';
import { announcementMails } from './notices.ts';
import { requestSync, type SyncStart } from './sync-request.ts';

export interface FleetPlan {
  /** Companies to start now, longest overdue first, never more than there is room for. */
  readonly start: readonly string[];
  /** Running rounds whose orchestration should exist. */
  readonly check: readonly { readonly companyId: string; readonly instanceId: string }[];
  readonly announce: readonly string[];
}

/** A round that was asked for this long ago is looked after; before that its start is still under way. */
const watchedAfterMs = 2 * 60_000;

/**
 * Decides from the fleet's rows alone. A round whose directory asked it to wait takes nobody's place: one company's trouble never
 * delays the others.
 */
export function planFleet(rows: readonly FleetRow[], now: Date, maxRunning: number): FleetPlan {
  const isPast = (at: string | null): at is string => at !== null && Date.parse(at) <= now.getTime();
  const atWork = rows.filter((row) => row.running !== null && (row.waitingUntil === null || isPast(row.waitingUntil)));
  const due = rows
    .filter((row) => row.running === null && isPast(row.dueAt))
    .toSorted((left, right) => ((left.dueAt ?? '') < (right.dueAt ?? '') ? -1 : 1));
  const watched = (since: string) => now.getTime() - Date.parse(since) >= watchedAfterMs;
  return {
    start: due.slice(0, Math.max(0, maxRunning - atWork.length)).map((row) => row.companyId),
    check: rows.flatMap(({ companyId, running }) =>
      running !== null && watched(running.since) ? [{ companyId, instanceId: running.instanceId }] : [],
    ),
    announce: rows.filter((row) => isPast(row.noticeAt)).map((row) => row.companyId),
  };
}

export async function readFleetPlan(ports: Pick<Ports, 'tables' | 'clock' | 'operation' | 'log'>): Promise<FleetPlan> {
  const rows: FleetRow[] = [];
  for await (const row of readableFleet(ports)) rows.push(row);
  return planFleet(rows, ports.clock.now(), ports.operation.maxRunningSyncs);
}

/** Starts a scheduled round; a company that may not be synced any more, or is paused, leaves the schedule. */
export async function startScheduled(ports: Ports, companyId: string): Promise<SyncStart> {
  const start = await requestSync(ports, { companyId, reason: 'scheduled', requestedBy: 'Schedule', wanted: 'delta' });
  if (start.kind === 'notConnected' || start.kind === 'paused') await leaveSchedule(ports, companyId);
  return start;
}

/** Looks once more afterwards: an admin who ended the pause in between has put the company on the schedule, and must not be undone. */
async function leaveSchedule(ports: Pick<Ports, 'tables' | 'clock'>, companyId: string): Promise<void> {
  await changeFleet(ports.tables, companyId, { dueAt: null });
  const { integration, settings } = await readCompanyState(ports.tables, companyId);
  const isBack = mayBeSynced(integration) && !settings.syncPaused;
  if (isBack) await changeFleet(ports.tables, companyId, { dueAt: ports.clock.now().toISOString() });
}

/** What to start again. */
export type LostWork = { readonly kind: 'sync'; readonly fence: number } | { readonly kind: 'probe' };

/**
 * Called when the orchestration a company should have does not exist or has ended (a crash between the row and the start):
 * says what to start again under the same id, or puts the row right.
 */
export async function findLostWork(ports: Pick<Ports, 'tables'>, companyId: string, instanceId: string): Promise<LostWork | undefined> {
  const { sync, integration, settings } = await readCompanyState(ports.tables, companyId);
  if (sync.round?.instanceId === instanceId) return { kind: 'sync', fence: sync.fence };
  if (integration.state === 'checking' && isProbe(instanceId)) return { kind: 'probe' };
  // A round that died right behind its last write has told nobody when its new people are to be announced.
  const noticeAt = nextAnnouncementAt(sync, settings.newUsersMail)?.toISOString() ?? null;
  await changeFleet(ports.tables, companyId, { running: null, noticeAt });
  return undefined;
}

/** Tells admins of people who were found while it was too early for another mail. */
export async function announceWaiting(ports: Ports, companyId: string): Promise<void> {
  const opened = await openUsers(ports, companyId);
  const settings = (await readSettings(ports.tables, companyId)).value;
  if (opened) {
    await withEffects(ports, companyId, [{ table: 'companies', partition: companyId }], async () => {
      const { value: state, etag } = await readSync(ports.tables, companyId);
      const announcement = announce(state, { newPeople: 0, frequency: settings.newUsersMail, now: ports.clock.now() });
      if (announcement.mail === null) return;
      const mails = await announcementMails(ports, {
        companyId,
        users: opened.users,
        announcement: announcement.mail,
        newCount: announcement.newCount,
      });
      const next = { ...state, ...announcement.state };
      // A round that finishes at the same moment wins; it announces by itself.
      await ports.tables.companies.write(companyId, [documentWrite.replace(syncRow, next, etag), ...mails.map(effectWrite)]);
    });
  }
  // Not simply cleared: it may have been too early, after the company asked for fewer mails.
  const noticeAt = nextAnnouncementAt((await readSync(ports.tables, companyId)).value, settings.newUsersMail);
  await changeFleet(ports.tables, companyId, { noticeAt: noticeAt?.toISOString() ?? null });
}
