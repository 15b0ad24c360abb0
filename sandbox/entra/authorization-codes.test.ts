import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  app,
  authorizeUrl,
  codeVerifier,
  customer,
  customerAdmin,
  otherCustomer,
  program,
  redirectOf,
  requestToken,
  signInRedirectUri,
  startTestEntra,
} from './fixture.ts';
import type { EntraStandIn } from './start.ts';

let entra: EntraStandIn;

beforeEach(async () => {
  entra = await startTestEntra();
});

afterEach(() => entra.stop());

async function codeFor(changes: Readonly<Record<string, string>> = {}): Promise<string> {
  const location = await redirectOf(authorizeUrl(entra, 'organizations', { sandbox_account: customerAdmin, ...changes }));
  return location.searchParams.get('code') ?? '';
}

function redeem(code: string, changes: Readonly<Record<string, string>> = {}) {
  const fields = { grant_type: 'authorization_code', client_id: app.clientId, client_secret: 'the-right-secret' };
  return requestToken(entra, 'organizations', {
    ...fields,
    code,
    redirect_uri: signInRedirectUri,
    code_verifier: codeVerifier,
    ...changes,
  });
}

describe('redeeming a code', () => {
  test('works once', async () => {
    const code = await codeFor();
    expect((await redeem(code)).status).toBe(200);
    expect(await redeem(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant', error_codes: [54005] } });
  });

  test('is refused after ten minutes', async () => {
    const code = await codeFor();
    entra.clock.advance(600_000);
    expect((await redeem(code)).body['error_codes']).toEqual([70008]);
  });

  test.each([
    ['another verifier', { code_verifier: 'x'.repeat(50) }, 501481],
    ['another redirect address', { redirect_uri: 'http://localhost:7071/consent/callback' }, 500112],
    ['a code nobody issued', { code: 'invented' }, 9002313],
    ['no secret', { client_secret: '', client_id: app.clientId }, 7000215],
    ["a program's credentials", { client_id: program.clientId, client_secret: program.secret }, 700016],
  ])('is refused with %s', async (_case, changes, code) => {
    expect((await redeem(await codeFor(), changes)).body['error_codes']).toEqual([code]);
  });

  test.each(['code', 'redirect_uri', 'code_verifier'])('needs %s', async (name) => {
    const fields = { grant_type: 'authorization_code', client_id: app.clientId, client_secret: 'the-right-secret' };
    const all = { ...fields, code: await codeFor(), redirect_uri: signInRedirectUri, code_verifier: codeVerifier };
    const kept = Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));
    const { body } = await requestToken(entra, 'organizations', kept);
    expect(body['error_codes']).toEqual([900144]);
    expect(body['error_description']).toContain(`'${name}'`);
  });

  test("is refused at another tenant's endpoint, without spending the code", async () => {
    const code = await codeFor();
    const fields = { grant_type: 'authorization_code', client_id: app.clientId, client_secret: 'the-right-secret' };
    const all = { ...fields, code, redirect_uri: signInRedirectUri, code_verifier: codeVerifier };
    expect((await requestToken(entra, otherCustomer.tenantId, all)).body['error_codes']).toEqual([700005]);
    expect((await requestToken(entra, customer.tenantId, all)).status).toBe(200);
  });

  test('without openid there is no ID token, and without the API scope the access token is not for the API', async () => {
    const { body } = await redeem(await codeFor({ scope: 'profile' }));
    expect(body).not.toHaveProperty('id_token');
    const claims = JSON.parse(Buffer.from(String(body['access_token']).split('.')[1] ?? '', 'base64url').toString('utf8')) as unknown;
    expect(claims).toMatchObject({ aud: '00000003-0000-0000-c000-000000000000', scp: 'profile' });
  });
});
