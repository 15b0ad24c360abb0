// A manager's way into the User Portal: invitation, account, and what ends or restores them. Transitions are total by type.
import { mailKey } from './user-lists.ts';
import type { User } from './user.ts';

/**
 * - `none`: no invitation is open and there is no account.
 * - `invited`: an invitation is open; it may have run out (`hasRunOut`).
 * - `active`: accepted: a password is set, or a Microsoft account is linked.
 * - `suspended`: was active and is no manager any more, as far as is proven; comes back without a new invitation.
 * - `disabled`: an admin closed it; only an admin opens it again.
 */
export const accountStates = ['none', 'invited', 'active', 'suspended', 'disabled'] as const;
export type AccountState = (typeof accountStates)[number];

export const accountEvents = ['invite', 'resend', 'revoke', 'accept', 'accessEnded', 'accessRegained', 'disable', 'enable'] as const;
export type AccountEvent = (typeof accountEvents)[number];

/** What admins may do by themselves. */
export const accountCommands = ['revoke', 'disable', 'enable'] as const satisfies readonly AccountEvent[];
export type AccountCommand = (typeof accountCommands)[number];

/** `refused`: cannot happen in that state; whoever asked is told why. */
export const accountTransitions = {
  none: {
    invite: 'invited',
    resend: 'refused',
    revoke: 'refused',
    accept: 'refused',
    accessEnded: 'none',
    accessRegained: 'none',
    disable: 'refused',
    enable: 'refused',
  },
  invited: {
    invite: 'refused',
    resend: 'invited',
    revoke: 'none',
    accept: 'active',
    // The link dies: somebody who is no manager must not be able to accept.
    accessEnded: 'none',
    accessRegained: 'invited',
    disable: 'refused',
    enable: 'refused',
  },
  active: {
    invite: 'refused',
    resend: 'refused',
    revoke: 'refused',
    accept: 'refused',
    accessEnded: 'suspended',
    accessRegained: 'active',
    disable: 'disabled',
    enable: 'refused',
  },
  suspended: {
    invite: 'refused',
    resend: 'refused',
    revoke: 'refused',
    accept: 'refused',
    accessEnded: 'suspended',
    accessRegained: 'active',
    disable: 'disabled',
    enable: 'refused',
  },
  disabled: {
    invite: 'refused',
    resend: 'refused',
    revoke: 'refused',
    accept: 'refused',
    accessEnded: 'disabled',
    accessRegained: 'disabled',
    disable: 'disabled',
    // Suspended until the next look at the directory says that this is still a manager.
    enable: 'suspended',
  },
} as const satisfies Record<AccountState, Record<AccountEvent, AccountState | 'refused'>>;

export const nextAccountState = (state: AccountState, event: AccountEvent): AccountState | 'refused' => accountTransitions[state][event];

/** Why somebody cannot be invited, each a sentence of its own in answers and mails. */
export const invitationRefusals = [
  'disconnected',
  'pending',
  'denied',
  'notPresent',
  'noTeam',
  'guest',
  'contact',
  'noAddress',
  'addressRefused',
  'alreadyActive',
  'invitationOpen',
  'disabled',
  'unknown',
] as const;
export type InvitationRefusal = (typeof invitationRefusals)[number];

const refusalSentences: Readonly<Record<InvitationRefusal, string>> = {
  disconnected: 'The company is not connected to its Microsoft 365 tenant; nobody gets access until it is.',
  pending: 'This person waits for approval; approve them first.',
  denied: 'This person was denied.',
  notPresent: 'The directory does not show this person at the moment.',
  noTeam: 'Nobody reports to this person in the directory.',
  guest: 'Guests cannot have access to a team’s training.',
  contact: 'Contacts cannot sign in.',
  noAddress: 'The directory has no mail address for this person.',
  addressRefused:
    'Mail to this person’s address comes back. Correct it in the directory; to try this one again, invite this person alone and send again.',
  alreadyActive: 'This manager has an account already.',
  invitationOpen: 'An invitation is open already; it can be sent again.',
  disabled: 'An admin has disabled this account; enable it instead.',
  unknown: 'There is no such person in this company.',
};

/** Why somebody is not invited, in words for an admin. */
export const explainInvitation = (refusal: InvitationRefusal) => refusalSentences[refusal];

/** Reports other than the manager himself. */
export interface Reports {
  readonly present: number;
  /** Missing or held: not seen lately, and not proven to be gone. */
  readonly unsure: number;
}

type Standing = Pick<User, 'decision' | 'presence'>;

/** Whether somebody is in the team of a manager; nobody is in their own. */
export const reportsTo = ({ managerId, objectId }: Pick<User, 'managerId' | 'objectId'>, leaderId: string): boolean =>
  managerId === leaderId && objectId !== leaderId;

/** Counts the people of a team. */
export function countReports(people: readonly Pick<User, 'presence'>[]): Reports {
  const present = people.filter(({ presence }) => presence === 'present').length;
  const removed = people.filter(({ presence }) => presence === 'removed').length;
  return { present, unsure: people.length - present - removed };
}

/** Whether somebody is a manager as soon as anybody reports to them. */
export const mayLead = ({ decision, presence }: Standing): boolean => decision === 'approved' && presence === 'present';

/** Who is a manager: approved, present, with at least one present report other than himself. */
export const isManager = (user: Standing, { present }: Reports): boolean => mayLead(user) && present > 0;

/** Whether the directory says that somebody belongs to another organisation. */
export const isGuest = ({ fields, kind }: Pick<User, 'fields' | 'kind'>): boolean => fields.userType === 'Guest' || kind === 'guest';

/**
 * What a look at the directory says of somebody's access. Silence ends nothing: somebody who is missing or whose removal waits for an
 * admin, or whose only reports are, keeps what he has and is given nothing new.
 */
export function reviewAccess(user: Standing & Pick<User, 'fields' | 'kind'>, reports: Reports): 'accessEnded' | 'accessRegained' | null {
  // Members are made guests when their part of a company is sold: they are not invited, and do not stay either.
  if (isGuest(user)) return 'accessEnded';
  if (isManager(user, reports)) return 'accessRegained';
  const isProven = user.decision !== 'approved' || user.presence === 'removed' || reports.present + reports.unsure === 0;
  return isProven ? 'accessEnded' : null;
}

const dayMs = 86_400_000;

/** When an invitation runs out. @param days setting of the company, 14 unless told */
export const invitationEnd = (sentAt: Date, days: number) => new Date(sentAt.getTime() + days * dayMs);

/** Whether an invitation has run out. */
export const hasRunOut = ({ expiresAt }: { readonly expiresAt: string }, now: Date) => Date.parse(expiresAt) <= now.getTime();

/** Whether a link that was sent to an address may still open the account of whoever has this one in the directory now. */
export const isSameAddress = (address: string, mail: string | null | undefined) => mailKey(address) === mailKey(mail);

interface SentInvitation {
  readonly expiresAt: string;
  readonly address: string;
}

/** Whether the link of an invitation opens nothing any more: it has run out, or the directory has another address for the person. */
export const isLinkDead = (invitation: SentInvitation, mail: string | null | undefined, now: Date) =>
  hasRunOut(invitation, now) || !isSameAddress(invitation.address, mail);

export interface Candidate {
  /** Whether the company is connected to its tenant. */
  readonly isLinked: boolean;
  readonly user: User;
  readonly reports: Reports;
  readonly state: AccountState;
  /** Whether the open invitation has run out, or went to an address that the directory does not have any more. */
  readonly hasExpired: boolean;
  /** Whether mail to the address comes back. */
  readonly addressRefused: boolean;
}

/** Whether a person may be invited; `null` when so. What is said first is what an admin can do something about first. */
export function whyNotInvited({ isLinked, user, reports, state, hasExpired, addressRefused }: Candidate): InvitationRefusal | null {
  if (!isLinked) return 'disconnected';
  if (user.decision === 'pending') return 'pending';
  if (user.decision === 'denied') return 'denied';
  if (user.presence !== 'present') return 'notPresent';
  if (isGuest(user)) return 'guest';
  if ((user.fields.mail ?? '') === '') return 'noAddress';
  if (reports.present === 0) return 'noTeam';
  if (state === 'active' || state === 'suspended') return 'alreadyActive';
  if (state === 'disabled') return 'disabled';
  if (addressRefused) return 'addressRefused';
  return state === 'invited' && !hasExpired ? 'invitationOpen' : null;
}
