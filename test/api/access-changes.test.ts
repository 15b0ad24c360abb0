// Access that ends: removed and demoted admins, ended sessions, requests other sites send. And what an operator never sees.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantId } from '../../shared/domain/access.ts';
import { accountOf, asAdmin } from '../../sandbox/people.ts';
import { mspTenant } from '../../sandbox/world/tenants.ts';
import type { Visitor } from '../../sandbox/visitor.ts';
import { hour, openStage, type Stage, type StageCompany } from '../scenarios/stage.ts';
import { makeTenant } from '../scenarios/tenant.ts';
import { type Cast, gatherCast } from './cast.ts';
import { expectProblem, send } from './send.ts';

let stage: Stage;
let cast: Cast;
let company: StageCompany;
beforeAll(async () => {
  stage = await openStage();
  cast = await gatherCast(stage);
  company = cast.connected;
});
afterAll(async () => await stage?.stop());

const base = () => `/api/v1/companies/${company.companyId}`;
const ask = async (who: string, method: string, path: string, body?: unknown) =>
  await send(stage.sandbox, { method, path, token: cast.actor(who).token, ...(body === undefined ? {} : { body }) });
const adminIdOf = (name: string) => grantId({ tenantId: company.tenant.tenantId, objectId: accountOf(company.tenant, name).objectId });

/** A browser that has signed in to the portal. */
async function signedIn(name: string): Promise<Visitor> {
  const browser = stage.browserOf(accountOf(company.tenant, name));
  const page = await browser.open(`${stage.sandbox.url}/sign-in`);
  expect(page.url).toBe(`${stage.sandbox.url}/`);
  return browser;
}
const visit = async (browser: Visitor, method: string, path: string, headers: Readonly<Record<string, string>> = {}) =>
  (await browser.call(`${stage.sandbox.url}${path}`, { method, headers })).status;

describe('a removed admin', () => {
  it('is out with the next request, by token and by session, and leaves a line in the audit log', async () => {
    const { tenant } = company;
    const extra = { ...asAdmin(tenant, accountOf(tenant, 'rob')), role: 'companyAdmin' as const };
    expect((await ask('MSP admin', 'POST', `${base()}/admins`, extra)).status).toBe(201);
    const browser = await signedIn('rob');
    expect((await ask('company reader', 'GET', `${base()}/audit`)).status).toBe(200);
    expect(await visit(browser, 'GET', `${base()}/audit`)).toBe(200);

    expect((await ask('company admin', 'DELETE', `${base()}/admins/${adminIdOf('rob')}`)).status).toBe(204);
    expectProblem(await ask('company reader', 'GET', `${base()}/audit`), 'not-found');
    expect(await visit(browser, 'GET', `${base()}/audit`)).toBe(404);
    expect(JSON.stringify((await ask('company reader', 'GET', '/api/v1/me')).body)).not.toContain(company.companyId);
    expectProblem(await ask('company admin', 'DELETE', `${base()}/admins/${adminIdOf('rob')}`), 'not-found');
    const [newest] = await company.admin.audit(company.companyId);
    expect(newest).toMatchObject({ action: 'adminRemoved', summary: 'Removed Rob Reader (companyAdmin).' });

    expect((await ask('company admin', 'POST', `${base()}/admins`, { ...extra, role: 'companyReader' })).status).toBe(201);
  });

  it('cannot be the last one, neither by removal nor by a lesser role, and the audit log does not say so', async () => {
    const before = await company.admin.audit(company.companyId);
    expectProblem(await ask('MSP admin', 'DELETE', `${base()}/admins/${adminIdOf('ada')}`), 'last-admin');
    const lesser = { ...asAdmin(company.tenant, accountOf(company.tenant, 'ada')), role: 'companyReader' };
    expectProblem(await ask('MSP admin', 'POST', `${base()}/admins`, lesser), 'last-admin');
    const mira = grantId({ tenantId: mspTenant.tenantId, objectId: accountOf(mspTenant, 'mira').objectId });
    expectProblem(await ask('operator', 'DELETE', `/api/v1/msps/${cast.mspId}/admins/${mira}`), 'last-admin');
    expect(await company.admin.audit(company.companyId)).toEqual(before);
    expect((await ask('company admin', 'GET', base())).status).toBe(200);
  });

  it('of two who remove each other at the same moment leaves one', async () => {
    const tenant = makeTenant('Twin Services', 0);
    stage.sandbox.entra.addTenant(tenant);
    const [ada, rob] = [accountOf(tenant, 'ada'), accountOf(tenant, 'rob')];
    const { mspId } = await stage.operator.createMsp({ name: 'Twins', admins: [asAdmin(tenant, ada), asAdmin(tenant, rob)] });
    const apis = [await stage.apiOf(tenant, ada), await stage.apiOf(tenant, rob)];
    const ids = [ada, rob].map((account) => grantId({ tenantId: tenant.tenantId, objectId: account.objectId }));
    await Promise.all(apis.map(async (api, index) => await api.raw(`/msps/${mspId}/admins/${ids[1 - index]}`, { method: 'DELETE' })));
    const left = await stage.operator.call<{ admins: readonly unknown[] }>(`/msps/${mspId}/admins`);
    expect(left.admins).toHaveLength(1);
  });
});

describe('a company reader', () => {
  it('sees users and decides nothing', async () => {
    const [user] = await company.admin.allUsers(company.companyId);
    const page = await ask('company reader', 'GET', `${base()}/users`);
    expect(page.status).toBe(200);
    expectProblem(await ask('company reader', 'POST', `${base()}/decisions`, { command: 'approve', userIds: [user?.userId] }), 'forbidden');
    const single = await send(stage.sandbox, {
      method: 'POST',
      path: `${base()}/users/${user?.userId}/decision`,
      token: cast.actor('company reader').token,
      headers: { 'if-match': user?.etag ?? '' },
      body: { command: 'approve' },
    });
    expectProblem(single, 'forbidden');
    expect(await company.admin.counts(company.companyId)).toMatchObject({ pending: 25, approved: 0 });
  });
});

describe('the operator', () => {
  it('sees MSPs and their admins, and no person of any company', async () => {
    const people = await company.admin.allUsers(company.companyId);
    const paths = ['/me', '/msps', `/msps/${cast.mspId}`, `/msps/${cast.mspId}/admins`, `/msps/${cast.mspId}/companies`];
    const ofCompany = [
      '',
      '/users',
      '/users.csv',
      '/counts',
      '/audience',
      '/billing',
      '/managers',
      '/audit',
      '/mails',
      '/runs',
      '/admins',
      `/users/${people[0]?.userId}`,
    ];
    const answers = await Promise.all(
      [...paths.map((path) => `/api/v1${path}`), ...ofCompany.map((path) => `${base()}${path}`)].map(
        async (path) => await ask('operator', 'GET', path),
      ),
    );
    const seen = JSON.stringify(answers.map((answer) => answer.body));
    const [{ userId, mail, displayName } = { userId: '-', mail: '-', displayName: '-' }] = people;
    for (const secret of [userId, String(mail), displayName, company.name]) expect(seen).not.toContain(secret);
    expect(answers.map((answer) => answer.status).slice(paths.length)).toEqual(ofCompany.map(() => 403));
  });
});

describe('a session', () => {
  it('counts for our own pages and for no other site', async () => {
    const browser = await signedIn('ada');
    expect(await visit(browser, 'GET', '/api/v1/me')).toBe(200);
    const start = `${base()}/integration/start`;
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site', origin: stage.sandbox.url },
    ]) {
      expect(await visit(browser, 'POST', start, headers), JSON.stringify(headers)).toBe(403);
      expect(await visit(browser, 'POST', '/sign-out', headers), JSON.stringify(headers)).toBe(403);
    }
    expect(await visit(browser, 'POST', start, { 'sec-fetch-site': 'same-origin', origin: stage.sandbox.url })).toBe(200);
    expect(await visit(browser, 'POST', start, { authorization: 'Bearer garbage', 'sec-fetch-site': 'same-origin' })).toBe(401);
  });

  it('cannot be used by whoever did not start the sign-in, nor twice, nor lead to another site', async () => {
    const victim = stage.browserOf(accountOf(company.tenant, 'ada'));
    const attacker = stage.browserOf(accountOf(company.tenant, 'rob'));
    const started = await attacker.call(`${stage.sandbox.url}/sign-in?return=//evil.example`, { method: 'GET' });
    const choice = await attacker.call(
      `${started.headers.get('location') ?? ''}&sandbox_account=${accountOf(company.tenant, 'rob').objectId}`,
      { method: 'GET' },
    );
    const callback = choice.headers.get('location') ?? '';
    expect((await victim.open(callback)).status).toBe(400);
    expect(await visit(victim, 'GET', '/api/v1/me')).toBe(401);
    const finished = await attacker.call(callback, { method: 'GET' });
    expect(finished.status).toBe(303);
    expect(finished.headers.get('location')).toBe('/');
    expect((await attacker.call(callback, { method: 'GET' })).status).toBe(400);
  });

  it('ends by signing out, and by itself after twelve hours', async () => {
    const [leaving, staying] = [await signedIn('ada'), await signedIn('ada')];
    expect(await visit(leaving, 'POST', '/sign-out', { 'sec-fetch-site': 'same-origin' })).toBe(303);
    expect(await visit(leaving, 'GET', '/api/v1/me')).toBe(401);
    expect(await visit(staying, 'GET', '/api/v1/me')).toBe(200);
    await stage.pass(12 * hour);
    expect(await visit(staying, 'GET', '/api/v1/me')).toBe(401);
  });
});
