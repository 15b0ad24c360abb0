// What the directory says of people as managers: their own row, and the rows of those who report to them.
import pLimit from 'p-limit';
import { Refusal } from '../domain/errors.ts';
import { countReports, type Reports, reportsTo } from '../domain/manager-account.ts';
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

/** Who reports to somebody. Lines of the list are hints: each report's own row says whom they report to. */
export async function readReports(
  ports: Pick<Ports, 'index'>,
  { scope, users }: CompanyUsers,
  managerId: string,
): Promise<readonly User[]> {
  const index = ports.index(scope, 'team');
  const people: User[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await index.read({ key: managerId, limit: linesPerRead, ...(cursor === undefined ? {} : { cursor }) });
    const rows = await readUsers(
      users,
      scope,
      page.entries.map(({ id }) => id),
    );
    for (const { user } of rows.values()) if (reportsTo(user, managerId)) people.push(user);
    if (page.next === null) return people;
    cursor = page.next;
  }
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
