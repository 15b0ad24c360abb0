// Admins of an MSP or a company: added, listed and removed; the last one stays. Removal takes effect with the next request.
import { type Grant, grantId, withGrant, withoutGrant } from '../domain/access.ts';
import type { AuditAction } from '../domain/audit.ts';
import { Refusal } from '../domain/errors.ts';
import type { Ports } from '../ports/ports.ts';
import { appendAudit } from '../storage/audit.ts';
import { changeGrants, type GrantScope, readGrants } from '../storage/companies.ts';
import { noteMembership } from '../storage/memberships.ts';

type AdminPorts = Pick<Ports, 'tables' | 'clock' | 'ids'>;

/** MSP-wide changes are kept under the MSP's own id. */
async function audit(ports: AdminPorts, scope: GrantScope, action: AuditAction, by: string, summary: string): Promise<void> {
  const at = ports.clock.now().toISOString();
  await appendAudit(ports.tables, {
    auditId: ports.ids.newId(),
    companyId: scope.id,
    at,
    by,
    action,
    summary,
    reason: null,
    objectIds: [],
  });
}

/** Everybody of a scope is told in one transaction of at most 100 writes. */
const mostAdmins = 80;

export type NewAdmin = Pick<Grant, 'tenantId' | 'objectId' | 'role' | 'name' | 'mail'>;

/** Giving the last admin a lesser role is removing the last admin. */
const leavesNobody = (grants: readonly Grant[], grant: Grant) =>
  grant.role === 'companyReader' && withoutGrant(grants, grantId(grant)) === 'lastAdmin';

/**
 * Adds somebody, or changes the role they have. The audit entry comes first: an entry too many is better than one too few.
 * @throws Refusal `last-admin`.
 */
export async function addAdmin(ports: AdminPorts, scope: GrantScope, admin: NewAdmin, by: string): Promise<Grant> {
  const grant: Grant = { ...admin, addedAt: ports.clock.now().toISOString(), addedBy: by };
  // Refused before anything is noted; the check inside the change is for the race of two.
  const present = await readGrants(ports.tables, scope);
  if (leavesNobody(present, grant)) throw new Refusal('last-admin');
  if (withGrant(present, grant).length > mostAdmins)
    throw new Refusal('invalid-request', { detail: `There are ${mostAdmins} admins already; remove one first.` });
  await noteMembership(ports.tables, grant, scope);
  await audit(ports, scope, 'adminAdded', by, `Added ${grant.name} as ${grant.role}.`);
  let refused = false;
  await changeGrants(ports.tables, scope, (grants) => {
    refused = leavesNobody(grants, grant);
    return refused ? undefined : withGrant(grants, grant);
  });
  if (refused) throw new Refusal('last-admin');
  return grant;
}

export async function listAdmins(ports: Pick<Ports, 'tables'>, scope: GrantScope): Promise<readonly Grant[]> {
  return await readGrants(ports.tables, scope);
}

/** @throws Refusal `not-found` or `last-admin`. */
export async function removeAdmin(ports: AdminPorts, scope: GrantScope, adminId: string, by: string): Promise<void> {
  const present = await readGrants(ports.tables, scope);
  const removed = present.find((grant) => grantId(grant) === adminId);
  if (!removed) throw new Refusal('not-found');
  if (withoutGrant(present, adminId) === 'lastAdmin') throw new Refusal('last-admin');
  await audit(ports, scope, 'adminRemoved', by, `Removed ${removed.name} (${removed.role}).`);
  let isLast = false;
  await changeGrants(ports.tables, scope, (grants) => {
    const left = withoutGrant(grants, adminId);
    isLast = left === 'lastAdmin';
    return typeof left === 'string' ? undefined : left;
  });
  if (isLast) throw new Refusal('last-admin');
}
