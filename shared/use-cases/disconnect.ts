// Disconnecting a company from its tenant.
import { Refusal } from '../domain/errors.ts';
import type { Ports } from '../ports/ports.ts';
import { readIntegration, releaseTenant } from '../storage/companies.ts';
import { changeIntegrationWithAudit } from './integration-change.ts';

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
  // The claim carries the time of the link it was made for: a link made meanwhile keeps its own.
  if (integration.linkedAt !== null)
    await releaseTenant(ports.tables, integration.tenantId, { companyId, claimedAt: integration.linkedAt });
}
