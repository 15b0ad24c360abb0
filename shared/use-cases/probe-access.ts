// After consent, tokens may lack their permissions for minutes; the probe waits that out before anybody is told of a failure.
import { problemOf } from '../domain/integration.ts';
import type { Ports } from '../ports/ports.ts';
import { readIntegration } from '../storage/companies.ts';
import { changeFleet } from '../storage/fleet.ts';
import { readSettings } from '../storage/companies.ts';
import { changeIntegrationWithAudit } from './integration-change.ts';

/** Observed delays reach several minutes (docs/graph.md §5.3); failure is reported after this long. */
const patienceMs = 12 * 60_000;
const firstWaitMs = 2_000;
const firstSyncGraceMs = 5 * 60_000;
const longestWaitMs = 60_000;

export interface ProbeInput {
  readonly companyId: string;
  /** When probing began, ISO 8601. */
  readonly since: string;
  /** How often it was tried before. */
  readonly tries: number;
}

export type ProbeResult =
  | { readonly kind: 'connected' }
  | { readonly kind: 'wait'; readonly milliseconds: number }
  | { readonly kind: 'failed' | 'stale' };

/** Tries once with a fresh token and stores the result an admin can see. */
export async function probeAccess(ports: Ports, { companyId, since, tries }: ProbeInput): Promise<ProbeResult> {
  const integration = await readIntegration(ports.tables, companyId);
  if (integration.tenantId === null || integration.state === 'disconnected') return { kind: 'stale' };
  const answer = await ports.openDirectory(integration.tenantId).probe();
  const tenantName = integration.tenantName ?? 'the tenant';
  if (answer.ok) {
    await changeIntegrationWithAudit(ports, companyId, (present, advanceTo) => {
      const next = advanceTo('probeSucceeded');
      if (next === present || present.state === 'connected') return undefined;
      return {
        integration: next,
        audit: { action: 'integrationConnected', by: 'Muster', summary: `Connected to ${tenantName}.`, reason: null },
      };
    });
    const { timeZone } = (await readSettings(ports.tables, companyId)).value;
    // The first sync is started right away; the schedule only steps in should that start be lost.
    const dueAt = new Date(ports.clock.now().getTime() + firstSyncGraceMs).toISOString();
    await changeFleet(ports.tables, companyId, { timeZone, running: null, dueAt });
    return { kind: 'connected' };
  }
  const { failure } = answer;
  const waited = ports.clock.now().getTime() - Date.parse(since);
  // A network fault or a busy service says nothing about the permission, however long it lasts.
  const saysNothing = failure.kind === 'throttled' || failure.kind === 'transient';
  if (saysNothing || waited < patienceMs) {
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(tries, 5));
    return { kind: 'wait', milliseconds: failure.kind === 'throttled' ? Math.max(wait, failure.retryAfterMs) : wait };
  }
  const owner = failure.kind === 'accessLost' ? failure.owner : 'theirs';
  const problem = problemOf(owner, failure.detail);
  await changeIntegrationWithAudit(ports, companyId, (present, advanceTo) => {
    const next = advanceTo('probeFailed', problem);
    if (next === present) return undefined;
    return { integration: next, audit: { action: 'integrationFailed', by: 'Muster', summary: problem.sentence, reason: problem.code } };
  });
  await changeFleet(ports.tables, companyId, { running: null });
  return { kind: 'failed' };
}
