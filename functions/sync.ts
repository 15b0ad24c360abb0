// Sync over HTTP: Sync Now, progress, run records and the mails that were sent. The orchestrations are in sync-orchestrations.ts.
import * as z from 'zod';
import * as contract from '../shared/contracts/sync.ts';
import { pageQuery } from '../shared/contracts/users.ts';
import { Refusal } from '../shared/domain/errors.ts';
import { explainDelivery } from '../shared/domain/mail-delivery.ts';
import type { SyncState } from '../shared/domain/sync-round.ts';
import type { Ports } from '../shared/ports/ports.ts';
import { readSettings } from '../shared/storage/companies.ts';
import { readFleetRow } from '../shared/storage/fleet.ts';
import { listSendRecords } from '../shared/storage/mails.ts';
import { listRuns } from '../shared/storage/runs.ts';
import { readSync } from '../shared/storage/sync-state.ts';
import { openPage, sealPage } from '../shared/use-cases/page-token.ts';
import { requestSync } from '../shared/use-cases/sync-request.ts';
import { inCompany } from './companies.ts';
import { type Route, route } from './route.ts';
import { viewRun } from './view.ts';

/** How fast the running round is and how long it may take; only told once there is something to tell from. */
function viewProgress(state: SyncState, now: Date): z.input<typeof contract.progress>['running'] {
  const { round } = state;
  if (!round) return null;
  const seconds = (now.getTime() - Date.parse(round.startedAt)) / 1000;
  const { users } = round.counts;
  const rate = users > 0 && seconds > 0 ? users / seconds : null;
  const left = rate !== null && round.expected !== null && round.phase === 'users' ? Math.max(0, round.expected - users) / rate : null;
  return {
    runId: round.runId,
    kind: round.kind,
    phase: round.phase,
    users,
    expected: round.expected,
    usersPerSecond: rate === null ? null : Number(rate.toPrecision(2)),
    secondsLeft: left === null ? null : Math.ceil(left),
    problem: round.lastProblem,
    startedAt: round.startedAt,
  };
}

async function progressOf(ports: Ports, companyId: string): Promise<z.input<typeof contract.progress>> {
  const [{ value: state }, settings, fleet] = await Promise.all([
    readSync(ports.tables, companyId),
    readSettings(ports.tables, companyId),
    readFleetRow(ports.tables, companyId),
  ]);
  return {
    running: viewProgress(state, ports.clock.now()),
    willRunAgain: state.runAgain !== null,
    lastRoundAt: state.lastRoundAt,
    lastFullAt: state.lastFullAt,
    nextRoundAt: fleet?.dueAt ?? null,
    paused: settings.value.syncPaused,
  };
}

const mailsShown = 200;

export const syncRoutes: readonly Route[] = [
  route({
    name: 'syncNow',
    method: 'POST',
    path: 'api/v1/companies/{companyId}/sync',
    action: 'sync',
    tag: 'Sync',
    summary: 'Starts a round now. While one is running, it runs once more afterwards.',
    params: inCompany,
    body: contract.syncRequest,
    success: { status: 202, schema: contract.syncAccepted },
    errors: ['not-connected'],
    handle: async ({ ports, starter, principal, params, body }) => {
      const { companyId } = params;
      const start = await requestSync(ports, {
        companyId,
        reason: 'syncNow',
        requestedBy: principal.name,
        wanted: body.full ? 'full' : 'delta',
      });
      if (start.kind === 'notConnected' || start.kind === 'paused') throw new Refusal('not-connected');
      if (start.kind === 'coalesced') return { status: 202, body: { outcome: 'willRunAgain', runId: start.runId } };
      await starter.startSync(companyId, start);
      return { status: 202, body: { outcome: 'started', runId: start.runId } };
    },
  }),
  route({
    name: 'readSync',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/sync',
    action: 'readCompany',
    tag: 'Sync',
    summary: 'What the sync is doing: phase, users so far, expected, rate and time left; and when the next round is due.',
    params: inCompany,
    success: { status: 200, schema: contract.progress },
    handle: async ({ ports, params }) => ({ status: 200, body: await progressOf(ports, params.companyId) }),
  }),
  route({
    name: 'listRuns',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/runs',
    action: 'readCompany',
    tag: 'Sync',
    summary: 'The record every round left, newest first.',
    params: inCompany,
    query: pageQuery,
    success: { status: 200, schema: contract.runPage },
    errors: ['invalid-page'],
    handle: async ({ ports, params, query }) => {
      const binding = { purpose: 'runs', binding: params };
      const page = await listRuns(ports.tables, params.companyId, { after: openPage(ports, binding, query.page), limit: query.limit });
      return { status: 200, body: { runs: page.runs.map(viewRun), nextPage: sealPage(ports, binding, page.next) } };
    },
  }),
  route({
    name: 'listMails',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/mails',
    action: 'readAudit',
    tag: 'Mail',
    summary: 'The latest mails to this company’s admins and what became of them.',
    params: inCompany,
    success: { status: 200, schema: contract.mailList },
    handle: async ({ ports, params }) => {
      const records = await listSendRecords(ports.tables, params.companyId, mailsShown);
      const mails = records.map(({ mail, state, notBefore, finishedAt, problem, delivery }) => ({
        mailId: mail.mailId,
        kind: mail.content.kind,
        to: mail.to.map((recipient) => recipient.address),
        state,
        createdAt: mail.createdAt,
        notBefore,
        finishedAt,
        problem,
        delivery: delivery ? { ...delivery, words: explainDelivery(delivery) } : null,
      }));
      return { status: 200, body: { mails } };
    },
  }),
];
