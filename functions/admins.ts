// Admins of an MSP or a company over HTTP.
import * as z from 'zod';
import * as contract from '../shared/contracts/companies.ts';
import type { GrantScope } from '../shared/storage/companies.ts';
import { addAdmin, listAdmins, removeAdmin } from '../shared/use-cases/manage-admins.ts';
import { inCompany, inMsp } from './companies.ts';
import { type Route, route } from './route.ts';
import { viewAdmin } from './view.ts';

const adminId = z.string().regex(/^[0-9a-f-]{36}_[0-9a-f-]{36}$/, 'Must be an admin id as this API returned it.');

/** The three routes by which admins of a scope are added, listed and removed. */
function adminRoutesOf(kind: 'msp' | 'company'): readonly Route[] {
  const isMsp = kind === 'msp';
  const base = isMsp ? 'api/v1/msps/{mspId}/admins' : 'api/v1/companies/{companyId}/admins';
  const action = isMsp ? 'manageMspAdmins' : 'manageCompanyAdmins';
  const scopeOf = (params: unknown): GrantScope => ({
    kind,
    id: isMsp ? inMsp.loose().parse(params).mspId : inCompany.loose().parse(params).companyId,
  });
  const params = isMsp ? inMsp : inCompany;
  const name = isMsp ? 'Msp' : 'Company';
  const body = isMsp ? contract.newMspAdmin.transform((admin) => ({ ...admin, role: 'mspAdmin' as const })) : contract.newCompanyAdmin;
  return [
    route({
      name: `list${name}Admins`,
      method: 'GET',
      path: base,
      action,
      tag: 'Admins',
      summary: 'Who administers this scope.',
      params,
      success: { status: 200, schema: z.object({ admins: z.array(contract.admin) }) },
      handle: async ({ ports, params: scope }) => ({
        status: 200,
        body: { admins: (await listAdmins(ports, scopeOf(scope))).map(viewAdmin) },
      }),
    }),
    route({
      name: `add${name}Admin`,
      method: 'POST',
      path: base,
      action,
      tag: 'Admins',
      summary: 'Adds an admin or changes the role somebody has.',
      params,
      body,
      success: { status: 201, schema: contract.admin },
      errors: ['last-admin'],
      handle: async ({ ports, principal, params: scope, body: admin }) => ({
        status: 201,
        body: viewAdmin(await addAdmin(ports, scopeOf(scope), admin, principal.name)),
      }),
    }),
    route({
      name: `remove${name}Admin`,
      method: 'DELETE',
      path: `${base}/{adminId}`,
      action,
      tag: 'Admins',
      summary: 'Removes an admin; it takes effect with the next request. The last one stays.',
      params: params.extend({ adminId }),
      success: { status: 204 },
      errors: ['last-admin'],
      handle: async ({ ports, principal, params: scope }) => {
        await removeAdmin(ports, scopeOf(scope), z.looseObject({ adminId }).parse(scope).adminId, principal.name);
        return { status: 204 };
      },
    }),
  ];
}

export const adminRoutes: readonly Route[] = [...adminRoutesOf('msp'), ...adminRoutesOf('company')];
