// What each thing the directory says about an account means for its kind: the table of docs/graph.md §4.2, with a sentence for the admin.
import { stated } from './account-kind-facts.ts';
import type { Account } from './account-kind-facts.ts';
import type { HintedKind } from './account-kind-words.ts';
import { foldText } from './person-text.ts';
import type { AccountKind } from './user.ts';

/** `decisive` settles the kind alone (the first such rule wins); `note` only informs. */
export type Strength = 'decisive' | 'strong' | 'medium' | 'weak' | 'note';

export interface KindRule {
  readonly id: string;
  /** `notAPerson` speaks against a person without saying what else it is. */
  readonly speaksFor: AccountKind | 'notAPerson';
  readonly strength: Strength;
  /** The sentence when the rule applies, else null. */
  readonly reason: (account: Account) => string | null;
}

const systemAccount =
  /^(?:sync_|msol_|aad_[0-9a-f]{6,}|healthmailbox|discoverysearchmailbox|systemmailbox|federatedemail\.|migration\.|support_388945a0|cas_\{|adtoaadsyncserviceaccount)/iu;
const synchronizationDisplayName = 'on-premises directory synchronization service account';
const applicationInstance = /^microsoft communications? application instance$/u;

/** Job titles and employee types that name what the account is; anything else in these fields belongs to somebody. */
const roleLabels: ReadonlyMap<string, AccountKind> = new Map([
  ...labels('serviceAccount', 'service account, service, servicekonto, system account, system, bot, robot, application, compte de service'),
  ...labels('sharedMailbox', 'shared mailbox, shared, freigegebenes postfach, funktionspostfach, functional mailbox, functional account'),
  ...labels('room', 'room, room mailbox, meeting room, conference room, besprechungsraum, raum'),
  ...labels('equipment', 'equipment, equipment mailbox, device'),
  ...labels('resourceAccount', 'resource account, resource'),
]);

/** In order of precedence: it decides between decisive rules, and between kinds that equally much speaks for. */
export const kindRules: readonly KindRule[] = [
  when('mailbox-room', 'room', 'decisive', ({ evidence }) => evidence.mailboxPurpose === 'room', 'The mailbox is a room mailbox.'),
  when(
    'mailbox-equipment',
    'equipment',
    'decisive',
    ({ evidence }) => evidence.mailboxPurpose === 'equipment',
    'The mailbox is an equipment mailbox.',
  ),
  when('mailbox-shared', 'sharedMailbox', 'decisive', ({ evidence }) => evidence.mailboxPurpose === 'shared', 'The mailbox is shared.'),
  when('user-type-guest', 'guest', 'decisive', ({ fields }) => is(fields.userType, 'guest'), 'The directory lists the account as a guest.'),
  when(
    'external-upn',
    'guest',
    'decisive',
    ({ fields }) => /#ext#/iu.test(fields.userPrincipalName ?? ''),
    'The sign-in name contains #EXT#: an account of another organisation.',
  ),
  when('invited', 'guest', 'decisive', isInvited, 'The account was invited from another organisation.'),
  when(
    'system-account',
    'serviceAccount',
    'decisive',
    isSystemAccount,
    'The name is one that Microsoft gives to synchronisation and system accounts.',
  ),
  when(
    'application-instance',
    'resourceAccount',
    'decisive',
    ({ fields }) => applicationInstance.test(foldText(fields.department ?? '')),
    'The department is the one Teams gives to auto attendants and call queues.',
  ),
  ...(['room', 'equipment', 'resourceAccount', 'sharedMailbox', 'serviceAccount'] as const).flatMap((kind) => [
    roleLabelRule(kind),
    wordRule(kind),
  ]),
  when(
    'address-without-owner',
    'sharedMailbox',
    'medium',
    isAddressWithoutOwner,
    'A mail address without sign-in, licence or personal name is usually a shared mailbox or a room.',
  ),
  { id: 'sign-in-blocked', speaksFor: 'notAPerson', strength: 'medium', reason: signInBlocked },
  when('unlicensed', 'notAPerson', 'weak', ({ fields }) => fields.assignedLicenses?.length === 0, 'The account has no licence.'),
  when('hidden', 'notAPerson', 'weak', ({ fields }) => fields.showInAddressList === false, 'The account is hidden from the address book.'),
  when('full-name', 'person', 'strong', ({ nameParts }) => nameParts === 'clear', 'Given name and surname are filled in.'),
  when(
    'has-reports',
    'person',
    'strong',
    ({ evidence }) => evidence.hasReports === true,
    'Other users have this account as their manager.',
  ),
  {
    id: 'job-title',
    speaksFor: 'person',
    strength: 'medium',
    reason: ({ jobTitle, roles }) => (jobTitle === '' || roleLabels.has(roles.jobTitle) ? null : `The job title is “${jobTitle}”.`),
  },
  when('employee', 'person', 'medium', isEmployee, 'An employee number or employee type is filled in.'),
  when(
    'doubtful-name',
    'person',
    'medium',
    ({ nameParts }) => nameParts === 'doubtful',
    'Given name and surname are filled in, though one of them is also a word for something else.',
  ),
  when('half-name', 'person', 'weak', ({ nameParts }) => nameParts === 'partial', 'Only one of given name and surname is filled in.'),
  when('department', 'person', 'weak', ({ fields }) => stated(fields.department) !== '', 'A department is filled in.'),
  when('mobile-phone', 'person', 'weak', ({ fields }) => stated(fields.mobilePhone) !== '', 'A mobile phone number is filled in.'),
  when(
    'licensed',
    'person',
    'weak',
    ({ fields }) => (fields.assignedLicenses?.length ?? 0) > 0,
    'The account has a licence, as rooms and phone resources sometimes have too.',
  ),
  when(
    'mailbox-user',
    'person',
    'weak',
    ({ evidence }) => evidence.mailboxPurpose === 'user' || evidence.mailboxPurpose === 'linked',
    'The mailbox is an ordinary user mailbox.',
  ),
  when('no-mail', 'notAPerson', 'note', ({ fields }) => fields.mail === null, 'There is no mail address yet, so no mail can be sent.'),
];

function wordRule(kind: HintedKind): KindRule {
  return {
    id: `word-${kind}`,
    speaksFor: kind,
    strength: 'medium',
    reason: ({ words }) => {
      const found = words.find((word) => word.kind === kind);
      return found === undefined ? null : `The name or address contains “${found.word}”, ${wordMeanings[kind]}.`;
    },
  };
}

const wordMeanings: Readonly<Record<HintedKind, string>> = {
  room: 'a word used for rooms',
  equipment: 'a word used for equipment',
  sharedMailbox: 'a word used for shared mailboxes',
  serviceAccount: 'a word used for accounts of programs, devices and administrators',
  resourceAccount: 'a word used for phone queues and attendants',
};

function roleLabelRule(kind: HintedKind): KindRule {
  return {
    id: `label-${kind}`,
    speaksFor: kind,
    strength: 'strong',
    reason: ({ fields, jobTitle, roles }) => {
      const says = (label: string) => `The job title or employee type says “${label}”.`;
      if (roleLabels.get(roles.jobTitle) === kind) return says(jobTitle);
      return roleLabels.get(roles.employeeType) === kind ? says(stated(fields.employeeType)) : null;
    },
  };
}

function when(
  id: string,
  speaksFor: KindRule['speaksFor'],
  strength: Strength,
  applies: (account: Account) => boolean,
  sentence: string,
): KindRule {
  return { id, speaksFor, strength, reason: (account) => (applies(account) ? sentence : null) };
}

function signInBlocked({ fields, nameParts }: Account): string | null {
  if (fields.accountEnabled !== false) return null;
  const named = nameParts === 'clear' || nameParts === 'doubtful';
  return named
    ? 'Sign-in is blocked: a leaver, or somebody who has not started?'
    : 'Sign-in is blocked, as it should be for shared mailboxes and rooms.';
}

// `userType` may be null for guests; a stated member keeps these two fields from the time before the account was taken in.
function isInvited({ fields }: Account): boolean {
  if (is(fields.userType, 'member')) return false;
  return is(fields.creationType, 'invitation') || stated(fields.externalUserState) !== '';
}

function isSystemAccount({ displayName, localParts }: Account): boolean {
  if (foldText(displayName) === synchronizationDisplayName) return true;
  return [displayName, ...localParts].some((text) => systemAccount.test(text));
}

function isAddressWithoutOwner({ fields, nameParts, jobTitle }: Account): boolean {
  const isClosed = fields.accountEnabled === false && fields.assignedLicenses?.length === 0;
  return isClosed && stated(fields.mail) !== '' && nameParts === 'none' && jobTitle === '';
}

function isEmployee({ fields, roles }: Account): boolean {
  return stated(fields.employeeId) !== '' || (roles.employeeType !== '' && !roleLabels.has(roles.employeeType));
}

function labels(kind: AccountKind, names: string): readonly (readonly [string, AccountKind])[] {
  return names.split(',').map((name) => [foldText(name), kind]);
}

function is(text: string | null | undefined, word: string): boolean {
  return foldText(text ?? '') === word;
}
