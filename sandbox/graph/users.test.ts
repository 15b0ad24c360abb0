// Lists, single users, managers and batches (docs/graph.md §9 items 41–44, 52).
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { castRoles } from '../world/awkward-cast.ts';
import { type Entry, type GraphFixture, entriesOf, errorCode, linkOf, type Reply, startFixture, tenantA } from './graph-fixture.ts';
import { defaultSettings, plainSettings } from './settings.ts';

let fixture: GraphFixture;
beforeAll(async () => {
  fixture = await startFixture({ users: 450 });
});
beforeEach(() => {
  Object.assign(fixture.graph.settings(tenantA), defaultSettings, plainSettings);
  fixture.graph.faults.clear();
});
afterAll(() => fixture.stop());

const idOf = (ordinal: number) => fixture.world.directory(tenantA)?.idAt(ordinal) ?? '';

async function listAll(
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly pages: readonly Reply[]; readonly users: readonly Entry[] }> {
  const pages: Reply[] = [];
  for (let link: string | undefined = target; link !== undefined; ) {
    const page: Reply = await fixture.get(link, { headers });
    expect([page.status, link]).toEqual([200, link]);
    pages.push(page);
    link = linkOf(page, 'nextLink');
  }
  return { pages, users: pages.flatMap(entriesOf) };
}

describe('one user', () => {
  it('is found by id or user principal name, without regard to case', async () => {
    const id = idOf(200);
    const byId = await fixture.get(`/users/${id.toUpperCase()}?$select=id,userPrincipalName,employeeId`);
    const name = String(byId.json['userPrincipalName']);
    const byName = await fixture.get(`/users/${encodeURIComponent(name.toUpperCase())}?$select=id`);
    expect(byName.json['id']).toBe(id);
    const missing = await fixture.get('/users/00000000-0000-4000-8000-00000000dead');
    expect([missing.status, errorCode(missing)]).toEqual([404, 'Request_ResourceNotFound']);
    expect(missing.text).toContain("'00000000-0000-4000-8000-00000000dead'");
  });

  it('41: a manager is a directory object; none is 404 naming "manager", no user is 404 naming the id', async () => {
    const directory = fixture.world.directory(tenantA);
    const manager = await fixture.get(`/users/${idOf(300)}/manager`);
    expect(manager.json).toMatchObject({ '@odata.type': '#microsoft.graph.user', id: directory?.manager(300)?.id });
    const none = await fixture.get(`/users/${idOf(castRoles.twinAdmin)}/manager`);
    expect([none.status, errorCode(none)]).toEqual([404, 'Request_ResourceNotFound']);
    expect(none.text).toContain("Resource 'manager'");
    const gone = await fixture.get(`/users/${idOf(castRoles.recreated)}/manager`);
    expect(gone.text).toContain(`Resource '${idOf(castRoles.recreated)}'`);
    const dangling = await fixture.get(`/users/${idOf(castRoles.twin)}/manager`);
    expect(dangling.status).toBe(404);
  });

  it('41: of a contact as manager only id and type are shown', async () => {
    const { json } = await fixture.get(`/users/${idOf(castRoles.mailGivenUp)}/manager`);
    expect(Object.keys(json).toSorted()).toEqual(['@odata.context', '@odata.type', 'id']);
    expect(json['@odata.type']).toBe('#microsoft.graph.orgContact');
  });

  it('lists direct reports, the other side of the same relationship', async () => {
    const manager = fixture.world.directory(tenantA)?.manager(300)?.id ?? '';
    const reports = entriesOf(await fixture.get(`/users/${manager}/directReports?$select=id`));
    expect(reports.map((user) => user.id)).toContain(idOf(300));
  });
});

describe('lists of users', () => {
  it('42: pages of 100 by default and up to 999, each user once', async () => {
    const { pages, users } = await listAll('/users?$select=id');
    expect(entriesOf(pages[0] as Reply)).toHaveLength(100);
    expect(new Set(users.map((user) => user.id)).size).toBe(450);
    expect(users).toHaveLength(450);
    expect((await listAll('/users?$select=id&$top=999')).pages).toHaveLength(1);
    expect((await fixture.get('/users?$top=1000')).status).toBe(400);
  });

  it('42: $expand=manager shows ids, and nothing where there is no manager', async () => {
    const directory = fixture.world.directory(tenantA);
    const { users } = await listAll('/users?$select=id&$expand=manager($select=id)&$top=999');
    for (const user of users) {
      const manager = directory?.manager(directory.ordinalOfId(user.id) ?? 0) ?? null;
      const shown = user['manager'] as { readonly id: string } | undefined;
      const exists = manager?.type === 'orgContact' || directory?.state(directory.ordinalOfId(manager?.id ?? '') ?? 0) === 'live';
      expect(shown?.id).toBe(manager !== null && exists ? manager.id : undefined);
    }
    expect(users.filter((user) => 'manager' in user).length).toBeGreaterThan(300);
  });

  it('42: page tokens age out, and by switch those of a page read twice are unknown', async () => {
    const next = linkOf(await fixture.get('/users?$select=id,mail'), 'nextLink') ?? '';
    fixture.clock.advance(11 * 60_000);
    expect(errorCode(await fixture.get(next))).toBe('Directory_ExpiredPageToken');
    fixture.graph.settings(tenantA).refuseTokensOfRetriedPages = true;
    const once = linkOf(await fixture.get('/users?$select=id,surname'), 'nextLink') ?? '';
    const twice = linkOf(await fixture.get('/users?$select=id,surname'), 'nextLink') ?? '';
    expect((await fixture.get(once)).status).toBe(200);
    expect(errorCode(await fixture.get(twice))).toBe('DirectoryPageTokenNotFoundException');
  });

  it('43: startswith is a plain query, and its parts cover everybody exactly once', async () => {
    const initials = 'abcdefghijklmnopqrstuvwxyz0123456789'.split('');
    const found: string[] = [];
    for (const initial of initials) {
      const { users } = await listAll(
        `/users?$select=id&$top=50&$filter=${encodeURIComponent(`startswith(userPrincipalName,'${initial}')`)}`,
      );
      found.push(...users.map((user) => user.id));
    }
    expect(found).toHaveLength(450);
    expect(new Set(found).size).toBe(450);
  });

  it('43: not, ne, endswith and $count need ConsistencyLevel: eventual, on every page', async () => {
    const advanced = `/users?$select=id&$count=true&$filter=${encodeURIComponent("not(startswith(userPrincipalName,'a'))")}`;
    const refused = await fixture.get(advanced);
    expect([refused.status, errorCode(refused)]).toEqual([400, 'Request_UnsupportedQuery']);
    const headers = { consistencylevel: 'eventual' };
    const { pages, users } = await listAll(advanced, headers);
    expect(pages.map((page) => page.json['@odata.count'])).toEqual([users.length, ...pages.slice(1).map(() => undefined)]);
    expect((await fixture.get(linkOf(pages[0] as Reply, 'nextLink') ?? '')).status).toBe(400);
    expect((await fixture.get('/users?$count=true&$top=1')).json).not.toHaveProperty('@odata.count');
    expect((await fixture.get('/users/$count')).status).toBe(400);
    expect((await fixture.get('/users/$count', { headers })).text).toBe('450');
    const guests = await fixture.get(`/users/$count?$filter=${encodeURIComponent("userType eq 'Guest'")}`, { headers });
    expect(Number(guests.text)).toBeGreaterThan(5);
  });

  it('43: filters by id, by equality with quotes inside, and with and, or', async () => {
    const filtered = async (filter: string) =>
      entriesOf(await fixture.get(`/users?$select=id,displayName&$filter=${encodeURIComponent(filter)}`));
    expect((await filtered(`id eq '${idOf(77)}'`)).map((user) => user.id)).toEqual([idOf(77)]);
    expect(await filtered("surname eq 'O''Malley-D''Arcy'")).toMatchObject([{ displayName: "Siobhán O'Malley-D'Arcy" }]);
    expect(await filtered("accountEnabled eq false and (displayName eq 'Leo Leaver' or displayName eq 'Una Unlicensed')")).toMatchObject([
      { displayName: 'Leo Leaver' },
    ]);
    for (const broken of ["displayName eq 'x", 'shoeSize eq 3', "startswith(mail 'x')"]) {
      expect((await fixture.get(`/users?$filter=${encodeURIComponent(broken)}`)).status).toBe(400);
    }
  });

  it('44: by switch lists come from a replica that is behind', async () => {
    fixture.graph.settings(tenantA).listReplicaLagMs = 60_000;
    fixture.clock.advance(120_000);
    fixture.world.deeds(tenantA).rename(idOf(200), { displayName: 'Not Replicated' });
    const shown = async () =>
      (await listAll('/users?$select=id,displayName&$top=999')).users.find((user) => user.id === idOf(200))?.['displayName'];
    expect(await shown()).not.toBe('Not Replicated');
    fixture.clock.advance(60_000);
    expect(await shown()).toBe('Not Replicated');
  });

  it('shows what was never set as null or an empty list, and deleted users not at all', async () => {
    const id = fixture.world.deeds(tenantA).hire({ displayName: 'Bare Bones', alias: 'bare.bones' });
    const one = async () => (await listAll('/users?$select=id,mobilePhone,otherMails&$top=999')).users.find((user) => user.id === id);
    expect(await one()).toEqual({ id, mobilePhone: null, otherMails: [] });
    fixture.world.deeds(tenantA).leave(id);
    expect(await one()).toBeUndefined();
  });
});

describe('$batch', () => {
  const batch = async (requests: readonly unknown[]) => fixture.get('/$batch', { body: { requests } });
  const statuses = (reply: Reply) => {
    const responses = reply.json['responses'] as readonly { readonly id: string; readonly status: number }[];
    return Object.fromEntries(responses.map((part) => [part.id, part.status]));
  };
  const part = (id: string, url: string, more: object = {}) => ({ id, method: 'GET', url, ...more });

  it('52: takes at most 20 parts with different ids', async () => {
    const many = Array.from({ length: 21 }, (_, index) => part(String(index), '/users?$top=1'));
    expect((await batch(many)).status).toBe(400);
    expect((await batch([part('1', '/users'), part('1', '/users')])).status).toBe(400);
    expect((await fixture.get('/$batch', { body: { nonsense: true } })).status).toBe(400);
    expect((await batch(many.slice(0, 20))).status).toBe(200);
  });

  it('52: answers each part for itself, in any order', async () => {
    fixture.graph.faults.next(tenantA, { respond: '429', retryAfter: 9, match: /two/ });
    fixture.graph.faults.next(tenantA, { respond: '503', match: /three/ });
    const reply = await batch([
      part('a', `/users/${idOf(300)}/manager?$select=id`),
      part('b', `/users/${idOf(castRoles.twinAdmin)}/manager?$select=id`),
      part('c', '/users/two'),
      part('d', '/users/three'),
      part('e', '/users?$top=5'),
    ]);
    expect(reply.status).toBe(200);
    expect(statuses(reply)).toEqual({ a: 200, b: 404, c: 429, d: 503, e: 200 });
    const responses = reply.json['responses'] as readonly {
      readonly id: string;
      readonly headers: Record<string, string>;
      readonly body: Record<string, unknown>;
    }[];
    expect(responses.map((response) => response.id)).not.toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(responses.find((response) => response.id === 'c')?.headers['Retry-After']).toBe('9');
    expect(responses.find((response) => response.id === 'e')?.body['@odata.nextLink']).toContain('$skiptoken=');
  });

  it('52: a part whose predecessor failed is 424', async () => {
    const reply = await batch([
      part('1', '/users/nobody'),
      part('2', '/users?$top=1', { dependsOn: ['1'] }),
      part('3', '/users?$top=1', { dependsOn: ['2'] }),
    ]);
    expect(statuses(reply)).toEqual({ '1': 404, '2': 424, '3': 424 });
  });
});
