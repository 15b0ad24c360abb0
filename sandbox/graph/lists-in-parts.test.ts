// Lists read in parts, as a first load does: parts of any depth, what stays in place while people change, and tenants that make it hard
// (docs/graph.md §9 items 42 and 43).
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
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

const eventual = { consistencylevel: 'eventual' };
const settings = () => fixture.graph.settings(tenantA);
const startsWith = (prefix: string) => `$filter=${encodeURIComponent(`startswith(userPrincipalName,'${prefix.replaceAll("'", "''")}')`)}`;
const listOf = (prefix: string, more = '') => `/users?$select=id,userPrincipalName${more}&${startsWith(prefix)}`;

async function readAll(target: string, between: () => void = () => undefined): Promise<readonly Entry[]> {
  const users: Entry[] = [];
  for (let link: string | undefined = target; link !== undefined; ) {
    const page: Reply = await fixture.get(link);
    expect(page.status).toBe(200);
    users.push(...entriesOf(page));
    link = linkOf(page, 'nextLink');
    between();
  }
  return users;
}

const counted = async (prefix: string) => Number((await fixture.get(`/users/$count?${startsWith(prefix)}`, { headers: eventual })).text);
const namesIn = (users: readonly Entry[]) => users.map((user) => String(user['userPrincipalName']));

it('43: a part is everybody whose name begins with it, at any depth and in any case, and is counted alike', async () => {
  const everybody = namesIn(await readAll('/users?$select=userPrincipalName&$top=999'));
  expect(everybody).toHaveLength(450);
  for (const prefix of ['a', 'AN', 'm', 'mar', 'Mari', 'zz', "'", '#', ...everybody.slice(40, 50).map((name) => name.slice(0, 7))]) {
    const expected = everybody.filter((name) => name.toLowerCase().startsWith(prefix.toLowerCase())).toSorted();
    expect(namesIn(await readAll(listOf(prefix, '&$top=7'))).toSorted()).toEqual(expected);
    expect(await counted(prefix)).toBe(expected.length);
  }
});

it('43: a part follows people who are hired, renamed and deleted', async () => {
  const deeds = fixture.world.deeds(tenantA);
  const id = deeds.hire({ displayName: 'Xaver Neu', alias: 'xaver.neu' });
  const before = await counted('xa');
  expect(namesIn(await readAll(listOf('xaver.n')))).toEqual(['xaver.neu@alpine.example']);
  deeds.rename(id, { userPrincipalName: 'qu.neu@alpine.example' });
  expect(await readAll(listOf('xaver.n'))).toEqual([]);
  expect(namesIn(await readAll(listOf('qu.n')))).toEqual(['qu.neu@alpine.example']);
  expect(await counted('xa')).toBe(before - 1);
  deeds.purge(id);
  expect(await readAll(listOf('qu.n'))).toEqual([]);
});

it('42: people who change while a part is read make nobody else appear twice or be passed over', async () => {
  const deeds = fixture.world.deeds(tenantA);
  const before = await readAll(listOf('m', '&$top=999'));
  let turn = 0;
  const others = (await readAll(listOf('a', '&$top=999'))).map((user) => user.id);
  const read = await readAll(listOf('m', '&$top=3'), () => {
    const id = others[turn];
    if (id !== undefined) deeds.change(id, { jobTitle: `Turn ${turn}` });
    turn += 1;
  });
  expect(turn).toBeGreaterThan(5);
  expect(read.map((user) => user.id)).toEqual(before.map((user) => user.id));
});

it('43: links of a filtered list can be sent as they are', async () => {
  const link = linkOf(await fixture.get(listOf('m', '&$expand=manager($select=id)&$top=2')), 'nextLink') ?? '';
  expect(link).toContain('%27m%27');
  expect(URL.parse(link)?.href).toBe(link);
});

it('42: by switch pages with $expand are smaller than $top asks', async () => {
  settings().largestExpandedPage = 100;
  const page = await fixture.get('/users?$select=id&$expand=manager($select=id)&$top=999');
  expect(entriesOf(page)).toHaveLength(100);
  expect(linkOf(page, 'nextLink')).toBeDefined();
  expect(entriesOf(await fixture.get('/users?$select=id&$top=999')).length).toBeGreaterThan(400);
  expect(await readAll('/users?$select=id&$expand=manager($select=id)&$top=999')).toHaveLength(await counted(''));
});

it('42: by switch a list ends early without a word', async () => {
  settings().listEndsAfter = 4;
  expect(await readAll(listOf('m', '&$top=3'))).toHaveLength(4);
  expect(await counted('m')).toBeGreaterThan(4);
});

it('43: some tenants refuse filters, in lists and counts, and answer everything else', async () => {
  for (const [answer, status, code] of [
    ['unsupported', 400, 'Request_UnsupportedQuery'],
    ['notImplemented', 501, 'NotImplemented'],
  ] as const) {
    settings().listFilters = answer;
    for (const target of [listOf('m'), `/users/$count?${startsWith('m')}`]) {
      const refused = await fixture.get(target, { headers: eventual });
      expect([refused.status, errorCode(refused)]).toEqual([status, code]);
    }
    expect((await fixture.get('/users?$select=id&$top=5')).status).toBe(200);
    expect((await fixture.get('/users/$count', { headers: eventual })).status).toBe(200);
  }
});

it('43: $expand is refused with advanced queries, as documented, or by switch answered', async () => {
  const advanced = `${listOf('m', '&$expand=manager($select=id)')}&$count=true`;
  const refused = await fixture.get(advanced, { headers: eventual });
  expect([refused.status, errorCode(refused)]).toEqual([400, 'Request_UnsupportedQuery']);
  expect((await fixture.get(advanced)).status).toBe(200);
  settings().expandAdvancedQueries = true;
  expect((await fixture.get(advanced, { headers: eventual })).status).toBe(200);
});

it('43: by switch the count of everybody is wrong', async () => {
  const { text } = await fixture.get('/users/$count', { headers: eventual });
  settings().countError = 3;
  expect((await fixture.get('/users/$count', { headers: eventual })).text).toBe(String(Number(text) + 3));
});
