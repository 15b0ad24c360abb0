// A company whose managers sign in with Microsoft: the invited one comes in by the tenant's own sign-in page, and nobody else does.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserView } from '../../sandbox/api.ts';
import { accountOf } from '../../sandbox/people.ts';
import { openStage, type Stage, type StageCompany } from './stage.ts';
import { letRobLead, makePortalCaller } from './user-portal.ts';

let stage: Stage;
let company: StageCompany;
let rob: UserView;

beforeAll(async () => {
  stage = await openStage();
  company = await stage.connectCompany({ name: 'Maple' });
  rob = await letRobLead(stage, company);
  await stage.changeSettings(company, { syncPaused: true, managerSignIn: 'microsoft' });
});
afterAll(async () => await stage?.stop());

const start = () => `${stage.sandbox.url}/account/sign-in/microsoft?company=${company.companyId}`;
const browserOf = (name: string) => stage.browserOf(accountOf(company.tenant, name));

describe('S19 signing in with Microsoft', () => {
  it('S19 tells an account that was not invited nothing but that it has no access', async () => {
    const pages = [await browserOf('rob').open(start()), await browserOf('ada').open(start())];
    for (const { status, text } of pages) {
      expect(status).toBe(400);
      expect(text).toContain('This Microsoft account has no access to the User Portal.');
    }
    expect(pages[0]?.text).toBe(pages[1]?.text);
  });

  it('S19 accepts the invitation, opens the User Portal, and ends when the admin denies the manager', async () => {
    const { admin, companyId } = company;
    const invite = { method: 'POST', body: { mail: rob.mail } };
    await admin.call(`/companies/${companyId}/managers/${rob.userId}/invitation`, invite);
    const browser = browserOf('rob');
    const portal = makePortalCaller(stage, browser);
    expect(await portal.get(`account/sign-in/${companyId}`)).toMatchObject({ body: { managerSignIn: 'microsoft' } });
    const landed = await browser.open(start());
    expect(new URL(landed.url).pathname).toBe('/account');
    expect(await portal.get('account')).toMatchObject({ status: 200, body: { mail: rob.mail } });
    expect((await admin.audit(companyId)).map(({ action }) => action)).toContain('managerAccepted');
    // The same address brings admins to the portal of admins, and no manager's session opens that.
    expect((await portal.get('me')).status).toBe(401);
    await admin.decide(companyId, await admin.user(companyId, rob.userId), 'deny');
    expect((await portal.get('account')).status).toBe(401);
  });

  it('S19 refuses a browser whose company does not sign in so, and one that gives up', async () => {
    const other = await stage.createCompany({ name: 'Myrtle', users: 0 });
    const page = await browserOf('rob').open(`${stage.sandbox.url}/account/sign-in/microsoft?company=${other.companyId}`);
    expect(page.status).toBe(400);
    const robsAccount = accountOf(company.tenant, 'rob');
    const browser = stage.browserOf(robsAccount);
    browser.choose({ account: robsAccount.objectId, cancel: true });
    expect((await browser.open(start())).text).toContain('Not signed in');
  });

  it('leaves the sign-in of admins as it was', async () => {
    const browser = browserOf('ada');
    await browser.open(`${stage.sandbox.url}/sign-in`);
    expect((await browser.call(`${stage.sandbox.url}/api/v1/me`, {})).status).toBe(200);
  });
});
