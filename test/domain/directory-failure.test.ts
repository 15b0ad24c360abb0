// Every documented and observed refusal of Graph and Entra, and what a sync makes of it (docs/graph.md §1.5, §3, §5.4, §10).
import { describe, expect, it } from 'vitest';
import { classifyAnswer, classifyTokenFailure, errorCodes, parseRetryAfter } from '../../shared/domain/directory-failure.ts';

const answer = (status: number, codes: readonly string[], carriedToken: boolean, throttleScope: string | null = null) =>
  classifyAnswer({ status, codes, carriedToken, throttleScope });
const tokenFailure = (numbers: readonly number[], oauthError: string | null = 'invalid_client', status: number | null = 401) =>
  classifyTokenFailure({ numbers, oauthError, status });

describe('an answer of Graph', () => {
  it.each([
    [410, [], 'tokenRefused'],
    [400, ['Request_UnsupportedQuery'], 'tokenRefused'],
    [400, ['syncStateNotFound'], 'tokenRefused'],
    [404, ['SyncStateNotFound'], 'tokenRefused'],
    [400, ['resyncRequired'], 'tokenRefused'],
    [400, ['badRequest', 'resyncRequired'], 'tokenRefused'],
    [400, ['Directory_ExpiredPageToken'], 'pageTokenExpired'],
    [400, ['Request_BadRequest', 'DirectoryPageTokenNotFoundException'], 'pageTokenExpired'],
    [408, [], 'transient'],
    [500, ['UnknownError'], 'transient'],
    [502, [], 'transient'],
    [504, ['UnknownError'], 'transient'],
    [429, ['TooManyRequests'], 'throttled'],
    [503, ['serviceNotAvailable'], 'throttled'],
    [509, [], 'throttled'],
    [400, ['Request_BadRequest'], 'broken'],
    [404, ['Request_ResourceNotFound'], 'broken'],
    [501, ['NotImplemented'], 'broken'],
    [302, [], 'broken'],
  ] as const)('with status %i and codes %j to a request with a token is %s', (status, codes, kind) => {
    expect(answer(status, codes, true).kind).toBe(kind);
  });

  it.each([
    [400, ['Request_UnsupportedQuery'], 'unsupported'],
    [410, [], 'broken'],
    [400, ['syncStateNotFound'], 'broken'],
    [400, ['Directory_ExpiredPageToken'], 'broken'],
  ] as const)('with status %i and codes %j to a first request is %s', (status, codes, kind) => {
    expect(answer(status, codes, false).kind).toBe(kind);
  });

  it('with 401 or 403 is a loss of access on the tenant’s side, whatever else it says', () => {
    for (const carriedToken of [true, false]) {
      expect(answer(403, ['Authorization_RequestDenied'], carriedToken)).toMatchObject({ kind: 'accessLost', owner: 'theirs' });
      expect(answer(401, ['InvalidAuthenticationToken'], carriedToken)).toMatchObject({ kind: 'accessLost', owner: 'theirs' });
      expect(answer(401, ['Authorization_IdentityNotFound'], carriedToken)).toMatchObject({ kind: 'accessLost', owner: 'theirs' });
    }
  });

  it('suspects the cached token unless Graph names the identity as missing', () => {
    expect(answer(401, [], true)).toMatchObject({ freshTokenMayHelp: true });
    expect(answer(403, ['Authorization_RequestDenied'], true)).toMatchObject({ freshTokenMayHelp: true });
    expect(answer(401, ['Authorization_IdentityNotFound'], true)).toMatchObject({ freshTokenMayHelp: false });
  });

  it('tells a throttle of the whole application from one of the tenant', () => {
    expect(answer(429, [], true, 'Application/Read/app/tenant')).toMatchObject({ kind: 'throttled', scope: 'application' });
    expect(answer(429, [], true, 'Tenant_Application/ReadWrite/app/tenant')).toMatchObject({ kind: 'throttled', scope: 'tenant' });
    expect(answer(429, [], true)).toMatchObject({ kind: 'throttled', scope: 'tenant' });
  });
});

describe('a failed token request', () => {
  it.each([
    [7000222, 'ours'],
    [7000215, 'ours'],
    [700027, 'ours'],
    [7000229, 'theirs'],
    [700016, 'theirs'],
    [7000112, 'theirs'],
    [53003, 'theirs'],
    [90002, 'gone'],
    [90038, 'gone'],
  ] as const)('with AADSTS%i is a loss of access, owner %s', (number, owner) => {
    expect(tokenFailure([number])).toMatchObject({ kind: 'accessLost', owner });
  });

  it('with an unknown number falls back to the OAuth error', () => {
    expect(tokenFailure([1], 'invalid_client')).toMatchObject({ kind: 'accessLost', owner: 'ours' });
    expect(tokenFailure([1], 'unauthorized_client', 400)).toMatchObject({ kind: 'accessLost', owner: 'theirs' });
  });

  it('without a cause is transient, so that a network fault takes nobody’s access', () => {
    expect(tokenFailure([], null, null).kind).toBe('transient');
    expect(tokenFailure([], 'endpoints_resolution_error', null).kind).toBe('transient');
    expect(tokenFailure([], 'server_error', 503).kind).toBe('transient');
  });

  it('that was one of too many is throttled', () => {
    expect(tokenFailure([50196], 'invalid_grant', 400).kind).toBe('throttled');
    expect(tokenFailure([], null, 429).kind).toBe('throttled');
  });
});

describe('reading an error body', () => {
  it('collects nested codes, outermost first, under both spellings', () => {
    const body = { error: { code: 'a', innerError: { code: 'b', innererror: { code: 'c' } } } };
    expect(errorCodes(body)).toEqual(['a', 'b', 'c']);
  });

  it('leaves out what cannot be a code', () => {
    expect(errorCodes({ error: { code: 'No such person: Ada Lovelace', innerError: { code: 7 } } })).toEqual([]);
    for (const body of [undefined, null, 'text', { error: 'text' }, [], { error: null }]) expect(errorCodes(body)).toEqual([]);
  });
});

describe('reading Retry-After', () => {
  const now = new Date('2026-03-01T12:00:00Z');

  it.each([
    ['7', 7_000],
    ['0', 0],
    ['2.128', 2_128],
    [' 3 ', 3_000],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
  ])('%j asks for %i ms', (header, wait) => {
    expect(parseRetryAfter(header, now)).toBe(wait);
  });

  it.each([null, '', 'soon', '-5', '1e9', 'Sun, tomorrow'])('%j names no wait', (header) => {
    expect(parseRetryAfter(header, now)).toBeNull();
  });
});
