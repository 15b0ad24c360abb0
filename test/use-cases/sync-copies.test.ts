// Two copies of one activity at once, and removals beside entries that cannot be read: found by a review, kept by these tests.
import { beforeEach, describe, expect, it } from 'vitest';
import { claimTenant, readClaim, releaseTenant } from '../../shared/storage/companies.ts';
import { changeSync, readSync } from '../../shared/storage/sync-state.ts';
import { checkpoint, openRound, stage } from '../../shared/use-cases/round-context.ts';
import { runRound } from '../../shared/use-cases/run-round.ts';
import { personFields } from '../builders.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await makeSyncWorld({ pageSize: 1 });
});

describe('a second copy of a step', () => {
  it('cannot move the cursor back', async () => {
    for (let index = 0; index < 4; index += 1) world.tenant.put(`person-${index}`, personFields(`Person ${index}`));
    const start = await world.request('full');
    if (start.kind !== 'start') throw new Error('The round did not start.');
    const input = { companyId, fence: start.fence };
    await runRound(world.ports, input, 0);
    const copy = await openRound(world.ports, input, { longestMs: 0, storageCalls: () => 0 });
    if (copy === 'stale') throw new Error('The round is not the newest.');
    await runRound(world.ports, input, 0);
    const before = (await readSync(world.ports.tables, companyId)).value;
    stage(copy, { link: 'https://graph.example/somewhere-behind' }, { pages: 1 });
    expect(await checkpoint(copy)).toBe('stale');
    expect((await readSync(world.ports.tables, companyId)).value).toEqual(before);
    await world.play(start.fence);
    await world.check();
  });

  it('finds its own write done when the answer was lost, and counts it once', async () => {
    world.tenant.put('person-0', personFields('Person 0'));
    const start = await world.request('full');
    if (start.kind !== 'start') throw new Error('The round did not start.');
    const context = await openRound(world.ports, { companyId, fence: start.fence }, { longestMs: 0, storageCalls: () => 0 });
    if (context === 'stale') throw new Error('The round is not the newest.');
    stage(context, { link: 'https://graph.example/next' }, { pages: 1 });
    const written = { ...context.state };
    await changeSync(world.ports.tables, companyId, () => written);
    expect(await checkpoint(context)).toBe('stored');
    expect((await readSync(world.ports.tables, companyId)).value.round).toMatchObject({ counts: { pages: 1 } });
  });

  it('keeps what others wished for meanwhile', async () => {
    const start = await world.request('full');
    if (start.kind !== 'start') throw new Error('The round did not start.');
    const context = await openRound(world.ports, { companyId, fence: start.fence }, { longestMs: 0, storageCalls: () => 0 });
    if (context === 'stale') throw new Error('The round is not the newest.');
    stage(context, { link: 'https://graph.example/next' });
    await world.request('full');
    expect(await checkpoint(context)).toBe('stored');
    expect((await readSync(world.ports.tables, companyId)).value).toMatchObject({
      runAgain: 'full',
      round: { link: 'https://graph.example/next' },
    });
  });
});

describe('somebody whose tombstone is followed by an entry that cannot be read', () => {
  it('is asked about, and stays', async () => {
    world.tenant.put('person-0', personFields('Ada Lovelace'));
    world.tenant.put('person-1', personFields('Blaise Pascal'));
    await world.sync();
    world.tenant.softDelete('person-0');
    world.tenant.restore('person-0');
    world.tenant.put('person-0', { ...personFields('Ada Lovelace'), jobTitle: 'x'.repeat(300_000) });
    world.tenant.addToNextRound({ kind: 'tombstone', objectId: 'person-0', reason: 'restorable' });
    await world.sync();
    expect(await world.user('person-0')).toMatchObject({ presence: 'present' });
  });
});

describe('a claim on a tenant', () => {
  const tenant = '33333333-3333-4333-8333-333333333333';
  const first = { companyId: 'company1', claimedAt: '2026-01-01T10:00:00.000Z' };
  const second = { ...first, claimedAt: '2026-01-01T11:00:00.000Z' };

  it('that was renewed is not taken away by a release that comes late', async () => {
    const { tables } = world.ports;
    expect(await claimTenant(tables, tenant, first)).toBe('claimed');
    expect(await claimTenant(tables, tenant, second)).toBe('claimed');
    await releaseTenant(tables, tenant, first);
    expect(await readClaim(tables, tenant)).toMatchObject(second);
    expect(await claimTenant(tables, tenant, { companyId: 'company2', claimedAt: second.claimedAt })).toBe('taken');
    await releaseTenant(tables, tenant, second);
    expect(await claimTenant(tables, tenant, { companyId: 'company2', claimedAt: second.claimedAt })).toBe('claimed');
  });

  it('goes to exactly one of two companies at the same moment', async () => {
    const { tables } = world.ports;
    const rivals = ['company1', 'company2'].map((id) => ({ companyId: id, claimedAt: first.claimedAt }));
    const outcomes = await Promise.all(rivals.map(async (claim) => await claimTenant(tables, tenant, claim)));
    expect(outcomes.filter((outcome) => outcome === 'claimed')).toHaveLength(1);
  });
});
