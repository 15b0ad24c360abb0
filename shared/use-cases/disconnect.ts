// Disconnecting a company from its tenant.
import { Refusal } from '../domain/errors.ts';
import { withoutRound } from '../domain/sync-round.ts';
import type { Ports } from '../ports/ports.ts';
import { readIntegration, releaseTenant } from '../storage/companies.ts';
import { readCompanyState } from '../storage/company-state.ts';
import { documentWrite } from '../storage/document.ts';
import { changeFleet } from '../storage/fleet.ts';
import { dropLedger } from '../storage/ledger.ts';
import { runWrite } from '../storage/runs.ts';
import { syncRow } from '../storage/sync-state.ts';
import { changeIntegrationWithAudit } from './integration-change.ts';
import { runOf } from './sync-failure.ts';

const attempts = 20;

/**
 * Ends the running round under a higher fence, so that whoever works on it stops at its next write instead of asking the tenant for
 * minutes more. Everything stored stays; so does the cursor. A round that began meanwhile was asked for before the disconnect and ends, too.
 */
async function endRound(ports: Ports, companyId: string): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { sync, syncEtag } = await readCompanyState(ports.tables, companyId);
    const { round } = sync;
    if (round === null || syncEtag === null) return;
    const finishedAt = ports.clock.now().toISOString();
    const next = { ...withoutRound(sync, round, finishedAt), fence: sync.fence + 1 };
    const run = runOf(round, { status: 'failed', finishedAt, problem: 'The company was disconnected from its tenant.' });
    const outcome = await ports.tables.companies.write(companyId, [documentWrite.replace(syncRow, next, syncEtag), runWrite(run)]);
    if (outcome.kind !== 'done') continue;
    await changeFleet(ports.tables, companyId, { running: null });
    await dropLedger(ports.tables, { companyId, ...round });
    return;
  }
  throw new Error('The sync state was changed by others too often.');
}

/** Disconnects on purpose. Users and decisions stay; the tenant may be joined again, here or elsewhere. */
export async function disconnect(ports: Ports, { companyId, by }: { readonly companyId: string; readonly by: string }): Promise<void> {
  const integration = await readIntegration(ports.tables, companyId);
  if (integration.tenantId === null) throw new Refusal('not-connected');
  await changeIntegrationWithAudit(ports, companyId, (present, advanceTo) => {
    if (present.state === 'disconnected') return undefined;
    return {
      integration: advanceTo('disconnect'),
      audit: { action: 'integrationDisconnected', by, summary: `Disconnected ${present.tenantName ?? 'the tenant'}.`, reason: null },
    };
  });
  await endRound(ports, companyId);
  // The claim carries the time of the link it was made for: a link made meanwhile keeps its own.
  if (integration.linkedAt !== null)
    await releaseTenant(ports.tables, integration.tenantId, { companyId, claimedAt: integration.linkedAt });
}
