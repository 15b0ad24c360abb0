// Every change of an integration is stored with its audit entry (and mails, where it causes any) in one transaction.
import type { AuditAction } from '../domain/audit.ts';
import { advance, type Integration, type IntegrationEvent, type IntegrationProblem, unlinked } from '../domain/integration.ts';
import type { Ports } from '../ports/ports.ts';
import { integrationRow, integrationSchema } from '../storage/companies.ts';
import { documentWrite, readDocument } from '../storage/document.ts';
import { type Effect, effectWrite } from '../storage/outbox.ts';
import { withEffects } from './effects.ts';

export interface IntegrationChange {
  readonly integration: Integration;
  readonly audit: { readonly action: AuditAction; readonly by: string; readonly summary: string; readonly reason: string | null };
  readonly mails?: readonly Effect[];
}

type Advance = (event: Exclude<IntegrationEvent, 'link'>, problem?: IntegrationProblem) => Integration;

const attempts = 20;

/**
 * Changes by compare-and-swap. `decide` returns `undefined` to leave everything as it is, or a word of its own to stop with.
 * @returns the integration afterwards, or that word.
 */
export async function changeIntegrationWithAudit<Word extends string = never>(
  ports: Ports,
  companyId: string,
  decide: (
    present: Integration,
    advanceTo: Advance,
  ) => IntegrationChange | Word | undefined | Promise<IntegrationChange | Word | undefined>,
): Promise<Integration | Word> {
  return await withEffects(ports, companyId, [{ table: 'companies', partition: companyId }], async () => {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const found = await readDocument(ports.tables.companies, { partition: companyId, row: integrationRow }, integrationSchema);
      const present = found?.value ?? unlinked;
      const at = ports.clock.now().toISOString();
      const change = await decide(present, (event, problem) => advance(present, event, { at, problem: problem ?? null }));
      if (change === undefined) return present;
      if (typeof change === 'string') return change;
      const audit: Effect = { kind: 'audit', entry: { auditId: ports.ids.newId(), companyId, at, objectIds: [], ...change.audit } };
      const write = found
        ? documentWrite.replace(integrationRow, change.integration, found.etag)
        : documentWrite.insert(integrationRow, change.integration);
      const outcome = await ports.tables.companies.write(companyId, [write, ...[audit, ...(change.mails ?? [])].map(effectWrite)]);
      if (outcome.kind === 'done') return change.integration;
    }
    throw new Error('The integration was changed by others too often.');
  });
}
