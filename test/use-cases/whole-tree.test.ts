// A manager of managers, where the company wants the whole tree: everybody below, at a cost that does not grow with each of them.
import { expect, it } from 'vitest';
import { readCompanyState } from '../../shared/storage/company-state.ts';
import { noAccount, writeAccount } from '../../shared/storage/manager-accounts.ts';
import { stateAssignments } from '../../shared/use-cases/assignments.ts';
import { requireUsers } from '../../shared/use-cases/company-users.ts';
import { readManagerFacts } from '../../shared/use-cases/manager-facts.ts';
import { managerOfGeneration } from '../../shared/use-cases/manager-session.ts';
import { readTeam } from '../../shared/use-cases/own-team.ts';
import { remindTeam } from '../../shared/use-cases/remind-team.ts';
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

it('is reminded a thousand people at a time, each once a day', async () => {
  const world = await makeTree(33);
  const account = { ...noAccount('mona'), state: 'active', activeSince: '2026-01-05T08:00:00.000Z' } as const;
  await writeAccount(world.ports.tables, companyId, { account, etag: null });
  const assignment = {
    courseId: 'fire',
    title: 'Fire',
    assignedOn: '2026-01-10',
    dueOn: '2026-02-01',
    progress: 0,
    completedAt: null,
    link: null,
  };
  const people = [...(await teamOf(world, 'mona')).keys()];
  await stateAssignments(
    world.ports,
    companyId,
    people.map((objectId) => ({ user: { objectId }, courseId: 'fire', version: 1, assignment })),
  );
  const remind = async () => {
    const mona = await managerOfGeneration(world.ports, { companyId, objectId: 'mona', generation: 0 });
    if (!mona) throw new Error('Mona may not enter.');
    return (await remindTeam(world.ports, mona, 'everybody')).map(({ reason }) => reason ?? 'sent');
  };
  const count = (reasons: readonly string[], wanted: string) => reasons.filter((reason) => reason === wanted).length;
  const first = await remind();
  expect([count(first, 'sent'), count(first, 'tooMany')]).toEqual([1_000, people.length - 1_000]);
  const second = await remind();
  expect([count(second, 'sent'), count(second, 'remindedToday')]).toEqual([people.length - 1_000, 1_000]);
});
