// The words of the mails in English.
import type { MailCatalogue } from './mail-texts.ts';
import type { MemberLine } from './mail-content.ts';
import { longDay, longInstant } from './local-time.ts';
import { brief, briefAddress } from './one-line.ts';
import { makePlural } from './plural.ts';

const count = makePlural('en');
const peopleAre = (number: number): string => count(number, { one: 'person is', other: 'people are' });
const newPeople = (number: number): string => count(number, { one: 'new person', other: 'new people' });

const pendingList = (companyName: string): string => `Open the Pending for Approval list of ${brief(companyName)}`;
const administers = (companyName: string): string => `You get this mail because you administer ${brief(companyName)} in Muster.`;
const untilApproved = 'Until you approve them, they take part in nothing, get no mail and are not billed.';

function otherEntries(number: number): readonly string[] {
  if (number <= 0) return [];
  const entries = count(number, { one: 'entry that does not look like a person', other: 'entries that do not look like people' });
  return [`The list also holds ${entries}, such as a room or a shared mailbox. Each shows why we think so.`];
}

const hasAccount = (companyName: string): string =>
  `You get this mail because you have an account for the training of ${brief(companyName)}.`;

const happenings = {
  signedInElsewhere: { subject: 'a new sign-in', sentence: 'Somebody signed in to your account from a new device or browser.' },
  passwordChanged: { subject: 'your password was changed', sentence: 'The password of your account was changed.' },
  secondFactorChanged: { subject: 'your second factor was changed', sentence: 'The second factor of your account was changed.' },
} as const;

function dueWords(dueOn: string | null, isOverdue: boolean): string {
  if (dueOn === null) return 'without a due date';
  return isOverdue ? `overdue since ${longDay(dueOn, 'en')}` : `due on ${longDay(dueOn, 'en')}`;
}

const memberWords = ({ overdue, dueSoon }: MemberLine): string =>
  [...(overdue > 0 ? [count(overdue, { other: 'overdue' })] : []), ...(dueSoon > 0 ? [count(dueSoon, { other: 'due soon' })] : [])].join(
    ', ',
  );

const ownerSentences = {
  theirs: 'Only an administrator of the company’s Microsoft 365 tenant can put this right.',
  ours: 'The fault is on our side. The company need not do anything.',
  gone: 'The Microsoft 365 tenant itself seems to be gone.',
} as const;

export const englishMailTexts: MailCatalogue = {
  integrationConnected: ({ companyName, tenantName, pendingCount, people, listUrl, portalUrl, nextSyncText }) => {
    const waiting = `${people > 0 ? peopleAre(people) : 'Nobody is'} waiting for your approval`;
    return {
      subject: `${brief(companyName)} is connected. ${waiting}`,
      preview: `The first sync of ${brief(tenantName)} is complete.`,
      heading: `${brief(companyName)} is connected. ${waiting}.`,
      paragraphs: [
        `The first sync of the Microsoft 365 tenant ${brief(tenantName)} is complete.`,
        ...(people > 0 ? [untilApproved] : []),
        ...otherEntries(pendingCount - people),
        'From now on Muster follows the directory by itself.',
        ...(nextSyncText === undefined ? [] : [`Next sync: ${nextSyncText}`]),
      ],
      links: [
        { label: pendingList(companyName), url: listUrl },
        { label: `Open ${brief(companyName)} in Muster`, url: portalUrl },
      ],
      reason: administers(companyName),
    };
  },

  newUsersFound: ({ companyName, newCount, pendingCount, listUrl }) => ({
    subject: `${newPeople(newCount)} in ${brief(companyName)}: waiting for your approval`,
    preview: `${peopleAre(pendingCount)} waiting for your approval.`,
    heading: `${newPeople(newCount)} in ${brief(companyName)}`,
    paragraphs: [
      pendingCount > newCount
        ? `With those from before, ${peopleAre(pendingCount)} waiting for your approval.`
        : `${peopleAre(newCount)} waiting for your approval.`,
      untilApproved,
    ],
    links: [{ label: pendingList(companyName), url: listUrl }],
    reason: administers(companyName),
  }),

  accessLost: ({ companyName, owner, reasonSentence, nextStep, settingsUrl }) => ({
    subject: `Muster can no longer read the directory of ${brief(companyName)}`,
    preview: reasonSentence,
    heading: `Muster can no longer read the directory of ${brief(companyName)}`,
    paragraphs: [
      reasonSentence,
      ownerSentences[owner],
      `Next step: ${nextStep}`,
      'The user list stays as it was: nobody is removed and every decision is kept. It follows the directory again as soon as access is back.',
    ],
    links: [{ label: `Open the integration settings of ${brief(companyName)}`, url: settingsUrl }],
    reason: administers(companyName),
  }),

  managerInvited: ({ companyName, managerName, teamSize, acceptUrl, tokenId, expiresOn }) => ({
    subject: `${brief(companyName)}: see how your team is doing in its training`,
    preview: `${tokenId === null ? 'Sign in with Microsoft' : 'Choose a password'} and see the training of the ${count(teamSize, { one: 'person', other: 'people' })} in your team.`,
    heading: `Hello ${brief(managerName)}`,
    paragraphs: [
      `${brief(companyName)} gives you access to the training of your team: ${count(teamSize, { one: 'person', other: 'people' })} at present.`,
      'You will see what is overdue and what is due soon, and you can remind people.',
      tokenId === null
        ? `You can sign in with your usual Microsoft account until ${longDay(expiresOn, 'en')}. Until you do, we send you nothing about your team.`
        : `The link works once and until ${longDay(expiresOn, 'en')}. Until you use it, we send you nothing about your team.`,
    ],
    links: [
      tokenId === null ? { label: 'Sign in with Microsoft', url: acceptUrl } : { label: 'Choose a password', url: acceptUrl, tokenId },
    ],
    reason: `You get this mail because the directory of ${brief(companyName)} names you as somebody’s manager. If that is wrong, tell your IT department; you need not do anything.`,
  }),

  passwordReset: ({ companyName, name, resetUrl, tokenId, validMinutes }) => ({
    subject: `${brief(companyName)}: choose a new password`,
    preview: `The link works once, for ${count(validMinutes, { one: 'minute', other: 'minutes' })}.`,
    heading: `Hello ${brief(name)}`,
    paragraphs: [
      'Somebody asked for a new password for your account. If it was you, choose one now.',
      `The link works once, for ${count(validMinutes, { one: 'minute', other: 'minutes' })}. If it was not you, do nothing: your password stays as it is.`,
    ],
    links: [{ label: 'Choose a new password', url: resetUrl, tokenId }],
    reason: hasAccount(companyName),
  }),

  accountNotice: ({ companyName, name, what, at, timeZone, resetUrl }) => ({
    subject: `${brief(companyName)}: ${happenings[what].subject}`,
    preview: happenings[what].sentence,
    heading: `Hello ${brief(name)}`,
    paragraphs: [
      happenings[what].sentence,
      `When: ${longInstant(at, timeZone, 'en')}.`,
      'If it was you, there is nothing to do. If it was not, choose a new password at once: that also ends every session.',
    ],
    links: [{ label: 'Choose a new password', url: resetUrl }],
    reason: hasAccount(companyName),
  }),

  addressChanged: ({ companyName, name, former, present, signInUrl }) => ({
    subject: `${brief(companyName)}: you sign in with another address now`,
    preview: `The directory of ${brief(companyName)} has another mail address for you.`,
    heading: `Hello ${brief(name)}`,
    paragraphs: [
      `The directory of ${brief(companyName)} had ${briefAddress(former)} as your mail address, and has ${briefAddress(present)} now.`,
      `From now on you sign in with ${briefAddress(present)}. Your password stays the same. This mail goes to both addresses.`,
      'If you do not expect this, tell your IT department.',
    ],
    links: [{ label: 'Sign in', url: signInUrl }],
    reason: hasAccount(companyName),
  }),

  teamReminder: ({ companyName, memberName, managerName, courses, more }) => ({
    subject: `${brief(managerName)} reminds you of ${count(courses.length + more, { one: 'course', other: 'courses' })}`,
    preview: courses.map(({ title }) => brief(title)).join(', '),
    heading: `Hello ${brief(memberName)}`,
    paragraphs: [
      `${brief(managerName)} reminds you of your training:`,
      ...courses.map(({ title, dueOn, isOverdue }) => `${brief(title)}: ${dueWords(dueOn, isOverdue)}.`),
      ...(more > 0 ? [`And ${count(more, { one: 'course', other: 'courses' })} more.`] : []),
    ],
    links: courses.flatMap(({ title, link }) => (link === null ? [] : [{ label: `Open ${brief(title)}`, url: link }])),
    reason: `You get this mail because ${brief(managerName)} is your manager in the directory of ${brief(companyName)}.`,
  }),

  weeklyReminder: ({ companyName, managerName, overdue, dueSoon, doneSinceLast, members, more, teamUrl, status, unsubscribe }) => ({
    subject: `Your team this week: ${count(overdue, { other: 'overdue' })}, ${count(dueSoon, { other: 'due soon' })}`,
    preview: `${count(doneSinceLast, { one: 'course', other: 'courses' })} done since the last mail.`,
    heading: `Hello ${brief(managerName)}`,
    paragraphs: [
      `Your team at ${brief(companyName)}: ${count(overdue, { one: 'course is', other: 'courses are' })} overdue, ${count(dueSoon, { one: 'is', other: 'are' })} due soon, and ${count(doneSinceLast, { one: 'was', other: 'were' })} done since the last mail.`,
      ...members.map((member) => `${brief(member.name)}: ${memberWords(member)}.`),
      ...(more > 0 ? [`And ${count(more, { one: 'person', other: 'people' })} more.`] : []),
    ],
    links: [
      { label: 'Open your team', url: teamUrl },
      ...(status === null ? [] : [{ label: 'See this week’s status without signing in', ...status }]),
      { label: 'Stop these weekly mails', ...unsubscribe },
    ],
    reason: `You get this mail because you lead a team at ${brief(companyName)}.`,
    unsubscribe,
  }),
};
