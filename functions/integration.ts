// The link to a tenant over HTTP: its state, starting "Integrate M365", and disconnecting.
import * as contract from '../shared/contracts/companies.ts';
import { readIntegration } from '../shared/storage/companies.ts';
import { startConnect } from '../shared/use-cases/connect.ts';
import { disconnect } from '../shared/use-cases/disconnect.ts';
import { inCompany } from './companies.ts';
import { connectCookie } from './cookies.ts';
import { type Route, route } from './route.ts';

export const integrationRoutes: readonly Route[] = [
  route({
    name: 'readIntegration',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/integration',
    action: 'readCompany',
    tag: 'Integration',
    summary: 'Whether the company is connected, and if not, why and what to do next.',
    params: inCompany,
    success: { status: 200, schema: contract.integration },
    handle: async ({ ports, params }) => ({ status: 200, body: await readIntegration(ports.tables, params.companyId) }),
  }),
  route({
    name: 'startIntegration',
    method: 'POST',
    path: 'api/v1/companies/{companyId}/integration/start',
    action: 'connect',
    tag: 'Integration',
    summary: 'Starts "Integrate M365": returns the consent page to open in this very browser.',
    params: inCompany,
    success: { status: 200, schema: contract.consentStart },
    handle: async ({ ports, principal, params }) => {
      const { consentUrl, expiresAt, sessionSecret } = await startConnect(ports, { companyId: params.companyId, principal });
      return { status: 200, body: { consentUrl, expiresAt }, cookies: [connectCookie.set(sessionSecret)] };
    },
  }),
  route({
    name: 'disconnectIntegration',
    method: 'DELETE',
    path: 'api/v1/companies/{companyId}/integration',
    action: 'connect',
    tag: 'Integration',
    summary: 'Disconnects the tenant. Users and decisions are kept.',
    params: inCompany,
    success: { status: 204 },
    errors: ['not-connected'],
    handle: async ({ ports, principal, params }) => {
      await disconnect(ports, { companyId: params.companyId, by: principal.name });
      return { status: 204 };
    },
  }),
];
