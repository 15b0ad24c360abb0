// Manager Access, as admins and managers meet it in the API.
import * as z from 'zod';
import { accountCommands, accountStates, invitationRefusals } from '../domain/manager-account.ts';
import { longestPassword } from '../domain/password.ts';
import { count, id, instant, line, pageToken, searchText, userId } from './common.ts';
import { reminderSetting } from './reminders.ts';

const mail = z.string().trim().min(1).max(320);

export const invitation = z
  .strictObject({
    mail: mail.meta({ description: 'The address the mail will go to, as it was shown for confirmation.' }),
    resend: z
      .boolean()
      .default(false)
      .meta({ description: 'Replaces an open invitation; its link is dead then. Also tries an address again that mail came back from.' }),
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

export const matchingInvitation = z
  .strictObject({
    department: searchText(200).optional(),
    search: searchText(100).optional(),
    resend: z.boolean().default(false),
    page: pageToken.optional().meta({ description: 'The `nextPage` of the answer before; nobody is invited twice over it.' }),
  })
  .meta({ id: 'MatchingManagerInvitation' });

export const matchingInvitationResult = bulkInvitationResult
  .extend({ nextPage: z.string().nullable().meta({ description: 'Send the same request with it until it is `null`.' }) })
  .meta({ id: 'MatchingInvitationResult' });

const managerAccess = z
  .object({
    userId,
    displayName: z.string(),
    mail: z.string().nullable(),
    state: z.enum(accountStates),
    stateSince: instant.nullable(),
    endedBecause: z.string().nullable().meta({ description: 'Why the access is suspended, disabled or was ended, in words.' }),
    invitedAt: instant.nullable(),
    invitedBy: z.string().nullable(),
    invitationExpiresAt: instant.nullable(),
    invitationExpired: z.boolean(),
    activeSince: instant.nullable(),
    reminders: reminderSetting,
    addressProblem: z.string().nullable().meta({
      description: 'Why mail to this address comes back, as the mail service last reported it; `null` while it works or is tried again.',
    }),
  })
  .meta({ id: 'ManagerAccess' });

export const managerAccessPage = z
  .object({ items: z.array(managerAccess), nextPage: z.string().nullable() })
  .meta({ id: 'ManagerAccessPage' });

export const oneManagerAccess = managerAccess
  .extend({
    reports: count.meta({ description: 'Present people who report to this person.' }),
    invitationRefused: z
      .enum(invitationRefusals)
      .nullable()
      .meta({ description: 'Why no invitation would go out now; `null` when one would.' }),
    invitationRefusedBecause: z.string().nullable(),
  })
  .meta({ id: 'OneManagerAccess' });

export const accountCommand = z
  .strictObject({ command: z.enum(accountCommands), reason: line(500).nullable().default(null) })
  .meta({ id: 'ManagerAccountCommand' });

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

export const passwordResetRequest = z.strictObject({ companyId: id, mail }).meta({ id: 'PasswordResetRequest' });
export const passwordReset = z.strictObject({ token, password }).meta({ id: 'PasswordReset' });
export const passwordChange = z.strictObject({ current: password, password }).meta({ id: 'PasswordChange' });

export const ownAccount = z
  .object({
    companyName: z.string(),
    displayName: z.string(),
    mail: z.string().nullable(),
    activeSince: instant.nullable(),
    reminders: reminderSetting,
  })
  .meta({ id: 'OwnAccount' });
