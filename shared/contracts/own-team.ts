// The own team of a manager, as the User Portal shows it.
import * as z from 'zod';
import { assignmentStatuses } from '../domain/assignment.ts';
import { reminderRefusals } from '../domain/team-reminder.ts';
import { assignment, statusCounts } from './assignments.ts';
import { count, instant, searchText, userId } from './common.ts';

export const teamQuery = z.strictObject({
  status: z.enum(assignmentStatuses).optional().meta({ description: 'Only members with at least one such course.' }),
  search: searchText(100).optional(),
});

const teamMember = z
  .object({
    userId,
    displayName: z.string(),
    mail: z.string().nullable(),
    jobTitle: z.string().nullable(),
    department: z.string().nullable(),
    depth: z.int().meta({ description: '1 for own reports.' }),
    counts: statusCounts,
    remindedAt: instant.nullable().meta({ description: 'When a manager last reminded this person of courses.' }),
  })
  .meta({ id: 'TeamMember' });
export type TeamMemberView = z.input<typeof teamMember>;

export const team = z
  .object({
    members: z.array(teamMember),
    pending: count.meta({ description: 'Reports who wait for an admin’s approval.' }),
    counts: statusCounts.meta({ description: 'Of the whole team, whatever is filtered.' }),
  })
  .meta({ id: 'Team' });

export const memberAssignments = z.object({ member: teamMember, assignments: z.array(assignment) }).meta({ id: 'TeamMemberAssignments' });

export const reminder = z
  .strictObject({
    userIds: z
      .array(userId)
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: 'Whom to remind; everybody with courses that are overdue or due soon when absent.' }),
  })
  .meta({ id: 'TeamReminder' });

export const reminderResult = z
  .object({
    sent: count,
    skipped: count,
    items: z.array(
      z.object({
        userId: z.string(),
        outcome: z.enum(['sent', 'skipped']),
        reason: z.enum(reminderRefusals).nullable(),
        detail: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'TeamReminderResult' });
