// MSPs, companies and their settings over HTTP.
import * as z from 'zod';
import * as contract from '../shared/contracts/companies.ts';
import { id } from '../shared/contracts/common.ts';
import { listCompanies, listMsps, readMsp, readSettings } from '../shared/storage/companies.ts';
import { Refusal } from '../shared/domain/errors.ts';
import { changeSettings, createCompany, createMsp, listVisible } from '../shared/use-cases/manage-companies.ts';
import { type Route, route } from './route.ts';
import { viewCompany } from './view.ts';

export const inMsp = z.strictObject({ mspId: id });
export const inCompany = z.strictObject({ companyId: id });

export const companyRoutes: readonly Route[] = [
  route({
    name: 'whoAmI',
    method: 'GET',
    path: 'api/v1/me',
    action: 'signedIn',
    tag: 'Companies',
    summary: 'Who is signed in, and which MSPs and companies they may see.',
    success: { status: 200, schema: contract.me },
    handle: async ({ ports, principal, roles }) => {
      const visible = await listVisible(ports, principal);
      const { kind, tenantId, objectId, name } = principal;
      const body = {
        kind,
        tenantId,
        objectId,
        name,
        isOperator: roles.has('operator'),
        msps: visible.msps,
        companies: visible.companies.map(viewCompany),
      };
      return { status: 200, body };
    },
  }),
  route({
    name: 'createMsp',
    method: 'POST',
    path: 'api/v1/msps',
    action: 'manageMsps',
    tag: 'MSPs',
    summary: 'Creates an MSP with its first admins.',
    body: contract.newMsp,
    success: { status: 201, schema: contract.msp },
    handle: async ({ ports, principal, body }) => ({
      status: 201,
      body: await createMsp(ports, {
        name: body.name,
        admins: body.admins.map((admin) => ({ ...admin, role: 'mspAdmin' })),
        by: principal.name,
      }),
    }),
  }),
  route({
    name: 'listMsps',
    method: 'GET',
    path: 'api/v1/msps',
    action: 'manageMsps',
    tag: 'MSPs',
    summary: 'All MSPs.',
    success: { status: 200, schema: z.object({ msps: z.array(contract.msp) }) },
    handle: async ({ ports }) => ({ status: 200, body: { msps: await listMsps(ports.tables) } }),
  }),
  route({
    name: 'readMsp',
    method: 'GET',
    path: 'api/v1/msps/{mspId}',
    action: 'readMsp',
    tag: 'MSPs',
    summary: 'One MSP.',
    params: inMsp,
    success: { status: 200, schema: contract.msp },
    handle: async ({ ports, params }) => {
      const msp = await readMsp(ports.tables, params.mspId);
      if (!msp) throw new Refusal('not-found');
      return { status: 200, body: msp };
    },
  }),
  route({
    name: 'createCompany',
    method: 'POST',
    path: 'api/v1/msps/{mspId}/companies',
    action: 'manageCompanies',
    tag: 'Companies',
    summary: 'Creates a company under an MSP.',
    params: inMsp,
    body: contract.newCompany,
    success: { status: 201, schema: contract.company },
    handle: async ({ ports, principal, params, body }) => ({
      status: 201,
      body: viewCompany(await createCompany(ports, { ...body, mspId: params.mspId, by: principal.name })),
    }),
  }),
  route({
    name: 'listCompanies',
    method: 'GET',
    path: 'api/v1/msps/{mspId}/companies',
    action: 'manageCompanies',
    tag: 'Companies',
    summary: 'The companies of an MSP.',
    params: inMsp,
    success: { status: 200, schema: z.object({ companies: z.array(contract.company) }) },
    handle: async ({ ports, params }) => ({
      status: 200,
      body: { companies: (await listCompanies(ports.tables, params.mspId)).map(viewCompany) },
    }),
  }),
  route({
    name: 'readCompany',
    method: 'GET',
    path: 'api/v1/companies/{companyId}',
    action: 'readCompany',
    tag: 'Companies',
    summary: 'One company.',
    params: inCompany,
    success: { status: 200, schema: contract.company },
    handle: async ({ company }) => {
      if (!company) throw new Refusal('not-found');
      return { status: 200, body: viewCompany(company) };
    },
  }),
  route({
    name: 'readSettings',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/settings',
    action: 'readCompany',
    tag: 'Settings',
    summary: 'Schedule, pause, time zone, mail frequency and removal hold.',
    params: inCompany,
    answersETag: true,
    success: { status: 200, schema: contract.settings },
    handle: async ({ ports, params }) => {
      const { value, etag } = await readSettings(ports.tables, params.companyId);
      return { status: 200, body: value, headers: { ETag: quoted(etag) } };
    },
  }),
  route({
    name: 'changeSettings',
    method: 'PATCH',
    path: 'api/v1/companies/{companyId}/settings',
    action: 'changeSettings',
    tag: 'Settings',
    summary: 'Changes some settings.',
    params: inCompany,
    body: contract.settingsChange,
    needsIfMatch: true,
    answersETag: true,
    success: { status: 200, schema: contract.settings },
    errors: ['conflict', 'precondition-required'],
    handle: async ({ ports, principal, params, body, ifMatch }) => {
      const change = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      const stored = await changeSettings(ports, { companyId: params.companyId, change, etag: unquoted(ifMatch), by: principal.name });
      return { status: 200, body: stored.settings, headers: { ETag: quoted(stored.etag) } };
    },
  }),
];

/** Storage ETags carry quotes and a weak mark of their own; outside they are one opaque word. */
const quoted = (etag: string) => `"${Buffer.from(etag).toString('base64url')}"`;
const unquoted = (etag: string) => Buffer.from(etag, 'base64url').toString();
