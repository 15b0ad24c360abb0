// Mails about people who wait: one after the first round, later not more often than the company wants, and nobody is forgotten.
import { beforeEach, expect, it } from 'vitest';
import { announceWaiting } from '../../shared/use-cases/run-fleet.ts';
import { runRound } from '../../shared/use-cases/run-round.ts';
import { readFleetRow } from '../../shared/storage/fleet.ts';
import { failures, personFields } from '../builders.ts';
import { companyId, makeSyncWorld, recover, type SyncWorld } from './sync-world.ts';

const hourMs = 3_600_000;
const surnames = ['Able', 'Baker', 'Cole', 'Dean', 'Eyre', 'Ford', 'Gray', 'Hale', 'Ives', 'Jones'];
let world: SyncWorld;
let hired = 0;

function hire(count: number): void {
  for (let index = 0; index < count; index += 1) world.tenant.put(`person-${(hired += 1)}`, personFields(`Ada ${surnames[hired]}`));
}

beforeEach(async () => {
  hired = 0;
  world = await makeSyncWorld();
});

const later = async () => {
  world.ports.clock.advance(hourMs);
  await world.sync();
};

it('tells of the connection once, with how many wait', async () => {
  hire(5);
  await world.sync();
  await later();
  expect(await world.mails()).toMatchObject([
    {
      kind: 'integrationConnected',
      companyName: 'Contoso',
      tenantName: 'contoso.example',
      pendingCount: 5,
      people: 5,
      listUrl: `https://muster.example/companies/${companyId}/pending`,
    },
  ]);
  expect(world.ports.mailQueue.messages).toHaveLength(1);
});

it('tells of new people at most once an hour and forgets nobody', async () => {
  hire(5);
  await world.sync();
  hire(2);
  await world.sync();
  expect(await world.mails()).toHaveLength(1);
  const noticeAt = (await readFleetRow(world.ports.tables, companyId))?.noticeAt ?? '';
  expect(Date.parse(noticeAt)).toBeGreaterThan(world.ports.clock.now().getTime());
  hire(1);
  await later();
  expect((await world.mails()).slice(1)).toMatchObject([{ kind: 'newUsersFound', newCount: 3, pendingCount: 8 }]);
  expect((await readFleetRow(world.ports.tables, companyId))?.noticeAt).toBeNull();
  await later();
  expect(await world.mails()).toHaveLength(2);
});

it('tells when it is time even if no round comes', async () => {
  hire(5);
  await world.sync();
  hire(2);
  await world.sync();
  world.ports.clock.set(new Date((await readFleetRow(world.ports.tables, companyId))?.noticeAt ?? ''));
  await announceWaiting(world.ports, companyId);
  await announceWaiting(world.ports, companyId);
  expect((await world.mails()).slice(1)).toMatchObject([{ kind: 'newUsersFound', newCount: 2 }]);
});

it('says nothing when everybody new was decided in the meantime', async () => {
  hire(5);
  await world.sync();
  hire(1);
  await world.sync();
  await world.decide('approve', ...(await world.users()).keys());
  await later();
  expect(await world.mails()).toHaveLength(1);
});

it('tells of people found by a round that failed afterwards', async () => {
  world = await makeSyncWorld({ pageSize: 1, requestMs: 31_000 });
  hire(3);
  await world.sync();
  hire(3);
  world.tenant.failNext(null, null, failures.accessLost);
  await later();
  expect(await world.lastRun()).toMatchObject({ status: 'failed', counts: { added: 2 } });
  await later();
  const told = (await world.mails()).filter((mail) => mail.kind === 'newUsersFound');
  expect(told).toMatchObject([{ newCount: 3, pendingCount: 6 }]);
});

it('tells of people who were stored just before a crash', async () => {
  hire(3);
  await world.sync();
  hire(1);
  world.ports.clock.advance(hourMs);
  const start = await world.request();
  if (start.kind !== 'start') throw new Error('The round did not start.');
  let stored = false;
  world.ports.tables.failWith(({ table, operation }) => {
    if (table === 'users' && operation === 'write') stored = true;
    else if (stored) throw new Error('crash');
  });
  await expect(runRound(world.ports, { companyId, fence: start.fence })).rejects.toThrow('crash');
  world.ports.tables.failWith(undefined);
  expect((await world.users()).size).toBe(4);
  await world.play(start.fence);
  expect((await world.mails()).slice(1)).toMatchObject([{ kind: 'newUsersFound', newCount: 1 }]);
});

it('delivers a mail later when the queue is away, and the round does not suffer', async () => {
  hire(2);
  world.ports.mailQueue.isAway = true;
  expect(await world.sync()).toBe('ended');
  expect(await world.lastRun()).toMatchObject({ status: 'succeeded' });
  expect(world.ports.mailQueue.messages).toEqual([]);
  world.ports.mailQueue.isAway = false;
  await recover(world);
  expect(world.ports.mailQueue.messages).toHaveLength(1);
  await recover(world);
  expect(world.ports.mailQueue.messages).toHaveLength(1);
});
