// Two copies of one activity at once, and removals beside entries that cannot be read: found by a review, kept by these tests.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Directory } from '../../shared/ports/directory.ts';
import type { Table } from '../../shared/ports/tables.ts';
import { claimTenant, readClaim, releaseTenant } from '../../shared/storage/companies.ts';
import { recordGone } from '../../shared/storage/ledger.ts';
import { changeSync, readSync } from '../../shared/storage/sync-state.ts';
import { checkpoint, headsOf, ledgerOf, openRound, stage } from '../../shared/use-cases/round-context.ts';
import { runRound } from '../../shared/use-cases/run-round.ts';
import { personFields } from '../builders.ts';
import { companyId, makeSyncWorld, type Playing, type SyncWorld } from './sync-world.ts';

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

describe('batches that are prepared side by side', () => {
  it('share what their stretch knows: who was said to be gone by one is known to the other', async () => {
    for (let index = 0; index < 4; index += 1) world.tenant.put(`person-${index}`, personFields(`Person ${index}`));
    const start = await world.request('full');
    if (start.kind !== 'start') throw new Error('The round did not start.');
    const input = { companyId, fence: start.fence };
    for (let stretch = 0; stretch < 3; stretch += 1) await runRound(world.ports, input, 0);
    const context = await openRound(world.ports, input, { longestMs: 0, storageCalls: () => 0 });
    if (context === 'stale') throw new Error('The round is not the newest.');
    const [one, other] = await Promise.all([ledgerOf(context), ledgerOf(context)]);
    recordGone(one, 'person-3');
    expect(other.gone).toContain('person-3');
    const [heads, sameHeads] = await Promise.all([headsOf(context), headsOf(context)]);
    expect(heads).toBe(sameHeads);
  });
});

/** Does something, once, behind the first page of the feed. */
function meanwhile(work: () => Promise<unknown>): Playing {
  let done = false;
  const openDirectory = (tenantId: string): Directory => {
    const directory = world.ports.openDirectory(tenantId);
    const deltaPage: Directory['deltaPage'] = async (link) => {
      const answer = await directory.deltaPage(link);
      if (!done) {
        done = true;
        await work();
      }
      return answer;
    };
    return { ...directory, deltaPage };
  };
  return { ports: { ...world.ports, openDirectory } };
}

describe('people whom two copies of a stretch store', () => {
  const before = 40;

  beforeEach(async () => {
    world = await makeSyncWorld({ pageSize: 100, requestMs: 1 });
    await changeSync(world.ports.tables, companyId, (state) => ({ ...state, shards: 4 }));
    for (let index = 0; index < before; index += 1) world.tenant.put(`person-${index}`, personFields(`Person ${index}`));
    await world.sync('full');
    expect(await world.state()).toMatchObject({ people: before, shards: 4 });
    world.ports.clock.advance(3_600_000);
  });

  const newPeople = async () => (await world.mails()).reduce((sum, mail) => sum + (mail.kind === 'newUsersFound' ? mail.newCount : 0), 0);
  const nextHour = async () => {
    world.ports.clock.advance(3_600_000);
    await world.sync();
  };

  it('are told of, when the copy that stored them died and the other one ends the round', async () => {
    world.tenant.put('blaise', personFields('Blaise Pascal'));
    const start = await world.request();
    if (start.kind !== 'start') throw new Error('The round did not start.');
    const dying = async () => {
      let writes = 0;
      const users: Table = {
        ...world.ports.tables.users,
        write: async (partition, rows) => {
          const written = await world.ports.tables.users.write(partition, rows);
          writes += 1;
          throw new Error(`The process died after write ${writes}.`, { cause: written });
        },
      };
      const ports = { ...world.ports, tables: { ...world.ports.tables, users } };
      await runRound(ports, { companyId, fence: start.fence }).catch(() => undefined);
      expect((await world.users()).size).toBe(before + 1);
    };
    await world.play(start.fence, meanwhile(dying));
    expect((await world.state()).people).toBe(before + 1);
    expect(await newPeople()).toBe(1);
    await world.check();
  });

  it('are told of once, when the copy that came too late counts them as well', async () => {
    world.tenant.put('blaise', personFields('Blaise Pascal'));
    const start = await world.request();
    if (start.kind !== 'start') throw new Error('The round did not start.');
    let copies = 0;
    const rounds: Table = {
      ...world.ports.tables.rounds,
      write: async (partition, rows) => {
        if (rows.some(({ row }) => row === 'heads') && (copies += 1) === 1) {
          for (const name of ['carl', 'daniel', 'emmy', 'felix']) world.tenant.put(name, personFields(`${name} Smith`));
          expect(await runRound(world.ports, { companyId, fence: start.fence })).toMatchObject({ kind: 'ended' });
        }
        return await world.ports.tables.rounds.write(partition, rows);
      },
    };
    expect(await world.play(start.fence, { ports: { ...world.ports, tables: { ...world.ports.tables, rounds } } })).toBe('stale');
    expect((await world.state()).people).toBe(before + 5);
    world.tenant.put('george', personFields('George Boole'));
    await nextHour();
    expect((await world.state()).people).toBe(before + 6);
    expect(await newPeople()).toBe(6);
    await world.check();
  });

  it('are told of after the next full round at the latest, when a copy stored them after the end of the round', async () => {
    const start = await world.request();
    if (start.kind !== 'start') throw new Error('The round did not start.');
    world.tenant.put('blaise', personFields('Blaise Pascal'));
    const users: Table = {
      ...world.ports.tables.users,
      write: async (partition, rows) => {
        // What the feed tells the other copy is without somebody who comes later.
        world.tenant.softDelete('blaise');
        expect(await runRound(world.ports, { companyId, fence: start.fence })).toMatchObject({ kind: 'ended' });
        world.tenant.restore('blaise');
        await world.ports.tables.users.write(partition, rows);
        throw new Error('The process died.');
      },
    };
    const ports = { ...world.ports, tables: { ...world.ports.tables, users } };
    await expect(runRound(ports, { companyId, fence: start.fence })).rejects.toThrow('died');
    expect((await world.users()).size).toBe(before + 1);
    world.ports.clock.advance(3_600_000);
    await world.sync('full');
    expect((await world.state()).people).toBe(before + 1);
    expect(await newPeople()).toBe(1);
    await world.check();
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
