// Joining a company and its tenant: consent, proof, confirmation, the wait for the permission, and what an admin sees of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountOf } from '../../sandbox/people.ts';
import { usersMatchDirectory } from './directory-match.ts';
import { minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  // Permissions that work only minutes after consent are the normal case here.
  stage = await openStage({ entra: { rolesDelayMs: 3 * minute } });
});
afterAll(async () => await stage?.stop());

const integrationOf = async ({ admin, companyId }: StageCompany) => await admin.integration(companyId);

/** Where Entra sends the browser after consent, with a tenant that whoever holds the link may have put there. */
const backFromConsent = (consentUrl: URL, tenantId: string) =>
  `${stage.sandbox.url}/connect/consented?${new URLSearchParams({ admin_consent: 'True', tenant: tenantId, state: consentUrl.searchParams.get('state') ?? '' }).toString()}`;

describe('S1 connecting by consent', () => {
  it('S1 joins a company and a tenant by one admin’s consent and brings in everybody, pending', async () => {
    const company = await stage.connectCompany({ name: 'Alder' });
    const { admin, companyId, tenant } = company;
    expect(await integrationOf(company)).toMatchObject({ state: 'connected', tenantId: tenant.tenantId, tenantName: tenant.domain });
    const counts = await admin.counts(companyId);
    expect(counts).toMatchObject({ pending: 30, approved: 0, denied: 0, active: 0 });
    await usersMatchDirectory(company);
    expect(stage.mailsTo(company.adminMail).map((mail) => mail.subject)).toEqual([
      `Alder is connected. ${counts.pendingByKind.person} people are waiting for your approval`,
    ]);
  });

  it('S1 changes nothing when the administrator declines', async () => {
    const company = await stage.createCompany({ name: 'Birch' });
    const ada = accountOf(company.tenant, 'ada');
    const browser = stage.browserOf(ada);
    browser.choose({ account: ada.objectId, cancel: true });
    const page = await stage.integrate(company, browser);
    expect(page.status).toBe(409);
    expect(page.text).toContain('Consent was not given; nothing was changed.');
    expect(await integrationOf(company)).toMatchObject({ state: 'notConnected', tenantId: null });
  });

  it('S1 does not let somebody who may not consent join a tenant', async () => {
    const company = await stage.createCompany({ name: 'Cedar' });
    const rob = accountOf(company.tenant, 'rob');
    const atEntra = await stage.integrate(company, stage.browserOf(rob));
    expect(atEntra.url).toContain(stage.sandbox.entra.urls.browser);
    const browser = stage.browserOf(rob);
    const page = await browser.open(backFromConsent(await stage.startIntegration(company, browser), company.tenant.tenantId));
    expect(page.status).toBe(403);
    expect(page.text).toContain('The account that signed in may not consent for this tenant; nothing was changed.');
    expect(await integrationOf(company)).toMatchObject({ state: 'notConnected' });
  });
});

describe('S2 one integration per company', () => {
  it('S2 refuses a tenant that belongs to another company, and leaves that one as it is', async () => {
    const owner = await stage.connectCompany({ name: 'Dogwood' });
    const other = await stage.createCompany({ name: 'Elm' });
    const page = await stage.integrate({ ...other, tenant: owner.tenant });
    expect(page.status).toBe(409);
    expect(page.text).toContain('This tenant already belongs to another company.');
    expect(await integrationOf(other)).toMatchObject({ state: 'notConnected', tenantId: null });
    expect(await integrationOf(owner)).toMatchObject({ state: 'connected' });
  });

  it('S2 keeps a company to the tenant its people came from, and its people when it reconnects', async () => {
    const company = await stage.connectCompany({ name: 'Fir' });
    const { admin, companyId, tenant } = company;
    const [first] = await admin.allUsers(companyId);
    if (!first) throw new Error('Nobody is pending.');
    await admin.decide(companyId, first, 'deny', 'Not ours');
    await admin.call(`/companies/${companyId}/integration`, { method: 'DELETE' });
    expect(await integrationOf(company)).toMatchObject({ state: 'disconnected', tenantId: tenant.tenantId });

    const stranger = stage.openTenant('Fir stranger', 5);
    const browser = stage.browserOf(accountOf(stranger, 'ada'));
    const page = await browser.open(backFromConsent(await stage.startIntegration(company, browser), stranger.tenantId));
    expect(page.status).toBe(409);
    expect(page.text).toContain('people came from another tenant');

    await stage.integrate(company);
    await stage.passUntil(async () => (await integrationOf(company)).state !== 'checking', 10 * minute);
    expect(await integrationOf(company)).toMatchObject({ state: 'connected', tenantId: tenant.tenantId });
    expect(await admin.user(companyId, first.userId)).toMatchObject({ decision: 'denied', decisionReason: 'Not ours' });
  });
});

describe('S3 the right company', () => {
  it('S3 names tenant, account and company before anything is joined, and warns when another domain was expected', async () => {
    const company = await stage.createCompany({ name: 'Gorse', expectedDomain: 'gorse-and-sons.example' });
    const ada = accountOf(company.tenant, 'ada');
    const browser = stage.browserOf(ada);
    const page = await browser.open((await stage.startIntegration(company, browser)).href);
    expect(page.text).toContain('Join gorse.example and Gorse?');
    expect(page.text).toContain(company.tenant.tenantId);
    expect(page.text).toContain(ada.userPrincipalName);
    expect(page.text).toContain('<strong>gorse-and-sons.example</strong> was expected');
    expect(await integrationOf(company)).toMatchObject({ state: 'notConnected', tenantId: null });
    await browser.submit(page);
    expect(await integrationOf(company)).toMatchObject({ state: 'checking', tenantId: company.tenant.tenantId });
  });

  it('S3 does not warn when the tenant is the expected one', async () => {
    const company = await stage.createCompany({ name: 'Hazel' });
    const browser = stage.browserOf(accountOf(company.tenant, 'ada'));
    const page = await browser.open((await stage.startIntegration(company, browser)).href);
    expect(page.text).toContain('Join hazel.example and Hazel?');
    expect(page.text).not.toContain('was expected');
  });

  it('S3 believes no tenant that only the address names', async () => {
    const company = await stage.createCompany({ name: 'Ilex' });
    const victim = stage.openTenant('Ilex victim', 5);
    const browser = stage.browserOf(accountOf(company.tenant, 'ada'));
    const page = await browser.open(backFromConsent(await stage.startIntegration(company, browser), victim.tenantId));
    // The sign-in is asked of the claimed tenant, and Ada has no account there.
    expect(page.url).toContain(stage.sandbox.entra.urls.browser);
    expect(await integrationOf(company)).toMatchObject({ state: 'notConnected', tenantId: null });
  });

  it('S3 does not let a link be finished in another browser, or twice', async () => {
    const company = await stage.createCompany({ name: 'Juniper' });
    const ada = accountOf(company.tenant, 'ada');
    const own = stage.browserOf(ada);
    const consentUrl = await stage.startIntegration(company, own);
    const lured = await stage.browserOf(ada).open(consentUrl.href);
    expect(lured.status).toBe(403);
    expect(lured.text).toContain('This was started in another browser or by somebody else; nothing was changed.');
    const page = await own.open(consentUrl.href);
    await own.submit(page);
    const again = await own.submit(page);
    expect(again.status).toBeGreaterThanOrEqual(400);
    expect(again.text).toContain('Not connected');
  });
});

describe('S4 a clear confirmation', () => {
  it('S4 waits out a permission that reaches the tenant late, then says "connected"', async () => {
    const company = await stage.createCompany({ name: 'Kale' });
    const page = await stage.integrate(company);
    expect(new URL(page.url).pathname).toBe(`/companies/${company.companyId}`);
    await stage.pass(2 * minute);
    expect(await integrationOf(company)).toMatchObject({ state: 'checking', problem: null });
    expect(await company.admin.runs(company.companyId)).toEqual([]);
    await stage.pass(4 * minute);
    expect(await integrationOf(company)).toMatchObject({ state: 'connected', problem: null });
    const audit = await company.admin.audit(company.companyId);
    expect(audit.map((entry) => entry.action).toReversed()).toEqual(['companyCreated', 'integrationLinked', 'integrationConnected']);
    await usersMatchDirectory(company);
  });

  it('S4 says "failed" with the reason and the next step when the permission never works, and connects at the next try', async () => {
    const company = await stage.createCompany({ name: 'Larch' });
    const { tenantId } = company.tenant;
    await stage.integrate(company);
    stage.sandbox.entra.removeRole(tenantId, 'User.Read.All');
    await stage.passUntil(async () => (await integrationOf(company)).state !== 'checking', 20 * minute);
    const failed = await integrationOf(company);
    expect(failed.state).toBe('failed');
    expect(failed.problem).toMatchObject({ owner: 'theirs' });
    expect(failed.problem?.sentence).toMatch(/permission/);
    expect(failed.problem?.nextStep).toMatch(/Global Administrator .* "Integrate M365"/);
    expect(await company.admin.counts(company.companyId)).toMatchObject({ found: 0 });

    await stage.integrate(company);
    // Step by step: a try that is under way when the clock jumps is repeated a moment behind the jump.
    await stage.passUntil(async () => (await integrationOf(company)).state !== 'checking', 10 * minute);
    expect(await integrationOf(company)).toMatchObject({ state: 'connected', problem: null });
    await usersMatchDirectory(company);
  });
});

describe('P24 and P26 what the app is allowed', () => {
  it('P26 reads people, teams and changes with User.Read.All and nothing else', async () => {
    const company = await stage.connectCompany({ name: 'Maple' });
    const { directory, deeds, tenant } = company;
    expect(stage.sandbox.entra.consentState(tenant.tenantId)).toMatchObject({ roles: ['User.Read.All'] });
    deeds.changeManager(directory.idAt(29), directory.idAt(0));
    await stage.syncNow(company);
    await usersMatchDirectory(company);
  });

  it('P24 goes on for longer than any secret lives, without one', async () => {
    await stage.disconnectAll();
    const company = await stage.connectCompany({ name: 'Nettle' });
    stage.sandbox.entra.expireSecret();
    await stage.pass(400 * 24 * 60 * minute);
    expect(await stage.syncNow(company)).toMatchObject({ status: 'succeeded' });
    expect(await integrationOf(company)).toMatchObject({ state: 'connected' });
  });
});
