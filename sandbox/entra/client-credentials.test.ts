import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeSandboxClock } from '../clock.ts';
import { app, customer, otherCustomer, program, requestGraphToken, requestToken, startTestEntra, type TokenAnswer } from './fixture.ts';
import type { EntraStandIn } from './start.ts';

let entra: EntraStandIn;

beforeEach(async () => {
  entra = await startTestEntra();
});

afterEach(() => entra.stop());

function claimsOf(answer: TokenAnswer): Record<string, unknown> {
  return decodeJwt(String(answer.body['access_token']));
}

function refusalOf({ status, body }: TokenAnswer): readonly unknown[] {
  return [status, body['error'], body['error_codes']];
}

describe('docs/graph.md §9 item 1: tokens per tenant', () => {
  test('item 1: a consented tenant yields a signed token with tid, appid, roles and 3,599 seconds to live', async () => {
    entra.consent(customer.tenantId);
    const answer = await requestGraphToken(entra, customer.tenantId);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 });
    const keys = createRemoteJWKSet(new URL(`${entra.urls.authority}/${customer.tenantId}/discovery/v2.0/keys`));
    const { payload, protectedHeader } = await jwtVerify(String(answer.body['access_token']), keys, {
      audience: 'https://graph.microsoft.com',
      issuer: `${entra.urls.authority}/${customer.tenantId}/`,
    });
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload).toMatchObject({ tid: customer.tenantId, appid: app.clientId, roles: app.roles, idtyp: 'app' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3599);
  });

  test("item 1: times in the token follow the sandbox's clock", async () => {
    entra.consent(customer.tenantId);
    entra.clock.advance(10 * 86_400_000);
    const { exp } = claimsOf(await requestGraphToken(entra, customer.tenantId));
    expect(Math.abs(Number(exp) * 1000 - entra.clock.now() - 3_599_000)).toBeLessThan(60_000);
  });

  test('item 1: the tenant may be named by its domain, and calls are counted per tenant', async () => {
    entra.consent(customer.tenantId);
    expect(claimsOf(await requestGraphToken(entra, customer.domain))['tid']).toBe(customer.tenantId);
    await requestGraphToken(entra, customer.tenantId, 'wrong');
    expect(entra.tokenRequests(customer.tenantId)).toBe(2);
    expect(entra.tokenRequests(otherCustomer.tenantId)).toBe(0);
  });
});

describe('docs/graph.md §9 item 2: refusals', () => {
  test('item 2: an unknown tenant is 400 AADSTS90002', async () => {
    const answer = await requestGraphToken(entra, '99999999-0000-4000-8000-000000000009');
    expect(refusalOf(answer)).toEqual([400, 'invalid_request', [90002]]);
  });

  test('item 2: a tenant that never consented is 401 AADSTS7000229, or 400 AADSTS700016 by switch', async () => {
    expect(refusalOf(await requestGraphToken(entra, customer.tenantId))).toEqual([401, 'invalid_client', [7000229]]);
    const switched = await startTestEntra({ settings: { missingServicePrincipal: 700016 } });
    const answer = await requestGraphToken(switched, customer.tenantId);
    await switched.stop();
    expect(refusalOf(answer)).toEqual([400, 'unauthorized_client', [700016]]);
  });

  test('item 2: a disabled application is AADSTS7000112 until it is enabled again', async () => {
    entra.consent(customer.tenantId);
    entra.disable(customer.tenantId);
    expect(refusalOf(await requestGraphToken(entra, customer.tenantId))).toEqual([400, 'unauthorized_client', [7000112]]);
    entra.enable(customer.tenantId);
    expect((await requestGraphToken(entra, customer.tenantId)).status).toBe(200);
  });

  test('item 2: an expired secret is 401 AADSTS7000222 for every tenant at once, a wrong one AADSTS7000215', async () => {
    entra.consent(customer.tenantId);
    entra.expireSecret();
    for (const tenant of [customer, otherCustomer]) {
      expect(refusalOf(await requestGraphToken(entra, tenant.tenantId))).toEqual([401, 'invalid_client', [7000222]]);
    }
    expect(refusalOf(await requestGraphToken(entra, customer.tenantId, 'wrong'))).toEqual([401, 'invalid_client', [7000215]]);
    entra.renewSecret();
    expect((await requestGraphToken(entra, customer.tenantId)).status).toBe(200);
  });

  test('item 2: the body has every field of an Entra error', async () => {
    const { body } = await requestGraphToken(entra, customer.tenantId);
    expect(Object.keys(body).toSorted()).toEqual([
      'correlation_id',
      'error',
      'error_codes',
      'error_description',
      'error_uri',
      'timestamp',
      'trace_id',
    ]);
    expect(body['error_description']).toMatch(
      /^AADSTS7000229: .+ Trace ID: .+ Correlation ID: .+ Timestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/,
    );
  });

  test.each([
    ['no grant type', {}, 'invalid_request', 900144],
    ['an unknown grant type', { grant_type: 'password' }, 'unsupported_grant_type', 70003],
    ['no client', { grant_type: 'client_credentials' }, 'invalid_request', 900144],
    ['an unknown client', { grant_type: 'client_credentials', client_id: 'x', client_secret: 'y' }, 'unauthorized_client', 700016],
    ['no credential', { grant_type: 'client_credentials', client_id: app.clientId }, 'invalid_client', 7000218],
    [
      'no scope',
      { grant_type: 'client_credentials', client_id: app.clientId, client_secret: 'the-right-secret' },
      'invalid_request',
      900144,
    ],
    [
      'a scope without .default',
      {
        grant_type: 'client_credentials',
        client_id: app.clientId,
        client_secret: 'the-right-secret',
        scope: 'https://graph.microsoft.com/User.Read.All',
      },
      'invalid_scope',
      1002012,
    ],
    [
      'an unknown resource',
      {
        grant_type: 'client_credentials',
        client_id: app.clientId,
        client_secret: 'the-right-secret',
        scope: 'https://vault.example/.default',
      },
      'invalid_resource',
      500011,
    ],
  ])('item 2: %s is refused', async (_case, fields, error, code) => {
    const { body } = await requestToken(entra, customer.tenantId, fields);
    expect([body['error'], body['error_codes']]).toEqual([error, [code]]);
  });

  test('item 2: client credentials need a tenant, not organizations', async () => {
    expect(refusalOf(await requestGraphToken(entra, 'organizations'))).toEqual([400, 'invalid_request', [50059]]);
  });
});

describe('docs/graph.md §9 items 3, 4 and 7: roles', () => {
  test('item 3: for 30 seconds after consent tokens have no roles claim', async () => {
    const clock = makeSandboxClock();
    const slow = await startTestEntra({ clock, settings: { rolesDelayMs: 30_000 } });
    slow.consent(customer.tenantId);
    const early = claimsOf(await requestGraphToken(slow, customer.tenantId));
    const waiting = slow.consentState(customer.tenantId);
    clock.advance(30_000);
    const late = claimsOf(await requestGraphToken(slow, customer.tenantId));
    await slow.stop();
    expect(early).not.toHaveProperty('roles');
    expect(waiting).toMatchObject({ kind: 'consented', roles: app.roles, rolesInEffect: [] });
    expect(late['roles']).toEqual(app.roles);
  });

  test('item 4: after a role is removed new tokens lack it', async () => {
    entra.consent(customer.tenantId);
    entra.removeRole(customer.tenantId, 'MailboxSettings.Read');
    expect(claimsOf(await requestGraphToken(entra, customer.tenantId))['roles']).toEqual(['User.Read.All']);
    entra.removeRole(customer.tenantId, 'User.Read.All');
    expect(claimsOf(await requestGraphToken(entra, customer.tenantId))).not.toHaveProperty('roles');
  });

  test('item 4: after the service principal is deleted there are no tokens, and a new consent makes another one', async () => {
    entra.consent(customer.tenantId);
    const before = claimsOf(await requestGraphToken(entra, customer.tenantId));
    entra.revokeConsent(customer.tenantId);
    expect(refusalOf(await requestGraphToken(entra, customer.tenantId))).toEqual([401, 'invalid_client', [7000229]]);
    entra.consent(customer.tenantId);
    expect(claimsOf(await requestGraphToken(entra, customer.tenantId))['oid']).not.toBe(before['oid']);
  });

  test('item 7: consenting again with fewer permissions removes the others', async () => {
    entra.consent(customer.tenantId, ['User.Read.All', 'MailboxSettings.Read']);
    entra.consent(customer.tenantId, ['User.Read.All']);
    expect(claimsOf(await requestGraphToken(entra, customer.tenantId))['roles']).toEqual(['User.Read.All']);
  });

  test('there is nothing to disable where nobody consented', () => {
    expect(() => entra.disable(customer.tenantId)).toThrow(/has not consented/);
  });
});

describe('programs', () => {
  const fields = { grant_type: 'client_credentials', client_id: program.clientId, client_secret: program.secret };

  test.each([`${app.clientId}/.default`, `api://${app.clientId}/.default`])(
    'a program gets a token for the API with scope %s',
    async (scope) => {
      const claims = claimsOf(await requestToken(entra, program.tenantId, { ...fields, scope }));
      expect(claims).toMatchObject({
        iss: `${entra.urls.authority}/${program.tenantId}/v2.0`,
        aud: app.clientId,
        azp: program.clientId,
        oid: program.objectId,
        sub: program.objectId,
        tid: program.tenantId,
        roles: ['Muster.Platform'],
        ver: '2.0',
      });
      expect(claims).not.toHaveProperty('scp');
    },
  );

  test('HTTP basic works, with both halves form-encoded', async () => {
    const basic = btoa(`${program.clientId}:${encodeURIComponent(program.secret)}`);
    const request = { grant_type: 'client_credentials', scope: `${app.clientId}/.default` };
    const answer = await requestToken(entra, program.tenantId, request, { authorization: `Basic ${basic}` });
    expect(answer.status).toBe(200);
  });

  test('a program is unknown outside its own tenant, and its secret is checked', async () => {
    const scope = `${app.clientId}/.default`;
    expect(refusalOf(await requestToken(entra, customer.tenantId, { ...fields, scope }))).toEqual([400, 'unauthorized_client', [700016]]);
    const wrong = await requestToken(entra, program.tenantId, { ...fields, scope, client_secret: 'wrong' });
    expect(refusalOf(wrong)).toEqual([401, 'invalid_client', [7000215]]);
  });
});

test('a tenant added later can consent', async () => {
  const profile = { tenantId: '60000000-0000-4000-8000-000000000006', displayName: 'Dune', domain: 'dune.example', accounts: [], users: 3 };
  entra.addTenant(profile);
  entra.consent(profile.tenantId);
  expect(claimsOf(await requestGraphToken(entra, profile.tenantId))['tid']).toBe(profile.tenantId);
});
