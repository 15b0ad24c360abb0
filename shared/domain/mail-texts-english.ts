// The words of the mails in English.
import type { MailCatalogue } from './mail-texts.ts';
import { oneLine, shorten } from './one-line.ts';
import { makePlural } from './plural.ts';

const count = makePlural('en');
const peopleAre = (number: number): string => count(number, { one: 'person is', other: 'people are' });
const newPeople = (number: number): string => count(number, { one: 'new person', other: 'new people' });

/** A name inside a subject or a heading: short enough that the rest of the line can still be read. */
const short = (name: string): string => shorten(oneLine(name), 60);
const pendingList = (companyName: string): string => `Open the Pending for Approval list of ${short(companyName)}`;
const administers = (companyName: string): string => `You get this mail because you administer ${short(companyName)} in Muster.`;
const untilApproved = 'Until you approve them, they take part in nothing, get no mail and are not billed.';

function otherEntries(number: number): readonly string[] {
  if (number <= 0) return [];
  const entries = count(number, { one: 'entry that does not look like a person', other: 'entries that do not look like people' });
  return [`The list also holds ${entries}, such as a room or a shared mailbox. Each shows why we think so.`];
}

const ownerSentences = {
  theirs: 'Only an administrator of the company’s Microsoft 365 tenant can put this right.',
  ours: 'The fault is on our side. The company need not do anything.',
  gone: 'The Microsoft 365 tenant itself seems to be gone.',
} as const;

export const englishMailTexts: MailCatalogue = {
  integrationConnected: ({ companyName, tenantName, pendingCount, people, listUrl, portalUrl, nextSyncText }) => {
    const waiting = `${people > 0 ? peopleAre(people) : 'Nobody is'} waiting for your approval`;
    return {
      subject: `${short(companyName)} is connected. ${waiting}`,
      preview: `The first sync of ${short(tenantName)} is complete.`,
      heading: `${short(companyName)} is connected. ${waiting}.`,
      paragraphs: [
        `The first sync of the Microsoft 365 tenant ${short(tenantName)} is complete.`,
        ...(people > 0 ? [untilApproved] : []),
        ...otherEntries(pendingCount - people),
        'From now on Muster follows the directory by itself.',
        ...(nextSyncText === undefined ? [] : [`Next sync: ${nextSyncText}`]),
      ],
      links: [
        { label: pendingList(companyName), url: listUrl },
        { label: `Open ${short(companyName)} in Muster`, url: portalUrl },
      ],
      reason: administers(companyName),
    };
  },

  newUsersFound: ({ companyName, newCount, pendingCount, listUrl }) => ({
    subject: `${newPeople(newCount)} in ${short(companyName)}: waiting for your approval`,
    preview: `${peopleAre(pendingCount)} waiting for your approval.`,
    heading: `${newPeople(newCount)} in ${short(companyName)}`,
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
    subject: `Muster can no longer read the directory of ${short(companyName)}`,
    preview: reasonSentence,
    heading: `Muster can no longer read the directory of ${short(companyName)}`,
    paragraphs: [
      reasonSentence,
      ownerSentences[owner],
      `Next step: ${nextStep}`,
      'The user list stays as it was: nobody is removed and every decision is kept. It follows the directory again as soon as access is back.',
    ],
    links: [{ label: `Open the integration settings of ${short(companyName)}`, url: settingsUrl }],
    reason: administers(companyName),
  }),
};
