// Manager Access, as admins and managers meet it in the API.
import * as z from 'zod';
import { invitationRefusals } from '../domain/manager-account.ts';
import { longestPassword } from '../domain/password.ts';
import { assignment, statusCounts } from './assignments.ts';
import { count, id, instant, userId } from './common.ts';

const mail = z.string().trim().min(1).max(320);

export const invitation = z
  .strictObject({
    mail: mail.meta({ description: 'The address the mail will go to, as it was shown for confirmation.' }),
    resend: z.boolean().default(false).meta({ description: 'Replaces an open invitation; its link is dead then.' }),
  })
  .meta({ id: 'ManagerInvitation' });

export const bulkInvitation = z
  .strictObject({ userIds: z.array(userId).min(1).max(1000), resend: z.boolean().default(false) })
  .meta({ id: 'BulkManagerInvitation' });

export const invitationItem = z
  .object({
    userId: z.string(),
    outcome: z.enum(['sent', 'skipped', 'refused']),
    reason: z.enum([...invitationRefusals, 'addressDiffers']).nullable(),
    detail: z.string().nullable(),
  })
  .meta({ id: 'InvitationResult' });

export const bulkInvitationResult = z
  .object({ sent: count, skipped: count, refused: count, items: z.array(invitationItem) })
  .meta({ id: 'BulkInvitationResult' });

/** `{id}.{secret}` of a link in a mail. */
const token = z.string().min(1).max(200);
/** Longer ones are refused with a reason of their own, far from what a hash should be made to work on. */
const password = z
  .string()
  .min(1)
  .max(longestPassword * 4);

export const acceptance = z.strictObject({ token, password }).meta({ id: 'InvitationAcceptance' });
export const accepted = z.object({ companyId: id }).meta({ id: 'AcceptedInvitation' });
export const signIn = z.strictObject({ companyId: id, mail, password }).meta({ id: 'ManagerSignIn' });

export const teamMember = z
  .object({
    userId,
    displayName: z.string(),
    mail: z.string().nullable(),
    jobTitle: z.string().nullable(),
    department: z.string().nullable(),
    depth: z.int().meta({ description: '1 for own reports.' }),
    counts: statusCounts,
  })
  .meta({ id: 'TeamMember' });

export const team = z
  .object({
    members: z.array(teamMember),
    pending: count.meta({ description: 'Reports who wait for an admin’s approval.' }),
    counts: statusCounts,
  })
  .meta({ id: 'Team' });

export const memberAssignments = z.object({ member: teamMember, assignments: z.array(assignment) }).meta({ id: 'TeamMemberAssignments' });

export const ownAccount = z
  .object({ companyName: z.string(), displayName: z.string(), mail: z.string().nullable(), activeSince: instant.nullable() })
  .meta({ id: 'OwnAccount' });
