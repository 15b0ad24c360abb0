// What changes of people mean for Manager Access: who has to be looked at again, and what becomes of the account then.
import { type AccountState, explainInvitation, isGuest, isManager, type Reports, reviewAccess } from './manager-account.ts';
import { mailKey } from './user-lists.ts';
import type { User } from './user.ts';

/** Somebody whose access has to be looked at, and the report whose change is the reason; `null` when it is the person's own. */
export interface ReviewSubject {
  readonly managerId: string;
  readonly reportId: string | null;
  /** The report joined the team, or the person was approved or came back from having left; false for every other change. */
  readonly gained: boolean;
}

type Person = Pick<User, 'objectId' | 'decision' | 'presence' | 'managerId' | 'fields' | 'kind'>;

const isApprovedHere = ({ decision, presence }: Person) => decision === 'approved' && presence === 'present';
/** Whose team somebody counts in: also whoever is not seen lately keeps a manager's access, until it is proven that they left. */
const leaderOf = ({ presence, managerId, objectId }: Person) => (presence === 'removed' || managerId === objectId ? null : managerId);

/** Whom a change concerns: the person, where anything about their own access may follow from it, and the managers whose team it changes. */
export function subjectsOf(before: Person | undefined, after: Person): readonly ReviewSubject[] {
  const subjects: ReviewSubject[] = [];
  const wasApproved = before?.decision === 'approved' || after.decision === 'approved';
  const isOther =
    before?.decision !== after.decision ||
    before.presence !== after.presence ||
    mailKey(before.fields.mail) !== mailKey(after.fields.mail) ||
    isGuest(before) !== isGuest(after);
  // Who is seen again after the directory was silent was never away: nobody is invited for that.
  const isNew = isApprovedHere(after) && !(before?.decision === 'approved' && before.presence !== 'removed');
  if (wasApproved && isOther) subjects.push({ managerId: after.objectId, reportId: null, gained: isNew });
  const former = before ? leaderOf(before) : null;
  const present = leaderOf(after);
  const isHere = after.presence === 'present';
  const isSame = former === present;
  if (isSame && (before?.presence === 'present') === isHere) return subjects;
  if (former !== null && !isSame) subjects.push({ managerId: former, reportId: after.objectId, gained: false });
  if (present !== null && (isSame || isHere)) subjects.push({ managerId: present, reportId: after.objectId, gained: !isSame });
  return subjects;
}

export interface ReviewFacts {
  readonly user: Pick<User, 'decision' | 'presence' | 'fields' | 'kind'>;
  readonly reports: Reports;
  readonly state: AccountState;
  /** Everybody who reports to this person. */
  readonly people: readonly Pick<User, 'objectId' | 'presence'>[];
  /** Reports who joined since the last look. */
  readonly gained: ReadonlySet<string>;
  /** Whether the person was approved, or came back, since the last look. */
  readonly isNew: boolean;
  readonly managersApproval: boolean;
  /** An admin took an invitation back, or ended the access: nobody is invited by itself after that. */
  readonly wasRevoked: boolean;
}

/** `restored` and `suspended` change an account; `invitationEnded` makes an open link dead; `invite` is the setting Managers Approval. */
export type ReviewOutcome = 'suspended' | 'invitationEnded' | 'restored' | 'invite' | null;

/**
 * What a look at somebody leads to. With Managers Approval on, whoever is newly approved and leads a team is invited, and whoever was
 * approved before and leads the first people now; not somebody who has been a manager all along, of whom an admin has decided nothing.
 */
export function reviewOutcome(facts: ReviewFacts): ReviewOutcome {
  const { user, reports, state, people, gained, isNew } = facts;
  const access = reviewAccess(user, reports);
  if (access === 'accessEnded' && state === 'active') return 'suspended';
  if (access === 'accessEnded' && state === 'invited') return 'invitationEnded';
  if (access === 'accessRegained' && state === 'suspended') return 'restored';
  if (state !== 'none' || !facts.managersApproval || facts.wasRevoked || !isManager(user, reports)) return null;
  const isFirstTeam = people.every(({ objectId, presence }) => presence !== 'present' || gained.has(objectId));
  return isNew || isFirstTeam ? 'invite' : null;
}

/** Why access ended, in words for an admin. */
export function explainEnd(user: Pick<User, 'decision' | 'presence' | 'fields' | 'kind'>): string {
  if (user.presence === 'removed') return 'This person has left the tenant.';
  if (user.decision !== 'approved') return 'This person is not approved any more.';
  return isGuest(user) ? explainInvitation('guest') : 'Nobody reports to this person any more.';
}
