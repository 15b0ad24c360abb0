import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fixture, makeFixture } from './fixtures/run-fixture.ts';
import type { HostProcess } from './launch.ts';

let fixture: Fixture;
let host: HostProcess;
beforeAll(async () => {
  fixture = await makeFixture('web', { extensions: { http: { routePrefix: 'app/v1' } }, functionTimeout: '00:00:01' });
  host = await fixture.start({ env: { OWN_SETTING: 'mine', 'AzureWebJobs.switchedOff.Disabled': 'true', NO_PROXY: 'internal' } });
});
afterAll(() => fixture.dispose());

const call = (path: string, init?: RequestInit) => fetch(`${host.url}/app/v1/${path}`, init);
const body = async (path: string, init?: RequestInit) => (await call(path, init)).json();

describe('routes', () => {
  test.each([
    ['users/ada', 'user', { id: 'ada' }],
    ['USERS/Ada%20L', 'user', { id: 'Ada L' }],
    ['users/me', 'me', {}],
    ['users/5c0e4b8e-9d3f-4b6a-8f0a-1f2e3d4c5b6a', 'userByGuid', { id: '5c0e4b8e-9d3f-4b6a-8f0a-1f2e3d4c5b6a' }],
    ['files/a/b/c.txt', 'files', { path: 'a/b/c.txt' }],
    ['files', 'files', {}],
    ['pages', 'page', { number: '1' }],
    ['pages/7', 'page', { number: '7' }],
    ['reports', 'optional', {}],
    ['reports/2026', 'optional', { year: '2026' }],
    ['ranges/1-9', 'between', { a: '1', b: '9' }],
  ])('%s is answered by %s', async (path, name, params) => {
    expect(await body(path)).toEqual({ name, params });
  });

  test('the same path with another method is another function', async () => {
    expect(await body('users/ada', { method: 'DELETE' })).toEqual({ name: 'deleteUser', params: { id: 'ada' } });
  });

  test('a known path with a wrong method is 405 and names the right ones', async () => {
    const answer = await call('users/ada', { method: 'PUT' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, DELETE']);
  });

  test.each(['nowhere', 'pages/seven', 'users', 'users/a/b', 'switchedOff'])('%s is 404', async (path) => {
    expect((await call(path)).status).toBe(404);
  });

  test('a path outside the prefix is 404', async () => {
    expect((await fetch(`${host.url}/api/echo`)).status).toBe(404);
  });
});

describe('requests and answers', () => {
  test('carry bytes unchanged', async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 256);
    const answer = await call('echo', { method: 'PUT', body: bytes, headers: { 'content-type': 'application/octet-stream' } });
    expect([answer.status, answer.headers.get('x-method'), answer.headers.get('content-type')]).toEqual([
      201,
      'PUT',
      'application/octet-stream',
    ]);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes);
  });

  test('show the handler address, query, cookies and repeated headers', async () => {
    const headers = new Headers([
      ['x-twice', 'one'],
      ['x-twice', 'two'],
      ['cookie', 'a=1; b=2'],
    ]);
    const first = (await body('describe?x=1&y=a%20b', { headers })) as { hooks: number };
    expect(first).toMatchObject({
      url: `${host.url}/app/v1/describe?x=1&y=a%20b`,
      query: [
        ['x', '1'],
        ['y', 'a b'],
      ],
      cookie: 'a=1; b=2',
      twice: 'one, two',
    });
    expect(((await body('describe')) as { hooks: number }).hooks).toBe(first.hooks + 1);
  });

  test('set each cookie in a header of its own', async () => {
    expect((await call('cookies')).headers.getSetCookie()).toEqual([
      '__Host-session=a%20b%3Bc; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Lax',
      'gone=; Domain=example.com; SameSite=None',
      'dated=x; Expires=Sat, 02 Jan 2027 03:04:05 GMT; SameSite=Strict',
    ]);
  });

  test('without a return value are 204', async () => {
    const answer = await call('nothing');
    expect([answer.status, await answer.text()]).toEqual([204, '']);
  });

  test('of a handler that throws are 500 without a word to the caller, but with one to the developer', async () => {
    const answer = await call('broken');
    expect([answer.status, await answer.text()]).toEqual([500, '']);
    expect(fixture.lines.some((line) => line.includes('secret detail'))).toBe(true);
  });

  test('can be changed by a hook', async () => {
    expect(await (await call('changed')).text()).toBe('changed by a hook');
  });

  test('with a header HTTP does not allow are 500, and the host lives on', async () => {
    expect((await call('oddHeader')).status).toBe(500);
    expect((await call('echo')).status).toBe(201);
  });

  test('of more than 100 MB are refused', async () => {
    expect(await statusOfLength(100 * 1024 * 1024 + 1)).toBe(413);
  });

  test('that take longer than functionTimeout fail', async () => {
    expect((await call('endless')).status).toBe(500);
    expect(fixture.lines.some((line) => line.includes('Timeout value of 1000 ms exceeded by function: Functions.endless'))).toBe(true);
  });
});

test('the app sees its settings, its own address and no proxy towards itself', async () => {
  expect(await body('environment')).toEqual({ host: `127.0.0.1:${host.port}`, noProxy: 'internal,127.0.0.1,localhost', own: 'mine' });
});

test('the app lives at the time of the sandbox clock', async () => {
  fixture.clock.advance(365 * 24 * 60 * 60_000);
  await host.clockReached();
  const { now, plain, same } = (await body('now')) as { now: string; plain: number; same: boolean };
  expect(Math.abs(Date.parse(now) - fixture.clock.now())).toBeLessThan(30_000);
  expect(Math.abs(plain - Date.parse(now))).toBeLessThan(30_000);
  expect(same).toBe(true);
});

test('each delivery is one line, and so is what the app logs', async () => {
  await call('logs');
  await host.settle();
  expect(fixture.lines).toContain('a line of the app');
  expect(fixture.lines.some((line) => /^logs GET \/app\/v1\/logs 200 \d+ ms$/.test(line))).toBe(true);
});

test('the status names the functions', async () => {
  const status = (await (await fetch(`${host.url}/admin/host/status`)).json()) as { functions: unknown[] };
  expect(status.functions).toContainEqual({ name: 'switchedOff', type: 'httpTrigger', disabled: true });
});

/** Announces a body of that many bytes without sending it. */
async function statusOfLength(length: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = rawRequest(`${host.url}/app/v1/echo`, { method: 'POST', headers: { 'content-length': length } }, (response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    request.on('error', reject);
    request.flushHeaders();
  });
}
