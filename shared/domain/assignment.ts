// A course given to a user: written by the training platform, in whatever order its messages come; what is overdue is worked out, never stored.
import { daysBetween } from './local-time.ts';

export interface Assignment {
  /** The platform's own id of the course. */
  readonly courseId: string;
  readonly title: string;
  /** Local days, `YYYY-MM-DD`. Due until the end of that day in the company's time zone. */
  readonly assignedOn: string;
  readonly dueOn: string | null;
  /** 0 to 100. */
  readonly progress: number;
  /** A UTC instant; done when set. */
  readonly completedAt: string | null;
  /** Where the course is taken; absolute http(s). */
  readonly link: string | null;
}

export const assignmentStatuses = ['overdue', 'dueSoon', 'open', 'done'] as const;
export type AssignmentStatus = (typeof assignmentStatuses)[number];

export interface DueRule {
  /** Today in the company's time zone. */
  readonly today: string;
  /** From how many days before its due day on an assignment is due soon. */
  readonly soonDays: number;
}

/** What an assignment is today. */
export function assignmentStatus(
  { completedAt, dueOn }: Pick<Assignment, 'completedAt' | 'dueOn'>,
  { today, soonDays }: DueRule,
): AssignmentStatus {
  if (completedAt !== null) return 'done';
  if (dueOn === null) return 'open';
  const left = daysBetween(today, dueOn);
  if (left < 0) return 'overdue';
  return left <= soonDays ? 'dueSoon' : 'open';
}

export type StatusCounts = Readonly<Record<AssignmentStatus, number>>;

export const noAssignments: StatusCounts = { overdue: 0, dueSoon: 0, open: 0, done: 0 };

export function countStatuses(statuses: readonly AssignmentStatus[]): StatusCounts {
  const counts = { ...noAssignments };
  for (const status of statuses) counts[status] += 1;
  return counts;
}

/** What is kept of a course and a user: the newest statement, or that the course was taken away again. */
export interface StoredAssignment {
  /** `null` after a removal, which is kept so that a late older message cannot bring the course back. */
  readonly assignment: Assignment | null;
  readonly version: number;
}

export const statementOutcomes = ['created', 'updated', 'removed', 'unchanged', 'outdated', 'conflict'] as const;
/**
 * - `outdated`: something newer is stored; nothing was changed.
 * - `conflict`: the same version says something else; nothing was changed.
 */
export type StatementOutcome = (typeof statementOutcomes)[number];

const sameAssignment = (left: Assignment | null, right: Assignment | null) => JSON.stringify(left) === JSON.stringify(right);

/** What a statement does to what is stored. The highest version counts, in whatever order and however often statements come. */
export function applyStatement(stored: StoredAssignment | undefined, statement: StoredAssignment): StatementOutcome {
  if (stored !== undefined && statement.version < stored.version) return 'outdated';
  if (stored?.version === statement.version) return sameAssignment(stored.assignment, statement.assignment) ? 'unchanged' : 'conflict';
  const before = stored?.assignment ?? null;
  // A newer version of the same words is kept as well, so that what lies between is outdated; it changes nothing that anybody sees.
  if (statement.assignment === null) return 'removed';
  return before === null ? 'created' : 'updated';
}

/** Courses of one user by the platform's id of them. */
export type Courses = ReadonlyMap<string, StoredAssignment>;

/** Courses that one user may have: with texts as long as they may be, and all removals that are kept, a stored row then stays below 1 MiB. */
export const mostCourses = 200;
/** Removals that are kept of one user, or whoever has had many courses in the years could be given no other. */
export const mostRemovals = 600;

export const hasRoom = (courses: Courses): boolean =>
  [...courses.values()].filter(({ assignment }) => assignment !== null).length < mostCourses;

/** Forgets the removal that was stated first, when there are too many: a message so late that it is older than this one is none to wait for. */
export function forgetOldestRemoval(courses: Map<string, StoredAssignment>): void {
  const removals = [...courses].filter(([, { assignment }]) => assignment === null);
  if (removals.length <= mostRemovals) return;
  const [first] = removals.toSorted(([, left], [, right]) => left.version - right.version);
  if (first) courses.delete(first[0]);
}

/** Whether an outcome is stored. */
export const isStored = (outcome: StatementOutcome) => outcome === 'created' || outcome === 'updated' || outcome === 'removed';
