// A move of 6,500 people on a real table service: what it costs in calls, and that rows, counts and ETags agree there as well.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeStorageMeter } from '../../shared/adapters/storage-meter.ts';
import { createMissingTables, makeTables } from '../../shared/adapters/tables.ts';
import { addUser, type Counts, emptyCounts } from '../../shared/domain/counts.ts';
import { neverSynced } from '../../shared/domain/sync-round.ts';
import type { Ports } from '../../shared/ports/ports.ts';
import { writeUsers } from '../../shared/storage/shard-writer.ts';
import { changeSync, readSync } from '../../shared/storage/sync-state.ts';
import { requireUsers, userIdOf } from '../../shared/use-cases/company-users.ts';
import { decideUsers } from '../../shared/use-cases/decide-users.ts';
import { runRound } from '../../shared/use-cases/run-round.ts';
import { type Azurite, startAzurite } from '../../sandbox/azurite.ts';
import { buildRound, buildUser, personFields, storeCompany, tenantId } from '../builders.ts';
import { makeFakePorts } from '../fakes/ports.ts';

const companyId = 'company1';
const idOf = (number: number) => `person-${String(number).padStart(5, '0')}`;
const people = 6_500;

let service: Azurite;
beforeAll(async () => {
  service = await startAzurite({ services: 'table' });
});
afterAll(() => service.stop());

/** Everybody in one shard, and a round about to move them; lists and directory are fakes. */
async function makePorts(): Promise<Ports> {
  const access = { kind: 'connectionString', connectionString: service.connectionString } as const;
  await createMissingTables(access);
  const { meter, policy } = makeStorageMeter();
  const ports: Ports = { ...makeFakePorts(), tables: makeTables(access, [policy]), storageMeter: meter };
  await storeCompany(ports.tables);
  await changeSync(ports.tables, companyId, () => ({
    ...neverSynced,
    fence: 1,
    round: buildRound({ phase: 'reshard' }),
    shards: 1,
    people,
    connectionAnnounced: true,
    heads: null,
  }));
  const opened = await requireUsers(ports, companyId);
  await writeUsers({
    ...opened,
    objectIds: Array.from({ length: people }, (_, number) => idOf(number)),
    present: new Map(),
    fence: 1,
    knownCounts: new Map(),
    decide: (objectId) => ({ user: buildUser({ objectId, fields: personFields(objectId) }), digest: 'digest', history: [] }),
  });
  return ports;
}

it('moves everybody with a call for each hundred or so, and keeps what was decided meanwhile', async () => {
  const ports = await makePorts();
  const admin = { stopped: false };
  const decided: string[] = [];
  const decide = async () => {
    for (let number = 0; !admin.stopped; number += 1) {
      const objectId = idOf((number * 7919) % people);
      const userIds = [userIdOf({ tenantId, objectId })];
      expect(await decideUsers(ports, { companyId, command: 'approve', by: 'Avery', reason: null, userIds })).toMatchObject([
        { outcome: 'decided' },
      ]);
      decided.push(objectId);
    }
  };
  const deciding = decide();
  // Counted from inside: the admin's calls began outside and are not among them.
  const { calls } = await ports.storageMeter(async () =>
    expect(await runRound(ports, { companyId, fence: 1 })).toMatchObject({ kind: 'ended' }),
  );
  admin.stopped = true;
  await deciding;

  expect((await readSync(ports.tables, companyId)).value).toMatchObject({ generation: 2, shards: 4, round: null, people });
  const { users, scope } = await requireUsers(ports, companyId);
  const approved: string[] = [];
  let recount: Counts = emptyCounts;
  for (let shard = 0; shard < scope.shards; shard += 1) {
    for await (const { user } of users.readShard(shard)) {
      recount = addUser(recount, user);
      if (user.decision === 'approved') approved.push(user.objectId);
    }
  }
  expect(approved.toSorted()).toEqual(decided.toSorted());
  expect(await users.totals()).toEqual(recount);
  // 6,500 rows are read in 7 to 11 calls and written in some 70 of at most 99; each decision on the way costs a few more.
  expect(calls).toBeLessThan(150 + 6 * decided.length);
});
