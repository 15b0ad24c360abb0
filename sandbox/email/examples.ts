// One mail of every kind, made up, for the preview and for tests that look at all of them. A new kind without an example does not compile.
import type { MailContent, MailKind } from '../../shared/domain/mail-content.ts';

const companyName = 'Alpine Dental';
const origin = 'https://muster.example';

/** What `renderMail` needs to open links: a made-up secret for each token. */
export const exampleToken = (tokenId: string): string => `${tokenId}.example-secret`;

export const exampleLogoUrl = 'https://alpinedental.example/logo.png';

export const mailExamples: { readonly [Kind in MailKind]: Extract<MailContent, { readonly kind: Kind }> } = {
  managerInvited: {
    kind: 'managerInvited',
    companyName,
    managerName: 'Zoë Brunner',
    teamSize: 7,
    acceptUrl: `${origin}/accept`,
    tokenId: 'invitation1',
    expiresOn: '2026-03-16',
  },
  weeklyReminder: {
    kind: 'weeklyReminder',
    companyName,
    managerName: 'Zoë Brunner',
    overdue: 3,
    dueSoon: 1,
    doneSinceLast: 12,
    members: [
      { name: 'José Núñez', overdue: 2, dueSoon: 1 },
      { name: 'Seán O’Brien', overdue: 1, dueSoon: 0 },
    ],
    more: 1,
    teamUrl: `${origin}/team`,
    status: { url: `${origin}/status`, tokenId: 'status1' },
    unsubscribe: { url: `${origin}/unsubscribe`, tokenId: 'unsubscribe1' },
  },
  teamReminder: {
    kind: 'teamReminder',
    companyName,
    memberName: 'José Núñez',
    managerName: 'Zoë Brunner',
    courses: [
      { title: 'Phishing basics', dueOn: '2026-03-02', isOverdue: true, link: 'https://training.example/courses/phishing' },
      { title: 'Radiation protection', dueOn: '2026-03-16', isOverdue: false, link: 'https://training.example/courses/radiation' },
      { title: 'First aid', dueOn: null, isOverdue: false, link: null },
    ],
    more: 2,
  },
  passwordReset: {
    kind: 'passwordReset',
    companyName,
    name: 'Zoë Brunner',
    resetUrl: `${origin}/password`,
    tokenId: 'reset1',
    validMinutes: 60,
  },
  accountNotice: {
    kind: 'accountNotice',
    companyName,
    name: 'Zoë Brunner',
    what: 'signedInElsewhere',
    at: '2026-03-16T12:05:00.000Z',
    timeZone: 'Europe/Zurich',
    resetUrl: `${origin}/forgotten`,
  },
  addressChanged: {
    kind: 'addressChanged',
    companyName,
    name: 'Zoë Brunner',
    former: 'zoe.meier@alpinedental.example',
    present: 'zoe.brunner@alpinedental.example',
    signInUrl: `${origin}/sign-in`,
  },
  integrationConnected: {
    kind: 'integrationConnected',
    companyName,
    tenantName: 'Alpine Dental AG',
    pendingCount: 25,
    people: 19,
    listUrl: `${origin}/companies/c1/users?decision=pending`,
    portalUrl: `${origin}/companies/c1`,
    nextSyncText: 'today at 18:00 (Europe/Zurich).',
  },
  newUsersFound: {
    kind: 'newUsersFound',
    companyName,
    newCount: 3,
    pendingCount: 12,
    listUrl: `${origin}/companies/c1/users?decision=pending`,
  },
  accessLost: {
    kind: 'accessLost',
    companyName,
    owner: 'theirs',
    reasonSentence: 'The consent was revoked.',
    nextStep: 'ask an administrator to connect again.',
    settingsUrl: `${origin}/companies/c1/integration`,
  },
};

/** Every kind, in the order of the examples. */
export const mailKinds = Object.keys(mailExamples) as readonly MailKind[];
