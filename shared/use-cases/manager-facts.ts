// What the directory says of people as managers: their own row, and whether anybody reports to them.
import type { Reports } from '../domain/manager-account.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import pLimit from 'p-limit';
import { readUsers } from '../storage/shard-writer.ts';
import type { CompanyUsers } from './company-users.ts';

export interface ManagerFacts {
  readonly user: User;
  readonly reports: Reports;
  /** Object ids of the reports who are present. */
  readonly team: readonly string[];
}

const linesPerRead = 200;
const parallelTeams = 8;

/** Lines are hints: each report's own row says whom they report to. */
async function readReports(
  ports: Pick<Ports, 'index'>,
  { scope, users }: CompanyUsers,
  managerId: string,
): Promise<Omit<ManagerFacts, 'user'>> {
  const index = ports.index(scope, 'team');
  const team: string[] = [];
  let unsure = 0;
  for (let cursor: string | undefined; ; ) {
    const page = await index.read({ key: managerId, limit: linesPerRead, ...(cursor === undefined ? {} : { cursor }) });
    const rows = await readUsers(
      users,
      scope,
      page.entries.map(({ id }) => id),
    );
    for (const { user } of rows.values()) {
      if (user.managerId !== managerId || user.objectId === managerId) continue;
      if (user.presence === 'present') team.push(user.objectId);
      else if (user.presence !== 'removed') unsure += 1;
    }
    if (page.next === null) return { reports: { present: team.length, unsure }, team };
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
  const found = await Promise.all(
    [...rows].map(([objectId, { user }]) =>
      limit(async () => [objectId, { user, ...(await readReports(ports, opened, objectId)) }] as const),
    ),
  );
  return new Map(found);
}
