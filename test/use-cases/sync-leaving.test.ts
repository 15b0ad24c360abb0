// Who leaves is archived and comes back with everything; who is created anew with a known mail is somebody else.
import { beforeEach, describe, expect, it } from 'vitest';
import { personFields } from '../builders.ts';
import { makeSyncWorld, type SyncWorld } from './sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await makeSyncWorld();
});

const names = ['Ada Lovelace', 'Blaise Pascal', 'Carl Gauss', 'Daniel Bernoulli', 'Emmy Noether', 'Felix Klein', 'George Boole'];
const idOf = (index: number) => `person-${index}`;

/** Hires people and returns their ids. */
function hire(count: number): readonly string[] {
  return names.slice(0, count).map((name, index) => {
    world.tenant.put(idOf(index), personFields(name));
    return idOf(index);
  });
}

describe('leaving and coming back', () => {
  it('archives who left, on a tombstone of either kind', async () => {
    const [ada = '', blaise = ''] = hire(5);
    await world.sync();
    world.tenant.softDelete(ada);
    await world.sync();
    world.tenant.purge(blaise);
    await world.sync();
    expect((await world.withPresence('removed')).toSorted()).toEqual([ada, blaise]);
    expect((await world.user(ada)).removedAt).not.toBeNull();
    expect((await world.auditActions()).filter((action) => action === 'usersRemoved')).toHaveLength(2);
    await world.check();
  });

  it.each(['approve', 'deny'] as const)('brings a returning user back with the old decision (%s)', async (command) => {
    const [ada = ''] = hire(5);
    await world.sync();
    await world.decide(command, ada);
    const { decision, decisionRevision, decidedAt } = await world.user(ada);
    world.tenant.softDelete(ada);
    await world.sync();
    world.tenant.restore(ada);
    world.tenant.put(ada, { displayName: 'Ada Back', mail: 'back@contoso.example' });
    await world.sync();
    expect(await world.user(ada)).toMatchObject({
      decision,
      decisionRevision,
      decidedAt,
      presence: 'present',
      removedAt: null,
      recreatedFrom: null,
    });
    expect((await world.lastRun()).counts).toMatchObject({ returned: 1, added: 0 });
    expect((await world.auditActions()).filter((action) => action === 'usersReturned')).toHaveLength(1);
    await world.check();
  });

  it('a second tombstone for the same person is no second removal', async () => {
    const [ada = ''] = hire(5);
    await world.sync();
    world.tenant.softDelete(ada);
    await world.sync();
    world.tenant.purge(ada);
    await world.sync();
    expect((await world.lastRun()).counts).toMatchObject({ removed: 0, unknownTombstones: 0 });
    expect((await world.state()).removals).toMatchObject([{ count: 1 }]);
  });

  describe('a new object with the mail of somebody who left', () => {
    const successor = 'successor';
    const rehire = (ada: string) => {
      world.tenant.purge(ada);
      world.tenant.put(successor, personFields('Ada Lovelace', { userPrincipalName: 'ada2@contoso.example' }));
    };

    it.each([
      [
        'later',
        async (ada: string) => {
          world.tenant.purge(ada);
          await world.sync();
          rehire(ada);
        },
      ],
      ['in the same round, the leaver first', async (ada: string) => rehire(ada)],
      [
        'in the same round, the newcomer first',
        async (ada: string) => {
          world.tenant.put(successor, personFields('Ada Lovelace'));
          world.tenant.addToNextRound({ kind: 'tombstone', objectId: ada, reason: 'final' });
          world.tenant.hideManagerFromDelta(ada);
        },
      ],
      [
        'before the leaver',
        async (ada: string) => {
          world.tenant.put(successor, personFields('Ada Lovelace'));
          world.ports.clock.advance(60_000);
          await world.sync();
          world.tenant.purge(ada);
        },
      ],
    ])('%s is pending and marked re-created', async (_when, act) => {
      const [ada = ''] = hire(5);
      await world.sync();
      await world.decide('approve', ada);
      world.ports.clock.advance(60_000);
      await act(ada);
      await world.sync();
      expect(await world.user(successor)).toMatchObject({ decision: 'pending', presence: 'present', recreatedFrom: ada });
      expect(await world.user(ada)).toMatchObject({ decision: 'approved', presence: 'removed' });
      await world.check();
    });

    it('is marked too while the removal of the leaver waits', async () => {
      const ids = hire(7);
      await world.sync();
      world.ports.clock.advance(60_000);
      for (const id of ids.slice(1)) world.tenant.purge(id);
      rehire(ids[0] ?? '');
      await world.sync();
      expect(await world.user(ids[0] ?? '')).toMatchObject({ presence: 'held' });
      expect(await world.user(successor)).toMatchObject({ recreatedFrom: ids[0] });
    });

    it('is not marked when it merely shares the mail with somebody who is there', async () => {
      const [ada = ''] = hire(5);
      await world.sync();
      world.tenant.put(successor, personFields('Ada Lovelace'));
      await world.sync();
      expect((await world.user(successor)).recreatedFrom).toBeNull();
      expect((await world.user(ada)).recreatedFrom).toBeNull();
    });
  });
});
