// Which scope a route speaks of, and what the caller may do there: the only place that reads grants to decide.
import { type Action, mayDo, type Principal, type Role, rolesOf, type Roster, type Scope } from '../domain/access.ts';
import { Refusal } from '../domain/errors.ts';
import type { Company } from '../domain/company.ts';
import type { Ports } from '../ports/ports.ts';
import { readGrants, readMsp } from '../storage/companies.ts';
import { type CompanyState, openCompany } from '../storage/company-state.ts';

export interface Target {
  readonly mspId?: string | undefined;
  readonly companyId?: string | undefined;
}

export interface Authorised {
  readonly scope: Scope;
  readonly roles: ReadonlySet<Role>;
  readonly company: Company | null;
  /** The company's state as it was when its grants were read; `null` outside companies. */
  readonly state: CompanyState | null;
}

type OpenedScope = Pick<Authorised, 'scope' | 'company' | 'state'> & { readonly roster: Roster };

const nobody: Roster = { msp: [], company: [] };

async function openScope({ tables }: Pick<Ports, 'tables'>, target: Target): Promise<OpenedScope | undefined> {
  if (target.companyId !== undefined) {
    const { company, grants, state } = await openCompany(tables, target.companyId);
    if (!company) return undefined;
    const msp = await readGrants(tables, { kind: 'msp', id: company.mspId });
    const scope = { kind: 'company', companyId: company.companyId, mspId: company.mspId } as const;
    return { scope, roster: { msp, company: grants }, company, state };
  }
  if (target.mspId !== undefined) {
    const [msp, grants] = await Promise.all([readMsp(tables, target.mspId), readGrants(tables, { kind: 'msp', id: target.mspId })]);
    return msp && { scope: { kind: 'msp', mspId: msp.mspId }, roster: { msp: grants, company: [] }, company: null, state: null };
  }
  return { scope: { kind: 'system' }, roster: nobody, company: null, state: null };
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
  if (mayDo(action, roles)) return { scope: opened.scope, roles, company: opened.company, state: opened.state };
  throw new Refusal(roles.size === 0 && opened.scope.kind !== 'system' ? 'not-found' : 'forbidden');
}
