// Companies in the product, made and connected through the API the way people do it.
import { type Api, makeApi } from '../sandbox/api.ts';
import { accountOf, apiOf, asAdmin, browserOf, connect } from '../sandbox/people.ts';
import { homeTenant, mspTenant, type TenantProfile } from '../sandbox/world/tenants.ts';
import type * as contract from '../shared/contracts/companies.ts';
import type * as z from 'zod';
import type { Product } from './product.ts';

type SettingsChange = z.input<typeof contract.settingsChange>;

export interface Company {
  readonly companyId: string;
  readonly tenant: TenantProfile;
}

export interface Msp {
  /** The MSP admin's client. */
  readonly api: Api;
  /** Makes a company and connects it to its tenant; its first sync starts by itself. */
  readonly connect: (tenant: TenantProfile, settings?: SettingsChange) => Promise<Company>;
}

/** Creates the MSP of the bench. Once per product. */
export async function openMsp({ sandbox }: Product): Promise<Msp> {
  const mira = accountOf(mspTenant, 'mira');
  const operator = await apiOf(sandbox, homeTenant, accountOf(homeTenant, 'olivia'));
  const { mspId } = await operator.createMsp({ name: mspTenant.displayName, admins: [asAdmin(mspTenant, mira)] });
  const token = await sandbox.entra.issueAccessToken({ tenantId: mspTenant.tenantId, objectId: mira.objectId });
  const api = makeApi({ url: sandbox.url, token });
  const changeSettings = async (companyId: string, change: SettingsChange) => {
    const path = `/companies/${companyId}/settings`;
    const { headers } = await api.raw(path);
    await api.call(path, { method: 'PATCH', body: change, headers: { 'if-match': headers.get('etag') ?? '' } });
  };
  return {
    api,
    connect: async (tenant, settings = {}) => {
      const ada = accountOf(tenant, 'ada');
      const { companyId } = await api.createCompany(mspId, {
        name: tenant.displayName,
        expectedDomain: tenant.domain,
        timeZone: 'Europe/Berlin',
        admins: [asAdmin(tenant, ada)],
      });
      if (Object.keys(settings).length > 0) await changeSettings(companyId, settings);
      const end = await connect(sandbox, token, browserOf(sandbox, ada), companyId);
      if (end.status !== 200) throw new Error(`${tenant.displayName} could not be connected: ${end.status}\n${end.text.slice(0, 500)}`);
      return { companyId, tenant };
    },
  };
}

/** A day between rounds, so that none is due while something else is measured. */
const restful = { syncEveryMinutes: 1_440 };

/** Connects many companies, a few at a time. */
export async function connectAll(msp: Msp, tenants: readonly TenantProfile[], onProgress: (done: number) => void): Promise<Company[]> {
  const companies: Company[] = [];
  const queue = tenants.values();
  const worker = async () => {
    for (const tenant of queue) {
      companies.push(await msp.connect(tenant, restful));
      onProgress(companies.length);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return companies;
}
