// A tenant that is large enough to be read in parts, with sign-in names of every beginning and managers of whom the feed mentions half.
import { expect } from 'vitest';
import { partsOf } from '../../shared/domain/load-prefixes.ts';
import type { Directory } from '../../shared/ports/directory.ts';
import type { Ports } from '../../shared/ports/ports.ts';
import { personFields, tenantId } from '../builders.ts';
import { makeSyncWorld, type SyncWorld } from './sync-world.ts';

export const crowd = 3_010;
export const idOf = (index: number) => `person-${index}`;
const initials = partsOf('');

export function hire({ tenant }: Pick<SyncWorld, 'tenant'>, index: number, initial = initials[index % initials.length] ?? ''): string {
  const userPrincipalName = `${initial}${index}@contoso.example`;
  tenant.put(idOf(index), personFields(`Person ${index}`, { userPrincipalName, mail: userPrincipalName }));
  return idOf(index);
}

const managerOf = (index: number) => (index === 0 ? null : idOf(Math.floor(index / 10)));

export interface LargeTenant {
  readonly people?: number;
  readonly loadInParts?: boolean;
  /** Of any list. */
  readonly pageSize?: number;
}

export async function makeLargeWorld({ people = crowd, loadInParts = true, pageSize = 40 }: LargeTenant = {}): Promise<SyncWorld> {
  const world = await makeSyncWorld({ pageSize, settings: { loadInParts } });
  for (let index = 0; index < people; index += 1) {
    hire(world, index);
    world.tenant.setManager(idOf(index), managerOf(index));
    if (index % 2 === 0) world.tenant.hideManagerFromDelta(idOf(index));
  }
  return world;
}

/** The world's own ports with another directory behind them. */
export function withDirectory({ ports }: SyncWorld, change: (directory: Directory) => Partial<Directory>): Ports {
  return {
    ...ports,
    openDirectory: () => {
      const directory = ports.openDirectory(tenantId);
      return { ...directory, ...change(directory) };
    },
  };
}

export const times = (world: SyncWorld, name: string): number => world.tenant.requests.filter((request) => request === name).length;

/** Why loads in parts were given up, as the log says. */
export const reasonsGivenUp = ({ ports }: SyncWorld) =>
  ports.logged.flatMap(({ facts }) => (facts['why'] === undefined ? [] : [facts['why']]));

/** Everybody is there once, pending and present, with the right manager; lists and counts agree. */
export async function expectEverybody(world: SyncWorld, people = crowd): Promise<void> {
  const users = await world.users();
  expect(users.size).toBe(people);
  for (let index = 0; index < people; index += 1) {
    const { presence, decision, managerId } = users.get(idOf(index)) ?? {};
    const found = `${index} ${presence} ${decision} ${managerId}`;
    if (found !== `${index} present pending ${managerOf(index)}`) expect(found).toBe(`${index} present pending ${managerOf(index)}`);
  }
  await world.check();
}
