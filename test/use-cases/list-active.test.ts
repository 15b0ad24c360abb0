// Programs that want everybody who is active get each of them once, page by page, and nobody else.
import { expect, it } from 'vitest';
import { listActive } from '../../shared/use-cases/list-active.ts';
import { personFields, storeCompany } from '../builders.ts';
import { makeFakePorts } from '../fakes/ports.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

const names = Array.from({ length: 23 }, (_, index) => `user-${index}`);

async function makeWorld(): Promise<SyncWorld> {
  const world = await makeSyncWorld({ pageSize: 50 });
  for (const name of names) world.tenant.put(name, personFields(name));
  await world.sync();
  await world.decide('approve', ...names.slice(0, 17));
  await world.decide('deny', ...names.slice(17, 20));
  return world;
}

async function readAll({ ports }: SyncWorld, limit: number): Promise<readonly (readonly string[])[]> {
  const pages: string[][] = [];
  for (let cursor: string | null = null; pages.length === 0 || cursor !== null; ) {
    const page = await listActive(ports, companyId, { limit, cursor });
    pages.push(page.users.map(({ objectId }) => objectId));
    ({ cursor } = page);
  }
  return pages;
}

it.each([1, 4, 17, 100])('has every active user once, whatever the page size (%i)', async (limit) => {
  const pages = await readAll(await makeWorld(), limit);
  expect(pages.flat().toSorted()).toEqual(names.slice(0, 17).toSorted());
  for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit);
});

it('leaves out who was removed or denied since', async () => {
  const world = await makeWorld();
  world.tenant.purge('user-0');
  await world.sync();
  await world.decide('deny', 'user-1');
  expect((await readAll(world, 5)).flat().toSorted()).toEqual(names.slice(2, 17).toSorted());
});

it('passes nobody over when people are decided between two pages', async () => {
  const world = await makeWorld();
  const first = await listActive(world.ports, companyId, { limit: 8, cursor: null });
  await world.decide('deny', ...first.users.map(({ objectId }) => objectId));
  const rest = await listActive(world.ports, companyId, { limit: 100, cursor: first.cursor });
  expect([...first.users, ...rest.users]).toHaveLength(17);
});

it('is empty before the first sync', async () => {
  const ports = makeFakePorts();
  await storeCompany(ports.tables);
  expect(await listActive(ports, companyId, { limit: 10, cursor: null })).toEqual({ users: [], cursor: null });
});
