// How the Graph adapter loses and regains access: refused tokens, stale tokens, and the proof after a consent.
import { AuthenticationRequiredError } from '@azure/identity';
import { describe, expect, it } from 'vitest';
import { lastPage, openOn, scriptedCredential, useGraphServer } from './graph-server.ts';

const server = useGraphServer();
const denied = (status: number, code: string) => ({ status, json: { error: { code } } });
const jwt = (claims: unknown) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
const bearers = () => server.received.map(({ headers }) => headers['authorization']);

describe('a 401 of unknown cause', () => {
  it('is asked once more with a new token', async () => {
    server.replies.push(denied(401, 'InvalidAuthenticationToken'), lastPage(server));
    const { directory, waits } = openOn(server);
    expect((await directory.deltaPage(null)).ok).toBe(true);
    expect(bearers()).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(waits).toEqual([]);
  });

  it('that remains is a loss of access on the tenant’s side', async () => {
    server.replies.push(denied(401, 'InvalidAuthenticationToken'), denied(401, 'InvalidAuthenticationToken'));
    expect(await openOn(server).directory.deltaPage(null)).toMatchObject({ failure: { kind: 'accessLost', owner: 'theirs' } });
    expect(server.received).toHaveLength(2);
  });

  it('takes one new token, also when a throttle comes between', async () => {
    server.replies.push(denied(401, 'x'), denied(429, 'x'), denied(401, 'x'));
    expect(await openOn(server).directory.deltaPage(null)).toMatchObject({ failure: { kind: 'accessLost' } });
    expect(bearers()).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
  });
});

describe('a clear refusal', () => {
  it('of a missing identity is final at once', async () => {
    server.replies.push(denied(401, 'Authorization_IdentityNotFound'));
    expect(await openOn(server).directory.deltaPage(null)).toMatchObject({
      failure: { kind: 'accessLost', owner: 'theirs', detail: { status: 401, code: 'Authorization_IdentityNotFound' } },
    });
    expect(server.received).toHaveLength(1);
  });

  it('of a permission is final once a new token changed nothing', async () => {
    server.replies.push(denied(403, 'Authorization_RequestDenied'), denied(403, 'Authorization_RequestDenied'));
    expect(await openOn(server).directory.deltaPage(null)).toMatchObject({ failure: { kind: 'accessLost', owner: 'theirs' } });
    expect(bearers()).toEqual(['Bearer token-1', 'Bearer token-2']);
  });
});

describe('a token request', () => {
  const failing = (error: Error) => ({
    credentialFor: () => ({
      getToken: async () => {
        throw error;
      },
    }),
  });
  /** As MSAL's ServerError arrives through @azure/identity. */
  const entra = (number: number, errorCode = 'invalid_client') =>
    new AuthenticationRequiredError({
      scopes: [],
      cause: Object.assign(new Error('x'), { errorCode, errorNo: String(number), status: 401 }),
    });

  it.each([
    [7000222, 'ours'],
    [7000229, 'theirs'],
    [90002, 'gone'],
  ])('refused with AADSTS%i loses access, owner %s, and sends nothing to Graph', async (number, owner) => {
    const { directory, log } = openOn(server, failing(entra(number)));
    expect(await directory.deltaPage(null)).toMatchObject({
      failure: { kind: 'accessLost', owner, detail: { status: 401, code: `AADSTS${number}` } },
    });
    expect(log).toMatchObject([{ status: 401, code: `AADSTS${number}` }]);
    expect(server.received).toEqual([]);
    expect(directory.usage().requests).toBe(0);
  });

  it('refused with a number in the message alone is understood too', async () => {
    const error = new Error('invalid_client: AADSTS700016: Application was not found. Trace ID: 1234567');
    expect(await openOn(server, failing(error)).directory.deltaPage(null)).toMatchObject({
      failure: { kind: 'accessLost', owner: 'theirs' },
    });
  });

  it('that fails on the way is tried again and takes nobody’s access', async () => {
    const { directory, waits } = openOn(server, failing(new Error('getaddrinfo ENOTFOUND login.microsoftonline.com')));
    expect(await directory.deltaPage(null)).toMatchObject({ failure: { kind: 'transient' } });
    expect(waits).toEqual([1_000, 2_000, 4_000]);
  });

  it('that never ends is given up', async () => {
    const credentialFor = () => ({ getToken: async () => new Promise<never>(() => undefined) });
    const limits = { tries: 1, longestWaitMs: 0, firstBackOffMs: 0 };
    const { directory } = openOn(server, { credentialFor, requestTimeoutMs: 20, limits });
    expect(await directory.deltaPage(null)).toMatchObject({ failure: { kind: 'transient' } });
  });
});

describe('the proof of access', () => {
  it('asks for one id with a new token', async () => {
    server.replies.push({ json: { value: [{ id: 'u1' }] } });
    expect(await openOn(server).directory.probe()).toEqual({ ok: true, value: null });
    expect(server.received[0]?.target).toBe('/v1.0/users?$top=1&$select=id');
    expect(bearers()).toEqual(['Bearer token-2']);
  });

  it.each([denied(401, 'Authorization_IdentityNotFound'), denied(401, 'x'), denied(403, 'Authorization_RequestDenied')])(
    'fails with a refusal: %j',
    async (reply) => {
      server.replies.push(reply);
      expect(await openOn(server).directory.probe()).toMatchObject({ failure: { kind: 'accessLost', owner: 'theirs' } });
      expect(server.received).toHaveLength(1);
    },
  );

  it.each([{ tid: 't' }, { roles: [] }])('fails with a token that grants nothing: %j', async (claims) => {
    const { directory } = openOn(server, scriptedCredential([jwt(claims)]));
    expect(await directory.probe()).toMatchObject({ failure: { kind: 'accessLost', owner: 'theirs', detail: { code: 'noRoles' } } });
    expect(server.received).toEqual([]);
  });

  it('passes with a token that grants something', async () => {
    server.replies.push({ json: { value: [] } });
    expect((await openOn(server, scriptedCredential([jwt({ roles: ['User.Read.All'] })])).directory.probe()).ok).toBe(true);
  });

  it('is not passed by a sign-in page in between', async () => {
    server.replies.push(...[1, 2, 3, 4].map(() => ({ text: '<html>Sign in to the network</html>' })));
    expect(await openOn(server).directory.probe()).toMatchObject({ failure: { kind: 'transient' } });
  });
});
