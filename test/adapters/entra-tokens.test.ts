// What the adapter makes of ID tokens and answers that only an attacker or a fault would send.
import { createHmac, createPublicKey } from 'node:crypto';
import * as fc from 'fast-check';
import { generateKeyPair, type JWTPayload } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeSignIn } from '../../shared/adapters/entra-sign-in.ts';
import type { SignIn, SignInOutcome } from '../../shared/ports/sign-in.ts';
import { type Forgery, type ForgedAnswer, openForgery, rawToken, tamper } from './entra-forgery.ts';

const clientId = '0a000000-0000-4000-8000-000000000001';
const tenantId = '30000000-0000-4000-8000-000000000003';
const otherTenantId = '40000000-0000-4000-8000-000000000004';
const now = new Date('2031-05-05T12:00:00Z');
const seconds = now.getTime() / 1_000;

let forgery: Forgery;
let signIn: SignIn;
let good: JWTPayload;

beforeEach(async () => {
  forgery = await openForgery();
  signIn = makeSignIn({
    authorityHost: forgery.authority,
    signInHost: forgery.authority,
    clientId,
    clientSecret: 'secret',
    clock: { now: () => now },
  });
  good = {
    iss: `${forgery.authority}/${tenantId}/v2.0`,
    aud: clientId,
    iat: seconds,
    nbf: seconds,
    exp: seconds + 3_600,
    nonce: 'the-nonce',
    sub: 'pairwise-subject',
    tid: tenantId,
    oid: '30000000-0000-4000-8000-0000000000A1',
    name: 'Ada Admin',
    preferred_username: 'ada.admin@alpinedental.example',
    ver: '2.0',
  };
});

afterEach(() => forgery.stop());

const tokens = (idToken: unknown) => JSON.stringify({ token_type: 'Bearer', expires_in: 3_599, access_token: 'opaque', id_token: idToken });

/** Finishes a sign-in whose code was exchanged for this. */
function finishWith(answer: ForgedAnswer | 'drop', tenant = 'organizations', nonce = 'the-nonce'): Promise<SignInOutcome> {
  forgery.tokenAnswer = answer;
  const redirectUri = 'http://localhost:7071/signin/callback';
  return signIn.finish({ tenant, redirectUri, code: 'the-code', codeVerifier: 'the-verifier', nonce });
}

async function finishWithClaims(changes: object, tenant?: string): Promise<SignInOutcome> {
  return finishWith({ body: tokens(await forgery.sign({ ...good, ...changes })) }, tenant);
}

const refused = { kind: 'refused', sentence: expect.stringMatching(/./) };
const keyRequests = () => forgery.requests.filter((request) => request.includes('/keys'));

describe('an ID token', () => {
  test('is accepted as Entra makes it, and its ids come in one spelling', async () => {
    const account = {
      tenantId,
      objectId: '30000000-0000-4000-8000-0000000000a1',
      displayName: 'Ada Admin',
      userName: 'ada.admin@alpinedental.example',
      directoryRoles: [],
      appRoles: [],
    };
    expect(await finishWithClaims({})).toEqual({ kind: 'signedIn', account });
    expect(await finishWithClaims({}, tenantId)).toEqual({ kind: 'signedIn', account });
  });

  test('is asked for with code, verifier, redirect address and secret, at the tenant of the start', async () => {
    await finishWithClaims({}, tenantId);
    const [path, body = ''] = (forgery.requests[0] ?? '').replace('POST ', '').split(' ');
    expect(path).toBe(`/${tenantId}/oauth2/v2.0/token`);
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: 'authorization_code',
      client_id: clientId,
      client_secret: 'secret',
      code: 'the-code',
      code_verifier: 'the-verifier',
      redirect_uri: 'http://localhost:7071/signin/callback',
    });
  });

  test.each([
    ['with another nonce', { nonce: 'other' }],
    ['without nonce', { nonce: undefined }],
    ['for another application', { aud: '0a000000-0000-4000-8000-000000000002' }],
    ['for us and another application', { aud: [clientId, 'other'] }],
    ['for nobody', { aud: undefined }],
    ['that has expired', { exp: seconds - 61 }],
    ['that never expires', { exp: undefined }],
    ['that expires in words', { exp: 'never' }],
    ['that is not valid yet', { nbf: seconds + 61 }],
    ['of version 1.0', { ver: '1.0' }],
    ['without a tenant', { tid: undefined }],
    ['of a tenant that is no GUID', { tid: 'organizations' }],
    ['of another tenant than its issuer', { tid: otherTenantId }],
    ['without issuer', { iss: undefined }],
    ['of a foreign issuer', { iss: `https://login.example/${tenantId}/v2.0` }],
    ["of Entra's issuer template", { iss: 'https://login.microsoftonline.com/{tenantid}/v2.0' }],
    ['without an object id', { oid: undefined }],
    ['of an object id that is no GUID', { oid: 'ada' }],
    ['without subject', { sub: undefined }],
    ['without time of issue', { iat: undefined }],
  ])('%s is refused', async (_case, changes) => {
    expect(await finishWithClaims(changes)).toEqual(refused);
  });

  test('a minute of difference between the clocks is tolerated', async () => {
    expect((await finishWithClaims({ exp: seconds - 59 })).kind).toBe('signedIn');
    expect((await finishWithClaims({ nbf: seconds + 59 })).kind).toBe('signedIn');
  });

  test('of a tenant whose id and issuer are no tenant at all is refused', async () => {
    expect(await finishWithClaims({ tid: 'organizations', iss: `${forgery.authority}/organizations/v2.0` })).toEqual(refused);
  });

  test('of another tenant than the sign-in was started at is refused, however genuine', async () => {
    const changes = { tid: otherTenantId, iss: `${forgery.authority}/${otherTenantId}/v2.0` };
    expect((await finishWithClaims(changes)).kind).toBe('signedIn');
    expect(await finishWithClaims(changes, tenantId)).toEqual(refused);
  });

  test('with an empty nonce is refused, also when none is expected', async () => {
    const body = tokens(await forgery.sign({ ...good, nonce: '' }));
    expect(await finishWith({ body }, 'organizations', '')).toEqual(refused);
  });

  test('far longer than any of Entra is refused, however genuine', async () => {
    expect((await finishWithClaims({ name: 'A'.repeat(10_000) })).kind).toBe('signedIn');
    expect(await finishWithClaims({ name: 'A'.repeat(20_000) })).toEqual(refused);
  });

  test('is not asked for with a code that cannot be one of Entra', async () => {
    const request = { tenant: tenantId, redirectUri: 'http://localhost:7071/', codeVerifier: 'v', nonce: 'n' };
    expect(await signIn.finish({ ...request, code: 'c'.repeat(10_000) })).toEqual(refused);
    expect(forgery.requests).toEqual([]);
  });

  test('changed after signing is refused', async () => {
    const token = tamper(await forgery.sign(good), { oid: '30000000-0000-4000-8000-0000000000b2' });
    expect(await finishWith({ body: tokens(token) })).toEqual(refused);
  });

  test('signed by a foreign key is refused, also under the published key id', async () => {
    const { privateKey: key } = await generateKeyPair('RS256');
    expect(await finishWith({ body: tokens(await forgery.sign(good, { key })) })).toEqual(refused);
    expect(await finishWith({ body: tokens(await forgery.sign(good, { key, keyId: 'another-key' })) })).toEqual(refused);
  });

  test('without signature, or with a secret anybody knows, is refused', async () => {
    const unsigned = rawToken({ alg: 'none', typ: 'JWT' }, good);
    const pem = createPublicKey({ key: forgery.publicJwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const hmac = (signed: string) => createHmac('sha256', pem).update(signed).digest('base64url');
    const confused = rawToken({ alg: 'HS256', typ: 'JWT', kid: forgery.publicJwk.kid }, good, hmac);
    expect(await finishWith({ body: tokens(unsigned) })).toEqual(refused);
    expect(await finishWith({ body: tokens(confused) })).toEqual(refused);
    expect(keyRequests()).toEqual([]);
  });

  test.each([[undefined], [null], [7], [''], ['a.b.c'], ['x'.repeat(100_000)]])('that is none is refused (%#)', async (idToken) => {
    expect(await finishWith({ body: tokens(idToken) })).toEqual(refused);
  });
});

describe('a refusal by Entra', () => {
  const refusal = (error: string, status = 400): ForgedAnswer => ({
    status,
    body: JSON.stringify({ error, error_description: 'AADSTS70008: <secret details>', error_codes: [70008] }),
  });

  test.each(['invalid_grant', 'interaction_required', 'unauthorized_client'])('%s becomes a sentence with its number', async (error) => {
    const outcome = await finishWith(refusal(error));
    expect(outcome).toEqual({ kind: 'refused', sentence: expect.stringMatching(/\. \(AADSTS70008\)$/) });
    expect(JSON.stringify(outcome)).not.toContain('secret details');
  });

  test("of the application's own credentials says whose fault it is", async () => {
    const ours = { kind: 'refused', sentence: expect.stringContaining("application's own credentials") };
    expect(await finishWith(refusal('invalid_client', 401))).toEqual(ours);
    const challenge = { ...refusal('invalid_client', 401), headers: { 'www-authenticate': 'Bearer error="invalid_client"' } };
    expect(await finishWith(challenge)).toEqual(ours);
  });

  test.each<[string, ForgedAnswer | 'drop']>([
    ['500', { status: 500, body: '' }],
    ['503', refusal('temporarily_unavailable', 503)],
    ['429', refusal('too_many_requests', 429)],
    ['temporarily_unavailable', refusal('temporarily_unavailable')],
    ['a redirect', { status: 302, headers: { location: 'https://localhost:1/' }, body: '' }],
    ['a page', { headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['half an answer', { body: '{"id_token":' }],
    ['no object', { body: 'null' }],
    ['a list', { body: '[]' }],
    ['a refusal as a page', { status: 400, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['a broken connection', 'drop'],
  ])('%s is no refusal but a fault', async (_case, answer) => {
    await expect(finishWith(answer)).rejects.toMatchObject({ code: 'upstream-unavailable', cause: expect.any(Error) });
  });
});

describe("Entra's keys", () => {
  test.each<[string, ForgedAnswer | 'drop']>([
    ['500', { status: 500, body: '' }],
    ['a page', { headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['something else', { body: '{"keys":7}' }],
    ['a broken connection', 'drop'],
  ])('that cannot be read (%s) are a fault, and are read again later', async (_case, answer) => {
    const token = await forgery.sign(good);
    forgery.keysAnswer = answer;
    await expect(signIn.checkBearer(token)).rejects.toMatchObject({ code: 'upstream-unavailable' });
    await expect(finishWith({ body: tokens(token) })).rejects.toMatchObject({ code: 'upstream-unavailable' });
    forgery.keysAnswer = { body: JSON.stringify({ keys: [forgery.publicJwk] }) };
    expect((await finishWith({ body: tokens(token) })).kind).toBe('signedIn');
  });

  test('are read once for many tokens, and not again for each invented key id', async () => {
    for (let count = 0; count < 5; count += 1) expect((await finishWithClaims({})).kind).toBe('signedIn');
    const invented = await Promise.all(Array.from({ length: 20 }, (_, index) => forgery.sign(good, { keyId: `invented-${index}` })));
    for (const token of invented) expect(await signIn.checkBearer(token)).toBeUndefined();
    expect(keyRequests()).toEqual(['GET /common/discovery/v2.0/keys ']);
  });
});

test('any text whatever is no bearer token, and never makes the check fail', async () => {
  const encoded = fc.object().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
  const parts = fc.array(fc.oneof(fc.string(), fc.json(), encoded), { maxLength: 6 });
  const algorithm = fc.oneof(fc.constant('RS256'), fc.anything());
  const header = fc.record({ alg: algorithm, kid: fc.anything(), crit: fc.anything(), b64: fc.anything() }, { requiredKeys: [] });
  const text = fc.oneof(
    parts.map((each) => each.join('.')),
    fc.tuple(header, fc.object()).map(([head, claims]) => rawToken(head, claims, () => 'c2lnbmF0dXJl')),
  );
  const isRefused = async (token: string): Promise<boolean> => (await signIn.checkBearer(token)) === undefined;
  await fc.assert(fc.asyncProperty(text, isRefused), { numRuns: 500 });
});
