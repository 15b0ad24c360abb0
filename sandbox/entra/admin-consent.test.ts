import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { app, customer, customerAdmin, customerReader, otherCustomer, requestGraphToken, startTestEntra } from './fixture.ts';
import type { EntraStandIn } from './start.ts';

const redirectUri = 'http://localhost:7071/consent/callback';
const defaultScope = 'https://graph.microsoft.com/.default';
const rawState = 'a%2Bb+c%20d~%7e';

let entra: EntraStandIn;

beforeEach(async () => {
  entra = await startTestEntra();
});

afterEach(() => entra.stop());

function consentUrl(tenant: string, changes: Readonly<Record<string, string | undefined>> = {}, version = 'v2.0/'): string {
  const fields = { client_id: app.clientId, redirect_uri: redirectUri, scope: defaultScope, ...changes };
  const present = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
  return `${entra.urls.browser}/${tenant}/${version}adminconsent?${new URLSearchParams(present).toString()}&state=${rawState}`;
}

async function decide(url: string, fields: Readonly<Record<string, string>>): Promise<{ status: number; location: string; page: string }> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  return { status: response.status, location: response.headers.get('location') ?? '', page: await response.text() };
}

async function pageOf(url: string): Promise<{ status: number; location: string | null; page: string }> {
  const response = await fetch(url, { redirect: 'manual' });
  return { status: response.status, location: response.headers.get('location'), page: await response.text() };
}

test('item 6: the page lists what is asked for, and an accepting administrator grants it', async () => {
  const url = consentUrl('organizations');
  const { page } = await pageOf(url);
  for (const text of [...app.roles, customer.displayName, 'Global Administrator', "the sandbox's sign-in"]) expect(page).toContain(text);
  const { status, location } = await decide(url, { account: customerAdmin, decision: 'accept' });
  expect(status).toBe(302);
  const { origin, pathname, searchParams } = new URL(location);
  expect(origin + pathname).toBe(redirectUri);
  expect(Object.fromEntries(searchParams)).toMatchObject({ admin_consent: 'True', tenant: customer.tenantId, scope: defaultScope });
  expect(location.endsWith(`&state=${rawState}`)).toBe(true);
  expect(entra.consentState(customer.tenantId)).toMatchObject({ kind: 'consented', roles: app.roles });
});

test('item 6: a refusal says admin_consent=True as well, with consent_required and AADSTS65004', async () => {
  const { location } = await decide(consentUrl(customer.tenantId), { decision: 'cancel' });
  const { searchParams } = new URL(location);
  expect(searchParams.get('admin_consent')).toBe('True');
  expect(searchParams.get('error')).toBe('consent_required');
  expect(searchParams.get('error_description')).toMatch(/^AADSTS65004: /);
  expect(location.endsWith(`&state=${rawState}`)).toBe(true);
  expect(entra.consentState(customer.tenantId)).toEqual({ kind: 'none' });
});

test('item 6: v1 refuses with permission_denied and without state, and grants without scope', async () => {
  const url = consentUrl('common', { scope: undefined }, '');
  const refused = await decide(url, { decision: 'cancel' });
  const { searchParams } = new URL(refused.location);
  expect(searchParams.get('error')).toBe('permission_denied');
  expect(searchParams.has('state')).toBe(false);
  const granted = await decide(url, { account: customerAdmin, decision: 'accept' });
  expect(new URL(granted.location).searchParams.get('tenant')).toBe(customer.tenantId);
  expect(entra.consentState(customer.tenantId)).toMatchObject({ roles: app.roles });
});

test('item 6: an account that is no administrator ends on a page with AADSTS90094 and is not redirected', async () => {
  const { status, location, page } = await decide(consentUrl('organizations'), { account: customerReader, decision: 'accept' });
  expect([status, location]).toEqual([403, '']);
  expect(page).toContain('AADSTS90094');
  expect(entra.consentState(customer.tenantId)).toEqual({ kind: 'none' });
});

test('item 6: common, a missing scope, another redirect address and an unknown app are refused on a page', async () => {
  const cases = [
    [consentUrl('common'), 'AADSTS50059'],
    [consentUrl('organizations', { scope: undefined }), 'AADSTS900144'],
    [consentUrl('organizations', { redirect_uri: `${redirectUri}?x` }), 'AADSTS50011'],
    [consentUrl('organizations', { client_id: 'other' }), 'AADSTS700016'],
    [consentUrl('nowhere.example'), 'AADSTS90002'],
    [consentUrl('organizations', { sandbox_account: 'nobody' }), 'AADSTS50034'],
  ] as const;
  for (const [url, code] of cases) {
    const { status, location, page } = await pageOf(url);
    expect([status, location]).toEqual([400, null]);
    expect(page).toContain(code);
  }
});

test('item 6: without .default only delegated permissions are granted, so tokens have no roles', async () => {
  await pageOf(consentUrl('organizations', { scope: 'https://graph.microsoft.com/User.Read', sandbox_account: customerAdmin }));
  expect(entra.consentState(customer.tenantId)).toMatchObject({ kind: 'consented', roles: [] });
});

test('item 7: consenting again with fewer permissions removes the others, over a restart too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'muster-entra-state-'));
  const stateFile = join(folder, 'entra.json');
  try {
    const before = await startTestEntra({ stateFile });
    before.consent(customer.tenantId);
    const token = String((await requestGraphToken(before, customer.tenantId)).body['access_token']);
    await before.stop();
    expect((await stat(stateFile)).mode & 0o777).toBe(0o600);

    await entra.stop();
    entra = await startTestEntra({ stateFile, app: { roles: ['User.Read.All'] } });
    expect(entra.consentState(customer.tenantId)).toMatchObject({ roles: app.roles });
    expect(entra.publicKeys).toEqual(before.publicKeys);
    await pageOf(consentUrl('organizations', { sandbox_account: customerAdmin }));
    expect(entra.consentState(customer.tenantId)).toMatchObject({ roles: ['User.Read.All'] });
    const renewed = String((await requestGraphToken(entra, customer.tenantId)).body['access_token']);
    expect(decodeJwt(renewed)['roles']).toEqual(['User.Read.All']);
    expect(decodeJwt(renewed)['oid']).toBe(decodeJwt(token)['oid']);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a damaged state file stops the start and names the file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'muster-entra-state-'));
  const stateFile = join(folder, 'entra.json');
  await writeFile(stateFile, '{"servicePrincipals": 1}');
  await expect(startTestEntra({ stateFile })).rejects.toThrow(stateFile);
  await rm(folder, { recursive: true });
});

test('item 8: an administrator of another tenant than intended returns that other tenant', async () => {
  const url = consentUrl('organizations', { login_hint: `ada.admin@${customer.domain}` });
  const { location } = await decide(url, { account: otherCustomer.accounts[0]?.objectId ?? '', decision: 'accept' });
  expect(new URL(location).searchParams.get('tenant')).toBe(otherCustomer.tenantId);
  expect(entra.consentState(customer.tenantId)).toEqual({ kind: 'none' });
  expect(entra.consentState(otherCustomer.tenantId)).toMatchObject({ kind: 'consented' });
});

test('item 8: a path that names the tenant takes no administrator of another one', async () => {
  const { page } = await decide(consentUrl(customer.tenantId), { account: otherCustomer.accounts[0]?.objectId ?? '', decision: 'accept' });
  expect(page).toContain('AADSTS50020');
});
