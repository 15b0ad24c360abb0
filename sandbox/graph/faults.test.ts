// What the Graph stand-in refuses and how it fails: permissions, old tokens, ordered faults
// (docs/graph.md §9 items 4, 5, 45–49, 51, 53).
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultOrder } from './faults.ts';
import { type GraphFixture, entriesOf, errorCode, linkOf, readRound, startFixture, tenantA, tenantB } from './graph-fixture.ts';
import { defaultSettings, plainSettings } from './settings.ts';

const hour = 3_600_000;
const day = 24 * hour;
const feed = '/users/delta?$select=displayName';

let fixture: GraphFixture;
beforeAll(async () => {
  fixture = await startFixture({ users: 450 });
});
beforeEach(() => {
  Object.assign(fixture.graph.settings(tenantA), defaultSettings, plainSettings);
  fixture.graph.faults.clear();
});
afterAll(() => fixture.stop());

const fail = (order: FaultOrder) => fixture.graph.faults.next(tenantA, order);

describe('who may ask', () => {
  it('4: the roles in the token decide: too few are 403, a deleted service principal is 401', async () => {
    const asking = (roles: readonly string[], target: string) =>
      fixture.get(target, { headers: { authorization: fixture.bearer(tenantA, roles) } });
    for (const target of [feed, '/users', '/users/$count', `/users/${fixture.world.directory(tenantA)?.idAt(50)}/manager`]) {
      const denied = await asking([], target);
      expect([denied.status, errorCode(denied)]).toEqual([403, 'Authorization_RequestDenied']);
    }
    expect((await asking(['Directory.Read.All'], feed)).status).toBe(200);
    expect((await asking(['User.Read.All'], '/organization')).status).toBe(403);
    const organization = await asking(['Organization.Read.All'], '/organization');
    expect(organization.json['value']).toMatchObject([
      { id: tenantA, displayName: 'Alpine', verifiedDomains: [{ name: 'alpine.example', isDefault: true }, {}] },
    ]);
    const gone = await fixture.get(feed, { headers: { authorization: 'Bearer deleted' } });
    expect([gone.status, errorCode(gone)]).toEqual([401, 'Authorization_IdentityNotFound']);
  });

  it('5: without a good token nothing is shown, and each tenant sees itself only', async () => {
    for (const authorization of ['', 'Bearer expired']) {
      const refused = await fixture.get(feed, { headers: { authorization } });
      expect([refused.status, errorCode(refused)]).toEqual([401, 'InvalidAuthenticationToken']);
      expect(refused.headers['www-authenticate']).toContain('Bearer');
    }
    const other = fixture.world.directory(tenantB)?.idAt(26) ?? '';
    expect((await fixture.get(`/users/${other}`)).status).toBe(404);
    expect((await fixture.get(`/users/${other}`, { tenantId: tenantB })).status).toBe(200);
    const unknown = await fixture.get(feed, { tenantId: '99999999-0000-4000-8000-000000000009' });
    expect([unknown.status, errorCode(unknown)]).toEqual([401, 'Authorization_IdentityNotFound']);
  });

  it('counts the requests of each tenant', async () => {
    const before = fixture.graph.requestCount(tenantB);
    await fixture.get('/users?$top=1', { tenantId: tenantB });
    await fixture.get('/users?$top=1');
    expect(fixture.graph.requestCount(tenantB)).toBe(before + 1);
  });
});

describe('tokens that ended', () => {
  it('45: an old delta token is refused in the way set', async () => {
    const { deltaLink } = await readRound(fixture, feed);
    const settings = fixture.graph.settings(tenantA);
    fixture.clock.advance(6 * day);
    expect((await fixture.get(deltaLink)).status).toBe(200);
    fixture.clock.advance(2 * day);
    const outcome = async () => {
      const refused = await fixture.get(deltaLink);
      return { seen: `${refused.status} ${errorCode(refused)}`, location: refused.headers['location'] };
    };
    expect(await outcome()).toEqual({ seen: '400 syncStateNotFound', location: undefined });
    settings.tokenRefusal = 'olderThan30Days';
    expect(await outcome()).toMatchObject({ seen: '400 Request_UnsupportedQuery' });
    settings.tokenRefusal = 'resyncRequired';
    expect(await outcome()).toMatchObject({ seen: '400 resyncRequired' });
    settings.tokenRefusal = 'gone';
    const { seen, location } = await outcome();
    expect(seen).toMatch(/^410 /);
    expect(location).toBe(`${fixture.graph.baseUrl}/v1.0/users/delta?$select=displayName&$deltatoken=`);
    expect(entriesOf(await fixture.get(location ?? ''))).toHaveLength(200);
    settings.deltaTokenMaxAgeMs = 30 * day;
    expect((await fixture.get(deltaLink)).status).toBe(200);
  });

  it('46: a round that was never finished is refused in the end', async () => {
    const next = linkOf(await fixture.get(feed), 'nextLink') ?? '';
    fixture.clock.advance(29 * day);
    expect((await fixture.get(next)).status).toBe(200);
    fixture.clock.advance(2 * day);
    const refused = await fixture.get(next);
    expect([refused.status, errorCode(refused)]).toEqual([400, 'Request_UnsupportedQuery']);
    expect(refused.text).toContain('Sync must reach steady state within 30 days.');
  });

  it('47: a round can end with 410 in the middle', async () => {
    const next = linkOf(await fixture.get(feed), 'nextLink') ?? '';
    fail({ respond: '410', match: /skiptoken/ });
    const gone = await fixture.get(next);
    expect(gone.status).toBe(410);
    expect(gone.headers['location']).toMatch(/\/v1\.0\/users\/delta\?\$deltatoken=$/);
  });

  it('48: tenants without change tracking refuse every delta call', async () => {
    fixture.graph.settings(tenantA).changeTracking = false;
    const refused = await fixture.get(feed);
    expect([refused.status, errorCode(refused)]).toEqual([400, 'Request_UnsupportedQuery']);
    expect(refused.text).toContain('Change enumeration is not supported');
  });

  it('49: a page can link to itself, and a round can be endless', async () => {
    const settings = fixture.graph.settings(tenantA);
    const next = linkOf(await fixture.get(feed), 'nextLink') ?? '';
    settings.loopNextLink = true;
    expect(linkOf(await fixture.get(next), 'nextLink')).toBe(next);
    settings.loopNextLink = false;
    settings.endlessRound = true;
    let link = next;
    for (let page = 0; page < 10; page++) link = linkOf(await fixture.get(link), 'nextLink') ?? '';
    expect(link).toContain('$skiptoken=');
  });
});

describe('ordered faults', () => {
  it('51: answers with the status ordered, as often as ordered, for matching requests only', async () => {
    fail({ respond: '503', times: 2, retryAfter: 3, match: /^GET \/users\?/ });
    expect((await fixture.get(feed)).status).toBe(200);
    const first = await fixture.get('/users?$top=1');
    expect([first.status, first.headers['retry-after'], errorCode(first)]).toEqual([503, '3', 'serviceNotAvailable']);
    expect((await fixture.get('/users?$top=1')).status).toBe(503);
    expect((await fixture.get('/users?$top=1')).status).toBe(200);
  });

  it('51: lets some matching requests through first', async () => {
    fail({ respond: '500', after: 2 });
    const statuses = [];
    for (let call = 0; call < 4; call++) statuses.push((await fixture.get('/users?$top=1')).status);
    expect(statuses).toEqual([200, 200, 500, 200]);
  });

  it('51: knows 500, 502, 503 without Retry-After, 504 with an empty message', async () => {
    for (const respond of ['500', '502', '503', '504'] as const) fail({ respond, retryAfter: 'absent' });
    const replies = [];
    for (let call = 0; call < 4; call++) replies.push(await fixture.get(feed));
    expect(replies.map((reply) => reply.status)).toEqual([500, 502, 503, 504]);
    expect(replies[1]?.headers['content-type']).toBe('text/html');
    expect(replies[2]?.headers['retry-after']).toBeUndefined();
    expect(replies[3]?.json).toMatchObject({ error: { code: 'UnknownError', message: '' } });
  });

  it('51: cuts the connection after the headers, cuts the body, or answers with HTML', async () => {
    fail({ respond: 'reset' });
    await expect(fixture.get(feed)).rejects.toThrow(/aborted|ECONNRESET|socket hang up/);
    fail({ respond: 'truncated' });
    await expect(fixture.get(feed)).rejects.toThrow(/aborted|ECONNRESET|socket hang up/);
    fail({ respond: 'html' });
    const page = await fixture.get(feed);
    expect([page.status, page.headers['content-type'], page.json]).toEqual([200, 'text/html', {}]);
  });

  it('51: a stalled answer comes late, and stopping does not wait for it', async () => {
    const settings = fixture.graph.settings(tenantA);
    settings.stallMs = 40;
    fail({ respond: 'stall', times: 1 });
    expect((await fixture.get(feed)).status).toBe(200);
    const other = await startFixture({ settings: { stallMs: 600_000 } });
    other.graph.faults.next(tenantA, { respond: 'stall' });
    const stalled = expect(other.get(feed)).rejects.toThrow();
    while (other.graph.requestCount(tenantA) === 0) await new Promise((resolve) => setImmediate(resolve));
    await other.stop();
    await stalled;
  });

  it('53: every answer carries request-id, client-request-id and the sandbox date', async () => {
    fail({ respond: '429' });
    for (const target of [feed, feed, '/users/nobody', '/nowhere']) {
      const reply = await fixture.get(target, { headers: { 'client-request-id': 'mine-1' } });
      expect(reply.headers['request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(reply.headers['client-request-id']).toBe('mine-1');
      expect(reply.headers['date']).toBe(new Date(fixture.clock.now()).toUTCString());
    }
    const refused = await fixture.get('/users/nobody', { headers: { 'client-request-id': 'mine-2' } });
    expect(refused.json).toMatchObject({
      error: { innerError: { 'request-id': refused.headers['request-id'], 'client-request-id': 'mine-2' } },
    });
  });
});
