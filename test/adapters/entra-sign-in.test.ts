// The Entra adapter on the stand-in: addresses, the application's own proof, and which bearer tokens of the API it accepts.
import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  app,
  customer,
  customerAdmin,
  customerReader,
  home,
  otherCustomer,
  program,
  requestToken,
  startTestEntra,
} from '../../sandbox/entra/fixture.ts';
import type { EntraStandIn } from '../../sandbox/entra/start.ts';
import { makeSignIn, type SignInSettings } from '../../shared/adapters/entra-sign-in.ts';
import type { SignIn, SignInOutcome } from '../../shared/ports/sign-in.ts';
import { rawToken, tamper } from './entra-forgery.ts';

const redirectUri = 'http://localhost:7071/signin/callback';
const apiScope = `api://${app.clientId}/Muster.Access`;

let entra: EntraStandIn;
let signIn: SignIn;

function connect(changes: Partial<SignInSettings> = {}): SignIn {
  return makeSignIn({
    authorityHost: entra.urls.authority,
    signInHost: entra.urls.browser,
    clientId: app.clientId,
    clientSecret: app.clientSecret ?? null,
    clock: { now: () => new Date(entra.clock.now()) },
    ...changes,
  });
}

beforeEach(async () => {
  entra = await startTestEntra({ app: { apiScope } });
  signIn = connect();
});

afterEach(() => entra.stop());

async function callbackOf(url: string, objectId: string): Promise<URLSearchParams> {
  const response = await fetch(`${url}&sandbox_account=${objectId}`, { redirect: 'manual' });
  return new URL(response.headers.get('location') ?? '').searchParams;
}

async function signInWith(port: SignIn): Promise<SignInOutcome> {
  const { url, codeVerifier, nonce } = await port.start({ tenant: customer.tenantId, redirectUri, state: 's' });
  const code = (await callbackOf(url, customerReader)).get('code') ?? '';
  return port.finish({ tenant: customer.tenantId, redirectUri, code, codeVerifier, nonce });
}

/** The ID token of a finished sign-in, which the adapter never shows. */
async function idTokenOf(tenantId: string, objectId: string): Promise<string> {
  const { url, codeVerifier } = await signIn.start({ tenant: tenantId, redirectUri, state: 's' });
  const code = (await callbackOf(url, objectId)).get('code') ?? '';
  const fields = { grant_type: 'authorization_code', client_id: app.clientId, client_secret: app.clientSecret ?? '' };
  const { body } = await requestToken(entra, tenantId, { ...fields, code, redirect_uri: redirectUri, code_verifier: codeVerifier });
  return String(body['id_token']);
}

describe('addresses', () => {
  test('are at the host for browsers, and lead an admin through consent', async () => {
    const url = signIn.consentUrl({ tenant: customer.tenantId, redirectUri, state: 'the state' });
    expect(url.startsWith(`${entra.urls.browser}/${customer.tenantId}/v2.0/adminconsent?`)).toBe(true);
    const callback = await callbackOf(url, customerAdmin);
    expect([callback.get('tenant'), callback.get('state'), callback.get('error')]).toEqual([customer.tenantId, 'the state', null]);
    expect(entra.consentState(customer.tenantId)).toMatchObject({ kind: 'consented', roles: app.roles });
  });

  test('ask for a code with PKCE and for nothing but who signs in', async () => {
    const { url } = await signIn.start({ tenant: 'organizations', redirectUri, state: 's' });
    expect(url.startsWith(`${entra.urls.browser}/organizations/oauth2/v2.0/authorize?`)).toBe(true);
    const asked = Object.fromEntries(new URL(url).searchParams);
    expect(asked).toMatchObject({ response_type: 'code', response_mode: 'query', scope: 'openid profile', code_challenge_method: 'S256' });
  });

  test('may end in a slash', async () => {
    const port = connect({ authorityHost: `${entra.urls.authority}/`, signInHost: `${entra.urls.browser}/` });
    expect((await signInWith(port)).kind).toBe('signedIn');
  });

  test('over plain http are refused, but for browsers on this machine', () => {
    expect(() => connect({ authorityHost: entra.urls.browser })).toThrow(RangeError);
    expect(() => connect({ signInHost: 'http://login.example' })).toThrow(RangeError);
  });
});

describe('the proof of the application', () => {
  const assertion = async (): Promise<string> => {
    const query = new URLSearchParams({
      'api-version': '2019-08-01',
      resource: 'api://AzureADTokenExchange',
      client_id: entra.managedIdentity.clientId,
    });
    const headers = { 'x-identity-header': entra.managedIdentity.header };
    const response = await fetch(`${entra.urls.identityEndpoint}?${query.toString()}`, { headers });
    return ((await response.json()) as { access_token: string }).access_token;
  };

  test("is its managed identity's word when there is no secret", async () => {
    expect(await signInWith(connect({ clientSecret: null, assertion }))).toMatchObject({ account: { objectId: customerReader } });
  });

  test('is named as the problem when it is no longer accepted', async () => {
    entra.expireSecret();
    expect(await signInWith(signIn)).toMatchObject({ kind: 'refused', sentence: expect.stringContaining('AADSTS7000222') });
    entra.removeFederatedCredential();
    const byIdentity = await signInWith(connect({ clientSecret: null, assertion }));
    expect(byIdentity).toMatchObject({ kind: 'refused', sentence: expect.stringContaining("application's own credentials") });
  });

  test('that cannot be had is a fault, not a refusal', async () => {
    const port = connect({ clientSecret: null, assertion: () => Promise.reject(new Error('The identity endpoint is away.')) });
    await expect(signInWith(port)).rejects.toMatchObject({ code: 'upstream-unavailable' });
  });

  test('is required', () => {
    expect(() => connect({ clientSecret: null })).toThrow(TypeError);
  });
});

describe('a bearer token of a person', () => {
  const tokenOf = (changes: Partial<Parameters<EntraStandIn['issueAccessToken']>[0]>): Promise<string> =>
    entra.issueAccessToken({ tenantId: customer.tenantId, ...changes });

  test('tells tenant, object, name and roles', async () => {
    expect(await signIn.checkBearer(await tokenOf({ objectId: customerReader, roles: ['Muster.Operator'] }))).toEqual({
      kind: 'person',
      tenantId: customer.tenantId,
      objectId: customerReader,
      name: 'Rob Reader (rob.reader@alpinedental.example)',
      appRoles: ['Muster.Operator'],
    });
  });

  test('needs our scope among its scopes', async () => {
    expect(await signIn.checkBearer(await tokenOf({ scp: 'Other.Access Muster.Access' }))).toMatchObject({ kind: 'person' });
    for (const scp of ['', 'Muster.Access2', 'muster.access', 'Muster', 'openid profile']) {
      expect(await signIn.checkBearer(await tokenOf({ scp }))).toBeUndefined();
    }
  });

  test('may need another scope, by setting', async () => {
    const port = connect({ scopeName: 'access_as_user' });
    expect(await port.checkBearer(await tokenOf({ scp: 'access_as_user' }))).toMatchObject({ kind: 'person' });
    expect(await port.checkBearer(await tokenOf({}))).toBeUndefined();
  });

  test.each<[string, () => Partial<Parameters<EntraStandIn['issueAccessToken']>[0]>]>([
    ['for another audience', () => ({ audience: otherCustomer.tenantId })],
    ["for the API's other name", () => ({ audience: `api://${app.clientId}` })],
    ['for Graph', () => ({ audience: 'https://graph.microsoft.com' })],
    ['of another tenant than its issuer', () => ({ issuer: `${entra.urls.authority}/${otherCustomer.tenantId}/v2.0` })],
    ['of a version 1.0 issuer', () => ({ issuer: `https://sts.windows.net/${customer.tenantId}/` })],
    ['of a foreign issuer', () => ({ issuer: `https://login.example/${customer.tenantId}/v2.0` })],
    ['of version 1.0', () => ({ claims: { ver: '1.0' } })],
    ['without tenant', () => ({ claims: { tid: undefined } })],
    ['without object id', () => ({ claims: { oid: undefined } })],
    ['whose scope is a list', () => ({ claims: { scp: ['Muster.Access'] } })],
    ['without scope and roles', () => ({ claims: { scp: undefined } })],
    ['without scope, but with roles', () => ({ claims: { scp: undefined, roles: ['Muster.Operator'] } })],
    ['that calls itself a program', () => ({ claims: { idtyp: 'app' } })],
    ['that has expired', () => ({ expiresInSeconds: -61 })],
    ['signed by a foreign key under the published id', () => ({ signedBy: 'untrustedKey' })],
    ['signed by a foreign key', () => ({ signedBy: 'unknownKeyId' })],
  ])('%s is not accepted', async (_case, changes) => {
    expect(await signIn.checkBearer(await tokenOf(changes()))).toBeUndefined();
  });

  test('is not accepted before its time', async () => {
    const inSeconds = (seconds: number) => Math.floor(entra.clock.now() / 1_000) + seconds;
    const token = await tokenOf({ claims: { nbf: inSeconds(120) } });
    expect(await signIn.checkBearer(token)).toBeUndefined();
    entra.clock.advance(61_000);
    expect(await signIn.checkBearer(token)).toMatchObject({ kind: 'person' });
  });

  test('is not accepted without signature, with a known secret, or changed', async () => {
    const token = await tokenOf({});
    const [claims, key] = [decodeJwt(token), entra.publicKeys.keys[0]];
    const pem = createPublicKey({ key: key as JsonWebKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const forged = [
      rawToken({ alg: 'none', typ: 'JWT' }, claims),
      rawToken({ alg: 'None', typ: 'JWT', kid: key?.kid }, claims),
      rawToken({ alg: 'HS256', typ: 'JWT', kid: key?.kid }, claims, (signed) =>
        createHmac('sha256', pem).update(signed).digest('base64url'),
      ),
      rawToken({ alg: 'RS256', typ: 'JWT', kid: key?.kid }, claims),
      tamper(token, { oid: customerReader }),
      token.slice(0, -6),
      `${token}.x`,
      `Bearer ${token}`,
    ];
    for (const each of forged) expect(await signIn.checkBearer(each)).toBeUndefined();
    expect(await signIn.checkBearer(token)).toMatchObject({ kind: 'person' });
  });
});

describe('a bearer token of a program', () => {
  test.each([undefined, 'app'])('is accepted with roles (idtyp %s)', async (idtyp) => {
    const claims = await signIn.checkBearer(await entra.issueProgramToken({ claims: { idtyp } }));
    expect(claims).toMatchObject({ kind: 'program', objectId: program.objectId, name: program.clientId, appRoles: program.roles });
  });

  test.each([
    ['without roles', { roles: undefined }],
    ['with empty roles', { roles: [] }],
    ['with roles in one text', { roles: 'Muster.Platform' }],
    ['with an empty scope', { scp: '' }],
    ["that is a person's", { idtyp: 'user' }],
    ['whose subject is not itself', { sub: 'pairwise' }],
    ['of no application', { azp: undefined }],
  ])('%s is not accepted', async (_case, claims) => {
    expect(await signIn.checkBearer(await entra.issueProgramToken({ claims }))).toBeUndefined();
  });
});

describe('what is no access token', () => {
  test('an ID token is not accepted, whatever roles it carries', async () => {
    const operator = home.accounts[0]?.objectId ?? '';
    const idToken = await idTokenOf(home.tenantId, operator);
    expect(decodeJwt(idToken)).toMatchObject({ aud: app.clientId, roles: ['Muster.Operator'] });
    expect(await signIn.checkBearer(idToken)).toBeUndefined();
  });
});
