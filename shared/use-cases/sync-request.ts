// Asking for a sync: the row decides who starts it, so that one round runs at a time and no request is lost.
import { fieldsVersion } from '../domain/directory-fields.ts';
import { mayBeSynced } from '../domain/integration.ts';
import { chooseRound, noCounts, type Round, type RoundKind, type RoundReason, type SyncState } from '../domain/sync-round.ts';
import type { Settings } from '../domain/company.ts';
import type { Ports } from '../ports/ports.ts';
import { readIntegration, readSettings } from '../storage/companies.ts';
import { changeFleet } from '../storage/fleet.ts';
import { changeSync } from '../storage/sync-state.ts';

/** What the caller must do next: start this orchestration, or nothing because a running round will run again. */
export type SyncStart =
  | { readonly kind: 'start'; readonly runId: string; readonly instanceId: string; readonly fence: number }
  | { readonly kind: 'coalesced'; readonly runId: string }
  | { readonly kind: 'notConnected' };

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
    phase: 'users',
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
    lastProblem: null,
    counts: noCounts,
  };
  return { ...state, fence: state.fence + 1, round, runAgain: null };
}

/** Requests a round. Coalesces with a running one; a wish for a full round is never weakened to a delta. */
export async function requestSync(ports: Ports, request: RoundRequest): Promise<SyncStart> {
  const integration = await readIntegration(ports.tables, request.companyId);
  if (!mayBeSynced(integration)) return { kind: 'notConnected' };
  const settings = (await readSettings(ports.tables, request.companyId)).value;
  const runId = ports.ids.newId();
  const state = await changeSync(ports.tables, request.companyId, (present) => {
    if (present.round !== null) {
      // Our own write, when its answer was lost and the write repeated.
      if (present.round.runId === runId) return undefined;
      const runAgain = present.runAgain === 'full' || request.wanted === 'full' ? 'full' : 'delta';
      return present.runAgain === runAgain ? undefined : { ...present, runAgain };
    }
    const instanceId = `sync-${request.companyId}-${present.fence + 1}`;
    return withNewRound(present, { request, settings, now: ports.clock.now(), runId, instanceId });
  });
  const round = state.round;
  if (round === null) throw new Error('A round was requested, yet none is stored.');
  // A round that nobody started, because its requester died, is found through this row; a later request puts a missing one right.
  await changeFleet(ports.tables, request.companyId, { running: { instanceId: round.instanceId, since: round.startedAt } });
  if (round.runId !== runId) return { kind: 'coalesced', runId: round.runId };
  return { kind: 'start', runId, instanceId: round.instanceId, fence: state.fence };
}
