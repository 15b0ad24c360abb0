// Lost access is named as what it is, with the next step, mailed once to whoever can act, and over as soon as access is back.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { usersMatchDirectory } from './directory-match.ts';
import { day, hour, openStage, type Stage, type StageCompany } from './stage.ts';

const operatorMail = 'operations@muster.example';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(async () => await stage.disconnectAll());
afterAll(async () => await stage?.stop());

const integrationOf = async ({ admin, companyId }: StageCompany) => await admin.integration(companyId);
const lostMails = (address: string, { name }: StageCompany) =>
  stage.mailsTo(address).filter((mail) => mail.subject === `Muster can no longer read the directory of ${name}`);

/** A company with one approved and one denied person. */
async function decidedCompany(name: string): Promise<StageCompany> {
  const company = await stage.connectCompany({ name });
  const [one, two] = await company.admin.allUsers(company.companyId);
  if (!one || !two) throw new Error('Too few people.');
  await company.admin.decide(company.companyId, one, 'approve');
  await company.admin.decide(company.companyId, two, 'deny');
  return company;
}

describe('Rule 6 lost access is visible', () => {
  it('rule 6 names revoked consent, mails the company’s admin once, keeps all data, and is over after the next consent', async () => {
    const company = await decidedCompany('Angelica');
    const { admin, companyId, tenant } = company;
    const before = await admin.counts(companyId);
    stage.sandbox.entra.revokeConsent(tenant.tenantId);
    expect(await stage.syncNow(company)).toMatchObject({ status: 'failed' });

    const lost = await integrationOf(company);
    expect(lost).toMatchObject({ state: 'accessLost', tenantId: tenant.tenantId, problem: { owner: 'theirs' } });
    expect(lost.problem?.nextStep).toContain('Ask a Global Administrator of the tenant to open "Integrate M365" again and accept.');
    const [mail, ...more] = lostMails(company.adminMail, company);
    expect(more).toEqual([]);
    expect(mail?.plainText).toContain(lost.problem?.sentence);
    expect(mail?.plainText).toContain(lost.problem?.nextStep);
    expect(mail?.plainText).toContain('nobody is removed and every decision is kept');
    expect(mail?.plainText).toContain(`${stage.sandbox.url}/companies/${companyId}`);

    await stage.syncNow(company);
    await stage.pass(day);
    expect(lostMails(company.adminMail, company)).toHaveLength(1);
    expect(lostMails(operatorMail, company)).toEqual([]);
    expect(await admin.counts(companyId)).toEqual(before);

    company.deeds.hire({ displayName: 'Mean While', alias: 'mean.while' });
    await stage.integrate(company);
    await stage.sandbox.settle();
    expect(await integrationOf(company)).toMatchObject({ state: 'connected', problem: null });
    expect(await admin.counts(companyId)).toMatchObject({ approved: before.approved, denied: before.denied, pending: before.pending + 1 });
    await usersMatchDirectory(company);
  });

  it('rule 6 notices by itself that access is back', async () => {
    const company = await decidedCompany('Burdock');
    const { tenantId } = company.tenant;
    stage.sandbox.entra.disable(tenantId);
    await stage.passUntil(async () => (await integrationOf(company)).state === 'accessLost', 3 * hour, hour / 2);
    expect(lostMails(company.adminMail, company)).toHaveLength(1);
    stage.sandbox.entra.enable(tenantId);
    await stage.passUntil(async () => (await integrationOf(company)).state === 'connected', 3 * hour, hour / 2);
    expect((await company.admin.audit(company.companyId)).map((entry) => entry.action).slice(0, 2)).toEqual([
      'integrationAccessRestored',
      'integrationAccessLost',
    ]);

    // Losing it again is news again.
    stage.sandbox.entra.removeRole(tenantId, 'User.Read.All');
    await stage.passUntil(async () => (await integrationOf(company)).state === 'accessLost', 3 * hour, hour / 2);
    expect(lostMails(company.adminMail, company)).toHaveLength(2);
  });

  it('rule 6 tells the operator and not the company when the fault is ours', async () => {
    const company = await decidedCompany('Chicory');
    stage.sandbox.entra.removeFederatedCredential();
    // Tokens taken before go on working for an hour.
    await stage.pass(2 * hour);
    await stage.syncNow(company);
    const lost = await integrationOf(company);
    expect(lost).toMatchObject({ state: 'accessLost', problem: { owner: 'ours' } });
    expect(lost.problem?.nextStep).toContain('Nothing to do on your side');
    await stage.pass(day);
    expect(lostMails(operatorMail, company)).toHaveLength(1);
    expect(lostMails(company.adminMail, company)).toEqual([]);
    stage.sandbox.entra.restoreFederatedCredential();
    expect(await stage.syncNow(company)).toMatchObject({ status: 'succeeded' });
    expect(await integrationOf(company)).toMatchObject({ state: 'connected', problem: null });
  });
});
