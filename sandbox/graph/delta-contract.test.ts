// The contract of users/delta as a client sees it: links, pages, selection, tokens (docs/graph.md §9 items 9–22).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GraphFixture, entriesOf, errorCode, linkOf, readRound, startFixture, tenantA, tenantB } from './graph-fixture.ts';

let fixture: GraphFixture;
beforeAll(async () => {
  fixture = await startFixture({ users: 500 });
});
afterAll(() => fixture.stop());

const feed = '/users/delta?$select=displayName,jobTitle,manager';

describe('users/delta contract', () => {
  it('9: answers the short and the long name, and links in the form asked for or set', async () => {
    const short = await fixture.get('/users/delta?$select=id');
    const long = await fixture.get('/users/microsoft.graph.delta?$select=id');
    const called = await fixture.get('/users/microsoft.graph.delta()?$select=id');
    expect(linkOf(short, 'nextLink')).toContain('/users/delta?$skiptoken=');
    expect(linkOf(long, 'nextLink')).toContain('/users/microsoft.graph.delta?$skiptoken=');
    expect(called.status).toBe(200);
    fixture.graph.settings(tenantB).linkForm = 'long';
    const forced = await fixture.get('/users/delta?$select=id', { tenantId: tenantB });
    expect(linkOf(forced, 'deltaLink')).toContain('/users/microsoft.graph.delta?$deltatoken=');
  });

  it('10: every page has exactly one of nextLink and deltaLink', async () => {
    const { pages } = await readRound(fixture, feed);
    expect(pages.length).toBeGreaterThan(2);
    pages.forEach((page, index) => {
      const last = index === pages.length - 1;
      expect([linkOf(page, 'nextLink') === undefined, linkOf(page, 'deltaLink') === undefined]).toEqual([last, !last]);
    });
  });

  it('11: pages hold at most 200 users, $top is ignored, and short pages are drawn between two sizes', async () => {
    expect(entriesOf(await fixture.get('/users/delta?$select=id&$top=999'))).toHaveLength(200);
    expect(entriesOf(await fixture.get('/users/delta?$select=id&$top=5'))).toHaveLength(200);
    expect(entriesOf(await fixture.get('/users/delta?$select=id', { headers: { prefer: 'odata.maxpagesize=50' } }))).toHaveLength(200);
    const settings = fixture.graph.settings(tenantA);
    settings.honourMaxPageSize = true;
    expect(entriesOf(await fixture.get('/users/delta?$select=id', { headers: { prefer: 'odata.maxpagesize=50' } }))).toHaveLength(50);
    settings.honourMaxPageSize = false;
    settings.smallestPage = 50;
    settings.largestPage = 100;
    const sizes = (await readRound(fixture, feed)).pages.slice(0, -1).map((page) => entriesOf(page).length);
    settings.smallestPage = settings.largestPage = 200;
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    expect(new Set(sizes).size).toBeGreaterThan(1);
  });

  it('12: empty pages with a nextLink can come, also in runs', async () => {
    const settings = fixture.graph.settings(tenantA);
    settings.emptyPageShare = 1;
    settings.emptyPageRun = 5;
    const { pages, entries } = await readRound(fixture, feed);
    settings.emptyPageShare = 0;
    const empty = pages.map((page) => entriesOf(page).length === 0);
    expect(empty.slice(0, 6)).toEqual([true, true, true, true, true, false]);
    expect(entries.length).toBeGreaterThanOrEqual(500);
  });

  it('13: $select decides what is returned; unknown properties are refused and those outside the directory are not implemented', async () => {
    const [entry] = entriesOf(await fixture.get('/users/delta?$select=displayName')).filter((user) => !('@removed' in user));
    expect(Object.keys(entry ?? {}).toSorted()).toEqual(['displayName', 'id']);
    const unknown = await fixture.get('/users/delta?$select=shoeSize');
    expect([unknown.status, errorCode(unknown)]).toEqual([400, 'Request_BadRequest']);
    for (const name of ['mailboxSettings', 'skills']) {
      const outside = await fixture.get(`/users/delta?$select=id,${name}`);
      expect([outside.status, errorCode(outside)]).toEqual([501, 'NotImplemented']);
    }
  });

  it('13: $select decides what is tracked, and licenseAssignmentStates never triggers', async () => {
    const id = fixture.world.directory(tenantA)?.idAt(100) ?? '';
    const { deltaLink } = await readRound(fixture, '/users/delta?$select=displayName,licenseAssignmentStates');
    fixture.world.deeds(tenantA).change(id, { jobTitle: 'Nobody looks', licenseAssignmentStates: [{ state: 'Active' }] });
    const quiet = await readRound(fixture, deltaLink);
    expect(quiet.entries).toEqual([]);
    fixture.world.deeds(tenantA).change(id, { displayName: 'Somebody looks' });
    const { entries } = await readRound(fixture, quiet.deltaLink);
    expect(entries).toEqual([{ id, displayName: 'Somebody looks', licenseAssignmentStates: [{ state: 'Active' }] }]);
  });

  it('14: $expand is ignored, $orderby ignored or refused, $filter takes up to 50 ids only', async () => {
    const expanded = await fixture.get('/users/delta?$select=id&$expand=manager');
    expect(entriesOf(expanded).some((user) => 'manager' in user)).toBe(false);
    expect((await fixture.get('/users/delta?$select=id&$orderby=displayName')).status).toBe(200);
    fixture.graph.settings(tenantA).refuseOrderBy = true;
    expect((await fixture.get('/users/delta?$select=id&$orderby=displayName')).status).toBe(400);
    fixture.graph.settings(tenantA).refuseOrderBy = false;
    const directory = fixture.world.directory(tenantA);
    const ids = Array.from({ length: 51 }, (_, index) => directory?.idAt(100 + index) ?? '');
    const filter = (some: readonly string[]) => `&$filter=${encodeURIComponent(some.map((id) => `id eq '${id}'`).join(' or '))}`;
    const two = entriesOf(await fixture.get(`/users/delta?$select=id${filter(ids.slice(0, 2))}`));
    expect(two.map((user) => user.id).toSorted()).toEqual(ids.slice(0, 2).toSorted());
    expect((await fixture.get(`/users/delta?$select=id${filter(ids)}`)).status).toBe(400);
    expect((await fixture.get(`/users/delta?$filter=${encodeURIComponent("startswith(displayName,'A')")}`)).status).toBe(400);
  });

  it('14: the legacy switch makes $expand repeat users across pages', async () => {
    fixture.graph.settings(tenantA).expandRepeatsUsers = true;
    const { entries } = await readRound(fixture, '/users/delta?$select=id&$expand=manager');
    fixture.graph.settings(tenantA).expandRepeatsUsers = false;
    expect(entries.length).toBeGreaterThan(new Set(entries.map((user) => user.id)).size + 50);
  });

  it('15: never-set properties are absent, cleared ones null; unchanged values are repeated, or left out with return=minimal', async () => {
    const id = fixture.world.deeds(tenantA).hire({ displayName: 'Fresh Face', alias: 'fresh.face' });
    const first = await readRound(fixture, feed);
    expect(first.entries.find((user) => user.id === id)).toEqual({ id, displayName: 'Fresh Face' });
    fixture.world.deeds(tenantA).change(id, { jobTitle: 'Baker' });
    fixture.world.deeds(tenantA).change(id, { jobTitle: null });
    expect((await readRound(fixture, first.deltaLink)).entries).toEqual([{ id, displayName: 'Fresh Face', jobTitle: null }]);
    const minimal = await readRound(fixture, first.deltaLink, { headers: { prefer: 'return=minimal' } });
    expect(minimal.entries).toEqual([{ id, jobTitle: null }]);
    fixture.world.deeds(tenantA).change(id, { jobTitle: 'Confectioner' });
    const later = await readRound(fixture, first.deltaLink, { headers: { prefer: 'return=minimal' } });
    expect(later.entries).toEqual([{ id, jobTitle: 'Confectioner' }]);
  });

  it('16: id is always there, userType only when selected', async () => {
    const byDefault = entriesOf(await fixture.get('/users/delta')).filter((user) => !('@removed' in user));
    expect(byDefault.every((user) => typeof user.id === 'string' && !('userType' in user))).toBe(true);
    const selected = entriesOf(await fixture.get('/users/delta?$select=userType')).filter((user) => !('@removed' in user));
    expect(selected.every((user) => 'userType' in user && typeof user.id === 'string')).toBe(true);
  });

  it('17: $deltatoken=latest starts from now', async () => {
    const latest = await fixture.get('/users/delta?$deltatoken=latest&$select=displayName');
    expect(entriesOf(latest)).toEqual([]);
    const id = fixture.world.deeds(tenantA).hire({ displayName: 'After Latest', alias: 'after.latest' });
    const { entries } = await readRound(fixture, linkOf(latest, 'deltaLink') ?? '');
    expect(entries).toEqual([{ id, displayName: 'After Latest' }]);
  });

  it('18: $select with $deltatoken changes what is tracked; $select with $skiptoken is refused', async () => {
    const { deltaLink } = await readRound(fixture, '/users/delta?$select=displayName');
    const id = fixture.world.directory(tenantA)?.idAt(101) ?? '';
    fixture.world.deeds(tenantA).change(id, { jobTitle: 'Tracked now' });
    expect((await readRound(fixture, deltaLink)).entries).toEqual([]);
    expect((await readRound(fixture, `${deltaLink}&$select=jobTitle`)).entries).toEqual([{ id, jobTitle: 'Tracked now' }]);
    const next = linkOf(await fixture.get(feed), 'nextLink');
    expect((await fixture.get(`${next}&$select=id`)).status).toBe(400);
  });

  it('19: a round without changes is empty and gives a new deltaLink; the old one can be read again', async () => {
    const { deltaLink } = await readRound(fixture, feed);
    const quiet = await readRound(fixture, deltaLink);
    expect(quiet.entries).toEqual([]);
    expect(quiet.deltaLink).not.toBe(deltaLink);
    const id = fixture.world.directory(tenantA)?.idAt(102) ?? '';
    fixture.world.deeds(tenantA).change(id, { jobTitle: 'Twice read' });
    const once = (await readRound(fixture, deltaLink)).entries;
    expect(once.map((user) => user.id)).toEqual([id]);
    expect((await readRound(fixture, deltaLink)).entries).toEqual(once);
  });

  it('20: tokens are about 2.5 KB and contain characters that decoding damages', async () => {
    const { deltaLink } = await readRound(fixture, feed);
    const token = /\$deltatoken=(.*)$/.exec(deltaLink)?.[1] ?? '';
    expect(token.length).toBeGreaterThan(2_300);
    expect(token.length).toBeLessThan(2_700);
    for (const character of ['+', '/', '=']) expect(token).toContain(character);
  });

  it('21: a token damaged on the way is refused as if it were too old', async () => {
    const { deltaLink } = await readRound(fixture, feed);
    for (const damaged of [deltaLink.replaceAll('+', '%20'), deltaLink.slice(0, -20), deltaLink.replace('deltatoken=', 'deltatoken=A')]) {
      const refused = await fixture.get(damaged);
      expect([refused.status, errorCode(refused)]).toEqual([400, 'Request_UnsupportedQuery']);
      expect(refused.text).toContain('DeltaLink older than 30 days is not supported.');
    }
  });

  it('22: a token works only for its tenant and application', async () => {
    const { deltaLink } = await readRound(fixture, feed);
    expect((await fixture.get(deltaLink, { tenantId: tenantB })).status).toBe(400);
    expect((await fixture.get(deltaLink, { headers: { authorization: fixture.bearer(tenantA, ['User.Read.All'], 'app-2') } })).status).toBe(
      400,
    );
    expect((await fixture.get(deltaLink)).status).toBe(200);
  });
});
