// The words of the mails in German, formal.
import type { MailCatalogue } from './mail-texts.ts';
import type { MemberLine } from './mail-content.ts';
import { longDay, longInstant } from './local-time.ts';
import { brief, briefAddress } from './one-line.ts';
import { makePlural } from './plural.ts';

const count = makePlural('de');
const people = (number: number): string => count(number, { one: 'Person', other: 'Personen' });
const newPeople = (number: number): string => count(number, { one: 'neue Person', other: 'neue Personen' });
const courses = (number: number): string => count(number, { one: 'Kurs', other: 'Kurse' });
const minutes = (number: number): string => count(number, { one: 'Minute', other: 'Minuten' });
const peopleWait = (number: number): string =>
  `${number > 0 ? count(number, { one: 'Person wartet', other: 'Personen warten' }) : 'Niemand wartet'} auf Ihre Freigabe`;

const pendingList = (companyName: string): string => `Liste „Wartet auf Freigabe“ von ${brief(companyName)} öffnen`;
const administers = (companyName: string): string => `Sie erhalten diese E-Mail, weil Sie ${brief(companyName)} in Muster verwalten.`;
const untilApproved = 'Bis Sie sie freigeben, nehmen sie an nichts teil, erhalten keine E-Mails und werden nicht berechnet.';

function otherEntries(number: number): readonly string[] {
  if (number <= 0) return [];
  const entries = count(number, { one: 'Eintrag, der nicht wie eine Person aussieht', other: 'Einträge, die nicht wie Personen aussehen' });
  return [`Außerdem auf der Liste: ${entries}, etwa ein Raum oder ein gemeinsames Postfach. Überall steht, warum wir das annehmen.`];
}

const hasAccount = (companyName: string): string =>
  `Sie erhalten diese E-Mail, weil Sie ein Konto für die Schulungen von ${brief(companyName)} haben.`;

const happenings = {
  signedInElsewhere: {
    subject: 'eine neue Anmeldung',
    sentence: 'Jemand hat sich mit einem neuen Gerät oder Browser bei Ihrem Konto angemeldet.',
  },
  passwordChanged: { subject: 'Ihr Passwort wurde geändert', sentence: 'Das Passwort Ihres Kontos wurde geändert.' },
  secondFactorChanged: { subject: 'Ihr zweiter Faktor wurde geändert', sentence: 'Der zweite Faktor Ihres Kontos wurde geändert.' },
} as const;

function dueWords(dueOn: string | null, isOverdue: boolean): string {
  if (dueOn === null) return 'ohne Termin';
  return isOverdue ? `überfällig seit ${longDay(dueOn, 'de')}` : `fällig am ${longDay(dueOn, 'de')}`;
}

const memberWords = ({ overdue, dueSoon }: MemberLine): string =>
  [
    ...(overdue > 0 ? [count(overdue, { other: 'überfällig' })] : []),
    ...(dueSoon > 0 ? [count(dueSoon, { other: 'bald fällig' })] : []),
  ].join(', ');

const ownerSentences = {
  theirs: 'Nur ein Administrator des Microsoft-365-Mandanten der Firma kann das beheben.',
  ours: 'Der Fehler liegt bei uns. Die Firma muss nichts tun.',
  gone: 'Den Microsoft-365-Mandanten selbst scheint es nicht mehr zu geben.',
} as const;

export const germanMailTexts: MailCatalogue = {
  integrationConnected: ({ companyName, tenantName, pendingCount, people: waiting, listUrl, portalUrl, nextSyncText }) => ({
    subject: `${brief(companyName)} ist verbunden. ${peopleWait(waiting)}`,
    preview: `Der erste Abgleich von ${brief(tenantName)} ist abgeschlossen.`,
    heading: `${brief(companyName)} ist verbunden. ${peopleWait(waiting)}.`,
    paragraphs: [
      `Der erste Abgleich des Microsoft-365-Mandanten ${brief(tenantName)} ist abgeschlossen.`,
      ...(waiting > 0 ? [untilApproved] : []),
      ...otherEntries(pendingCount - waiting),
      'Von jetzt an folgt Muster dem Verzeichnis von selbst.',
      ...(nextSyncText === undefined ? [] : [`Nächster Abgleich: ${nextSyncText}`]),
    ],
    links: [
      { label: pendingList(companyName), url: listUrl },
      { label: `${brief(companyName)} in Muster öffnen`, url: portalUrl },
    ],
    reason: administers(companyName),
  }),

  newUsersFound: ({ companyName, newCount, pendingCount, listUrl }) => ({
    subject: `${newPeople(newCount)} bei ${brief(companyName)}: Ihre Freigabe fehlt noch`,
    preview: `${peopleWait(pendingCount)}.`,
    heading: `${newPeople(newCount)} bei ${brief(companyName)}`,
    paragraphs: [
      pendingCount > newCount ? `Mit denen von vorher: ${peopleWait(pendingCount)}.` : `${peopleWait(newCount)}.`,
      untilApproved,
    ],
    links: [{ label: pendingList(companyName), url: listUrl }],
    reason: administers(companyName),
  }),

  accessLost: ({ companyName, owner, reasonSentence, nextStep, settingsUrl }) => ({
    subject: `Muster kann das Verzeichnis von ${brief(companyName)} nicht mehr lesen`,
    preview: reasonSentence,
    heading: `Muster kann das Verzeichnis von ${brief(companyName)} nicht mehr lesen`,
    paragraphs: [
      reasonSentence,
      ownerSentences[owner],
      `Nächster Schritt: ${nextStep}`,
      'Die Liste bleibt, wie sie war: Niemand wird entfernt, jede Entscheidung bleibt. Sobald der Zugriff wieder da ist, folgt sie dem Verzeichnis wieder.',
    ],
    links: [{ label: `Einstellungen der Anbindung von ${brief(companyName)} öffnen`, url: settingsUrl }],
    reason: administers(companyName),
  }),

  managerInvited: ({ companyName, managerName, teamSize, acceptUrl, tokenId, expiresOn }) => ({
    subject: `${brief(companyName)}: Sehen Sie, wie weit Ihr Team mit seinen Schulungen ist`,
    preview: `${tokenId === null ? 'Melden Sie sich mit Microsoft an' : 'Wählen Sie ein Passwort'} und sehen Sie die Schulungen Ihres Teams: ${people(teamSize)}.`,
    heading: `Guten Tag ${brief(managerName)}`,
    paragraphs: [
      `${brief(companyName)} gibt Ihnen Einblick in die Schulungen Ihres Teams: derzeit ${people(teamSize)}.`,
      'Sie sehen, was überfällig und was bald fällig ist, und können daran erinnern.',
      tokenId === null
        ? `Sie können sich bis ${longDay(expiresOn, 'de')} mit Ihrem gewohnten Microsoft-Konto anmelden. Solange Sie das nicht tun, senden wir Ihnen nichts über Ihr Team.`
        : `Der Link funktioniert einmal und bis ${longDay(expiresOn, 'de')}. Solange Sie ihn nicht nutzen, senden wir Ihnen nichts über Ihr Team.`,
    ],
    links: [tokenId === null ? { label: 'Mit Microsoft anmelden', url: acceptUrl } : { label: 'Passwort wählen', url: acceptUrl, tokenId }],
    reason: `Sie erhalten diese E-Mail, weil Sie im Verzeichnis von ${brief(companyName)} als vorgesetzte Person eingetragen sind. Wenn das nicht stimmt, sagen Sie es Ihrer IT-Abteilung; mehr müssen Sie nicht tun.`,
  }),

  passwordReset: ({ companyName, name, resetUrl, tokenId, validMinutes }) => ({
    subject: `${brief(companyName)}: Wählen Sie ein neues Passwort`,
    preview: `Der Link funktioniert einmal, ${minutes(validMinutes)} lang.`,
    heading: `Guten Tag ${brief(name)}`,
    paragraphs: [
      'Jemand hat ein neues Passwort für Ihr Konto angefordert. Wenn Sie das waren, wählen Sie es jetzt.',
      `Der Link funktioniert einmal, ${minutes(validMinutes)} lang. Wenn Sie es nicht waren, tun Sie nichts: Ihr Passwort bleibt, wie es ist.`,
    ],
    links: [{ label: 'Neues Passwort wählen', url: resetUrl, tokenId }],
    reason: hasAccount(companyName),
  }),

  accountNotice: ({ companyName, name, what, at, timeZone, resetUrl }) => ({
    subject: `${brief(companyName)}: ${happenings[what].subject}`,
    preview: happenings[what].sentence,
    heading: `Guten Tag ${brief(name)}`,
    paragraphs: [
      happenings[what].sentence,
      `Wann: ${longInstant(at, timeZone, 'de')}.`,
      'Wenn Sie das waren, ist nichts zu tun. Wenn nicht, wählen Sie sofort ein neues Passwort: Das beendet auch alle Sitzungen.',
    ],
    links: [{ label: 'Neues Passwort wählen', url: resetUrl }],
    reason: hasAccount(companyName),
  }),

  addressChanged: ({ companyName, name, former, present, signInUrl }) => ({
    subject: `${brief(companyName)}: Sie melden sich jetzt mit einer anderen Adresse an`,
    preview: `Im Verzeichnis von ${brief(companyName)} steht für Sie eine andere E-Mail-Adresse.`,
    heading: `Guten Tag ${brief(name)}`,
    paragraphs: [
      `Im Verzeichnis von ${brief(companyName)} stand ${briefAddress(former)} als Ihre E-Mail-Adresse, jetzt steht dort ${briefAddress(present)}.`,
      `Von jetzt an melden Sie sich mit ${briefAddress(present)} an. Ihr Passwort bleibt gleich. Diese E-Mail geht an beide Adressen.`,
      'Wenn Sie das nicht erwartet haben, sagen Sie es Ihrer IT-Abteilung.',
    ],
    links: [{ label: 'Anmelden', url: signInUrl }],
    reason: hasAccount(companyName),
  }),

  teamReminder: ({ companyName, memberName, managerName, courses: listed, more }) => ({
    subject: `${brief(managerName)} erinnert Sie an ${courses(listed.length + more)}`,
    preview: listed.map(({ title }) => brief(title)).join(', '),
    heading: `Guten Tag ${brief(memberName)}`,
    paragraphs: [
      `${brief(managerName)} erinnert Sie an Ihre Schulungen:`,
      ...listed.map(({ title, dueOn, isOverdue }) => `${brief(title)}: ${dueWords(dueOn, isOverdue)}.`),
      ...(more > 0 ? [`Und ${count(more, { one: 'weiterer Kurs', other: 'weitere Kurse' })}.`] : []),
    ],
    links: listed.flatMap(({ title, link }) => (link === null ? [] : [{ label: `${brief(title)} öffnen`, url: link }])),
    reason: `Sie erhalten diese E-Mail, weil ${brief(managerName)} im Verzeichnis von ${brief(companyName)} als Ihre vorgesetzte Person eingetragen ist.`,
  }),

  weeklyReminder: ({ companyName, managerName, overdue, dueSoon, doneSinceLast, members, more, teamUrl, status, unsubscribe }) => ({
    subject: `Ihr Team in dieser Woche: ${count(overdue, { other: 'überfällig' })}, ${count(dueSoon, { other: 'bald fällig' })}`,
    preview: `Seit der letzten E-Mail abgeschlossen: ${courses(doneSinceLast)}.`,
    heading: `Guten Tag ${brief(managerName)}`,
    paragraphs: [
      `Ihr Team bei ${brief(companyName)}: ${count(overdue, { one: 'Kurs ist', other: 'Kurse sind' })} überfällig, ${count(dueSoon, { one: 'ist', other: 'sind' })} bald fällig, und ${count(doneSinceLast, { one: 'wurde', other: 'wurden' })} seit der letzten E-Mail abgeschlossen.`,
      ...members.map((member) => `${brief(member.name)}: ${memberWords(member)}.`),
      ...(more > 0 ? [`Und ${count(more, { one: 'weitere Person', other: 'weitere Personen' })}.`] : []),
    ],
    links: [
      { label: 'Ihr Team öffnen', url: teamUrl },
      ...(status === null ? [] : [{ label: 'Stand dieser Woche ohne Anmeldung ansehen', ...status }]),
      { label: 'Diese wöchentlichen E-Mails beenden', ...unsubscribe },
    ],
    reason: `Sie erhalten diese E-Mail, weil Sie bei ${brief(companyName)} ein Team leiten.`,
    unsubscribe,
  }),
};
