// A manager of managers, where the company wants the whole tree: everybody below, at a cost that does not grow with each of them.
import { expect, it } from 'vitest';
import { readCompanyState } from '../../shared/storage/company-state.ts';
import { requireUsers } from '../../shared/use-cases/company-users.ts';
import { readManagerFacts } from '../../shared/use-cases/manager-facts.ts';
import { readTeam } from '../../shared/use-cases/own-team.ts';
import { personFields } from '../builders.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

/** Mona leads so many, who lead as many each; the last of all lead two more and, in a circle, Mona. */
async function makeTree(width: number): Promise<SyncWorld> {
  const world = await makeSyncWorld({ pageSize: 500, settings: { wholeTree: true } });
  const put = (name: string, manager: string) => {
    world.tenant.put(name, personFields(name));
    world.tenant.setManager(name, manager);
  };
  for (let one = 0; one < width; one += 1) {
    put(`m${one}`, 'mona');
    for (let other = 0; other < width; other += 1) put(`m${one}-${other}`, `m${one}`);
  }
  put('deep', 'm0-0');
  put('mona', 'deep');
  put('selma', 'selma');
  put('elsewhere', 'selma');
  await world.sync();
  await world.decide('approve', ...(await world.users()).keys());
  return world;
}

async function teamOf({ ports }: SyncWorld, managerId: string): Promise<ReadonlyMap<string, number>> {
  const state = await readCompanyState(ports.tables, companyId);
  const opened = await requireUsers(ports, companyId, state);
  const facts = (await readManagerFacts(ports, opened, [managerId])).get(managerId);
  if (!facts) throw new Error('There is no such manager.');
  const { members } = await readTeam(ports, { companyId, opened, facts, settings: state.settings });
  return new Map(members.map(({ user, depth }) => [user.objectId, depth]));
}

it.each([2, 9, 20])('has everybody below, each once, at every width (%d)', async (width) => {
  const world = await makeTree(width);
  const team = await teamOf(world, 'mona');
  expect(team.size).toBe(width + width * width + 1);
  expect([team.get('m0'), team.get('m1-1'), team.get('deep'), team.get('mona'), team.get('elsewhere')]).toEqual([
    1,
    2,
    3,
    undefined,
    undefined,
  ]);
  expect([...(await teamOf(world, 'm1')).keys()].toSorted()).toEqual(Array.from({ length: width }, (_, other) => `m1-${other}`).toSorted());
});

it('asks for the teams of hundreds together', async () => {
  const world = await makeTree(20);
  let calls = 0;
  world.ports.beforeEachCall(() => {
    calls += 1;
  });
  const { size } = await teamOf(world, 'mona');
  // The rows of people and courses are read one by one.
  expect(calls).toBeLessThan(2 * size + 100);
});
