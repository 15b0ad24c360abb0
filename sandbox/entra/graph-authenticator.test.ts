import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { app, customer, customerAdmin, otherCustomer, program, requestGraphToken, startTestEntra } from './fixture.ts';
import { makeAuthenticate } from './graph-authenticator.ts';
import type { EntraStandIn } from './start.ts';

let entra: EntraStandIn;

beforeEach(async () => {
  entra = await startTestEntra();
});

afterEach(() => entra.stop());

async function bearer(tenantId = customer.tenantId): Promise<string> {
  const { body } = await requestGraphToken(entra, tenantId);
  return `Bearer ${String(body['access_token'])}`;
}

describe('what Graph makes of a token', () => {
  test('item 5: a good token is a caller of its own tenant and no other', async () => {
    entra.consent(customer.tenantId);
    entra.consent(otherCustomer.tenantId, ['User.Read.All']);
    const authenticate = makeAuthenticate(entra);
    expect(await authenticate(await bearer())).toEqual({
      kind: 'caller',
      tenantId: customer.tenantId,
      appId: app.clientId,
      roles: app.roles,
    });
    expect(await authenticate(await bearer(otherCustomer.tenantId))).toMatchObject({
      tenantId: otherCustomer.tenantId,
      roles: ['User.Read.All'],
    });
  });

  test('item 3: a token without roles is a caller without roles', async () => {
    entra.consent(customer.tenantId, []);
    expect(await makeAuthenticate(entra)(await bearer())).toMatchObject({ kind: 'caller', roles: [] });
  });

  test('item 4: a deleted service principal ends its tokens at once, also when consent is given anew', async () => {
    entra.consent(customer.tenantId);
    const authenticate = makeAuthenticate(entra);
    const old = await bearer();
    entra.revokeConsent(customer.tenantId);
    expect(await authenticate(old)).toEqual({ kind: 'identityNotFound' });
    entra.consent(customer.tenantId);
    expect(await authenticate(old)).toEqual({ kind: 'identityNotFound' });
    expect(await authenticate(await bearer())).toMatchObject({ kind: 'caller' });
  });

  test('item 4: after a role is removed or the app is disabled the old token works until it expires', async () => {
    entra.consent(customer.tenantId);
    const authenticate = makeAuthenticate(entra);
    const old = await bearer();
    entra.removeRole(customer.tenantId, 'User.Read.All');
    entra.disable(customer.tenantId);
    expect(await authenticate(old)).toMatchObject({ kind: 'caller', roles: app.roles });
    entra.clock.advance(3_600_000);
    expect(await authenticate(old)).toEqual({ kind: 'invalidToken', message: 'Lifetime validation failed, the token is expired.' });
  });

  test('item 5: a missing, malformed, foreign or wrongly addressed token is invalid', async () => {
    const authenticate = makeAuthenticate(entra);
    const forGraph = { audience: 'https://graph.microsoft.com', claims: { appid: app.clientId, idtyp: 'app' } };
    const wrong = [
      undefined,
      'Basic abc',
      'Bearer nonsense',
      `Bearer ${await entra.issueProgramToken()}`,
      `Bearer ${await entra.issueAccessToken({ tenantId: customer.tenantId, ...forGraph, signedBy: 'untrustedKey' })}`,
      `Bearer ${await entra.issueAccessToken({ tenantId: customer.tenantId, ...forGraph, signedBy: 'unknownKeyId' })}`,
      `Bearer ${await entra.issueAccessToken({ tenantId: customer.tenantId, ...forGraph, issuer: 'https://elsewhere.example/' })}`,
      `Bearer ${await entra.issueAccessToken({ tenantId: customer.tenantId, audience: 'https://graph.microsoft.com' })}`,
    ];
    for (const authorization of wrong) expect(await authenticate(authorization)).toMatchObject({ kind: 'invalidToken' });
  });
});

describe('tokens issued directly, for tests of the API', () => {
  function verify(token: string): Promise<{ readonly payload: JWTPayload }> {
    const keys = createRemoteJWKSet(new URL(`${entra.urls.authority}/common/discovery/v2.0/keys`));
    const issuer = `${entra.urls.authority}/${customer.tenantId}/v2.0`;
    return jwtVerify(token, keys, { issuer, audience: app.clientId });
  }

  test("a person's token verifies and carries what a sign-in would give", async () => {
    const { payload } = await verify(await entra.issueAccessToken({ tenantId: customer.tenantId, roles: ['Extra'] }));
    expect(payload).toMatchObject({
      tid: customer.tenantId,
      oid: customerAdmin,
      scp: 'access_as_user',
      roles: ['Extra'],
      azp: app.clientId,
    });
  });

  test("a program's token has roles and no scp", async () => {
    const { payload } = await verify(await entra.issueProgramToken({ tenantId: customer.tenantId }));
    expect(payload).toMatchObject({ oid: program.objectId, sub: program.objectId, azp: program.clientId, roles: program.roles });
    expect(payload).not.toHaveProperty('scp');
  });

  test.each([
    ['expired', { expiresInSeconds: 0 }, errors.JWTExpired],
    ['for another audience', { audience: 'other' }, errors.JWTClaimValidationFailed],
    ['of another issuer', { issuer: 'https://elsewhere.example' }, errors.JWTClaimValidationFailed],
    ['signed by an untrusted key', { signedBy: 'untrustedKey' }, errors.JWSSignatureVerificationFailed],
    ['with an unknown key id', { signedBy: 'unknownKeyId' }, errors.JWKSNoMatchingKey],
  ] as const)('a token %s is refused by a verifier', async (_case, changes, error) => {
    const token = await entra.issueAccessToken({ tenantId: customer.tenantId, ...changes });
    await expect(verify(token)).rejects.toThrow(error);
  });

  test('strangers, other scopes and chosen claims are possible; unknown tenants and programs are mistakes of the test', async () => {
    const { payload } = await verify(
      await entra.issueAccessToken({ tenantId: customer.tenantId, objectId: 'stranger', scp: 'other', claims: { tid: undefined, x: 1 } }),
    );
    expect(payload).toMatchObject({ oid: 'stranger', scp: 'other', x: 1 });
    expect(payload).not.toHaveProperty('tid');
    await expect(entra.issueAccessToken({ tenantId: 'nowhere' })).rejects.toThrow(/does not exist/);
    await expect(entra.issueProgramToken({ clientId: 'nobody' })).rejects.toThrow(/No program/);
  });
});
