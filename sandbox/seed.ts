// Fills a fresh sandbox the way people would: the operator creates an MSP, its admin creates companies, their administrators consent.
import { accountOf, apiOf, asAdmin, browserOf, connect } from './people.ts';
import type { Sandbox } from './sandbox.ts';
import { homeTenant, mspTenant, type TenantProfile } from './world/tenants.ts';

/** Of every seeded company. */
export const timeZone = 'Europe/Berlin';

export interface SeededCompany {
  readonly companyId: string;
  readonly tenant: TenantProfile;
}

/** Creates an MSP and one connected company for each tenant. Nothing waits for the syncs that start by themselves. */
export async function seedCompanies(sandbox: Sandbox, tenants: readonly TenantProfile[]): Promise<readonly SeededCompany[]> {
  const operator = await apiOf(sandbox, homeTenant, accountOf(homeTenant, 'olivia'));
  const mira = accountOf(mspTenant, 'mira');
  const { mspId } = await operator.createMsp({ name: mspTenant.displayName, admins: [asAdmin(mspTenant, mira)] });
  const msp = await apiOf(sandbox, mspTenant, mira);
  const token = await sandbox.entra.issueAccessToken({ tenantId: mspTenant.tenantId, objectId: mira.objectId });
  const companies: SeededCompany[] = [];
  for (const tenant of tenants) {
    const ada = accountOf(tenant, 'ada');
    const rob = accountOf(tenant, 'rob');
    const { companyId } = await msp.createCompany(mspId, {
      name: tenant.displayName,
      expectedDomain: tenant.domain,
      timeZone,
      admins: [asAdmin(tenant, ada), { ...asAdmin(tenant, rob), role: 'companyReader' }],
    });
    const end = await connect(sandbox, token, browserOf(sandbox, ada), companyId);
    if (end.status !== 200) throw new Error(`${tenant.displayName} could not be connected: ${end.status}\n${end.text}`);
    companies.push({ companyId, tenant });
  }
  return companies;
}
