// Who may do what, asked of the running app for every route in the table and everybody who might call it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOfManagers, rolesFor } from '../../functions/route-facts.ts';
import type { Route } from '../../functions/route.ts';
import { routes } from '../../functions/routes.ts';
import { type Actor, type Cast, forgedTokens, gatherCast, plainForgeries } from './cast.ts';
import { openStage, type Stage } from '../scenarios/stage.ts';
import { pathOf, requestPlans } from './requests.ts';
import { type Answer, expectProblem, send } from './send.ts';

let stage: Stage;
let cast: Cast;
let plans: ReturnType<typeof requestPlans>;
let forged: Readonly<Record<string, string>>;

beforeAll(async () => {
  stage = await openStage();
  cast = await gatherCast(stage);
  const [user] = await cast.connected.admin.allUsers(cast.connected.companyId);
  if (!user) throw new Error('The company has nobody in it.');
  plans = requestPlans(cast, user.userId);
  forged = await forgedTokens(stage, cast.connected);
});
afterAll(async () => await stage?.stop());

async function ask(route: Route, token: string | undefined, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const plan = plans[route.name];
  if (!plan) throw new Error(`${route.name} has no entry in test/api/requests.ts; add one, so that its authorisation is tested.`);
  return await send(stage.sandbox, {
    method: route.method,
    path: pathOf(route, plan.params),
    token,
    headers: { ...plan.headers, ...headers },
    ...(plan.body === undefined ? {} : { body: plan.body }),
  });
}

async function expectRefusedTokens(route: Route, kinds: readonly string[]): Promise<void> {
  const refused = await Promise.all(kinds.map(async (what) => ({ what, answer: await ask(route, forged[what] ?? '') })));
  for (const { what, answer } of refused) {
    expect(answer.status, what).toBe(401);
    expectProblem(answer, 'not-signed-in');
  }
}

const scopeOf = (route: Route) => (route.path.includes('{companyId}') ? 'company' : route.path.includes('{mspId}') ? 'msp' : 'system');

/** What the roles somebody holds in the scope of a route ought to lead to. */
function expected(route: Route, { held }: Actor): 'allowed' | 'forbidden' | 'not-found' {
  const allowed = rolesFor(route);
  const mine = held[scopeOf(route)];
  if (allowed === null || mine.some((role) => allowed.includes(role))) return 'allowed';
  return mine.length === 0 && scopeOf(route) !== 'system' ? 'not-found' : 'forbidden';
}

const titled = (route: Route) => ({ route, title: `${route.method} /${route.path}` });
const byToken = routes.filter((route) => !isOfManagers(route));
const named = byToken.map(titled);

describe('every route', () => {
  it('is asked here, and nothing is asked that is no route', () => {
    expect(Object.keys(plans).toSorted()).toEqual(routes.map((route) => route.name).toSorted());
  });

  it.each(named)('$title refuses whoever does not prove who they are', async ({ route }) => {
    const bare = await ask(route, undefined);
    expect(bare.status).toBe(401);
    expect(bare.headers.get('www-authenticate')).toBe('Bearer');
    expectProblem(bare, 'not-signed-in');
    expectProblem(await ask(route, undefined, { authorization: 'Basic YWRhOmFkYQ==' }), 'not-signed-in');
    expectProblem(await ask(route, undefined, { cookie: `__Host-muster-session=${'a'.repeat(43)}` }), 'not-signed-in');
    await expectRefusedTokens(route, plainForgeries);
  });

  it('refuses every kind of forged token', async () => {
    const [whoAmI] = routes.filter((route) => route.action === 'signedIn');
    if (whoAmI) await expectRefusedTokens(whoAmI, Object.keys(forged));
    expect(whoAmI).toBeDefined();
  });

  it.each(named)('$title lets exactly the right roles through, and tells others nothing', async ({ route }) => {
    const asked = await Promise.all(cast.actors.map(async (actor) => ({ actor, answer: await ask(route, actor.token) })));
    for (const { actor, answer } of asked) {
      const wanted = expected(route, actor);
      if (wanted === 'allowed') expect(answer.status, actor.who).toBe(plans[route.name]?.answers);
      else {
        expect(answer.status, actor.who).toBe(wanted === 'forbidden' ? 403 : 404);
        expect(answer.body, actor.who).toMatchObject({ code: wanted });
      }
    }
  });

  it('is allowed to somebody, so that the test above has seen both sides', () => {
    for (const route of byToken)
      expect(
        cast.actors.some((actor) => expected(route, actor) === 'allowed'),
        route.name,
      ).toBe(true);
  });

  it.each(routes.filter(({ action }) => action === 'manager').map(titled))('$title is opened by no token of anybody', async ({ route }) => {
    const asked = await Promise.all(cast.actors.map(async (actor) => ({ actor, answer: await ask(route, actor.token) })));
    for (const { actor, answer } of asked) expect(answer.status, actor.who).toBe(401);
    for (const cookie of ['', 'x', 'a'.repeat(43)].map((value) => `__Host-muster-manager=${value}`)) {
      expectProblem(await ask(route, undefined, { cookie }), 'not-signed-in');
    }
  });

  const fromOwnPages = routes.filter(({ action, fromAnywhere }) => action === 'anyone' && fromAnywhere !== true);
  it.each(fromOwnPages.map(titled))('$title is refused to other sites where it changes anything', async ({ route }) => {
    expect((await ask(route, undefined)).status).toBe(plans[route.name]?.answers);
    if (route.method === 'GET') return;
    expectProblem(await ask(route, undefined, { 'sec-fetch-site': 'cross-site' }), 'cross-site');
    expectProblem(await ask(route, undefined, { origin: 'https://elsewhere.example' }), 'cross-site');
  });

  it('takes from other sites only what asks for a token in the request itself', async () => {
    const open = routes.filter(({ fromAnywhere }) => fromAnywhere === true);
    expect(open.map(({ name, action }) => [name, action])).toEqual([['unsubscribe', 'anyone']]);
    for (const route of open) {
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://mail.example' }])
        expect((await ask(route, undefined, headers)).status).toBe(plans[route.name]?.answers);
    }
  });

  it('answers the same for what exists and is hidden as for what does not exist', async () => {
    const { token } = cast.actor('another company’s admin');
    const strip = (answer: Answer) => ({ ...(answer.body as Record<string, unknown>), traceId: '' });
    for (const [hidden, absent] of [
      [`/api/v1/companies/${cast.connected.companyId}/users`, '/api/v1/companies/aaaaaaaaaaaaaaaaaaaa/users'],
      [`/api/v1/msps/${cast.mspId}`, '/api/v1/msps/aaaaaaaaaaaaaaaaaaaa'],
    ] as const) {
      const [one, other] = [
        await send(stage.sandbox, { method: 'GET', path: hidden, token }),
        await send(stage.sandbox, { method: 'GET', path: absent, token }),
      ];
      expect(strip(one)).toEqual(strip(other));
      expect(one.status).toBe(404);
    }
  });

  it('has changed nothing in all these attempts', async () => {
    const { companyId, admin } = cast.connected;
    expect(await admin.counts(companyId)).toMatchObject({ pending: 25, approved: 0, denied: 0 });
    expect(await admin.integration(companyId)).toMatchObject({ state: 'connected' });
    expect((await admin.audit(companyId)).map((entry) => entry.action)).not.toContain('adminRemoved');
    const { admins } = await admin.call<{ admins: readonly unknown[] }>(`/companies/${companyId}/admins`);
    expect(admins).toHaveLength(2);
  });
});
