// Which scope a route speaks of, and what the caller may do there: the only place that reads grants to decide.
import { type Action, mayDo, type Principal, type Role, rolesOf, type Roster, type Scope } from '../domain/access.ts';
import { Refusal } from '../domain/errors.ts';
import type { Company } from '../domain/company.ts';
import type { Ports } from '../ports/ports.ts';
import { readCompany, readGrants, readMsp } from '../storage/companies.ts';

export interface Target {
  readonly mspId?: string | undefined;
  readonly companyId?: string | undefined;
}

export interface Authorised {
  readonly scope: Scope;
  readonly roles: ReadonlySet<Role>;
  readonly company: Company | null;
}

const nobody: Roster = { msp: [], company: [] };

async function openScope(
  { tables }: Pick<Ports, 'tables'>,
  target: Target,
): Promise<{ scope: Scope; roster: Roster; company: Company | null } | undefined> {
  if (target.companyId !== undefined) {
    const company = await readCompany(tables, target.companyId);
    if (!company) return undefined;
    const [msp, own] = await Promise.all([
      readGrants(tables, { kind: 'msp', id: company.mspId }),
      readGrants(tables, { kind: 'company', id: company.companyId }),
    ]);
    return { scope: { kind: 'company', companyId: company.companyId, mspId: company.mspId }, roster: { msp, company: own }, company };
  }
  if (target.mspId !== undefined) {
    const [msp, grants] = await Promise.all([readMsp(tables, target.mspId), readGrants(tables, { kind: 'msp', id: target.mspId })]);
    return msp && { scope: { kind: 'msp', mspId: msp.mspId }, roster: { msp: grants, company: [] }, company: null };
  }
  return { scope: { kind: 'system' }, roster: nobody, company: null };
}

/**
 * Lets the caller through or refuses.
 * Somebody without any role in a scope learns nothing of it, not even that it exists: `not-found`. A role that is too weak is `forbidden`.
 */
export async function authorise(
  ports: Pick<Ports, 'tables' | 'operation'>,
  principal: Principal,
  action: Action,
  target: Target,
): Promise<Authorised> {
  const opened = await openScope(ports, target);
  if (!opened) throw new Refusal('not-found');
  const roles = rolesOf(principal, opened.roster, ports.operation.homeTenantId);
  if (mayDo(action, roles)) return { scope: opened.scope, roles, company: opened.company };
  throw new Refusal(roles.size === 0 && opened.scope.kind !== 'system' ? 'not-found' : 'forbidden');
}
