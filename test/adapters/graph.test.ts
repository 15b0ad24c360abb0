// The Graph adapter on a local https server: what it sends, where it sends it, how long it waits and what it hands back.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeOpenDirectory } from '../../shared/adapters/graph.ts';
import { selectedFields } from '../../shared/domain/directory-fields.ts';
import { lastPage, openOn, scriptedCredential, testNow, useGraphServer } from './graph-server.ts';

const server = useGraphServer();
const refusal = (status: number, code: string, headers: Record<string, string> = {}) => ({ status, headers, json: { error: { code } } });

describe('the first delta request', () => {
  it('selects the kept fields and the manager and asks for nothing else', async () => {
    server.replies.push(lastPage(server));
    const { directory } = openOn(server);
    expect(await directory.deltaPage(null)).toMatchObject({ ok: true, value: { entries: [] } });
    expect(server.received[0]?.target).toBe(`/v1.0/users/delta?$select=${[...selectedFields, 'manager'].join(',')}`);
    expect(server.received[0]?.headers).toMatchObject({ authorization: 'Bearer token-1', prefer: 'odata.maxpagesize=999' });
  });
});

describe('links', () => {
  it('are sent byte for byte', async () => {
    const target = '/v1.0/users/microsoft.graph.delta()?$skiptoken=a+b/c=%2B%2b%20-_~==&x=1&x=2&$select=id&$select=mail';
    server.replies.push(lastPage(server));
    const { directory } = openOn(server);
    expect((await directory.deltaPage(`${server.origin()}${target}`)).ok).toBe(true);
    expect(server.received[0]?.target).toBe(target);
  });

  it.each([
    ['another host', () => `${server.foreignOrigin()}/v1.0/users/delta?$deltatoken=x`],
    ['plain http', () => `${server.origin().replace('https', 'http')}/v1.0/users/delta?$deltatoken=x`],
    ['another version', () => `${server.origin()}/beta/users/delta?$deltatoken=x`],
    ['a way out of the version', () => `${server.origin()}/v1.0/../beta/users/delta?$deltatoken=x`],
    ['a user name', () => `${server.origin().replace('https://', 'https://graph@')}/v1.0/users/delta`],
    ['a host that only begins like ours', () => `${server.origin()}.evil.example/v1.0/users/delta`],
    ['a space that would be encoded', () => `${server.origin()}/v1.0/users/delta?$deltatoken=a b`],
    ['a fragment that would be dropped', () => `${server.origin()}/v1.0/users/delta?$deltatoken=a#b`],
    ['no address at all', () => 'users/delta'],
  ])('with %s are refused without sending anything', async (_name, link) => {
    const { directory } = openOn(server);
    for (const answer of [await directory.deltaPage(link()), await directory.managerPage(link())]) {
      expect(answer).toMatchObject({ ok: false, failure: { kind: 'broken' } });
    }
    expect(server.received.length + server.foreignReceived.length).toBe(0);
  });

  it('to another host make the page that brought them broken', async () => {
    server.replies.push({ json: { value: [], '@odata.nextLink': `${server.foreignOrigin()}/v1.0/users/delta?$skiptoken=x` } });
    const { directory } = openOn(server);
    expect(await directory.deltaPage(null)).toMatchObject({ ok: false, failure: { kind: 'broken' } });
  });

  it('are not looked for in redirects, and the bearer stays home', async () => {
    server.replies.push({ status: 302, headers: { location: `${server.foreignOrigin()}/v1.0/users/delta` } });
    const { directory } = openOn(server);
    expect(await directory.deltaPage(null)).toMatchObject({ ok: false, failure: { kind: 'broken', detail: { status: 302 } } });
    expect(server.foreignReceived).toEqual([]);
    expect(server.received).toHaveLength(1);
  });

  it('in the Location of a 410 are ignored', async () => {
    server.replies.push({ status: 410, headers: { location: `${server.foreignOrigin()}/v1.0/users/delta?$deltatoken=` }, json: {} });
    const { directory } = openOn(server);
    const answer = await directory.deltaPage(`${server.origin()}/v1.0/users/delta?$deltatoken=old`);
    expect(answer).toMatchObject({ ok: false, failure: { kind: 'tokenRefused' } });
    expect(server.foreignReceived).toEqual([]);
  });

  it('need an https base address', () => {
    for (const baseUrl of ['http://localhost:1', 'https://localhost:1/v1.0', 'localhost', 'https://me@localhost']) {
      expect(() => makeOpenDirectory({ baseUrl, clock: { now: () => testNow }, ...scriptedCredential([]) })).toThrow('https');
    }
  });
});

describe('a refused token', () => {
  it.each([
    ['Request_UnsupportedQuery', true, 'tokenRefused'],
    ['Request_UnsupportedQuery', false, 'unsupported'],
    ['syncStateNotFound', true, 'tokenRefused'],
    ['Directory_ExpiredPageToken', true, 'pageTokenExpired'],
  ] as const)('with %s on a request with a token: %s is %s', async (code, carriedToken, kind) => {
    server.replies.push(refusal(400, code));
    const { directory } = openOn(server);
    const link = carriedToken ? `${server.origin()}/v1.0/users/delta?$skiptoken=x` : null;
    expect(await directory.deltaPage(link)).toMatchObject({
      ok: false,
      failure: { kind, detail: { status: 400, code, requestId: 'r-1' } },
    });
    expect(server.received).toHaveLength(1);
  });

  it('is recognised by a nested code', async () => {
    server.replies.push({ status: 400, json: { error: { code: 'badRequest', innerError: { code: 'resyncRequired' } } } });
    const { directory } = openOn(server);
    expect(await directory.deltaPage(`${server.origin()}/v1.0/users/delta?$deltatoken=x`)).toMatchObject({
      failure: { kind: 'tokenRefused' },
    });
  });
});

describe('throttling', () => {
  it.each([
    ['2', 2_000],
    ['2.128', 2_128],
    ['Sun, 01 Mar 2026 12:00:04 GMT', 4_000],
  ])('with Retry-After %s is waited out and the same address asked again', async (header, wait) => {
    server.replies.push(refusal(429, 'TooManyRequests', { 'retry-after': header }), lastPage(server));
    const { directory, waits } = openOn(server);
    expect((await directory.deltaPage(`${server.origin()}/v1.0/users/delta?$skiptoken=a+b`)).ok).toBe(true);
    expect(waits).toEqual([wait]);
    expect(server.received.map(({ target }) => target)).toEqual(Array(2).fill('/v1.0/users/delta?$skiptoken=a+b'));
    expect(directory.usage()).toEqual({ requests: 2, retries: 1, throttledMs: wait });
  });

  it('without Retry-After backs off longer each time and gives up after four requests', async () => {
    server.replies.push(...Array(5).fill(refusal(503, 'serviceNotAvailable')));
    const { directory, waits } = openOn(server);
    expect(await directory.deltaPage(null)).toMatchObject({ ok: false, failure: { kind: 'throttled', retryAfterMs: 8_000 } });
    expect(waits).toEqual([1_000, 2_000, 4_000]);
    expect(server.received).toHaveLength(4);
  });

  it('spreads its own back-off but never shortens what Graph asked for', async () => {
    server.replies.push(refusal(429, 'x'), refusal(429, 'x', { 'retry-after': '3' }), lastPage(server));
    const { directory, waits } = openOn(server, { random: () => 0 });
    await directory.deltaPage(null);
    expect(waits).toEqual([500, 3_000]);
  });

  it('that lasts longer than a few seconds is handed back at once', async () => {
    server.replies.push(
      refusal(429, 'TooManyRequests', { 'retry-after': '120', 'x-ms-throttle-scope': 'Application/ReadWrite/app/tenant' }),
    );
    const { directory, waits } = openOn(server);
    expect(await directory.deltaPage(null)).toMatchObject({
      failure: { kind: 'throttled', retryAfterMs: 120_000, scope: 'application', detail: { status: 429 } },
    });
    expect(waits).toEqual([]);
    expect(directory.usage()).toEqual({ requests: 1, retries: 0, throttledMs: 120_000 });
  });
});

describe('faults on the way', () => {
  it.each([
    ['a cut connection', { act: (response) => response.destroy() }],
    [
      'a cut body',
      { act: (response) => response.writeHead(200, { 'content-length': '500' }).write('{"value":[', () => response.destroy()) },
    ],
    ['truncated JSON', { text: '{"value":[{"id":' }],
    ['an HTML page', { text: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } }],
    ['a gateway error', { status: 502, text: '<html>Bad gateway</html>' }],
    ['an empty 504', { status: 504, json: { error: { code: 'UnknownError', message: '' } } }],
  ] as const satisfies readonly (readonly [string, (typeof server.replies)[number]])[])(
    'such as %s are tried again, then handed back as transient',
    async (_name, reply) => {
      server.replies.push(reply, lastPage(server), ...Array(4).fill(reply));
      const { directory, waits } = openOn(server);
      expect((await directory.deltaPage(null)).ok).toBe(true);
      expect(waits).toEqual([1_000]);
      expect(await directory.deltaPage(null)).toMatchObject({ ok: false, failure: { kind: 'transient' } });
      expect(server.received).toHaveLength(6);
    },
  );

  it('such as silence end after the time limit', async () => {
    server.replies.push({ act: () => undefined });
    const { directory } = openOn(server, { requestTimeoutMs: 50, limits: { tries: 1, longestWaitMs: 0, firstBackOffMs: 0 } });
    expect(await directory.deltaPage(null)).toMatchObject({ failure: { kind: 'transient', detail: { status: null, code: 'timeout' } } });
  });

  it.each([
    ['neither link', () => ({})],
    ['both links', () => ({ '@odata.nextLink': `${server.origin()}/v1.0/a`, '@odata.deltaLink': `${server.origin()}/v1.0/b` })],
    ['a link that is no text', () => ({ '@odata.nextLink': 7 })],
  ])('are not what a page with %s is: that is broken and asked once', async (_name, links) => {
    server.replies.push({ json: { value: [], ...links() } });
    const { directory } = openOn(server);
    expect(await directory.deltaPage(null)).toMatchObject({ failure: { kind: 'broken' } });
    expect(server.received).toHaveLength(1);
  });
});

describe('log lines', () => {
  it('identify each request and show neither link nor token', async () => {
    const link = `${server.origin()}/v1.0/users/delta?$deltatoken=secret`;
    server.replies.push(refusal(500, 'UnknownError'), lastPage(server, [{ id: 'u1', displayName: 'Ada' }]));
    let id = 0;
    const { directory, log } = openOn(server, { newId: () => `c-${(id += 1)}` });
    await directory.deltaPage(link);
    const linkHash = createHash('sha256').update(link).digest('hex').slice(0, 16);
    expect(log).toEqual([
      { status: 500, code: 'UnknownError', requestId: 'r-1', clientRequestId: 'c-1', linkHash },
      { status: 200, code: null, requestId: 'r-1', clientRequestId: 'c-2', linkHash },
    ]);
    expect(server.received.map(({ headers }) => headers['client-request-id'])).toEqual(['c-1', 'c-2']);
  });
});
