// People whose directory entries are absurdly long: nobody is lost to the limits of a row or a transaction.
import { beforeEach, expect, it } from 'vitest';
import { personFields } from '../builders.ts';
import { makeSyncWorld, type SyncWorld } from './sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await makeSyncWorld();
});

it('stores a hundred people with 64 KB job titles, although no transaction could hold them together', async () => {
  for (let index = 0; index < 100; index += 1) {
    world.tenant.put(`person-${index}`, { ...personFields(`Person ${index}`), jobTitle: 'x'.repeat(65_536) });
  }
  expect(await world.sync()).toBe('ended');
  const users = [...(await world.users()).values()];
  expect(users).toHaveLength(100);
  expect(users.every((user) => user.fields.jobTitle?.length === 65_536)).toBe(true);
  await world.check();
});

it('takes an entry that no row could hold for unreadable: the others are stored, the round says so, and the cursor stays', async () => {
  world.tenant.put('person-1', personFields('Ada Lovelace'));
  world.tenant.put('person-2', { ...personFields('Blaise Pascal'), jobTitle: 'x'.repeat(300_000) });
  await world.sync();
  expect([...(await world.users()).keys()]).toEqual(['person-1']);
  expect(await world.lastRun()).toMatchObject({ status: 'incomplete', counts: { unreadable: 1 } });
  expect((await world.state()).deltaLink).toBeNull();
});
