// What the training platform says about courses: stored in whatever order it comes, and read with what it means today.
import {
  applyStatement,
  type Assignment,
  type AssignmentStatus,
  assignmentStatus,
  type Courses,
  forgetOldestRemoval,
  hasRoom,
  isStored,
  type StatementOutcome,
  type StoredAssignment,
} from '../domain/assignment.ts';
import type { Settings } from '../domain/company.ts';
import { localDay } from '../domain/local-time.ts';
import { isActive, type User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { changeCourses, readCourses } from '../storage/assignments.ts';
import type { CompanyState } from '../storage/company-state.ts';
import { requireUsers } from './company-users.ts';
import { findUsers, type UserReference } from './find-users.ts';

export interface Statement extends StoredAssignment {
  readonly user: UserReference;
  readonly courseId: string;
}

/**
 * Beside what a statement did:
 * - `unknownUser`: nobody of this company; - `ambiguousUser`: several people have this mail address;
 * - `tooManyCourses`: the user has as many as there may be.
 */
export type AssignmentOutcome = StatementOutcome | 'unknownUser' | 'ambiguousUser' | 'tooManyCourses';

interface Numbered extends Statement {
  readonly number: number;
}

/** Applies the statements about one user, in the order of their coming. */
function applyAll(
  courses: Courses,
  statements: readonly Numbered[],
  tell: (number: number, outcome: AssignmentOutcome) => void,
): Courses | null {
  const next = new Map(courses);
  let isChanged = false;
  for (const { number, courseId, version, assignment } of statements) {
    const said = applyStatement(next.get(courseId), { version, assignment });
    const outcome = said === 'created' && !hasRoom(next) ? 'tooManyCourses' : said;
    tell(number, outcome);
    if (outcome === 'tooManyCourses' || !isStored(outcome)) continue;
    next.set(courseId, { version, assignment });
    if (outcome === 'removed') forgetOldestRemoval(next);
    isChanged = true;
  }
  return isChanged ? next : null;
}

/**
 * Stores what is newer than what is known; what became of each statement, in their order. Repeating it, also after a crash in the middle,
 * changes nothing more.
 * @throws Refusal `not-found` before the company's first sync.
 */
export async function stateAssignments(
  ports: Pick<Ports, 'tables' | 'index'>,
  companyId: string,
  statements: readonly Statement[],
  state: CompanyState | null = null,
): Promise<readonly AssignmentOutcome[]> {
  const opened = await requireUsers(ports, companyId, state);
  const found = await findUsers(
    ports,
    opened,
    statements.map(({ user }) => user),
  );
  const outcomes: AssignmentOutcome[] = found.map(({ kind }) => (kind === 'ambiguous' ? 'ambiguousUser' : 'unknownUser'));
  const numbered = statements.flatMap((statement, number) => {
    const who = found[number];
    return who?.kind === 'found' ? [{ objectId: who.user.objectId, statement: { ...statement, number } }] : [];
  });
  const byUser = Map.groupBy(numbered, ({ objectId }) => objectId);
  await changeCourses(ports.tables, companyId, [...byUser.keys()], (objectId, courses) =>
    applyAll(
      courses,
      (byUser.get(objectId) ?? []).map(({ statement }) => statement),
      (number, outcome) => {
        outcomes[number] = outcome;
      },
    ),
  );
  return outcomes;
}

export interface CurrentAssignment extends Assignment {
  readonly status: AssignmentStatus;
  readonly version: number;
}

export interface UserAssignments {
  readonly user: User;
  /** Whether they count: courses of somebody who is not approved, or not here, are kept and concern nobody. */
  readonly isActive: boolean;
  readonly assignments: readonly CurrentAssignment[];
}

type DayRule = Pick<Settings, 'timeZone' | 'dueSoonDays'>;

/** Courses as they stand today, those that are due first on top, then by title. */
export function currentAssignments(courses: Courses, { timeZone, dueSoonDays }: DayRule, now: Date): readonly CurrentAssignment[] {
  const rule = { today: localDay(now, timeZone), soonDays: dueSoonDays };
  const current = [...courses.values()].flatMap(({ assignment, version }) =>
    assignment === null ? [] : [{ ...assignment, version, status: assignmentStatus(assignment, rule) }],
  );
  const never = '9999';
  return current.toSorted(
    (left, right) =>
      (left.dueOn ?? never).localeCompare(right.dueOn ?? never) ||
      left.title.localeCompare(right.title) ||
      left.courseId.localeCompare(right.courseId),
  );
}

/** One user's courses; `undefined` when there is no such user in this company. */
export async function userAssignments(
  ports: Pick<Ports, 'tables' | 'index' | 'clock'>,
  companyId: string,
  userId: string,
  state: CompanyState,
): Promise<UserAssignments | undefined> {
  const opened = await requireUsers(ports, companyId, state);
  const [found] = await findUsers(ports, opened, [{ userId }]);
  if (found?.kind !== 'found') return undefined;
  const { user } = found;
  const courses = (await readCourses(ports.tables, companyId, [user.objectId])).get(user.objectId) ?? new Map();
  return { user, isActive: isActive(user), assignments: currentAssignments(courses, state.settings, ports.clock.now()) };
}
