// How stored things look in the API: fallbacks for names, ids in their public form, nothing internal.
import type * as z from 'zod';
import type { admin, company } from '../shared/contracts/companies.ts';
import type { run } from '../shared/contracts/sync.ts';
import type { audienceMember, user } from '../shared/contracts/users.ts';
import { suggestedDecision } from '../shared/domain/account-kind.ts';
import { type Grant, grantId } from '../shared/domain/access.ts';
import type { Company } from '../shared/domain/company.ts';
import { displayNameOf } from '../shared/domain/person-text.ts';
import type { User } from '../shared/domain/user.ts';
import type { RunRecord } from '../shared/storage/runs.ts';
import { userIdOf } from '../shared/use-cases/company-users.ts';

export const etagOf = (stored: Pick<User, 'decisionRevision'>) => `"${stored.decisionRevision}"`;

const idIn = (tenantId: string, objectId: string | null) => (objectId === null ? null : userIdOf({ tenantId, objectId }));

export function viewUser(stored: User): z.input<typeof user> {
  const { fields } = stored;
  return {
    userId: userIdOf(stored),
    objectId: stored.objectId,
    displayName: displayNameOf(fields),
    mail: fields.mail ?? null,
    userPrincipalName: fields.userPrincipalName ?? null,
    givenName: fields.givenName ?? null,
    surname: fields.surname ?? null,
    jobTitle: fields.jobTitle ?? null,
    department: fields.department ?? null,
    officeLocation: fields.officeLocation ?? null,
    mobilePhone: fields.mobilePhone ?? null,
    preferredLanguage: fields.preferredLanguage ?? null,
    accountEnabled: fields.accountEnabled ?? null,
    managerId: idIn(stored.tenantId, stored.managerId),
    decision: stored.decision,
    presence: stored.presence,
    kind: stored.kind,
    kindReasons: [...stored.kindReasons],
    suggestion: suggestedDecision(stored.kind),
    decidedAt: stored.decidedAt,
    decidedBy: stored.decidedBy,
    decisionReason: stored.decisionReason,
    arrivedAt: stored.arrivedAt,
    removedAt: stored.removedAt,
    recreatedFrom: idIn(stored.tenantId, stored.recreatedFrom),
    etag: etagOf(stored),
  };
}

export function viewMember(stored: User): z.input<typeof audienceMember> {
  const { fields } = stored;
  return {
    userId: userIdOf(stored),
    objectId: stored.objectId,
    displayName: displayNameOf(fields),
    givenName: fields.givenName ?? null,
    surname: fields.surname ?? null,
    mail: fields.mail ?? null,
    department: fields.department ?? null,
    jobTitle: fields.jobTitle ?? null,
    preferredLanguage: fields.preferredLanguage ?? null,
    managerId: idIn(stored.tenantId, stored.managerId),
  };
}

export const viewCompany = ({ companyId, mspId, name, expectedDomain, createdAt }: Company): z.input<typeof company> => ({
  companyId,
  mspId,
  name,
  expectedDomain,
  createdAt,
});

export const viewAdmin = (grant: Grant): z.input<typeof admin> => ({
  adminId: grantId(grant),
  tenantId: grant.tenantId,
  objectId: grant.objectId,
  name: grant.name,
  mail: grant.mail,
  role: grant.role,
  addedAt: grant.addedAt,
  addedBy: grant.addedBy,
});

export const viewRun = (record: RunRecord): z.input<typeof run> => ({
  ...record,
  milliseconds: Date.parse(record.finishedAt) - Date.parse(record.startedAt),
});
