// Mail about new people: who waits is told of once an hour at most, nobody is forgotten, and the link leads to the list itself.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ReceivedMail } from '../../sandbox/email/mailbox.ts';
import { accountOf } from '../../sandbox/people.ts';
import { day, hour, minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(async () => await stage.disconnectAll());
afterAll(async () => await stage?.stop());

const linkIn = (mail: ReceivedMail | undefined): URL => {
  const found = /https?:\/\/\S+\/pending/.exec(mail?.plainText ?? '')?.[0];
  if (!found) throw new Error(`There is no link to a list in the mail:\n${mail?.plainText ?? '(no mail)'}`);
  return new URL(found);
};

const newPeopleMails = ({ adminMail }: StageCompany) => stage.mailsTo(adminMail).filter((mail) => mail.subject.includes(' new '));

describe('S5 mail about new people', () => {
  it('S5 tells of new people with a link that leads, through the sign-in, to the list they wait on', async () => {
    const company = await stage.connectCompany({ name: 'Acacia' });
    await stage.pass(2 * hour);
    const hired = company.deeds.hire({ displayName: 'Nora Newcomer', alias: 'nora.newcomer' });
    await stage.syncNow(company);

    const [mail, ...more] = newPeopleMails(company);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ subject: '1 new person in Acacia: waiting for your approval', to: [company.adminMail] });
    expect(mail?.plainText).toContain('31 people are waiting for your approval.');
    const link = linkIn(mail);
    expect(mail?.html).toContain(`href="${link.href}"`);

    const browser = stage.browserOf(accountOf(company.tenant, 'ada'));
    const me = `${stage.sandbox.url}/api/v1/me`;
    expect((await browser.open(link.href)).status).toBe(200);
    expect((await browser.call(me, {})).status).toBe(401);
    const arrived = await browser.open(`${stage.sandbox.url}/sign-in?${new URLSearchParams({ return: link.pathname }).toString()}`);
    expect(arrived.url).toBe(link.href);
    expect(arrived.status).toBe(200);
    expect(await (await browser.call(me, {})).json()).toMatchObject({
      name: `Ada Admin (${company.adminMail})`,
      companies: [{ name: 'Acacia' }],
    });
    const list = await browser.call(`${stage.sandbox.url}/api/v1/companies/${company.companyId}/users?search=nora`, {});
    expect(await list.json()).toMatchObject({ users: [{ objectId: hired, displayName: 'Nora Newcomer', decision: 'pending' }] });
  });

  it('S5 shows the list to nobody who is not an admin of the company', async () => {
    const company = await stage.connectCompany({ name: 'Bamboo' });
    const [mail] = stage.mailsTo(company.adminMail);
    const stranger = stage.openTenant('Bamboo stranger', 3);
    const browser = stage.browserOf(accountOf(stranger, 'ada'));
    await browser.open(`${stage.sandbox.url}/sign-in?${new URLSearchParams({ return: linkIn(mail).pathname }).toString()}`);
    const list = await browser.call(`${stage.sandbox.url}/api/v1/companies/${company.companyId}/users`, {});
    expect(list.status).toBe(404);
  });

  it('S5 mails at most once an hour and tells of everybody who came meanwhile', async () => {
    const company = await stage.connectCompany({ name: 'Cherry' });
    company.deeds.hire({ displayName: 'Early Bird', alias: 'early.bird' });
    await stage.syncNow(company);
    await stage.pass(20 * minute);
    company.deeds.hire({ displayName: 'Late Riser', alias: 'late.riser' });
    await stage.syncNow(company);
    expect(newPeopleMails(company)).toEqual([]);

    await stage.pass(41 * minute);
    expect(newPeopleMails(company).map((mail) => mail.subject)).toEqual(['2 new people in Cherry: waiting for your approval']);
    await stage.pass(3 * hour);
    expect(newPeopleMails(company)).toHaveLength(1);
  });

  it('S5 mails once a day when the company wishes so', async () => {
    const company = await stage.connectCompany({ name: 'Damson' });
    await stage.changeSettings(company, { newUsersMail: 'daily' });
    await stage.pass(2 * hour);
    company.deeds.hire({ displayName: 'Dora Daily', alias: 'dora.daily' });
    await stage.syncNow(company);
    await stage.pass(10 * hour);
    company.deeds.hire({ displayName: 'Dan Daily', alias: 'dan.daily' });
    await stage.pass(2 * hour);
    expect(newPeopleMails(company)).toEqual([]);
    await stage.pass(11 * hour);
    expect(newPeopleMails(company).map((mail) => mail.subject)).toEqual(['2 new people in Damson: waiting for your approval']);
  });

  it('S5 says nothing about people who changed, left or came back, nor when there is nobody new', async () => {
    const company = await stage.connectCompany({ name: 'Elder' });
    const { deeds, directory } = company;
    await stage.pass(2 * hour);
    deeds.rename(directory.idAt(25), { displayName: 'Renamed Person' });
    deeds.leave(directory.idAt(26));
    await stage.syncNow(company);
    deeds.restore(directory.idAt(26));
    await stage.syncNow(company);
    await stage.pass(day);
    expect(newPeopleMails(company)).toEqual([]);
  });

  it('S5 reaches every company admin in a mail of their own, and the MSP when the company has none', async () => {
    const company = await stage.connectCompany({ name: 'Fig' });
    const rob = accountOf(company.tenant, 'rob');
    await stage.msp.call(`/companies/${company.companyId}/admins`, {
      method: 'POST',
      body: { tenantId: company.tenant.tenantId, objectId: rob.objectId, name: rob.displayName, mail: 'rob@fig.example' },
    });
    await stage.pass(2 * hour);
    company.deeds.hire({ displayName: 'Fay Fresh', alias: 'fay.fresh' });
    await stage.syncNow(company);
    expect(newPeopleMails(company).map((mail) => mail.to)).toEqual([[company.adminMail]]);
    expect(stage.mailsTo('rob@fig.example').map((mail) => [mail.subject, mail.to])).toEqual([
      ['1 new person in Fig: waiting for your approval', ['rob@fig.example']],
    ]);
  });
});
