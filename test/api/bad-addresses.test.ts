// Ids, queries and page tokens that look right and are not: refused by name or not found, and nothing of others is reached.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountOf, asAdmin } from '../../sandbox/people.ts';
import { day } from '../scenarios/stage.ts';
import { type Ground, openGround, refusedWith } from './ground.ts';
import { expectProblem } from './send.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(async () => await ground?.stage.stop());

describe('an id', () => {
  const lookAlikes = (id: string) => [
    id.toUpperCase(),
    `${id}%20`,
    `%20${id}`,
    `${id}%00`,
    `${id}%0A`,
    `..%2F${id}`,
    `${id}%2F..`,
    `..%5C${id}`,
    `${encodeURIComponent('\u200B')}${id}`,
    // The first character at full width; an id need not have a digit to exchange.
    encodeURIComponent(String.fromCodePoint(id.charCodeAt(0) + 0xfee0) + id.slice(1)),
    encodeURIComponent(id.replaceAll('a', 'а')).concat(encodeURIComponent('а')),
    `${id}'%20or%20'1'%20eq%20'1`,
    'x'.repeat(3000),
  ];

  it('that only looks like one is refused or not found', async () => {
    const { userId } = ground.userAt(0);
    for (const odd of lookAlikes(ground.company.companyId)) {
      const answer = await ground.ask('GET', `/api/v1/companies/${odd}/integration`, { undescribed: true });
      expect([400, 404], odd).toContain(answer.status);
    }
    for (const odd of lookAlikes(userId)) {
      const answer = await ground.ask('GET', `${ground.base}/users/${odd}`, { undescribed: true });
      expect([400, 404], odd).toContain(answer.status);
      const decided = await ground.ask('POST', `${ground.base}/users/${odd}/decision`, {
        undescribed: true,
        body: { command: 'approve' },
        headers: { 'if-match': ground.userAt(0).etag },
      });
      expect([400, 404, 405], odd).toContain(decided.status);
    }
    expect(await ground.company.admin.counts(ground.company.companyId)).toMatchObject({ pending: 25, approved: 0 });
  });

  it('of an admin is a lower-case GUID', async () => {
    const ada = asAdmin(ground.company.tenant, accountOf(ground.company.tenant, 'ada'));
    refusedWith(
      await ground.createCompany({ name: 'A', admins: [{ ...ada, objectId: ada.objectId.toUpperCase() }] }),
      '/admins/0/objectId',
    );
    refusedWith(await ground.createCompany({ name: 'A', admins: [{ ...ada, tenantId: `{${ada.tenantId}}` }] }), '/admins/0/tenantId');
    refusedWith(
      await ground.createCompany({ name: 'A', admins: [{ ...ada, tenantId: ada.tenantId.replaceAll('-', '') }] }),
      '/admins/0/tenantId',
    );
  });

  it('of another company’s user is not found, alone and among many', async () => {
    const foreign = `${ground.cast.fresh.tenant.tenantId}_${ground.userAt(0).objectId}`;
    expectProblem(await ground.ask('GET', `${ground.base}/users/${foreign}`), 'not-found');
    const answer = await ground.ask('POST', `${ground.base}/decisions`, { body: { command: 'approve', userIds: [foreign] } });
    expect(answer.body).toMatchObject({ decided: 0, notFound: 1 });
    const upper = `${ground.company.tenant.tenantId}_${ground.userAt(0).objectId.toUpperCase()}`;
    if (upper !== ground.userAt(0).userId)
      expect((await ground.ask('POST', `${ground.base}/decisions`, { body: { command: 'approve', userIds: [upper] } })).body).toMatchObject(
        {
          notFound: 1,
        },
      );
  });
});

describe('a query', () => {
  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=', 'limit'],
    ['limit=5&limit=6', 'limit'],
    ['status=everybody', 'status'],
    ['status=pending&status=denied', 'status'],
    ['sort=secret', 'sort'],
    ['kind=alien', 'kind'],
    ['manager=me', 'manager'],
    ['search=', 'search'],
    ['search=%00', 'search'],
    ['search=%E2%80%8B%E2%81%A0', 'search'],
    ['department=%E2%80%8B', 'department'],
    [`search=${'x'.repeat(101)}`, 'search'],
    ['department=%0A', 'department'],
    ['lmiit=5', 'lmiit'],
    ['__proto__=1', '__proto__'],
    ['constructor=1', 'constructor'],
    ['page=', 'page'],
  ])('that is wrong is refused by name: %s', async (query, name) => {
    refusedWith(await ground.ask('GET', `${ground.base}/users?${query}`), name);
  });

  it('that a route does not take is refused there too', async () => {
    refusedWith(await ground.ask('GET', `${ground.base}/counts?status=pending`), 'status');
    refusedWith(await ground.ask('GET', `${ground.base}/users.csv?limit=5`), 'limit');
    refusedWith(await ground.ask('GET', `${ground.base}/billing?from=yesterday&to=2024-02-30`), 'from', 'to');
  });

  it.each(['2027-W53', '2026-W54', '2026-W00', '2026-10'])('for a week that does not exist is refused by name: %s', async (week) => {
    refusedWith(await ground.ask('GET', `${ground.base}/managers/${ground.userAt(0).userId}/reminders?week=${week}`), 'week');
  });

  it('of odd but right values answers', async () => {
    for (const query of [
      'search=%25_%27%22--',
      'search=%F0%9F%A6%8A',
      'department=%3Cscript%3E',
      `manager=${ground.userAt(0).userId}`,
      'limit=%2B5',
      'limit=1',
    ]) {
      expect((await ground.ask('GET', `${ground.base}/users?${query}`)).status, query).toBe(200);
    }
    expect((await ground.ask('GET', `${ground.base}/billing?from=0001-01-01&to=9999-12-31`)).status).toBe(200);
    expect((await ground.ask('GET', `${ground.base}/billing?from=2030-01-01&to=2020-01-01`)).body).toMatchObject({ days: [] });
  });
});

describe('a page token', () => {
  const page = async (query: string, place = ground.base) => await ground.ask('GET', `${place}/users?${query}`);
  const firstToken = async () => ((await page('limit=5')).body as { nextPage: string }).nextPage;

  it('is good for its own list, and for nothing that was altered', async () => {
    const token = await firstToken();
    expect((await page(`limit=7&page=${token}`)).status).toBe(200);
    const middle = Math.floor(token.length / 2);
    const altered = `${token.slice(0, middle)}${token[middle] === 'A' ? 'B' : 'A'}${token.slice(middle + 1)}`;
    for (const wrong of [
      altered,
      token.slice(1),
      token.slice(0, -5),
      token.slice(0, 20),
      `${token}AAAA`,
      'AAAA',
      '!!!!',
      '1',
      'x'.repeat(4000),
      '%00',
    ]) {
      const answer = await page(`limit=5&page=${wrong}`);
      expect(answer.status, wrong).toBe(400);
      expectProblem(answer, 'invalid-page');
    }
  });

  it('is not good for another filter, order, list or company', async () => {
    const token = await firstToken();
    for (const other of ['status=denied', 'sort=arrival', 'kind=person', 'search=a'])
      expectProblem(await page(`limit=5&${other}&page=${token}`), 'invalid-page');
    for (const list of ['managers', 'audience', 'audit', 'runs'])
      expectProblem(await ground.ask('GET', `${ground.base}/${list}?page=${token}`), 'invalid-page');
    expectProblem(await page(`limit=5&page=${token}`, `/api/v1/companies/${ground.cast.fresh.companyId}`), 'invalid-page');
  });

  it('does not show what it holds', async () => {
    const token = await firstToken();
    const bytes = Buffer.from(token, 'base64url').toString('latin1').toLowerCase();
    for (const user of await ground.company.admin.allUsers(ground.company.companyId))
      expect(bytes).not.toContain(user.displayName.toLowerCase());
  });

  it('is good for a day', async () => {
    const token = await firstToken();
    await ground.stage.pass(day);
    expectProblem(await page(`limit=5&page=${token}`), 'invalid-page');
  });
});

describe('addresses that are none', () => {
  it('are not found, or take another method', async () => {
    for (const path of [
      '/api/v1',
      '/api/v1/',
      '/api/v2/me',
      '/api/v1/companies',
      '/api/v1/companies//users',
      `${ground.base}/secrets`,
      '/API/V9/x',
    ]) {
      const answer = await ground.ask('GET', path, { undescribed: true });
      expect(answer.status, path).toBe(404);
    }
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'POST']) {
      expect([404, 405], method).toContain((await ground.ask(method, '/api/v1/me', { undescribed: true })).status);
    }
  });
});
