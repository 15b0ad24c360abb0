// A mail that a state change caused arrives once, whatever happens to the connection, the quota or the host on the way.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SendFault } from '../../sandbox/email/settings.ts';
import { hour, minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
beforeEach(() => {
  Object.assign(stage.sandbox.email.settings, { sendPerMinute: 30, sendPerHour: 100, deduplicateOperationIds: true });
});
afterEach(async () => await stage.disconnectAll());
afterAll(async () => await stage?.stop());

const order = (...faults: readonly SendFault[]) => stage.sandbox.email.settings.sendFaults.push(...faults);
const recordsOf = async ({ admin, companyId }: StageCompany) => (await admin.mails(companyId)).map(({ kind, state }) => ({ kind, state }));
const arrived = [{ kind: 'integrationConnected', state: 'accepted' }];

describe('Rule 4 a mail is never lost and never sent twice', () => {
  it.each(['dropAfterAccepting', 'dropBeforeAccepting', 'unavailable', 'serverError'] satisfies readonly SendFault[])(
    'rule 4 one mail arrives although the service answered with %s',
    async (fault) => {
      order(fault);
      const company = await stage.connectCompany({ name: `Arnica ${fault}` });
      await stage.pass(10 * minute);
      await stage.pass(10 * minute);
      expect(stage.sandbox.email.settings.sendFaults).toEqual([]);
      expect(stage.mailsTo(company.adminMail)).toHaveLength(1);
      expect(await recordsOf(company)).toEqual(arrived);
    },
  );

  it('rule 4 one mail arrives after a whole row of faults', async () => {
    order('dropBeforeAccepting', 'unavailable', 'serverError', 'dropAfterAccepting');
    const company = await stage.connectCompany({ name: 'Bergamot' });
    for (let passed = 0; passed < 30; passed += 5) await stage.pass(5 * minute);
    expect(stage.sandbox.email.settings.sendFaults).toEqual([]);
    expect(stage.mailsTo(company.adminMail)).toHaveLength(1);
    expect(await recordsOf(company)).toEqual(arrived);
  });

  it('rule 4 at most two mails arrive when the service does not honour operation ids, and never none', async () => {
    stage.sandbox.email.settings.deduplicateOperationIds = false;
    order('dropAfterAccepting');
    const company = await stage.connectCompany({ name: 'Comfrey' });
    await stage.pass(10 * minute);
    const { length } = stage.mailsTo(company.adminMail);
    expect(length).toBeGreaterThanOrEqual(1);
    expect(length).toBeLessThanOrEqual(2);
    expect(await recordsOf(company)).toEqual(arrived);
  });

  it('rule 4 a mail over the quota waits, says so, and arrives', async () => {
    stage.sandbox.email.settings.sendPerMinute = 0;
    const company = await stage.connectCompany({ name: 'Dittany' });
    expect(stage.mailsTo(company.adminMail)).toEqual([]);
    const [waiting] = await company.admin.mails(company.companyId);
    expect(waiting).toMatchObject({ state: 'queued', problem: 'Waiting for the mail quota.', finishedAt: null });
    expect(Date.parse(waiting?.notBefore ?? '')).toBeGreaterThan(stage.sandbox.clock.now());
    stage.sandbox.email.settings.sendPerMinute = 30;
    await stage.pass(2 * hour);
    expect(stage.mailsTo(company.adminMail)).toHaveLength(1);
    expect(await recordsOf(company)).toEqual(arrived);
  });

  it('rule 4 one mail arrives although the host dies while it waits for the answer of the service', async () => {
    order('neverAnswer');
    const company = await stage.createCompany({ name: 'Feverfew' });
    await stage.integrate(company);
    await untilSent(company);
    await stage.sandbox.host.kill();
    for (let passed = 0; passed < 30; passed += 5) await stage.pass(5 * minute);
    expect(stage.mailsTo(company.adminMail)).toHaveLength(1);
    expect(await recordsOf(company)).toEqual(arrived);
  });

  it('rule 4 one mail arrives although the host dies at the moment the round ends', async () => {
    for (const name of ['Gentian', 'Gentian again']) {
      const company = await stage.createCompany({ name });
      await stage.integrate(company);
      await untilRoundEnded(company);
      await stage.sandbox.host.kill();
      for (let passed = 0; passed < 15; passed += 5) await stage.pass(5 * minute);
      expect(stage.mailsTo(company.adminMail).map((mail) => mail.subject)).toEqual([expect.stringContaining(`${name} is connected.`)]);
      expect(await recordsOf(company)).toEqual(arrived);
    }
  });
});

/** Watches until the mail service has taken the mail over. */
async function untilSent({ adminMail, admin, companyId }: StageCompany): Promise<void> {
  while (stage.mailsTo(adminMail).length === 0) await admin.sync(companyId);
}

async function untilRoundEnded({ admin, companyId }: StageCompany): Promise<void> {
  while ((await admin.sync(companyId)).lastRoundAt === null);
}
