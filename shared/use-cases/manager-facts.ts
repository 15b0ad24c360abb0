// What the directory says of people as managers: their own row, and the rows of those who report to them.
import pLimit from 'p-limit';
import { Refusal } from '../domain/errors.ts';
import { countReports, type Reports, reportsTo } from '../domain/manager-account.ts';
import type { IndexPart } from '../domain/packed-position.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import type { CompanyState } from '../storage/company-state.ts';
import { readUsers } from '../storage/shard-writer.ts';
import { type CompanyUsers, objectIdOf, requireUsers } from './company-users.ts';

export interface ManagerFacts {
  readonly user: User;
  /** Everybody whose row says that they report to this person, whatever was decided about them and wherever they are. */
  readonly people: readonly User[];
  readonly reports: Reports;
}

const linesPerRead = 1_000;
const parallelTeams = 8;

/** Who reports to whom, by a part of the list. Its lines are hints: each report's own row says whom they report to. */
async function readLines(
  ports: Pick<Ports, 'index'>,
  { scope, users }: CompanyUsers,
  part: IndexPart,
  isAsked: (managerId: string) => boolean,
): Promise<readonly User[]> {
  const index = ports.index(scope, 'team');
  const people: User[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await index.read({ ...part, limit: linesPerRead, ...(cursor === undefined ? {} : { cursor }) });
    const asked = page.entries.filter(({ key }) => isAsked(key));
    const rows = await readUsers(
      users,
      scope,
      asked.map(({ id }) => id),
    );
    for (const { key, id } of asked) {
      const user = rows.get(id)?.user;
      if (user && reportsTo(user, key)) people.push(user);
    }
    if (page.next === null) return people;
    cursor = page.next;
  }
}

/** Who reports to somebody. */
export const readReports = async (ports: Pick<Ports, 'index'>, opened: CompanyUsers, managerId: string): Promise<readonly User[]> =>
  await readLines(ports, opened, { key: managerId }, () => true);

/** For more teams than this the whole list is read once: most people of a tree lead nobody, and a thousand lines cost as much as one team. */
const mostTeamsOneByOne = 100;

/** Who reports to any of these, whoever else there is. */
export async function readReportsOfMany(
  ports: Pick<Ports, 'index'>,
  opened: CompanyUsers,
  managerIds: readonly string[],
): Promise<readonly User[]> {
  if (managerIds.length > mostTeamsOneByOne) {
    const asked = new Set(managerIds);
    return await readLines(ports, opened, {}, (managerId) => asked.has(managerId));
  }
  const limit = pLimit(parallelTeams);
  return (await Promise.all(managerIds.map((managerId) => limit(readReports, ports, opened, managerId)))).flat();
}

/** Facts about these people; ids without a row are left out. */
export async function readManagerFacts(
  ports: Pick<Ports, 'index'>,
  opened: CompanyUsers,
  objectIds: readonly string[],
): Promise<ReadonlyMap<string, ManagerFacts>> {
  const rows = await readUsers(opened.users, opened.scope, objectIds);
  const limit = pLimit(parallelTeams);
  const read = async (user: User): Promise<readonly [string, ManagerFacts]> => {
    const people = await readReports(ports, opened, user.objectId);
    return [user.objectId, { user, people, reports: countReports(people) }];
  };
  return new Map(await Promise.all([...rows.values()].map(({ user }) => limit(read, user))));
}

/** One person of a company. */
export interface OneManager {
  readonly companyId: string;
  readonly userId: string;
  readonly state: CompanyState;
}

/** @throws Refusal `not-found` when there is no such user in this company */
export async function requireManagerFacts(
  ports: Pick<Ports, 'tables' | 'index'>,
  { companyId, userId, state }: OneManager,
): Promise<ManagerFacts> {
  const opened = await requireUsers(ports, companyId, state);
  const objectId = objectIdOf(opened.scope, userId);
  const facts = objectId === undefined ? undefined : (await readManagerFacts(ports, opened, [objectId])).get(objectId);
  if (facts === undefined) throw new Refusal('not-found');
  return facts;
}
