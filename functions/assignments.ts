// Assignments over HTTP: the training platform writes them, one or thousands at a time; admins read what is known of a user.
import * as z from 'zod';
import * as contract from '../shared/contracts/assignments.ts';
import { id, userId } from '../shared/contracts/common.ts';
import { countStatuses } from '../shared/domain/assignment.ts';
import { Refusal } from '../shared/domain/errors.ts';
import { type AssignmentOutcome, type Statement, stateAssignments, userAssignments } from '../shared/use-cases/assignments.ts';
import type { UserReference } from '../shared/use-cases/find-users.ts';
import { inCompany } from './companies.ts';
import { fieldProblems } from './problem.ts';
import { type Route, route } from './route.ts';
import { oneUser } from './users.ts';

/** 5,000 statements of 800 bytes. */
const largestBulk = 4_000_000;

const oneAssignment = z.strictObject({ companyId: id, userId, courseId: contract.courseId });

function statementOf(user: UserReference, courseId: string, said: z.output<typeof contract.statement>): Statement {
  const { title = '', assignedOn = '', dueOn = null, progress = 0, completedAt = null, link = null, removed, version, changedAt } = said;
  return {
    user,
    courseId,
    version: version ?? Date.parse(changedAt ?? ''),
    assignment: removed ? null : { courseId, title, assignedOn, dueOn, progress, completedAt, link },
  };
}

function referenceOf({ userId: known, objectId, mail = '' }: z.output<typeof contract.statementItem>): UserReference {
  if (known !== undefined) return { userId: known };
  return objectId === undefined ? { mail } : { objectId };
}

type ItemOutcome = (typeof contract.itemOutcomes)[number];
interface ItemResult {
  readonly outcome: ItemOutcome;
  readonly detail: string | null;
}

const details: Readonly<Partial<Record<ItemOutcome, string>>> = {
  outdated: 'Something newer is stored already; nothing was changed.',
  conflict: 'The same version was stored with other content; nothing was changed. Send a higher version.',
  unknownUser: 'Nobody in this company has this id or address.',
  ambiguousUser: 'Several people have this mail address; name the user by id.',
  tooManyCourses: 'The user has as many courses as there may be.',
};

const resultOf = (outcome: AssignmentOutcome): ItemResult => ({ outcome, detail: details[outcome] ?? null });

function totalsOf(results: readonly ItemResult[]): Record<ItemOutcome, number> {
  const totals = Object.fromEntries(contract.itemOutcomes.map((outcome) => [outcome, 0])) as Record<ItemOutcome, number>;
  for (const { outcome } of results) totals[outcome] += 1;
  return totals;
}

export const assignmentRoutes: readonly Route[] = [
  route({
    name: 'stateAssignment',
    method: 'PUT',
    path: 'api/v1/companies/{companyId}/users/{userId}/assignments/{courseId}',
    action: 'writeAssignments',
    tag: 'Assignments',
    summary: 'States one course of one user; what is newer already stays.',
    params: oneAssignment,
    body: contract.statement,
    success: { status: 200, schema: contract.statementResult },
    errors: ['conflict', 'too-many-courses'],
    handle: async ({ ports, params, body, state }) => {
      const statement = statementOf({ userId: params.userId }, params.courseId, body);
      const [outcome] = await stateAssignments(ports, params.companyId, [statement], state);
      if (outcome === 'tooManyCourses') throw new Refusal('too-many-courses');
      if (outcome === 'conflict') throw new Refusal('conflict', { detail: details.conflict ?? '' });
      if (outcome === undefined || outcome === 'unknownUser' || outcome === 'ambiguousUser') throw new Refusal('not-found');
      return { status: 200, body: { outcome } };
    },
  }),
  route({
    name: 'stateAssignments',
    method: 'POST',
    path: 'api/v1/companies/{companyId}/assignments',
    action: 'writeAssignments',
    tag: 'Assignments',
    summary: 'States up to 5,000 courses of any users; says for each what became of it. Sending it again changes nothing more.',
    params: inCompany,
    body: contract.bulkStatement,
    largestBody: largestBulk,
    success: { status: 200, schema: contract.bulkResult },
    handle: async ({ ports, params, body, state }) => {
      const checked = body.items.map((item) => contract.statementItem.safeParse(item));
      const statements = checked.flatMap(({ data }) => (data ? [statementOf(referenceOf(data), data.courseId, data)] : []));
      const outcomes = (await stateAssignments(ports, params.companyId, statements, state)).values();
      const items = checked.map(({ error }): ItemResult => {
        if (error) return { outcome: 'invalid', detail: fieldProblems(error, 'body')[0]?.detail ?? null };
        return resultOf(outcomes.next().value ?? 'unknownUser');
      });
      return { status: 200, body: { totals: totalsOf(items), items } };
    },
  }),
  route({
    name: 'readAssignments',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/users/{userId}/assignments',
    action: 'readAssignments',
    tag: 'Assignments',
    summary: 'The courses of one user, those that are due first on top.',
    params: oneUser,
    success: { status: 200, schema: contract.userAssignments },
    handle: async ({ ports, params, state }) => {
      const found = state && (await userAssignments(ports, params.companyId, params.userId, state));
      if (!found) throw new Refusal('not-found');
      const { isActive, assignments } = found;
      return { status: 200, body: { isActive, counts: countStatuses(assignments.map(({ status }) => status)), assignments } };
    },
  }),
];
