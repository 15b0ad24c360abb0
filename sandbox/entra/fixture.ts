// What the stand-in's own tests share: a started Entra with a known app, and a process that trusts its certificate.

import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type Authority, makeAuthority } from '../ca.ts';
import { makeSandboxClock, type SandboxClock } from '../clock.ts';
import { allTenants, customerTenants, homeTenant, mspTenant, type TenantProfile } from '../world/tenants.ts';
import type { AppRegistration, EntraOptions, ProgramClient } from './options.ts';
import { openSigningKey } from './signing-key.ts';
import { type EntraStandIn, startEntra } from './start.ts';
import { openState } from './state.ts';

export const program: ProgramClient = {
  clientId: '0b000000-0000-4000-8000-000000000001',
  secret: 'program+secret/with:signs',
  tenantId: mspTenant.tenantId,
  objectId: '0b000000-0000-4000-8000-000000000002',
  roles: ['Muster.Platform'],
};

export const app: AppRegistration = {
  clientId: '0a000000-0000-4000-8000-000000000001',
  clientSecret: 'the-right-secret',
  redirectUris: ['http://localhost:7071/consent/callback', 'http://localhost:7071/signin/callback'],
  roles: ['User.Read.All', 'MailboxSettings.Read'],
  apiScope: 'api://0a000000-0000-4000-8000-000000000001/access_as_user',
  programs: [program],
};

function first(tenants: readonly TenantProfile[]): TenantProfile {
  const tenant = tenants[0];
  if (tenant === undefined) throw new Error('The world has no customer.');
  return tenant;
}

export const customer = first(customerTenants);
export const otherCustomer = first(customerTenants.slice(1));
export const home = homeTenant;

/** Object ids of the customer's two accounts. */
export const customerAdmin = customer.accounts[0]?.objectId ?? '';
export const customerReader = customer.accounts[1]?.objectId ?? '';

let authority: Promise<Authority> | undefined;

/** One authority per test process; only the certificates in memory are needed, so its folder goes at once. */
function sharedAuthority(): Promise<Authority> {
  authority ??= makeTrustedAuthority();
  return authority;
}

async function makeTrustedAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-entra-'));
  const made = await makeAuthority(folder);
  await rm(folder, { recursive: true });
  setDefaultCACertificates([...getCACertificates('default'), made.ca]);
  return made;
}

let signingKey: Promise<Record<string, unknown>> | undefined;

/** Making an RSA key takes longer than most tests, so all starts of a test process share one. */
function sharedSigningKey(): Promise<Record<string, unknown>> {
  signingKey ??= makeSigningKey();
  return signingKey;
}

async function makeSigningKey(): Promise<Record<string, unknown>> {
  const state = openState();
  await openSigningKey(state);
  return state.signingKey() ?? {};
}

type Changes = Partial<Pick<EntraOptions, 'stateFile' | 'settings'>> & {
  readonly app?: Partial<AppRegistration>;
  readonly clock?: SandboxClock;
};

/** Starts an Entra without consent delay, unless `settings` ask for one. */
export async function startTestEntra({ app: appChanges, clock, ...changes }: Changes = {}): Promise<EntraStandIn> {
  const [tls, key] = await Promise.all([sharedAuthority(), sharedSigningKey()]);
  const folder = await mkdtemp(join(tmpdir(), 'muster-entra-'));
  const stateFile = join(folder, 'entra.json');
  await writeFile(stateFile, JSON.stringify({ signingKey: key, servicePrincipals: {} }));
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true });
  const entra = await startEntra({
    stateFile,
    clock: clock ?? makeSandboxClock(),
    tenants: allTenants,
    tls,
    ...changes,
    app: { ...app, ...appChanges },
    settings: { rolesDelayMs: 0, ...changes.settings },
  }).catch(async (error: unknown) => {
    await removeFolder();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await entra.stop();
    await removeFolder();
  };
  return { ...entra, stop };
}

export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** POSTs to a tenant's token endpoint over https. */
export async function requestToken(
  entra: EntraStandIn,
  tenant: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  const body = new URLSearchParams(fields);
  const response = await fetch(`${entra.urls.authority}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body, headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** The app's own client credentials request for Graph, with its secret. */
export function requestGraphToken(entra: EntraStandIn, tenant: string, secret = 'the-right-secret'): Promise<TokenAnswer> {
  return requestToken(entra, tenant, {
    grant_type: 'client_credentials',
    client_id: app.clientId,
    client_secret: secret,
    scope: 'https://graph.microsoft.com/.default',
  });
}

export const signInRedirectUri = 'http://localhost:7071/signin/callback';
export const codeVerifier = 'a-code-verifier-that-is-long-enough-for-the-standard';

/** The browser's address of a correct sign-in request; `undefined` takes a parameter out. */
export function authorizeUrl(entra: EntraStandIn, tenant: string, changes: Readonly<Record<string, string | undefined>> = {}): string {
  const fields = {
    client_id: app.clientId,
    response_type: 'code',
    redirect_uri: signInRedirectUri,
    scope: 'openid profile',
    state: 'the-state',
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  };
  const present = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
  return `${entra.urls.browser}/${tenant}/oauth2/v2.0/authorize?${new URLSearchParams(present).toString()}`;
}

/** Where an address redirects to. */
export async function redirectOf(url: string, init: RequestInit = {}): Promise<URL> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const location = response.headers.get('location');
  if (location === null) throw new Error(`${url} answered ${response.status} without redirecting.`);
  return new URL(location);
}
