// The first import of a large tenant, read in parts over the wire: as complete as by the delta chain, confirmed by it the same day, and
// left to it where Graph does not answer such lists.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { usersMatchDirectory } from './directory-match.ts';
import { hour, minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => await stage?.stop());

const users = 4_000;

async function expectEverybody(company: StageCompany): Promise<void> {
  await usersMatchDirectory(company);
  expect(await company.admin.counts(company.companyId)).toMatchObject({ found: users, pending: users, removed: 0 });
}

describe('S24 the first import of a large tenant', () => {
  let company: StageCompany;

  it('S24 is read in parts', async () => {
    company = await stage.connectCompany({ name: 'Damson', users });
    const { admin, companyId } = company;
    await expectEverybody(company);
    const [first] = await admin.runs(companyId);
    expect(first).toMatchObject({ kind: 'full', reason: 'connected', readBy: 'parts', status: 'succeeded', problem: null });
    expect(first?.counts).toMatchObject({ users, added: users, removed: 0, unreadable: 0 });
    expect(stage.mailsTo(company.adminMail)).toHaveLength(1);
  });

  it('S24 goes on with what changed', async () => {
    const { admin, companyId, tenant } = company;
    const changed = company.directory.idAt(2_000);
    company.deeds.change(changed, { jobTitle: 'Keeper of the plums' });
    const next = await stage.syncNow(company);
    expect(next).toMatchObject({ kind: 'delta', readBy: 'deltaChain', status: 'succeeded', counts: { added: 0, removed: 0 } });
    expect(await admin.user(companyId, `${tenant.tenantId}_${changed}`)).toMatchObject({ jobTitle: 'Keeper of the plums' });
  });

  it('S24 is confirmed by a full round eight hours later', async () => {
    const { admin, companyId } = company;
    stage.sandbox.clock.advance(8 * hour);
    const isConfirmed = async () => (await admin.runs(companyId)).some((run) => run.kind === 'full' && run.readBy === 'deltaChain');
    await stage.passUntil(isConfirmed, 2 * hour, 15 * minute);
    const confirmation = (await admin.runs(companyId)).find((run) => run.kind === 'full' && run.readBy === 'deltaChain');
    expect(confirmation).toMatchObject({ reason: 'scheduled', status: 'succeeded', counts: { users, added: 0, removed: 0 } });
    expect(await admin.counts(companyId)).toMatchObject({ found: users, pending: users, removed: 0 });
    await stage.disconnectAll();
  });

  it('S24 is left to the delta chain where lists cannot be filtered', async () => {
    company = await stage.createCompany({ name: 'Elder', users });
    Object.assign(stage.sandbox.graph.settings(company.tenant.tenantId), { listFilters: 'unsupported' });
    await stage.integrate(company);
    await stage.passUntil(async () => (await company.admin.sync(company.companyId)).lastRoundAt !== null, 20 * minute);
    const runs = await company.admin.runs(company.companyId);
    expect(runs.at(-1)).toMatchObject({
      kind: 'full',
      readBy: 'partsThenDeltaChain',
      status: 'succeeded',
      problem: null,
      counts: { users, added: users },
    });
    await expectEverybody(company);
    await company.admin.raw(`/companies/${company.companyId}/integration`, { method: 'DELETE' });
  });
});
