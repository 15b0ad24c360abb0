import { ClientAssertionCredential, ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { app, customer, otherCustomer, requestToken, startTestEntra } from './fixture.ts';
import type { EntraStandIn } from './start.ts';

const graphScope = 'https://graph.microsoft.com/.default';
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

let entra: EntraStandIn;

// One Entra for the whole file: the SDK finds the managed identity endpoint once per process and keeps that identity's tokens by client id.
beforeAll(async () => {
  entra = await startTestEntra();
  vi.stubEnv('IDENTITY_ENDPOINT', entra.urls.identityEndpoint);
  vi.stubEnv('IDENTITY_HEADER', entra.managedIdentity.header);
});

afterEach(() => {
  for (const { tenantId } of [customer, otherCustomer]) entra.revokeConsent(tenantId);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await entra.stop();
});

function options(): { readonly authorityHost: string; readonly disableInstanceDiscovery: true } {
  return { authorityHost: entra.urls.authority, disableInstanceDiscovery: true };
}

function withSecret(tenantId: string, secret = 'the-right-secret'): ClientSecretCredential {
  return new ClientSecretCredential(tenantId, app.clientId, secret, options());
}

describe('ClientSecretCredential', () => {
  test('item 1: gets a token per tenant and keeps it', async () => {
    entra.consent(customer.tenantId);
    const credential = withSecret(customer.tenantId);
    const first = await credential.getToken(graphScope);
    const requests = entra.tokenRequests(customer.tenantId);
    const second = await credential.getToken(graphScope);
    expect(second.token).toBe(first.token);
    expect(decodeJwt(first.token)).toMatchObject({ tid: customer.tenantId, roles: app.roles, appidacr: '1' });
    expect(requests).toBe(1);
    expect(entra.tokenRequests(customer.tenantId)).toBe(requests);
  });

  test('item 2: refusals arrive with their AADSTS number in the message', async () => {
    await expect(withSecret(customer.tenantId).getToken(graphScope)).rejects.toThrow(/invalid_client.*AADSTS7000229/s);
    await expect(withSecret(customer.tenantId, 'wrong').getToken(graphScope)).rejects.toThrow(/invalid_client.*AADSTS7000215/s);
    await expect(withSecret('99999999-0000-4000-8000-000000000009').getToken(graphScope)).rejects.toThrow(/endpoints_resolution_error/);
  });
});

describe('ManagedIdentityCredential with ClientAssertionCredential', () => {
  function secretless(tenantId: string): ClientAssertionCredential {
    const identity = new ManagedIdentityCredential({ clientId: entra.managedIdentity.clientId });
    const assertion = async () => (await identity.getToken('api://AzureADTokenExchange/.default')).token;
    return new ClientAssertionCredential(tenantId, app.clientId, assertion, options());
  }

  test('item 1: reach Graph tokens of several tenants without any secret', async () => {
    entra.expireSecret();
    for (const tenant of [customer, otherCustomer]) {
      entra.consent(tenant.tenantId);
      const { token } = await secretless(tenant.tenantId).getToken(graphScope);
      expect(decodeJwt(token)).toMatchObject({ tid: tenant.tenantId, appid: app.clientId, roles: app.roles, appidacr: '2' });
    }
    entra.renewSecret();
  });

  test('item 2: a federated credential that was removed is AADSTS700213 until it is restored', async () => {
    entra.consent(customer.tenantId);
    entra.removeFederatedCredential();
    await expect(secretless(customer.tenantId).getToken(graphScope)).rejects.toThrow(/AADSTS700213/);
    entra.restoreFederatedCredential();
    await expect(secretless(customer.tenantId).getToken(graphScope)).resolves.toHaveProperty('token');
  });

  test('the identity endpoint wants its header and the identity by its client id', async () => {
    const url = (clientId: string) =>
      `${entra.urls.identityEndpoint}?api-version=2019-08-01&resource=api://AzureADTokenExchange&client_id=${clientId}`;
    const headers = { 'x-identity-header': entra.managedIdentity.header };
    expect((await fetch(url(entra.managedIdentity.clientId))).status).toBe(401);
    expect((await fetch(url('other'), { headers })).status).toBe(400);
    expect((await fetch(entra.urls.identityEndpoint, { headers })).status).toBe(400);
    const answer = (await (await fetch(url(entra.managedIdentity.clientId), { headers })).json()) as Record<string, unknown>;
    expect(answer).toMatchObject({ resource: 'api://AzureADTokenExchange', token_type: 'Bearer' });
    expect(Number(answer['expires_on']) * 1000).toBeGreaterThan(entra.clock.now());
    expect(answer['expires_on']).toBeTypeOf('string');
  });
});

describe('assertions that must be refused', () => {
  async function assertionFor(resource: string): Promise<string> {
    const { clientId, header } = entra.managedIdentity;
    const query = new URLSearchParams({ 'api-version': '2019-08-01', resource, client_id: clientId });
    const response = await fetch(`${entra.urls.identityEndpoint}?${query.toString()}`, { headers: { 'x-identity-header': header } });
    return ((await response.json()) as { readonly access_token: string }).access_token;
  }

  async function codesFor(assertion: string): Promise<unknown> {
    const { body } = await requestToken(entra, customer.tenantId, {
      grant_type: 'client_credentials',
      client_id: app.clientId,
      client_assertion_type: assertionType,
      client_assertion: assertion,
      scope: graphScope,
    });
    return body['error_codes'];
  }

  test('another audience, an expired one, another subject, another issuer, a foreign signature, no token at all', async () => {
    const { tenantId } = entra.managedIdentity;
    const issuer = `${entra.urls.authority}/${tenantId}/v2.0`;
    const audience = 'api://AzureADTokenExchange';
    expect(await codesFor(await assertionFor('https://vault.example'))).toEqual([700212]);
    expect(await codesFor(await entra.issueAccessToken({ tenantId, audience }))).toEqual([700213]);
    expect(await codesFor(await entra.issueAccessToken({ tenantId: customer.tenantId, audience }))).toEqual([700211]);
    expect(
      await codesFor(await entra.issueAccessToken({ tenantId, issuer: 'https://elsewhere.example', signedBy: 'unknownKeyId' })),
    ).toEqual([700211]);
    expect(await codesFor(await entra.issueAccessToken({ tenantId, issuer, audience, signedBy: 'untrustedKey' }))).toEqual([700027]);
    expect(await codesFor('nonsense')).toEqual([700027]);
    const assertion = await assertionFor(audience);
    entra.clock.advance(86_400_000);
    expect(await codesFor(assertion)).toEqual([700024]);
  });
});
