// Asking for a sync: the row decides who starts it, so that one round runs at a time and no request is lost.
import { fieldsVersion } from '../domain/directory-fields.ts';
import { mayBeSynced } from '../domain/integration.ts';
import { noCounts } from '../domain/round-counts.ts';
import { chooseRound, type Round, type RoundKind, type RoundReason, type SyncState } from '../domain/sync-round.ts';
import type { Settings } from '../domain/company.ts';
import type { Ports } from '../ports/ports.ts';
import { readCompanyState } from '../storage/company-state.ts';
import { documentWrite } from '../storage/document.ts';
import { changeFleet } from '../storage/fleet.ts';
import { syncRow } from '../storage/sync-state.ts';
import { nextDueAt } from '../domain/schedule.ts';

/** What the caller must do next: start this orchestration, or nothing because a running round will run again. */
export type SyncStart =
  | { readonly kind: 'start'; readonly runId: string; readonly instanceId: string; readonly fence: number }
  | { readonly kind: 'coalesced'; readonly runId: string }
  | { readonly kind: 'notConnected' }
  | { readonly kind: 'paused' };

export interface RoundRequest {
  readonly companyId: string;
  readonly reason: RoundReason;
  readonly requestedBy: string;
  readonly wanted: RoundKind;
}

export interface NewRound {
  readonly request: RoundRequest;
  readonly settings: Settings;
  readonly now: Date;
  readonly runId: string;
  readonly instanceId: string;
  /** Setbacks of the round that this one starts over. */
  readonly setbacks?: number;
}

/** The state with a new round under the next fence. Pure but for the ids it is given. */
export function withNewRound(state: SyncState, { request, settings, now, runId, instanceId, setbacks = 0 }: NewRound): SyncState {
  const wanted = state.runAgain === 'full' ? 'full' : request.wanted;
  const kind = chooseRound(state, { now, wanted, fieldsVersion, fullRoundEveryDays: settings.fullRoundEveryDays });
  const at = now.toISOString();
  const round: Round = {
    runId,
    instanceId,
    kind,
    reason: request.reason,
    requestedBy: request.requestedBy,
    phase: 'begin',
    startedAt: at,
    first: state.shards === 0,
    link: kind === 'delta' ? state.deltaLink : null,
    previousLink: null,
    linkSince: at,
    failures: 0,
    setbacks,
    chunk: 0,
    nextDeltaLink: null,
    expected: null,
    verdict: null,
    load: null,
    lastProblem: null,
    counts: noCounts,
  };
  return { ...state, fence: state.fence + 1, round, runAgain: null };
}

const attempts = 20;

/** Requests a round. Coalesces with a running one; a wish for a full round is never weakened to a delta. */
export async function requestSync(ports: Ports, request: RoundRequest): Promise<SyncStart> {
  const { companyId } = request;
  const runId = ports.ids.newId();
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { integration, settings, sync, syncEtag } = await readCompanyState(ports.tables, companyId);
    if (!mayBeSynced(integration)) return { kind: 'notConnected' };
    // The schedule may not know yet that the company was paused.
    if (request.reason === 'scheduled' && settings.syncPaused) return { kind: 'paused' };
    const now = ports.clock.now();
    const instanceId = `sync-${companyId}-${sync.fence + 1}`;
    const next =
      sync.round === null ? withNewRound(sync, { request, settings, now, runId, instanceId }) : withWish(sync, { request, runId });
    const { round } = next;
    if (round === null) throw new Error('A round was requested, yet none is there.');
    if (next !== sync) {
      const write = syncEtag === null ? documentWrite.insert(syncRow, next) : documentWrite.replace(syncRow, next, syncEtag);
      if ((await ports.tables.companies.write(companyId, [write])).kind !== 'done') continue;
    }
    const dueAt = request.reason === 'scheduled' ? { dueAt: nextDueAt(companyId, settings, now) } : {};
    // A round that nobody started, because its requester died, is found through this row; a later request puts a missing one right.
    await changeFleet(ports.tables, companyId, { running: { instanceId: round.instanceId, since: round.startedAt }, ...dueAt });
    if (round.runId !== runId) return { kind: 'coalesced', runId: round.runId };
    return { kind: 'start', runId, instanceId: round.instanceId, fence: next.fence };
  }
  throw new Error('The sync state was changed by others too often.');
}

/** Notes the wish for another round while one runs; none when that one is our own. */
function withWish(state: SyncState, { request, runId }: Pick<NewRound, 'request' | 'runId'>): SyncState {
  if (state.round?.runId === runId) return state;
  const { wanted } = request;
  const runAgain = state.runAgain === 'full' || wanted === 'full' ? 'full' : 'delta';
  return state.runAgain === runAgain ? state : { ...state, runAgain };
}
