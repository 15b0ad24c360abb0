// What a sync makes of a tenant: who is stored, with which fields, manager, decision and history, and what the run record says.
import { beforeEach, describe, expect, it } from 'vitest';
import { personFields } from '../builders.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

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

describe('the first round', () => {
  it('stores everybody as pending and present, with their fields', async () => {
    const ids = hire(7);
    expect(await world.sync()).toBe('ended');
    const users = await world.users();
    expect([...users.keys()].toSorted()).toEqual(ids);
    for (const [index, id] of ids.entries()) {
      expect(users.get(id)).toMatchObject({
        decision: 'pending',
        presence: 'present',
        kind: 'person',
        recreatedFrom: null,
        fields: personFields(names[index] ?? ''),
      });
    }
    await world.check();
  });

  it('leaves a run record and a cursor', async () => {
    hire(7);
    await world.sync();
    expect(await world.lastRun()).toMatchObject({ kind: 'full', status: 'succeeded', requestedBy: 'Avery', problem: null });
    expect((await world.lastRun()).counts).toMatchObject({
      users: 7,
      added: 7,
      updated: 0,
      removed: 0,
      entries: 7,
      unreadable: 0,
      rowsWritten: 7,
    });
    expect((await world.lastRun()).counts.graphCalls).toBeGreaterThan(4);
    expect(await world.state()).toMatchObject({
      round: null,
      fence: 1,
      failedRounds: 0,
      people: 7,
      lastFullAt: world.ports.clock.now().toISOString(),
    });
    expect((await world.state()).deltaLink).not.toBeNull();
  });

  it('of an empty tenant stores nobody and removes nobody', async () => {
    expect(await world.sync()).toBe('ended');
    expect((await world.users()).size).toBe(0);
    expect(await world.lastRun()).toMatchObject({ status: 'succeeded', counts: { users: 0, removed: 0 } });
  });

  it('passes over tombstones of strangers', async () => {
    hire(2);
    world.tenant.addToNextRound(...['x', 'y', 'z'].map((objectId) => ({ kind: 'tombstone', objectId, reason: 'final' }) as const));
    await world.sync();
    expect((await world.users()).size).toBe(2);
    expect((await world.lastRun()).counts).toMatchObject({ unknownTombstones: 3, removed: 0 });
  });

  it('counts and stores a repeated user once, with what came last', async () => {
    hire(4);
    const repeated = { kind: 'live', objectId: idOf(0), fields: { jobTitle: 'Countess' } } as const;
    world.tenant.addToNextRound(repeated, { ...repeated, fields: { jobTitle: 'Programmer' } }, repeated, {
      ...repeated,
      fields: { jobTitle: 'Analyst' },
    });
    await world.sync();
    expect((await world.user(idOf(0))).fields).toMatchObject({ displayName: 'Ada Lovelace', jobTitle: 'Analyst' });
    expect((await world.lastRun()).counts).toMatchObject({ users: 4, entries: 8, added: 4 });
    await world.check();
  });

  it('takes managers that the feed leaves out from the list of managers', async () => {
    const [ada = '', blaise = '', carl = ''] = hire(3);
    world.tenant.setManager(blaise, ada);
    world.tenant.setManager(carl, ada);
    world.tenant.hideManagerFromDelta(carl);
    await world.sync();
    expect([(await world.user(blaise)).managerId, (await world.user(carl)).managerId]).toEqual([ada, ada]);
    await world.check();
  });

  it('goes over as many steps as its time needs', async () => {
    world = await makeSyncWorld({ pageSize: 1, requestMs: 20_000 });
    hire(7);
    await world.sync();
    expect((await world.users()).size).toBe(7);
    expect((await world.lastRun()).counts).toMatchObject({ users: 7, added: 7 });
    await world.check();
  });
});

describe('a later round', () => {
  it('without news writes no user and asks once', async () => {
    hire(3);
    await world.sync();
    const requests = world.tenant.requests.length;
    await world.sync();
    expect(world.tenant.requests.slice(requests)).toEqual(['deltaPage']);
    expect(await world.lastRun()).toMatchObject({ kind: 'delta', status: 'succeeded', counts: { entries: 0, rowsWritten: 0 } });
  });

  it('follows renames, clears what was emptied and keeps what was not mentioned', async () => {
    const [ada = ''] = hire(1);
    world.tenant.put(ada, { jobTitle: 'Analyst', city: 'London' });
    await world.sync();
    world.tenant.put(ada, { displayName: 'Ada King', mail: 'king@contoso.example', city: null });
    await world.sync();
    const user = await world.user(ada);
    expect(user.fields).toMatchObject({ displayName: 'Ada King', mail: 'king@contoso.example', jobTitle: 'Analyst', city: null });
    expect((await world.lastRun()).counts).toMatchObject({ added: 0, updated: 1 });
    await world.check();
  });

  it('writes nothing when an entry says what is known', async () => {
    const [ada = ''] = hire(1);
    await world.sync();
    world.tenant.put(ada, {});
    await world.sync();
    expect((await world.lastRun()).counts).toMatchObject({ entries: 1, updated: 0, rowsWritten: 0 });
  });

  it('adds joiners as pending, whatever was decided about others', async () => {
    const [ada = ''] = hire(1);
    await world.sync();
    await world.decide('approve', ada);
    hire(3);
    await world.sync();
    expect((await world.user(ada)).decision).toBe('approved');
    expect((await world.user(idOf(2))).decision).toBe('pending');
    expect((await world.lastRun()).counts.added).toBe(2);
    await world.check();
  });

  it('sets, changes and takes away managers', async () => {
    const [ada = '', blaise = '', carl = ''] = hire(3);
    await world.sync();
    for (const manager of [ada, carl, null]) {
      world.tenant.setManager(blaise, manager);
      await world.sync();
      expect((await world.user(blaise)).managerId).toBe(manager);
      await world.check();
    }
  });

  it('keeps a manager through a round that says nothing about it', async () => {
    const [ada = '', blaise = ''] = hire(2);
    world.tenant.setManager(blaise, ada);
    await world.sync();
    world.tenant.put(blaise, { jobTitle: 'Theologian' });
    await world.sync();
    expect((await world.user(blaise)).managerId).toBe(ada);
  });

  it('a full one takes a manager away that the directory no longer has', async () => {
    const [ada = '', blaise = ''] = hire(2);
    world.tenant.setManager(blaise, ada);
    await world.sync();
    world.tenant.hideManagerFromDelta(blaise);
    world.tenant.setManager(blaise, null);
    await world.sync();
    expect((await world.user(blaise)).managerId).toBe(ada);
    await world.sync('full');
    expect((await world.user(blaise)).managerId).toBeNull();
    expect((await world.lastRun()).counts.managersChanged).toBe(1);
  });
});

describe('the lists', () => {
  it('are packed when rounds wrote much: nobody is lost and what is no longer true goes', async () => {
    world = await makeSyncWorld({ pageSize: 200 });
    const ids = Array.from({ length: 320 }, (_, index) => `many-${index}`);
    for (const id of ids) world.tenant.put(id, personFields(id));
    await world.sync();
    await world.decide('approve', ...ids.slice(0, 100));
    for (let day = 0; day < 6; day += 1) {
      world.ports.clock.advance(86_400_000);
      for (const id of ids) world.tenant.put(id, { displayName: `Name ${day} of ${id}` });
      await world.sync();
      await world.check();
    }
    const { entries } = await world.ports.index({ companyId }, 'pending-name').read({ limit: 10_000 });
    expect(new Set(entries.map(({ id }) => id)).size).toBe(220);
    expect(world.ports.logged).toEqual([]);
  });
});

describe('records of rounds', () => {
  it('are kept for 90 days', async () => {
    world.tenant.put('ada', personFields('Ada Lovelace'));
    await world.sync('full');
    world.ports.clock.advance(60 * 86_400_000);
    await world.sync('full');
    world.ports.clock.advance(31 * 86_400_000);
    await world.sync('full');
    expect(await world.runs()).toHaveLength(2);
  });
});
