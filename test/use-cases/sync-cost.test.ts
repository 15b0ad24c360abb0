// What a round costs in calls to storage and to the directory: by the changes, not by the people. Calls, never times.
import { beforeEach, describe, expect, it } from 'vitest';
import { shardOf, shardsFor } from '../../shared/domain/sync-round.ts';
import type { Ports } from '../../shared/ports/ports.ts';
import { changesPerCommit } from '../../shared/storage/users.ts';
import { batchSize } from '../../shared/use-cases/store-batches.ts';
import { personFields } from '../builders.ts';
import { makeSyncWorld, type SyncWorld } from './sync-world.ts';

interface Calls {
  readonly all: number;
  readonly userReads: number;
  readonly shardReads: number;
  readonly userWrites: number;
  readonly others: number;
}

/** Everything from the request to the end of the round. */
async function callsOf(world: SyncWorld, work: () => Promise<unknown>): Promise<Calls> {
  const calls = { all: 0, userReads: 0, shardReads: 0, userWrites: 0, others: 0 };
  world.ports.tables.failWith(({ table, operation }) => {
    calls.all += 1;
    if (table !== 'users') calls.others += 1;
    else if (operation === 'get') calls.userReads += 1;
    else if (operation === 'range') calls.shardReads += 1;
    else calls.userWrites += 1;
  });
  await work();
  world.ports.tables.failWith(undefined);
  return calls;
}

let world: SyncWorld;
const ids = Array.from({ length: 3000 }, (_, index) => `person-${index}`);

beforeEach(async () => {
  world = await makeSyncWorld({ pageSize: 200 });
  for (const id of ids) world.tenant.put(id, personFields(id));
  await world.sync();
  await world.sync();
});

describe('a delta round', () => {
  it('without news costs one request to the directory and six calls to storage, the request for it included', async () => {
    const asked = world.tenant.requests.length;
    const calls = await callsOf(world, async () => await world.sync());
    expect(world.tenant.requests.slice(asked)).toEqual(['deltaPage']);
    expect(calls).toMatchObject({ all: 6, userReads: 0, shardReads: 0, userWrites: 0 });
    expect(await world.lastRun()).toMatchObject({ status: 'succeeded', counts: { storageCalls: 3 } });
  });

  it('with changes reads and writes whom it concerns, and little else', async () => {
    const changed = ids.filter((_, index) => index % 100 === 0);
    for (const id of changed) world.tenant.put(id, { jobTitle: 'Clerk' });
    const calls = await callsOf(world, async () => await world.sync());
    expect(calls.userReads).toBe(changed.length);
    expect(calls.shardReads).toBe(0);
    expect(calls.userWrites).toBeLessThanOrEqual((await world.state()).shards);
    expect(calls.others).toBeLessThanOrEqual(12);
    await world.check();
  });

  it('after decisions finds that its copy of the counts is out of date, and loses nothing', async () => {
    await world.decide('approve', ...ids.slice(0, 40));
    for (const id of ids.slice(0, 10)) world.tenant.put(id, { jobTitle: 'Clerk' });
    await world.sync();
    expect((await world.withPresence('present')).length).toBe(ids.length);
    expect((await world.user('person-3')).fields.jobTitle).toBe('Clerk');
    expect((await world.user('person-3')).decision).toBe('approved');
    await world.check();
  });
});

describe('a full round', () => {
  it('in which nothing changed reads each shard once and writes nobody', async () => {
    const calls = await callsOf(world, async () => await world.sync('full'));
    const { shards } = await world.state();
    expect(calls).toMatchObject({ userReads: 0, shardReads: shards, userWrites: 0 });
    expect((await world.lastRun()).counts).toMatchObject({ users: ids.length, rowsWritten: 0, updated: 0 });
  });

  it('in which somebody is missing looks into that shard alone', async () => {
    world.tenant.purge('person-7');
    const calls = await callsOf(world, async () => await world.sync('full'));
    const { shards } = await world.state();
    expect(await world.withPresence('removed')).toEqual(['person-7']);
    // One more to look for the person, and one to deliver the audit entry that was stored beside the row.
    expect(calls.shardReads).toBe(shards + 2);
  });
});

describe('a first round', () => {
  it('packs its lines in every list, and leaves single ones to later changes', async () => {
    const small = await makeSyncWorld({ pageSize: 200 });
    for (const id of ids.slice(0, 300)) small.tenant.put(id, personFields(id, { userType: 'Guest' }));
    const { index } = small.ports;
    const added: string[] = [];
    const ports: Ports = {
      ...small.ports,
      index: (company, list) => {
        const known = index(company, list);
        return {
          ...known,
          add: async (lines) => {
            added.push(`${list}: single`);
            await known.add(lines);
          },
          addMany: async (lines, addition) => {
            added.push(`${list}: ${addition?.ofLoad === true ? 'load' : 'many'}`);
            await known.addMany(lines, addition);
          },
        };
      },
    };
    await small.sync('delta', { ports });
    expect(new Set(added)).toEqual(
      new Set(['mail', 'pending-arrival', 'pending-arrival-kinds', 'pending-name', 'pending-name-kinds'].map((list) => `${list}: load`)),
    );
    added.length = 0;
    for (const id of ids.slice(0, 60)) small.tenant.put(id, personFields(`renamed ${id}`, { userType: 'Guest' }));
    await small.sync('delta', { ports });
    expect(added.length).toBeGreaterThan(0);
    expect(added.every((way) => way.endsWith(': single'))).toBe(true);
  });

  it('of 100,000 hardly fills more than one transaction a shard and batch', () => {
    const shards = shardsFor(100_000);
    const perShard = new Map<number, number>();
    for (let number = 0; number < batchSize(shards); number += 1) {
      const shard = shardOf(`00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`, shards);
      perShard.set(shard, (perShard.get(shard) ?? 0) + 1);
    }
    const overfull = [...perShard.values()].filter((users) => users > changesPerCommit);
    expect(perShard.size).toBe(shards);
    expect(overfull.length).toBeLessThanOrEqual(shards / 8);
  });

  it('of a small company leaves lists that nobody needs to look after; of a larger one it looks', async () => {
    for (const [people, looks] of [
      [900, false],
      [1_100, true],
    ] as const) {
      const small = await makeSyncWorld({ pageSize: 200 });
      for (const id of ids.slice(0, people)) small.tenant.put(id, personFields(id));
      let calls = 0;
      small.ports.tables.failWith(({ table }) => {
        if (table === 'lists') calls += 1;
      });
      await small.sync();
      expect(calls > 0, `${people} people`).toBe(looks);
    }
  });

  it('of a large tenant reads the list of managers while its last users are stored, and believes the feed where that said something', async () => {
    const large = await makeSyncWorld({ pageSize: 200, settings: { loadInParts: false } });
    const many = Array.from({ length: 3_400 }, (_, index) => `person-${index}`);
    for (const id of many) large.tenant.put(id, personFields(id));
    for (const id of many.slice(1)) large.tenant.setManager(id, 'person-0');
    large.tenant.hideManagerFromDelta('person-3399');
    // The one whom the feed left out costs one write after the list was asked for; every other one is of the last users.
    let writesBeside = -1;
    large.ports.tables.failWith(({ table, operation }) => {
      if (table === 'users' && operation === 'write' && large.tenant.requests.includes('managerPage')) writesBeside += 1;
    });
    await large.sync();
    expect(writesBeside).toBeGreaterThan(0);
    const managers = new Set([...(await large.users()).values()].flatMap(({ managerId }) => (managerId === null ? [] : [managerId])));
    expect(managers).toEqual(new Set(['person-0']));
    expect((await large.user('person-3399')).managerId).toBe('person-0');
    // Only the one whom the feed left out was written again.
    expect((await large.lastRun()).counts).toMatchObject({ rowsWritten: many.length + 1 });
    await large.check();
  });
});
