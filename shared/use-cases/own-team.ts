// What a manager sees: the approved people who report to them in the directory, and their courses. Nobody else, whatever is asked for.
import { type AssignmentStatus, countStatuses, type StatusCounts } from '../domain/assignment.ts';
import type { Settings } from '../domain/company.ts';
import { descend, startWalk } from '../domain/team-tree.ts';
import { isActive, type User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { readCourses } from '../storage/assignments.ts';
import { readSettings } from '../storage/companies.ts';
import { readUsers } from '../storage/shard-writer.ts';
import { readLastReminded } from '../storage/team-reminders.ts';
import { type CurrentAssignment, currentAssignments } from './assignments.ts';
import type { CompanyUsers } from './company-users.ts';
import type { SignedInManager } from './manager-session.ts';

export interface TeamMember {
  readonly user: User;
  /** 1 for own reports; more where the company lets managers see the whole tree. */
  readonly depth: number;
  readonly assignments: readonly CurrentAssignment[];
  readonly counts: StatusCounts;
  /** When a manager last reminded them of their courses, UTC. */
  readonly remindedAt: string | null;
}

export interface Team {
  readonly members: readonly TeamMember[];
  /** Reports who wait for an admin's approval: their number is all that is told of them. */
  readonly pending: number;
}

const linesPerRead = 1_000;

/** Everybody whose row says that they report to one of these; lines of the list are hints. */
async function reportsOf(
  ports: Pick<Ports, 'index'>,
  { scope, users }: CompanyUsers,
  managerIds: readonly string[],
): Promise<readonly User[]> {
  const index = ports.index(scope, 'team');
  const found: User[] = [];
  for (const key of managerIds) {
    for (let cursor: string | undefined; ; ) {
      const page = await index.read({ key, limit: linesPerRead, ...(cursor === undefined ? {} : { cursor }) });
      const rows = await readUsers(
        users,
        scope,
        page.entries.map(({ id }) => id),
      );
      found.push(...[...rows.values()].map(({ user }) => user).filter(({ managerId, objectId }) => managerId === key && objectId !== key));
      if (page.next === null) break;
      cursor = page.next;
    }
  }
  return found;
}

/** The people of a manager as the directory has them now: own reports, or the whole tree by the company's setting. */
export async function readTeam(
  ports: Pick<Ports, 'tables' | 'index' | 'clock'>,
  { companyId, opened, account }: Pick<SignedInManager, 'companyId' | 'opened' | 'account'>,
): Promise<Team> {
  const settings: Settings = (await readSettings(ports.tables, companyId)).value;
  const people = new Map<string, { readonly user: User; readonly depth: number }>();
  let walk = startWalk(account.objectId);
  do {
    const reports = await reportsOf(ports, opened, walk.open);
    const byManager = Map.groupBy(reports, ({ managerId }) => managerId ?? '');
    walk = descend(walk, new Map([...byManager].map(([managerId, users]) => [managerId, users.map(({ objectId }) => objectId)])));
    for (const user of reports) {
      const member = walk.members.get(user.objectId);
      if (member && !people.has(user.objectId)) people.set(user.objectId, { user, depth: member.depth });
    }
  } while (settings.wholeTree && walk.open.length > 0);

  const approved = [...people.values()].filter(({ user }) => isActive(user));
  const ids = approved.map(({ user }) => user.objectId);
  const [courses, reminded] = await Promise.all([
    readCourses(ports.tables, companyId, ids),
    readLastReminded(ports.tables, companyId, ids),
  ]);
  const now = ports.clock.now();
  const members = approved.map(({ user, depth }): TeamMember => {
    const assignments = currentAssignments(courses.get(user.objectId) ?? new Map(), settings, now);
    const statuses: readonly AssignmentStatus[] = assignments.map(({ status }) => status);
    return { user, depth, assignments, counts: countStatuses(statuses), remindedAt: reminded.get(user.objectId) ?? null };
  });
  const pending = [...people.values()].filter(({ user }) => user.decision === 'pending' && user.presence !== 'removed').length;
  return { members, pending };
}
