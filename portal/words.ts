// The words of the product for the words of the API. Total by type: a new kind or status without words does not compile.
import type { IntegrationState } from '../shared/domain/integration.ts';
import type { Decision, Presence } from '../shared/domain/user.ts';
import type { UserStatus } from '../shared/domain/user-lists.ts';
import type { DecisionCommand } from '../shared/domain/decision.ts';
import type { DeliveryOutcome } from '../shared/domain/mail-delivery.ts';
import type { MailKind } from '../shared/domain/mail-content.ts';
import type { MailState } from '../shared/domain/message.ts';
import type { Admin, Run, Settings, SyncProgress, User } from './api.ts';
import type { CompanySection } from './routing.ts';

type Words<Key extends string> = Readonly<Record<Key, string>>;
export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'quiet';

export const kindWords: Words<User['kind']> = {
  person: 'Person',
  sharedMailbox: 'Shared mailbox',
  room: 'Room',
  equipment: 'Equipment',
  serviceAccount: 'Service account',
  resourceAccount: 'Resource account',
  guest: 'Guest',
  unknown: 'Unknown',
};

export const sectionWords: Words<CompanySection> = {
  overview: 'Overview',
  pending: 'Pending for Approval',
  approved: 'Approved',
  denied: 'Denied',
  removed: 'Removed',
  settings: 'Settings',
  activity: 'Activity',
};

export const suggestionWords: Readonly<Record<User['suggestion'], { readonly text: string; readonly tone: Tone }>> = {
  approve: { text: 'Approve', tone: 'good' },
  deny: { text: 'Deny', tone: 'bad' },
  look: { text: 'Look closer', tone: 'warn' },
};

/** A chip beside the name for everything but the ordinary. */
export const presenceWords: Readonly<Record<Presence, { readonly text: string; readonly meaning: string } | null>> = {
  present: null,
  missing: { text: 'Missing', meaning: 'Not found by the last full round; nobody is removed before a second look.' },
  held: { text: 'Held', meaning: 'The removal waits in the removal hold because too many people would vanish at once.' },
  removed: { text: 'Removed', meaning: 'Has left the tenant. A return brings the history back.' },
};

export const commandWords: Readonly<Record<DecisionCommand, { readonly act: string; readonly done: string; readonly meaning: string }>> = {
  approve: {
    act: 'Approve',
    done: 'Approved',
    meaning: 'They become active: campaigns may include them, they get mail, and they are billed.',
  },
  deny: {
    act: 'Deny',
    done: 'Denied',
    meaning: 'They stay out of campaigns, mail and billing, through renames, delete and restore. You can change it any time.',
  },
  reopen: {
    act: 'Reopen',
    done: 'Reopened',
    meaning: 'They go back to Pending for Approval and are in no campaign, get no mail and are not billed until approved.',
  },
};

/** What leads back to where a user stood before. */
export const undoOf: Readonly<Record<Decision, DecisionCommand>> = { pending: 'reopen', approved: 'approve', denied: 'deny' };

export const phaseWords: Words<NonNullable<SyncProgress['running']>['phase']> = {
  begin: 'Starting',
  load: 'Reading users',
  users: 'Reading users',
  managers: 'Finding managers',
  removals: 'Checking who has left',
  reshard: 'Making room for more users',
  finish: 'Finishing',
};

export const roundKindWords: Words<Run['kind']> = { full: 'Full', delta: 'Delta' };

export const readByWords: Words<Exclude<Run['readBy'], 'deltaChain'>> = {
  parts: 'In parts',
  partsThenDeltaChain: 'In parts, then as changes',
};

export const runReasonWords: Words<Run['reason']> = {
  connected: 'First sync',
  scheduled: 'Schedule',
  syncNow: 'Sync Now',
  runAgain: 'Asked for while running',
  tokenRefused: 'Started over: change token refused',
  restarted: 'Restarted',
};

export const runStatusWords: Readonly<Record<Run['status'], { readonly text: string; readonly tone: Tone }>> = {
  succeeded: { text: 'Succeeded', tone: 'good' },
  incomplete: { text: 'Incomplete', tone: 'warn' },
  failed: { text: 'Failed', tone: 'bad' },
};

export const mailStateWords: Readonly<Record<MailState, { readonly text: string; readonly tone: Tone }>> = {
  queued: { text: 'Waiting', tone: 'quiet' },
  claimed: { text: 'Being sent', tone: 'busy' },
  accepted: { text: 'Sent', tone: 'good' },
  refused: { text: 'Refused', tone: 'bad' },
  withdrawn: { text: 'Not sent', tone: 'quiet' },
};

/** What the mail service has reported since a mail was sent. */
export const deliveryWords: Readonly<Record<DeliveryOutcome, { readonly text: string; readonly tone: Tone }>> = {
  delivered: { text: 'Delivered', tone: 'good' },
  failed: { text: 'Not delivered', tone: 'bad' },
  quarantined: { text: 'In quarantine', tone: 'bad' },
  filteredSpam: { text: 'Taken for spam', tone: 'bad' },
  suppressed: { text: 'Not sent: address blocked', tone: 'bad' },
  bounced: { text: 'Came back', tone: 'bad' },
};

const mailKindWords: Words<MailKind> = {
  integrationConnected: 'Connected, first sync finished',
  newUsersFound: 'New people pending for approval',
  accessLost: 'Access lost',
  managerInvited: 'Invitation to the User Portal',
  passwordReset: 'Link for a new password',
  accountNotice: 'Notice about an account',
  addressChanged: 'Another address to sign in with',
  teamReminder: 'Reminder of courses',
  weeklyReminder: 'Weekly reminder',
};
const knownKinds: Readonly<Record<string, string | undefined>> = mailKindWords;
/** The API may send kinds this page does not know yet; they are shown as they are. */
export const mailKindText = (kind: string) => knownKinds[kind] ?? kind;

export const roleWords: Words<Admin['role']> = { mspAdmin: 'MSP admin', companyAdmin: 'Company admin', companyReader: 'Company reader' };

export const mailFrequencyWords: Words<Settings['newUsersMail']> = { hourly: 'At most once an hour', daily: 'At most once a day' };

export const stateWords: Readonly<Record<IntegrationState, { readonly text: string; readonly tone: Tone }>> = {
  notConnected: { text: 'Not connected', tone: 'quiet' },
  checking: { text: 'Checking', tone: 'busy' },
  connected: { text: 'Connected', tone: 'good' },
  failed: { text: 'Connection failed', tone: 'bad' },
  accessLost: { text: 'Access lost', tone: 'bad' },
  disconnected: { text: 'Disconnected', tone: 'warn' },
};

/** What an empty list says, when no filter is the cause. */
export const emptyListWords: Readonly<Record<UserStatus, { readonly title: string; readonly next: string }>> = {
  pending: {
    title: 'Nobody is waiting.',
    next: 'New people appear here after the next sync, and the admins get a mail. Choose Sync Now on the overview to look at once.',
  },
  approved: { title: 'Nobody is approved yet.', next: 'Open Pending for Approval and approve the people who should take part.' },
  denied: { title: 'Nobody is denied.', next: 'Whoever you deny is remembered here and never asked about again.' },
  removed: { title: 'Nobody has left.', next: 'People who leave the tenant are kept here with their history.' },
};
