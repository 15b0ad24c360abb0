// Two copies of one activity at once, and removals beside entries that cannot be read: found by a review, kept by these tests.
import { beforeEach, describe, expect, it } from 'vitest';
import { claimTenant, readClaim, releaseTenant } from '../../shared/storage/companies.ts';
import { readSync } from '../../shared/storage/sync-state.ts';
import { moveRound, openStep } from '../../shared/use-cases/sync-context.ts';
import { beginRound, pullUsers } from '../../shared/use-cases/sync-pull.ts';
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
    await beginRound(world.ports, input);
    const copy = await openStep(world.ports, input);
    if (copy === 'stale') throw new Error('The round is not the newest.');
    await pullUsers(world.ports, input);
    const before = (await readSync(world.ports.tables, companyId)).value;
    const to = { phase: 'users', chunk: 1, link: 'https://graph.example/somewhere-behind' } as const;
    expect(await moveRound(copy, { from: copy.round, to, counts: { pages: 1 } })).toBe('stale');
    expect((await readSync(world.ports.tables, companyId)).value).toEqual(before);
    await world.play(start.fence);
    await world.check();
  });

  it('finds its own move done and changes nothing more', async () => {
    world.tenant.put('person-0', personFields('Person 0'));
    const start = await world.request('full');
    if (start.kind !== 'start') throw new Error('The round did not start.');
    const context = await openStep(world.ports, { companyId, fence: start.fence });
    if (context === 'stale') throw new Error('The round is not the newest.');
    const to = { phase: 'users', chunk: 1, link: 'https://graph.example/next' } as const;
    const move = { from: context.round, to, counts: { pages: 1 } };
    const first = await moveRound(context, move);
    expect(first).toMatchObject({ chunk: 1, counts: { pages: 1 } });
    expect(await moveRound(context, move)).toEqual(first);
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
