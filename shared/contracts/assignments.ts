// Courses given to users, as the training platform states them and as everybody reads them.
import * as z from 'zod';
import { assignmentStatuses, statementOutcomes } from '../domain/assignment.ts';
import { count, instant, line, userId } from './common.ts';

const firstDay = '1970-01-01';
const lastDay = '2199-12-31';
const day = z.iso
  .date({ error: 'Must be a day such as 2026-03-02.' })
  .refine((text) => text >= firstDay && text <= lastDay, `Must be a day from ${firstDay} to ${lastDay}.`)
  .meta({ description: 'A day in the company’s time zone.' });

/** The platform's own id of a course: safe in addresses. */
export const courseId = z
  .string()
  .regex(/^[A-Za-z0-9._:~-]{1,100}$/, 'Must be 1 to 100 letters, digits, dots, colons, dashes, tildes or underscores.');

/** What addresses never hold, and JSON may write as six characters: so 200 courses stay below what a row takes. */
const link = z
  .url({ protocol: /^https?$/, error: 'Must be an absolute http or https address.' })
  .max(1_000, 'Must have at most 1,000 characters.')
  .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\s"\\]*$/u, 'Must not contain blanks, quotation marks, backslashes or invisible characters.');

/** ISO 8601 takes any number of digits behind the second. */
const statedInstant = instant.max(40, 'Must have at most 40 characters.');

const stated = {
  version: z.int().min(0).optional().meta({
    description: 'A number that rises with every change of this assignment. Send this or `changedAt`, always the same of the two.',
  }),
  changedAt: statedInstant.optional().meta({ description: 'When the platform changed the assignment, instead of `version`.' }),
  removed: z.boolean().default(false).meta({ description: 'The course was taken away from the user; needs only the version beside it.' }),
  title: line(250).optional(),
  assignedOn: day.optional(),
  dueOn: day.nullable().optional(),
  progress: z.int().min(0).max(100).optional(),
  completedAt: statedInstant.nullable().optional(),
  link: link.nullable().optional(),
};

interface Stated {
  readonly version?: number | undefined;
  readonly changedAt?: string | undefined;
  readonly removed: boolean;
  readonly title?: string | undefined;
  readonly assignedOn?: string | undefined;
}

/** What must be said together. */
function complaints({ version, changedAt, removed, title, assignedOn }: Stated): readonly (readonly [field: string, message: string])[] {
  return [
    ...((version === undefined) === (changedAt === undefined) ? ([['version', 'Send either version or changedAt.']] as const) : []),
    ...(!removed && title === undefined ? ([['title', 'Name the course.']] as const) : []),
    ...(!removed && assignedOn === undefined ? ([['assignedOn', 'Say when it was assigned.']] as const) : []),
  ];
}

const complete = (value: Stated, context: z.RefinementCtx) => {
  for (const [field, message] of complaints(value)) context.addIssue({ code: 'custom', path: [field], message });
};

/** Of one user and course, named by the address. */
export const statement = z.strictObject(stated).superRefine(complete).meta({ id: 'AssignmentStatement' });

const oneOfThem = 'Name the user by userId, objectId or mail: by one of them.';
/** One of many; each is checked by itself, so that a wrong one keeps no other from being stored. */
export const statementItem = z
  .strictObject({
    ...stated,
    courseId,
    userId: userId.optional(),
    objectId: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'Must be an object id.')
      .optional(),
    mail: z.string().trim().min(1).max(320).optional(),
  })
  .superRefine((item, context) => {
    complete(item, context);
    const named = [item.userId, item.objectId, item.mail].filter((reference) => reference !== undefined);
    if (named.length !== 1) context.addIssue({ code: 'custom', path: ['userId'], message: oneOfThem });
  })
  .meta({ id: 'AssignmentItem' });

export const mostItems = 5_000;
export const bulkStatement = z
  .strictObject({
    items: z.array(z.unknown()).min(1).max(mostItems).meta({
      description: 'Each as `AssignmentItem` among the schemas; a wrong one is told as `invalid` and keeps no other from being stored.',
    }),
  })
  .meta({ id: 'BulkAssignments' });

export const itemOutcomes = [...statementOutcomes, 'unknownUser', 'ambiguousUser', 'tooManyCourses', 'invalid'] as const;

export const assignment = z
  .object({
    courseId: z.string(),
    title: z.string(),
    status: z.enum(assignmentStatuses).meta({ description: 'As of today in the company’s time zone.' }),
    assignedOn: z.string(),
    dueOn: z.string().nullable(),
    progress: z.int(),
    completedAt: instant.nullable(),
    link: z.string().nullable(),
    version: z.int(),
  })
  .meta({ id: 'Assignment' });

export const statusCounts = z.record(z.enum(assignmentStatuses), count);

export const statementResult = z.object({ outcome: z.enum(statementOutcomes) }).meta({ id: 'AssignmentResult' });

export const bulkResult = z
  .object({
    totals: z.record(z.enum(itemOutcomes), count),
    items: z
      .array(z.object({ outcome: z.enum(itemOutcomes), detail: z.string().nullable() }))
      .meta({ description: 'In the order of the request.' }),
  })
  .meta({ id: 'BulkAssignmentResult' });

export const userAssignments = z
  .object({
    isActive: z.boolean().meta({ description: 'Courses of somebody who is not approved, or not here, are kept and count nowhere.' }),
    counts: statusCounts,
    assignments: z.array(assignment),
  })
  .meta({ id: 'UserAssignments' });
