// Nobody is removed by mistake: not by errors, short reads, lost consent or old tokens; and too many at once wait for an admin.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultOrder } from '../../sandbox/graph/faults.ts';
import type { TokenRefusal } from '../../sandbox/graph/settings.ts';
import { everybodyOf, usersMatchDirectory } from './directory-match.ts';
import { day, hour, minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(async () => await stage.disconnectAll());
afterAll(async () => await stage?.stop());

const countsOf = async ({ admin, companyId }: StageCompany) => await admin.counts(companyId);
const graphOf = ({ tenant }: StageCompany) => stage.sandbox.graph.settings(tenant.tenantId);
/** Object ids of ordinary employees, from the end of the directory. */
const employees = ({ directory }: StageCompany, count: number, from = 0) =>
  Array.from({ length: directory.objectCount() }, (_, ordinal) => directory.snapshot(directory.objectCount() - 1 - ordinal))
    .filter((object) => object?.state === 'live' && object.truth.kind === 'person')
    .slice(from, from + count)
    .map((object) => object?.fields.id ?? '');

/** Approves everybody. */
async function approveAll(company: StageCompany): Promise<void> {
  const ids = (await company.admin.allUsers(company.companyId)).map((user) => user.userId);
  await company.admin.decideMany(company.companyId, 'approve', ids);
}

async function expectEverybodyStill(company: StageCompany, count: number): Promise<void> {
  expect(await countsOf(company)).toMatchObject({ found: count, active: count, removed: 0, held: 0 });
  expect((await everybodyOf(company)).filter((user) => user.presence !== 'present')).toEqual([]);
}

describe('Rule 3 errors remove nobody', () => {
  it('rule 3 no fault of the network or of Graph removes anybody, in delta and in full rounds', async () => {
    const company = await stage.connectCompany({ name: 'Alfalfa', users: 60 });
    await approveAll(company);
    Object.assign(graphOf(company), { smallestPage: 5, largestPage: 5, stallMs: 100 });
    const { tenantId } = company.tenant;
    // Every second request fails in another way; each of these may pass, so the round gets through.
    const passing: readonly FaultOrder['respond'][] = ['429', '500', '502', '503', 'reset', 'truncated', 'html', 'stall'];
    for (const [after, respond] of passing.entries()) stage.sandbox.graph.faults.next(tenantId, { respond, after, retryAfter: 30 });
    expect(await stage.syncNow(company, true)).toMatchObject({ status: 'succeeded', counts: { users: 60, removed: 0, held: 0 } });
    for (const respond of ['400', '401', '410', 'expiredPageToken'] satisfies readonly FaultOrder['respond'][]) {
      stage.sandbox.graph.faults.next(tenantId, { respond, after: 5, times: 3 });
      const { counts } = await stage.syncNow(company, true);
      expect([respond, counts.removed, counts.held]).toEqual([respond, 0, 0]);
      stage.sandbox.graph.faults.clear(tenantId);
    }
    await expectEverybodyStill(company, 60);
    expect(await stage.syncNow(company, true)).toMatchObject({ status: 'succeeded' });
    await expectEverybodyStill(company, 60);
    await usersMatchDirectory(company);
  });

  it('rule 3 a Graph that refuses every request for hours removes nobody and is caught up with afterwards', async () => {
    const company = await stage.connectCompany({ name: 'Betony' });
    await approveAll(company);
    const { tenantId } = company.tenant;
    stage.sandbox.graph.faults.next(tenantId, { respond: '400', times: 1_000 });
    expect(await stage.syncNow(company)).toMatchObject({ status: 'failed' });
    company.deeds.hire({ displayName: 'Out Age', alias: 'out.age' });
    const [leaver = ''] = employees(company, 1, 1);
    company.deeds.leave(leaver);
    await stage.pass(5 * hour);
    await expectEverybodyStill(company, 30);
    stage.sandbox.graph.faults.clear(tenantId);
    await stage.passUntil(async () => (await company.admin.runs(company.companyId))[0]?.status === 'succeeded', day, hour);
    expect(await countsOf(company)).toMatchObject({ found: 30, removed: 1, active: 29, pending: 1 });
    await usersMatchDirectory(company);
  });

  it('rule 3 short, empty and repeated pages lose nobody', async () => {
    const company = await stage.connectCompany({ name: 'Camomile', users: 80 });
    await approveAll(company);
    Object.assign(graphOf(company), {
      smallestPage: 1,
      largestPage: 7,
      emptyPageShare: 0.5,
      emptyPageRun: 2,
      repeatShare: 0.3,
      replayShare: 0.5,
    });
    expect(await stage.syncNow(company, true)).toMatchObject({ status: 'succeeded', counts: { users: 80, removed: 0, missing: 0 } });
    await expectEverybodyStill(company, 80);
    await usersMatchDirectory(company);
  });

  it('rule 3 a position that is refused, in whatever words, leads to a full round, which removes only who is really gone', async () => {
    const company = await stage.connectCompany({ name: 'Dock' });
    await approveAll(company);
    const { admin, companyId, deeds } = company;
    const leavers: string[] = [];
    for (const tokenRefusal of ['syncStateNotFound', 'olderThan30Days', 'gone', 'resyncRequired'] satisfies readonly TokenRefusal[]) {
      const [leaver = ''] = employees(company, 1);
      leavers.push(leaver);
      deeds.purge(leaver);
      deeds.hire({ displayName: 'New Comer', alias: `new.${tokenRefusal}` });
      await stage.pass(minute);
      Object.assign(graphOf(company), { tokenRefusal, deltaTokenMaxAgeMs: 1 });
      await stage.syncNow(company);
      Object.assign(graphOf(company), { deltaTokenMaxAgeMs: 7 * day });
      const [run] = await admin.runs(companyId);
      expect([tokenRefusal, run?.reason]).toEqual([tokenRefusal, 'tokenRefused']);
      expect(run).toMatchObject({ kind: 'full', status: 'succeeded', counts: { added: 1, removed: 1 } });
    }
    expect((await admin.allUsers(companyId, { status: 'removed' })).map((user) => user.objectId).toSorted()).toEqual(leavers.toSorted());
    await usersMatchDirectory(company);
  });

  it('rule 3 revoked consent removes nobody', async () => {
    const company = await stage.connectCompany({ name: 'Eyebright' });
    await approveAll(company);
    stage.sandbox.entra.revokeConsent(company.tenant.tenantId);
    expect(await stage.syncNow(company, true)).toMatchObject({ status: 'failed' });
    await stage.pass(2 * day);
    await expectEverybodyStill(company, 30);
  });
});

describe('Rule 3 mass removals wait', () => {
  it('rule 3 removes a few at once, and each stays on record', async () => {
    const company = await stage.connectCompany({ name: 'Figwort', users: 60 });
    await approveAll(company);
    const leavers = employees(company, 3);
    for (const id of leavers) company.deeds.leave(id);
    expect(await stage.syncNow(company)).toMatchObject({ counts: { removed: 3, held: 0 } });
    expect(await countsOf(company)).toMatchObject({ found: 57, active: 57, removed: 3, held: 0 });
    const removed = await company.admin.allUsers(company.companyId, { status: 'removed' });
    expect(removed.map((user) => user.objectId).toSorted()).toEqual(leavers.toSorted());
    expect((await company.admin.audit(company.companyId))[0]).toMatchObject({
      action: 'usersRemoved',
      by: 'Muster',
      summary: '3 users left the tenant.',
    });
  });

  it('rule 3 holds a mass removal while additions and updates keep flowing, and lets go of who comes back', async () => {
    const company = await stage.connectCompany({ name: 'Goldenrod', users: 60 });
    await approveAll(company);
    const { admin, companyId, deeds } = company;
    const leavers = employees(company, 20);
    for (const id of leavers) deeds.leave(id);
    const hired = deeds.hire({ displayName: 'Still Coming', alias: 'still.coming' });
    const [changed = ''] = employees(company, 1, 5);
    deeds.change(changed, { department: 'Moved' });
    const run = await stage.syncNow(company);
    expect(run).toMatchObject({ status: 'succeeded', counts: { removed: 0, held: 20, added: 1 } });
    expect(run.problem).toMatch(/^20 of \d+ users would be removed within 7 days/);
    expect(await countsOf(company)).toMatchObject({ removed: 0, held: 20, active: 60, pending: 1 });
    expect(await admin.user(companyId, `${company.tenant.tenantId}_${hired}`)).toMatchObject({ decision: 'pending' });
    expect(await admin.user(companyId, `${company.tenant.tenantId}_${changed}`)).toMatchObject({ department: 'Moved' });
    expect((await admin.audience(companyId)).members).toHaveLength(60);
    expect((await admin.audit(companyId))[0]).toMatchObject({ action: 'usersHeld', by: 'Muster', reason: run.problem });

    // Neither a full round, nor the second tombstone of a final deletion, nor time walks round the hold.
    for (const id of leavers.slice(0, 10)) deeds.purge(id);
    await stage.syncNow(company);
    await stage.syncNow(company, true);
    await stage.pass(9 * day);
    expect(await countsOf(company)).toMatchObject({ removed: 0, held: 20, active: 60 });

    for (const id of leavers.slice(10)) deeds.restore(id);
    await stage.syncNow(company);
    expect(await countsOf(company)).toMatchObject({ removed: 0, held: 10, active: 60 });
  });

  it('rule 3 holds a removal that comes in small portions over some days', async () => {
    const company = await stage.connectCompany({ name: 'Houseleek', users: 60 });
    await approveAll(company);
    const leavers = employees(company, 8);
    const seen: (readonly [removed: number, held: number])[] = [];
    for (let wave = 0; wave < 8; wave += 2) {
      for (const id of leavers.slice(wave, wave + 2)) company.deeds.leave(id);
      await stage.pass(30 * hour);
      const { removed, held } = await countsOf(company);
      seen.push([removed, held]);
    }
    // The limit is more than five people and more than a tenth of sixty within a week.
    expect(seen).toEqual([
      [2, 0],
      [4, 0],
      [6, 0],
      [6, 2],
    ]);
  });

  it('rule 3 holds everybody when the directory suddenly seems empty', async () => {
    const company = await stage.connectCompany({ name: 'Ironwort' });
    await approveAll(company);
    for (let ordinal = 0; ordinal < company.directory.objectCount(); ordinal += 1) {
      if (company.directory.state(ordinal) === 'live') company.deeds.purge(company.directory.idAt(ordinal));
    }
    Object.assign(graphOf(company), { deltaTokenMaxAgeMs: 1 });
    await stage.syncNow(company, true);
    expect(await countsOf(company)).toMatchObject({ found: 30, active: 30, removed: 0, held: 30 });
  });
});
