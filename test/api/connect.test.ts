// Joining a tenant under attack: whatever goes wrong is a clear page for people and a problem document for programs, and changes nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountOf } from '../../sandbox/people.ts';
import { minute, openStage, type Stage, type StageCompany } from '../scenarios/stage.ts';
import { adaId, type Attempts, attemptsOn, chooseAccount, expectRefusal, fetchAs, kinds, queryOf, stateOf, tokenOn } from './attempts.ts';

let stage: Stage;
let attempts: Attempts;
let settled: StageCompany;
let settledBefore: unknown;
beforeAll(async () => {
  stage = await openStage();
  attempts = attemptsOn(stage);
  settled = await stage.connectCompany({ name: 'Settled', users: 25 });
  settledBefore = await attempts.integrationOf(settled);
});
afterAll(async () => await stage?.stop());

async function expectUntouched(company: StageCompany): Promise<void> {
  expect(await attempts.integrationOf(company)).toMatchObject({ state: 'notConnected', tenantId: null, linkedAt: null });
  expect(await attempts.integrationOf(settled)).toEqual(settledBefore);
}

describe.each(kinds)('answering %s', (kind) => {
  it('refuses a callback that comes twice, and the rightful attempt goes on', async () => {
    const company = await attempts.newCompany();
    const browser = attempts.adaOf(company.tenant);
    const { callback, signIn } = await attempts.goToSignIn(company, browser);
    await expectRefusal(await fetchAs(browser, kind, callback), kind, 'connect-expired');
    const back = await chooseAccount(browser, signIn, adaId(company.tenant));
    const page = await browser.open(back);
    await expectRefusal(await fetchAs(browser, kind, back), kind, 'connect-expired');
    await expectUntouched(company);
    expect((await attempts.confirm(browser, 'application/json', tokenOn(page))).status).toBe(200);
    expect(await attempts.integrationOf(company)).toMatchObject({ state: 'checking', tenantId: company.tenant.tenantId });
  });

  it('refuses a callback in another browser, with no cookie or with that of another attempt', async () => {
    const company = await attempts.newCompany();
    const own = attempts.adaOf(company.tenant);
    const state = stateOf(await stage.startIntegration(company, own));
    const callback = attempts.consented({ admin_consent: 'True', tenant: company.tenant.tenantId, state });
    const stranger = attempts.adaOf(company.tenant);
    await expectRefusal(await fetchAs(stranger, kind, callback), kind, 'connect-other-browser');
    await stage.startIntegration(await attempts.newCompany(), stranger);
    await expectRefusal(await fetchAs(stranger, kind, callback), kind, 'connect-other-browser');
    expect((await fetchAs(own, kind, callback)).status).toBe(302);
    const page = await attempts.goToConfirmation(company, own);
    await expectRefusal(await attempts.confirm(stranger, kind, tokenOn(page)), kind, 'connect-other-browser');
    await expectUntouched(company);
  });

  it('refuses a sign-in in another tenant than the one the callback named', async () => {
    const company = await attempts.newCompany();
    const victim = settled.tenant;
    const browser = attempts.adaOf(company.tenant);
    const { signIn } = await attempts.goToSignIn(company, browser, stage.openTenant(`Victim ${kind}`, 5));
    const forged = signIn.replace(/\/[0-9a-f-]{36}\//, `/${company.tenant.tenantId}/`);
    const back = await chooseAccount(browser, forged, adaId(company.tenant));
    await expectRefusal(await fetchAs(browser, kind, back), kind, 'sign-in-failed');
    await expectRefusal(await fetchAs(browser, kind, back), kind, 'connect-expired');
    const { signIn: ofVictim } = await attempts.goToSignIn(company, browser, victim);
    const address = new URL(ofVictim);
    await expectRefusal(
      await fetchAs(browser, kind, `${stage.sandbox.url}/connect/signed-in?${queryOf({ state: stateOf(address), code: 'made-up' })}`),
      kind,
      'sign-in-failed',
    );
    await expectUntouched(company);
  });

  it('does not tell whether a tenant that is only named belongs to somebody here', async () => {
    const company = await attempts.newCompany();
    const browser = attempts.adaOf(company.tenant);
    const taken = await attempts.goToSignIn(company, browser, settled.tenant);
    const free = await attempts.goToSignIn(company, browser, company.tenant);
    const shape = ({ signIn }: { readonly signIn: string }) => [...new URL(signIn).searchParams.keys()];
    expect(shape(taken)).toEqual(shape(free));
    const back = await chooseAccount(browser, (await attempts.goToSignIn(company, browser, settled.tenant)).signIn, adaId(settled.tenant));
    await expectRefusal(await fetchAs(browser, kind, back), kind, 'tenant-already-linked');
    await expectRefusal(await fetchAs(browser, kind, back), kind, 'connect-expired');
    await expectUntouched(company);
  });

  it('refuses when consent was refused, also where the answer carries no state', async () => {
    const company = await attempts.newCompany();
    const browser = attempts.adaOf(company.tenant);
    const state = stateOf(await stage.startIntegration(company, browser));
    const older = attempts.consented({ error: 'permission_denied', error_description: 'AADSTS65004' });
    await expectRefusal(await fetchAs(browser, kind, older), kind, 'connect-refused');
    const refused = attempts.consented({ admin_consent: 'True', error: 'consent_required', state, tenant: company.tenant.tenantId });
    await expectRefusal(await fetchAs(browser, kind, refused), kind, 'connect-refused');
    const late = attempts.consented({ admin_consent: 'True', state, tenant: company.tenant.tenantId });
    await expectRefusal(await fetchAs(browser, kind, late), kind, 'connect-expired');

    const { signIn } = await attempts.goToSignIn(company, browser);
    const cancelled = await browser.call(`${signIn}&sandbox_decision=cancel`, { method: 'GET' });
    await expectRefusal(await fetchAs(browser, kind, cancelled.headers.get('location') ?? ''), kind, 'connect-refused');
    await expectUntouched(company);
  });

  it('refuses a sign-in by somebody who may not consent', async () => {
    const company = await attempts.newCompany();
    const browser = attempts.adaOf(company.tenant);
    const { signIn } = await attempts.goToSignIn(company, browser);
    const back = await chooseAccount(browser, signIn, accountOf(company.tenant, 'rob').objectId);
    await expectRefusal(await fetchAs(browser, kind, back), kind, 'connect-not-admin');
    await expectUntouched(company);
  });

  it('refuses to confirm from another site, and twice', async () => {
    const company = await attempts.newCompany();
    const browser = attempts.adaOf(company.tenant);
    const token = tokenOn(await attempts.goToConfirmation(company, browser));
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]) {
      await expectRefusal(await attempts.confirm(browser, kind, token, headers), kind, 'cross-site');
    }
    await expectUntouched(company);
    const done = await attempts.confirm(browser, kind, token);
    expect(done.status).toBe(kind === 'text/html' ? 303 : 200);
    const linked = await attempts.integrationOf(company);
    await expectRefusal(await attempts.confirm(browser, kind, token), kind, 'connect-other-browser');
    expect(await attempts.integrationOf(company)).toEqual(linked);
    const audit = await stage.msp.audit(company.companyId);
    expect(audit.filter((entry) => entry.action === 'integrationLinked')).toHaveLength(1);
  });

  it('refuses nonsense with the same clear answers', async () => {
    const company = await attempts.newCompany();
    const browser = attempts.adaOf(company.tenant);
    const state = stateOf(await stage.startIntegration(company, browser));
    const { url } = stage.sandbox;
    for (const path of ['consented', 'signed-in']) {
      for (const odd of [
        '',
        'state=',
        'state=..',
        `state=${'x'.repeat(3000)}`,
        'state=%00%ff',
        `state=${encodeURIComponent("a'b/../#")}.x`,
        `state=${state}x`,
      ]) {
        await expectRefusal(await fetchAs(browser, kind, `${url}/connect/${path}?${odd}`), kind, 'connect-expired');
      }
    }
    for (const tenant of ['', 'common', '../admin', `${settled.tenant.tenantId}.evil.example`, '<script>alert(1)</script>']) {
      await expectRefusal(
        await fetchAs(browser, kind, attempts.consented({ admin_consent: 'True', state, tenant })),
        kind,
        'connect-refused',
      );
    }
    for (const token of ['', 'x', '.', state, '<script>'.repeat(2000)])
      await expectRefusal(await attempts.confirm(browser, kind, token), kind, 'connect-expired');
    await expectUntouched(company);
  });
});

describe('time and races', () => {
  it('lets an attempt live for fifteen minutes, at every step', async () => {
    const company = await attempts.newCompany();
    const browsers = [attempts.adaOf(company.tenant), attempts.adaOf(company.tenant), attempts.adaOf(company.tenant)] as const;
    const state = stateOf(await stage.startIntegration(company, browsers[0]));
    const { signIn } = await attempts.goToSignIn(company, browsers[1]);
    const back = await chooseAccount(browsers[1], signIn, adaId(company.tenant));
    const token = tokenOn(await attempts.goToConfirmation(company, browsers[2]));
    await stage.pass(15 * minute);
    const callback = attempts.consented({ admin_consent: 'True', state, tenant: company.tenant.tenantId });
    for (const kind of kinds) {
      await expectRefusal(await fetchAs(browsers[0], kind, callback), kind, 'connect-expired');
      await expectRefusal(await fetchAs(browsers[1], kind, back), kind, 'connect-expired');
      await expectRefusal(await attempts.confirm(browsers[2], kind, token), kind, 'connect-expired');
    }
    expect(await attempts.integrationOf(company)).toMatchObject({ state: 'notConnected' });
  });

  it('gives a tenant that two companies want at the same moment to exactly one', async () => {
    const tenant = stage.openTenant('Contested', 5);
    const rivals = [await attempts.newCompany(), await attempts.newCompany()];
    const browsers = rivals.map(() => attempts.adaOf(tenant));
    const tokens: string[] = [];
    for (const [index, browser] of browsers.entries())
      tokens.push(tokenOn(await attempts.goToConfirmation(rivals[index] as StageCompany, browser, tenant)));
    const answers = await Promise.all(
      browsers.map(async (browser, index) => await attempts.confirm(browser, 'application/json', tokens[index] ?? '')),
    );
    expect(answers.map((answer) => answer.status).toSorted((left, right) => left - right)).toEqual([200, 409]);
    const states = await Promise.all(rivals.map(attempts.integrationOf));
    const winner = answers.findIndex((answer) => answer.status === 200);
    expect(states[winner]).toMatchObject({ state: 'checking', tenantId: tenant.tenantId });
    expect(states[1 - winner]).toMatchObject({ state: 'notConnected', tenantId: null });
    expect(await answers[1 - winner]?.json()).toMatchObject({ code: 'tenant-already-linked' });
  });

  it('joins once when the button is pressed twice at the same moment', async () => {
    const company = await attempts.newCompany();
    stage.sandbox.entra.consent(company.tenant.tenantId);
    const browser = attempts.adaOf(company.tenant);
    const token = tokenOn(await attempts.goToConfirmation(company, browser));
    const answers = await Promise.all([
      attempts.confirm(browser, 'application/json', token),
      attempts.confirm(browser, 'application/json', token),
    ]);
    expect(answers.some((answer) => answer.status === 200)).toBe(true);
    expect(answers.every((answer) => [200, 403, 410].includes(answer.status))).toBe(true);
    await stage.passUntil(async () => (await attempts.integrationOf(company)).state === 'connected', 20 * minute);
    const runs = await stage.msp.runs(company.companyId);
    expect(runs.filter((run) => run.reason === 'connected')).toHaveLength(1);
    const audit = await stage.msp.audit(company.companyId);
    expect(audit.filter((entry) => entry.action === 'integrationLinked')).toHaveLength(1);
  });
});

describe('after a disconnect', () => {
  it('keeps every decision through a reconnect, and joins no other tenant', async () => {
    const { companyId, admin } = settled;
    const [approved, denied] = await admin.allUsers(companyId);
    if (!approved || !denied) throw new Error('Nobody is pending.');
    await admin.decide(companyId, approved, 'approve');
    await admin.decide(companyId, denied, 'deny', 'A room');
    const before = await admin.counts(companyId);
    expect((await admin.raw(`/companies/${companyId}/integration`, { method: 'DELETE' })).status).toBe(204);
    expect((await admin.raw(`/companies/${companyId}/sync`, { method: 'POST', body: {} })).body).toMatchObject({ code: 'not-connected' });
    expect(await admin.counts(companyId)).toEqual(before);

    const other = await attempts.newCompany();
    const browser = attempts.adaOf(other.tenant);
    for (const kind of kinds) {
      const callback = attempts.consented({
        admin_consent: 'True',
        tenant: other.tenant.tenantId,
        state: stateOf(await stage.startIntegration(settled, browser)),
      });
      await expectRefusal(await fetchAs(browser, kind, callback), kind, 'company-has-other-tenant');
    }
    expect(await attempts.integrationOf(settled)).toMatchObject({ state: 'disconnected', tenantId: settled.tenant.tenantId });

    await stage.integrate(settled);
    await stage.passUntil(async () => (await attempts.integrationOf(settled)).state === 'connected', 20 * minute);
    expect(await admin.counts(companyId)).toEqual(before);
    expect(await admin.user(companyId, approved.userId)).toMatchObject({ decision: 'approved', presence: 'present' });
    expect(await admin.user(companyId, denied.userId)).toMatchObject({ decision: 'denied', decisionReason: 'A room' });
  });
});
