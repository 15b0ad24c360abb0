import * as oidc from 'openid-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { homeTenant, mspTenant } from '../world/tenants.ts';
import {
  app,
  authorizeUrl,
  codeVerifier,
  customer,
  customerAdmin,
  customerReader,
  otherCustomer,
  redirectOf,
  signInRedirectUri,
  startTestEntra,
} from './fixture.ts';
import type { EntraStandIn } from './start.ts';

let entra: EntraStandIn;

beforeEach(async () => {
  entra = await startTestEntra();
});

afterEach(() => entra.stop());

async function pageOf(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  expect(response.headers.get('location')).toBeNull();
  return response.text();
}

describe('with the real openid-client', () => {
  test('authorization code with PKCE ends in a validated ID token and an access token for the API', async () => {
    const server = new URL(`${entra.urls.authority}/${customer.tenantId}/v2.0`);
    const client = await oidc.discovery(server, app.clientId, app.clientSecret);
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    const nonce = oidc.randomNonce();
    const state = oidc.randomState();
    const start = oidc.buildAuthorizationUrl(client, {
      redirect_uri: signInRedirectUri,
      scope: `openid profile ${app.apiScope}`,
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      nonce,
      state,
    });
    start.searchParams.set('sandbox_account', customerAdmin);
    const callback = await redirectOf(start.href);
    const tokens = await oidc.authorizationCodeGrant(client, callback, {
      pkceCodeVerifier,
      expectedNonce: nonce,
      expectedState: state,
      idTokenExpected: true,
    });
    expect(tokens.claims()).toMatchObject({
      iss: `${entra.urls.authority}/${customer.tenantId}/v2.0`,
      aud: app.clientId,
      tid: customer.tenantId,
      oid: customerAdmin,
      name: 'Ada Admin',
      preferred_username: `ada.admin@${customer.domain}`,
      wids: customer.accounts[0]?.directoryRoles,
      ver: '2.0',
    });
    const keys = await (await fetch(`${entra.urls.authority}/common/discovery/v2.0/keys`)).json();
    expect(keys).toEqual(entra.publicKeys);
    const access = JSON.parse(Buffer.from(tokens.access_token.split('.')[1] ?? '', 'base64url').toString('utf8')) as unknown;
    expect(access).toMatchObject({
      aud: app.clientId,
      azp: app.clientId,
      scp: 'access_as_user',
      tid: customer.tenantId,
      oid: customerAdmin,
      ver: '2.0',
    });
  });

  test('app roles arrive in the ID token', async () => {
    const client = await oidc.discovery(new URL(`${entra.urls.authority}/${homeTenant.tenantId}/v2.0`), app.clientId, app.clientSecret);
    const operator = homeTenant.accounts[0]?.objectId ?? '';
    const callback = await redirectOf(authorizeUrl(entra, homeTenant.tenantId, { sandbox_account: operator }));
    const tokens = await oidc.authorizationCodeGrant(client, callback, { pkceCodeVerifier: codeVerifier, expectedState: 'the-state' });
    expect(tokens.claims()).toMatchObject({ roles: ['Muster.Operator'], wids: [] });
  });

  test('the metadata of organizations names the issuer as a template, as Entra does', async () => {
    const response = await fetch(`${entra.urls.browser}/organizations/v2.0/.well-known/openid-configuration`);
    expect(await response.json()).toMatchObject({
      issuer: `${entra.urls.authority}/{tenantid}/v2.0`,
      authorization_endpoint: `${entra.urls.authority}/organizations/oauth2/v2.0/authorize`,
      jwks_uri: `${entra.urls.authority}/organizations/discovery/v2.0/keys`,
    });
  });

  test('the metadata of an unknown tenant is 400 invalid_tenant AADSTS90002', async () => {
    const response = await fetch(`${entra.urls.authority}/nowhere.example/v2.0/.well-known/openid-configuration`);
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_tenant', error_codes: [90002] }]);
  });
});

describe('the sign-in page', () => {
  test('says it is the sandbox, offers every tenant under organizations, and the form it shows signs in', async () => {
    const url = authorizeUrl(entra, 'organizations');
    const page = await pageOf(url);
    expect(page).toContain("This is the sandbox's sign-in, not Microsoft's.");
    for (const tenant of [customer, otherCustomer, mspTenant]) expect(page).toContain(tenant.displayName);
    const action = /<form method="post" action="([^"]+)">/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const body = new URLSearchParams({ account: customerReader, decision: 'accept' });
    const location = await redirectOf(new URL(action, entra.urls.browser).href, { method: 'POST', body });
    expect(location.href.startsWith(`${signInRedirectUri}?code=`)).toBe(true);
  });

  test('under a tenant offers that tenant alone and refuses accounts of others', async () => {
    expect(await pageOf(authorizeUrl(entra, customer.tenantId))).not.toContain(otherCustomer.displayName);
    const stranger = otherCustomer.accounts[0]?.objectId ?? '';
    expect(await pageOf(authorizeUrl(entra, customer.tenantId, { sandbox_account: stranger }))).toContain('AADSTS50020');
  });

  test('login_hint marks the account, domain_hint narrows the choice, prompt=none needs an earlier sign-in', async () => {
    const hinted = await pageOf(authorizeUrl(entra, 'organizations', { login_hint: `ROB.reader@${customer.domain}` }));
    expect(hinted).toContain(`value="${customerReader}" required checked`);
    expect(hinted.match(/ checked/g)).toHaveLength(1);
    const narrowed = await pageOf(authorizeUrl(entra, 'organizations', { domain_hint: customer.domain }));
    expect(narrowed).not.toContain(otherCustomer.displayName);
    const silent = await redirectOf(authorizeUrl(entra, 'organizations', { prompt: 'none' }));
    expect(silent.searchParams.get('error')).toBe('login_required');

    const signedIn = await fetch(authorizeUrl(entra, 'organizations', { sandbox_account: customerAdmin }), { redirect: 'manual' });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const again = await redirectOf(authorizeUrl(entra, 'organizations', { prompt: 'none' }), { headers: { cookie } });
    expect(again.searchParams.get('code')).toBeTruthy();
    expect(await pageOf(authorizeUrl(entra, 'organizations'), { headers: { cookie } })).toContain(
      `value="${customerAdmin}" required checked`,
    );
    const anew = await pageOf(authorizeUrl(entra, 'organizations', { prompt: 'select_account' }), { headers: { cookie } });
    expect(anew).not.toContain(' checked');
  });

  test('cancelling redirects with access_denied and the state byte for byte', async () => {
    const rawState = 'a%2Bb+c%20d%FF~%7e=';
    const url = `${authorizeUrl(entra, 'organizations', { state: undefined })}&state=${rawState}`;
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams({ decision: 'cancel' }), redirect: 'manual' });
    const location = response.headers.get('location') ?? '';
    expect(new URL(location).searchParams.get('error')).toBe('access_denied');
    expect(location.endsWith(`&state=${rawState}`)).toBe(true);
  });

  test('values from the address are escaped on the page', async () => {
    const page = await pageOf(authorizeUrl(entra, 'organizations', { redirect_uri: 'http://evil.example/"><script>' }));
    expect(page).toContain('AADSTS50011');
    expect(page).not.toContain('<script>');
    expect(await pageOf(`${authorizeUrl(entra, 'organizations')}&x="><script>`)).not.toContain('<script>');
  });

  test('an unregistered redirect address, an unknown app and a disabled app end on a page, never at the address', async () => {
    expect(await pageOf(authorizeUrl(entra, 'organizations', { redirect_uri: `${signInRedirectUri}/` }))).toContain('AADSTS50011');
    expect(await pageOf(authorizeUrl(entra, 'organizations', { client_id: 'other' }))).toContain('AADSTS700016');
    expect(await pageOf(authorizeUrl(entra, 'nowhere.example'))).toContain('AADSTS90002');
    entra.consent(customer.tenantId);
    entra.disable(customer.tenantId);
    expect(await pageOf(authorizeUrl(entra, 'organizations', { sandbox_account: customerAdmin }))).toContain('AADSTS7000112');
  });

  test.each([
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request', 'AADSTS50147'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request', 'AADSTS50147'],
    ['another response type', { response_type: 'id_token' }, 'unsupported_response_type', 'AADSTS70005'],
    ['another response mode', { response_mode: 'fragment' }, 'invalid_request', 'AADSTS70007'],
    ['no scope', { scope: undefined }, 'invalid_request', 'AADSTS900144'],
    ['an unknown scope', { scope: 'openid api://x/y' }, 'invalid_client', 'AADSTS650053'],
  ])('%s is sent back as an error', async (_case, changes, error, code) => {
    const { searchParams } = await redirectOf(authorizeUrl(entra, 'organizations', changes));
    expect(searchParams.get('error')).toBe(error);
    expect(searchParams.get('error_description')).toMatch(new RegExp(`^${code}: `));
    expect(searchParams.get('state')).toBe('the-state');
  });
});
