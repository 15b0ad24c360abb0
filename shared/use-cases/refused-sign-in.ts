// A sign-in to the User Portal that was refused leaves a line in the audit log of the company it was for.
import type { Ports } from '../ports/ports.ts';
import { appendAudit } from '../storage/audit.ts';
import { readCompany } from '../storage/companies.ts';

/**
 * Notes a sign-in that was refused, with the same work whether there is such an account. What was typed is not kept: it may be a password
 * in the wrong field.
 */
export async function noteRefusedSignIn(ports: Ports, companyId: string, objectId: string | null): Promise<void> {
  if ((await readCompany(ports.tables, companyId)) === undefined) return;
  await appendAudit(ports.tables, {
    auditId: ports.ids.newId(),
    companyId,
    at: ports.clock.now().toISOString(),
    by: 'Muster',
    action: 'managerSignInRefused',
    summary: 'A sign-in to the User Portal was refused.',
    reason: null,
    objectIds: objectId === null ? [] : [objectId],
  });
}
