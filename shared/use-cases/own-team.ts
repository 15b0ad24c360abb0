// What a manager sees: the approved people who report to them in the directory, and their courses. Nobody else, whatever is asked for.
import { countStatuses, type StatusCounts } from '../domain/assignment.ts';
import type { Settings } from '../domain/company.ts';
import { descend, startWalk } from '../domain/team-tree.ts';
import { isActive, type User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { readCourses } from '../storage/assignments.ts';
import { readLastReminded } from '../storage/team-reminders.ts';
import { type CurrentAssignment, currentAssignments } from './assignments.ts';
import type { CompanyUsers } from './company-users.ts';
import { type ManagerFacts, readReportsOfMany } from './manager-facts.ts';

export interface TeamMember {
  readonly user: User;
  /** 1 for own reports; more where the company lets managers see the whole tree. */
  readonly depth: number;
  readonly assignments: readonly CurrentAssignment[];
  readonly counts: StatusCounts;
}

export interface Team {
  readonly members: readonly TeamMember[];
  /** Reports who wait for an admin's approval: their number is all that is told of them. */
  readonly pending: number;
}

/** Whose team is read, on what has been read already. */
export interface TeamOf {
  readonly companyId: string;
  readonly opened: CompanyUsers;
  readonly facts: ManagerFacts;
  readonly settings: Settings;
}

/** The people of a manager as the directory has them now: own reports, or the whole tree by the company's setting. */
export async function readTeam(
  ports: Pick<Ports, 'tables' | 'index' | 'clock'>,
  { companyId, opened, facts, settings }: TeamOf,
): Promise<Team> {
  const people = new Map<string, { readonly user: User; readonly depth: number }>();
  let walk = startWalk(facts.user.objectId);
  let level = facts.people;
  for (;;) {
    const byManager = Map.groupBy(level, ({ managerId }) => managerId ?? '');
    walk = descend(walk, new Map([...byManager].map(([managerId, users]) => [managerId, users.map(({ objectId }) => objectId)])));
    for (const user of level) {
      const member = walk.members.get(user.objectId);
      if (member && !people.has(user.objectId)) people.set(user.objectId, { user, depth: member.depth });
    }
    if (!settings.wholeTree || walk.open.length === 0) break;
    level = await readReportsOfMany(ports, opened, walk.open);
  }

  const approved = [...people.values()].filter(({ user }) => isActive(user));
  const courses = await readCourses(
    ports.tables,
    companyId,
    approved.map(({ user }) => user.objectId),
  );
  const now = ports.clock.now();
  const members = approved.map(({ user, depth }): TeamMember => {
    const assignments = currentAssignments(courses.get(user.objectId) ?? new Map(), settings, now);
    return { user, depth, assignments, counts: countStatuses(assignments.map(({ status }) => status)) };
  });
  const pending = [...people.values()].filter(({ user }) => user.decision === 'pending' && user.presence !== 'removed').length;
  return { members, pending };
}

export interface OwnMember extends TeamMember {
  /** When a manager last reminded them of their courses, UTC. */
  readonly remindedAt: string | null;
}

export interface OwnTeam extends Team {
  readonly members: readonly OwnMember[];
}

/** The own team, as its manager sees it. */
export async function readOwnTeam(ports: Pick<Ports, 'tables' | 'index' | 'clock'>, manager: TeamOf): Promise<OwnTeam> {
  const { members, pending } = await readTeam(ports, manager);
  const ids = members.map(({ user }) => user.objectId);
  const reminded = await readLastReminded(ports.tables, manager.companyId, ids);
  return { members: members.map((member) => ({ ...member, remindedAt: reminded.get(member.user.objectId) ?? null })), pending };
}
