// Credentials per tenant, with Microsoft's own identity library against a local token endpoint: what is sent, what is kept, what failed.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CredentialFor, makeCredentialFor } from '../../shared/adapters/entra-credentials.ts';
import { readTokenError } from '../../shared/adapters/graph-token.ts';
import { tenantId, useGraphServer } from './graph-server.ts';

const server = useGraphServer();
const scope = 'https://graph.microsoft.com/.default';
const clientId = 'c0000000-0000-4000-8000-00000000000c';

function metadata(tenant = tenantId) {
  const at = `${server.origin()}/${tenant}`;
  const endpoints = { authorization_endpoint: `${at}/authorize`, token_endpoint: `${at}/oauth2/v2.0/token`, jwks_uri: `${at}/keys` };
  return { json: { ...endpoints, issuer: `${at}/v2.0`, end_session_endpoint: `${at}/logout` } };
}
const tokenReply = (token: string) => ({ json: { token_type: 'Bearer', expires_in: 3_599, access_token: token } });
const refusedToken = (status: number, error: string, number: number) => ({
  status,
  json: { error, error_description: `AADSTS${number}: Refused.`, error_codes: [number] },
});
const withSecret = (cacheSize?: number): CredentialFor =>
  makeCredentialFor({
    clientId,
    clientSecret: 'a secret',
    authorityHost: server.origin(),
    ...(cacheSize === undefined ? {} : { cacheSize }),
  });
const take = async (credentialFor: CredentialFor, tenant = tenantId, freshness: 'cached' | 'fresh' = 'cached') =>
  (await credentialFor(tenant, freshness).getToken(scope))?.token;
const failureOf = async (credentialFor: CredentialFor) =>
  credentialFor(tenantId)
    .getToken(scope)
    .then(() => undefined, readTokenError);

describe('a credential with a secret', () => {
  it('asks the tenant’s own endpoint once and keeps the token', async () => {
    server.replies.push(metadata(), tokenReply('first'));
    const credentialFor = withSecret();
    expect(await take(credentialFor)).toBe('first');
    expect(await take(credentialFor, tenantId.toUpperCase())).toBe('first');
    const [, request] = server.received;
    expect(request?.target).toContain(`/${tenantId}/oauth2/v2.0/token`);
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toMatchObject({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: 'a secret',
    });
    expect(server.received).toHaveLength(2);
  });

  it('made fresh takes a new token, which is the kept one from then on', async () => {
    server.replies.push(metadata(), tokenReply('old'), metadata(), tokenReply('new'));
    const credentialFor = withSecret();
    expect(await take(credentialFor)).toBe('old');
    expect(await take(credentialFor, tenantId, 'fresh')).toBe('new');
    expect(await take(credentialFor)).toBe('new');
  });

  it('is dropped when it was not used for the longest time', () => {
    const tenant = (digit: number) => `${digit}0000000-0000-4000-8000-000000000000`;
    const credentialFor = withSecret(2);
    const [first, second] = [credentialFor(tenant(1)), credentialFor(tenant(2))];
    expect(credentialFor(tenant(1))).toBe(first);
    credentialFor(tenant(3));
    expect(credentialFor(tenant(1))).toBe(first);
    expect(credentialFor(tenant(2))).not.toBe(second);
  });

  it.each(['common', 'organizations', 'contoso.example', '', `${tenantId}/x`])('is not made for %j', (tenant) => {
    expect(() => withSecret()(tenant)).toThrow(RangeError);
  });
});

describe('a refusal', () => {
  it.each([
    [401, 'invalid_client', 7000222],
    [401, 'invalid_client', 7000229],
    [400, 'unauthorized_client', 700016],
    [400, 'invalid_request', 90002],
  ])('with status %i, %s and AADSTS%i arrives whole', async (status, error, number) => {
    server.replies.push(metadata(), refusedToken(status, error, number));
    expect(await failureOf(withSecret())).toEqual({ numbers: [number], oauthError: error, status });
  });

  it('repeated by the library without asking still has its number', async () => {
    server.replies.push(metadata(), { ...refusedToken(400, 'invalid_grant', 50196), headers: { 'retry-after': '60' } });
    const credentialFor = withSecret();
    await failureOf(credentialFor);
    expect((await failureOf(credentialFor))?.numbers).toEqual([50196]);
    expect(server.received).toHaveLength(2);
  });

  it('is not repeated by the library', async () => {
    server.replies.push(metadata(), { status: 503, json: {} }, tokenReply('too late'));
    expect(await failureOf(withSecret())).toMatchObject({ numbers: [], oauthError: null });
    expect(server.received).toHaveLength(2);
  });

  it('of an unknown tenant is told apart from a fault on the way', async () => {
    const unknown = refusedToken(400, 'invalid_tenant', 90002);
    server.replies.push(unknown, unknown);
    expect((await failureOf(withSecret()))?.numbers).toEqual([90002]);
    server.replies.push({ status: 502, text: 'Bad gateway' }, { status: 502, text: 'Bad gateway' });
    expect((await failureOf(withSecret()))?.numbers).toEqual([]);
  });
});

describe('a credential without a secret', () => {
  let identity: Server;
  const asked: string[] = [];
  const kept = { endpoint: process.env['IDENTITY_ENDPOINT'], header: process.env['IDENTITY_HEADER'] };
  beforeEach(async () => {
    asked.length = 0;
    identity = createServer((request, response) => {
      asked.push(request.url ?? '');
      const expires_on = String(Math.floor(Date.now() / 1_000) + 3_600);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: 'from the identity', expires_on, token_type: 'Bearer', resource: 'x' }));
    });
    await new Promise<void>((resolve) => {
      identity.listen(0, '127.0.0.1', resolve);
    });
    process.env['IDENTITY_ENDPOINT'] = `http://127.0.0.1:${(identity.address() as AddressInfo).port}/msi/token`;
    process.env['IDENTITY_HEADER'] = 'header';
  });
  afterEach(async () => {
    restore('IDENTITY_ENDPOINT', kept.endpoint);
    restore('IDENTITY_HEADER', kept.header);
    identity.closeAllConnections();
    await new Promise((resolve) => {
      identity.close(resolve);
    });
  });

  it('proves the app by its managed identity', async () => {
    server.replies.push(metadata(), tokenReply('first'));
    const credentialFor = makeCredentialFor({ clientId, authorityHost: server.origin(), managedIdentityClientId: 'identity-client' });
    expect(await take(credentialFor)).toBe('first');
    expect(asked[0]).toContain('resource=api%3A%2F%2FAzureADTokenExchange');
    expect(asked[0]).toContain('client_id=identity-client');
    expect(new URLSearchParams(server.received[1]?.body).get('client_assertion')).toBe('from the identity');
  });
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
