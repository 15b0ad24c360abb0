// A manager reminds members of the team of their courses: whom the mail reaches, and why it does not reach others.
import type { StatusCounts } from './assignment.ts';
import { localDay } from './local-time.ts';
import type { User } from './user.ts';

export const reminderRefusals = [
  'notInTeam',
  'disconnected',
  'switchedOff',
  'notApproved',
  'notPresent',
  'noAddress',
  'addressRefused',
  'nothingDue',
  'remindedToday',
  'tooMany',
] as const;
export type ReminderRefusal = (typeof reminderRefusals)[number];

/** Most mails of one request: with each a few calls to storage, it must come to its end while somebody waits for the answer. */
export const mostReminders = 1_000;

export interface MemberFacts {
  readonly user: Pick<User, 'decision' | 'presence' | 'managerId' | 'fields'>;
  readonly addressRefused: boolean;
  readonly counts: StatusCounts;
  /** Team reminders of this member, newest last, as far as they matter for today. */
  readonly remindedAt: readonly Date[];
}

export interface TeamReminderRule {
  /** The company follows its directory; what is known of teams is true. */
  readonly isLinked: boolean;
  /** Object id of the manager who asks. */
  readonly managerId: string;
  /** Most such mails a member gets a day, whoever asks for them; 0 where the company allows none. */
  readonly perDay: number;
  readonly timeZone: string;
  readonly now: Date;
}

/** Why a member is not reminded; `null` when the mail goes out. A stranger is told apart from nothing else. */
export function whyNotReminded({ user, addressRefused, counts, remindedAt }: MemberFacts, rule: TeamReminderRule): ReminderRefusal | null {
  if (user.managerId !== rule.managerId) return 'notInTeam';
  if (!rule.isLinked) return 'disconnected';
  if (rule.perDay === 0) return 'switchedOff';
  if (user.decision !== 'approved') return 'notApproved';
  if (user.presence !== 'present') return 'notPresent';
  if (counts.overdue + counts.dueSoon === 0) return 'nothingDue';
  if ((user.fields.mail ?? '') === '') return 'noAddress';
  if (addressRefused) return 'addressRefused';
  const today = localDay(rule.now, rule.timeZone);
  const already = remindedAt.filter((at) => localDay(at, rule.timeZone) === today).length;
  return already >= rule.perDay ? 'remindedToday' : null;
}

const sentences: Readonly<Record<ReminderRefusal, string>> = {
  notInTeam: 'This person is not in your team.',
  disconnected: 'The company is not connected to its Microsoft 365 tenant.',
  switchedOff: 'Your company does not allow reminders of the team.',
  notApproved: 'This person has not been approved yet and gets no mail.',
  notPresent: 'The directory does not show this person at the moment.',
  noAddress: 'The directory has no mail address for this person.',
  addressRefused: 'Mail to this address comes back.',
  nothingDue: 'Nothing is overdue or due soon.',
  remindedToday: 'This person has been reminded today already.',
  tooMany: 'So many people are reminded a part at a time; ask again for the others.',
};

/** Why a member was not reminded, in words for the manager. */
export const explainRefusal = (refusal: ReminderRefusal) => sentences[refusal];
