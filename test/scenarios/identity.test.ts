// A decision belongs to the object in the directory, not to a name or an address: it survives whatever happens to those.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userNamed, usersMatchDirectory } from './directory-match.ts';
import { day, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
let company: StageCompany;
let next = 0;

beforeAll(async () => {
  stage = await openStage();
  company = await stage.connectCompany({ name: 'Anise', users: 30 });
});
afterAll(async () => await stage?.stop());

const userIdOf = (objectId: string) => `${company.tenant.tenantId}_${objectId}`;
const read = async (objectId: string) => await company.admin.user(company.companyId, userIdOf(objectId));

/** Somebody new, already synced and decided. */
async function decided(command: 'approve' | 'deny'): Promise<{ readonly objectId: string; readonly alias: string; readonly mail: string }> {
  next += 1;
  const alias = `person.${next}`;
  const objectId = company.deeds.hire({ displayName: `Person Number${next}`, alias });
  await stage.syncNow(company);
  await company.admin.decide(company.companyId, await read(objectId), command, 'Decided once');
  return { objectId, alias, mail: `${alias}@${company.tenant.domain}` };
}

const outcomes = [
  ['approve', 'approved'],
  ['deny', 'denied'],
] as const;

describe('Rule 2 a decision sticks', () => {
  it.each(outcomes)('P10 and rule 2 a decision holds through a new name, sign-in name and mail address (%s)', async (command, decision) => {
    const { objectId } = await decided(command);
    company.deeds.rename(objectId, {
      displayName: 'Wed Lock',
      userPrincipalName: `wed.${command}@anise.example`,
      mail: `wed.${command}@new.example`,
    });
    expect(await stage.syncNow(company)).toMatchObject({ counts: { added: 0 } });
    expect(await userNamed(company, `wed.${command}@anise.example`)).toMatchObject({
      userId: userIdOf(objectId),
      displayName: 'Wed Lock',
      mail: `wed.${command}@new.example`,
      decision,
      decisionReason: 'Decided once',
      recreatedFrom: null,
    });
  });

  it.each(outcomes)('rule 2 a decision holds through deletion and restore (%s)', async (command, decision) => {
    const { objectId } = await decided(command);
    company.deeds.leave(objectId);
    await stage.syncNow(company);
    expect(await read(objectId)).toMatchObject({ presence: 'removed', decision });
    await stage.pass(2 * day);
    company.deeds.restore(objectId);
    await stage.syncNow(company);
    expect(await read(objectId)).toMatchObject({ presence: 'present', decision, removedAt: null, decisionReason: 'Decided once' });
    await usersMatchDirectory(company);
  });

  it.each(outcomes)(
    'rule 2 a new object with the names of somebody decided is flagged as re-created and waits (%s)',
    async (command, decision) => {
      const { objectId, mail } = await decided(command);
      company.deeds.leave(objectId);
      const successor = company.deeds.rehire(objectId);
      await stage.syncNow(company);
      expect(await read(objectId)).toMatchObject({ presence: 'removed', decision });
      expect(await read(successor)).toMatchObject({ mail, decision: 'pending', recreatedFrom: userIdOf(objectId) });
      expect((await company.admin.audience(company.companyId)).members.map((member) => member.mail)).not.toContain(mail);
    },
  );

  it('rule 2 flags the successor also when the account was deleted for good long before', async () => {
    const { objectId } = await decided('approve');
    company.deeds.purge(objectId);
    await stage.syncNow(company);
    await stage.pass(2 * day);
    const successor = company.deeds.rehire(objectId);
    await stage.syncNow(company);
    expect(await read(successor)).toMatchObject({ decision: 'pending', recreatedFrom: userIdOf(objectId) });
  });

  it('P10 two people who swap names and addresses keep their own decisions', async () => {
    const yes = await decided('approve');
    const no = await decided('deny');
    company.deeds.rename(yes.objectId, { displayName: 'Swapped One', userPrincipalName: `swap@anise.example`, mail: 'swap@anise.example' });
    company.deeds.rename(no.objectId, { displayName: 'Swapped Two', userPrincipalName: yes.mail, mail: yes.mail });
    company.deeds.rename(yes.objectId, { userPrincipalName: no.mail, mail: no.mail });
    await stage.syncNow(company);
    expect(await read(yes.objectId)).toMatchObject({ decision: 'approved', mail: no.mail });
    expect(await read(no.objectId)).toMatchObject({ decision: 'denied', mail: yes.mail });
    await usersMatchDirectory(company);
  });

  it('rule 2 gives nobody an approval for taking over the mail address of an approved person', async () => {
    const approved = await decided('approve');
    company.deeds.rename(approved.objectId, { mail: 'given.up@anise.example' });
    const heir = company.deeds.hire({ displayName: 'Address Heir', alias: 'address.heir', fields: { mail: approved.mail } });
    await stage.syncNow(company);
    expect(await read(heir)).toMatchObject({ decision: 'pending', mail: approved.mail, recreatedFrom: null });
    expect(await read(approved.objectId)).toMatchObject({ decision: 'approved' });
  });
});
