// The words of the mails in every language: nothing is missing, nothing was left in English, numbers and days are written as they are there.
import { describe, expect, it } from 'vitest';
import { mailExamples, mailKinds } from '../../sandbox/email/examples.ts';
import { type Language, languages } from '../../shared/domain/company.ts';
import { accountHappenings, type MailContent, renderMail } from '../../shared/domain/mail-content.ts';
import { mailCatalogues, type MailDocument, mailTexts } from '../../shared/domain/mail-texts.ts';

const { integrationConnected, newUsersFound, accessLost, managerInvited, passwordReset, accountNotice, teamReminder, weeklyReminder } =
  mailExamples;
const { nextSyncText: _, ...connectedForGood } = integrationConnected;

/** Every sentence that any mail can have. */
const mails: readonly MailContent[] = [
  ...Object.values(mailExamples),
  { ...connectedForGood, people: 0, pendingCount: 1 },
  { ...integrationConnected, people: 1, pendingCount: 1 },
  { ...newUsersFound, newCount: 1, pendingCount: 1 },
  { ...newUsersFound, newCount: 1, pendingCount: 2 },
  ...(['theirs', 'ours', 'gone'] as const).map((owner) => ({ ...accessLost, owner })),
  { ...managerInvited, teamSize: 1 },
  { ...managerInvited, tokenId: null },
  { ...passwordReset, validMinutes: 1 },
  ...accountHappenings.map((what) => ({ ...accountNotice, what })),
  { ...teamReminder, courses: teamReminder.courses.slice(0, 1), more: 0 },
  { ...teamReminder, courses: teamReminder.courses.slice(0, 1), more: 1 },
  { ...weeklyReminder, overdue: 0, dueSoon: 0, doneSinceLast: 0, members: [], more: 0, status: null },
  { ...weeklyReminder, overdue: 1, dueSoon: 1, doneSinceLast: 1 },
];

const textsOf = ({ subject, preview, heading, paragraphs, links, reason }: MailDocument): readonly string[] => [
  subject,
  preview,
  heading,
  ...paragraphs,
  ...links.map(({ label }) => label),
  reason,
];

/** Texts that come from outside and stand in a mail as they are. */
const outside = new Set([
  accessLost.reasonSentence,
  ...[teamReminder.courses, teamReminder.courses.slice(0, 1)].map((courses) => courses.map(({ title }) => title).join(', ')),
]);

describe('the catalogues', () => {
  it.each(languages)('have the same kinds: %s', (language) => {
    expect(Object.keys(mailCatalogues[language]).toSorted()).toEqual(mailKinds.toSorted());
  });

  it.each(languages.filter((language) => language !== 'en'))('say everything in their own words: %s', (language) => {
    for (const mail of mails) {
      const [english, own] = [mailTexts(mail, 'en'), mailTexts(mail, language)];
      expect(own.unsubscribe).toEqual(english.unsubscribe);
      expect(own.paragraphs).toHaveLength(english.paragraphs.length);
      expect(own.links.map(({ url, tokenId }) => [url, tokenId])).toEqual(english.links.map(({ url, tokenId }) => [url, tokenId]));
      const left = textsOf(own).filter((text, index) => text === textsOf(english)[index] && !outside.has(text));
      expect(left).toEqual([]);
    }
  });

  it.each(languages)('leave no hole where something is put in, and no blank: %s', (language) => {
    for (const mail of mails) {
      for (const text of textsOf(mailTexts(mail, language))) {
        expect(text).not.toMatch(/undefined|null|NaN|\[object|\$\{|^$|^ | $| {2}/);
      }
    }
  });

  it.each(languages)('end each sentence, and no subject, label or greeting: %s', (language) => {
    for (const mail of mails) {
      const { subject, paragraphs, links, reason } = mailTexts(mail, language);
      for (const sentence of [...paragraphs, reason]) expect(sentence).toMatch(/[.:]$/);
      for (const words of [subject, ...links.map(({ label }) => label)]) expect(words).not.toMatch(/[.:]$/);
    }
  });
});

const tokenOf = (tokenId: string) => tokenId;
const read = (mail: MailContent, language: Language) => {
  const { subject, text } = renderMail(mail, { language, tokenOf });
  return `${subject}\n\n${text}`;
};

describe('numbers', () => {
  it.each([
    ['en', 1, 'your team: 1 person at present.'],
    ['en', 1234, 'your team: 1,234 people at present.'],
    ['de', 1, 'Ihres Teams: derzeit 1 Person.'],
    ['de', 1234, 'Ihres Teams: derzeit 1.234 Personen.'],
    ['es', 1, 'su equipo: 1 persona en este momento.'],
    ['es', 12345, 'su equipo: 12.345 personas en este momento.'],
  ] as const)('have the right word and separator in %s: %i', (language, teamSize, words) => {
    expect(read({ ...managerInvited, teamSize }, language)).toContain(words);
  });

  it.each([
    ['en', 0, 'Your team this week: 0 overdue, 0 due soon', '0 courses are overdue, 0 are due soon, and 0 were done since'],
    ['en', 1, 'Your team this week: 1 overdue, 1 due soon', '1 course is overdue, 1 is due soon, and 1 was done since'],
    ['de', 0, 'in dieser Woche: 0 überfällig, 0 bald fällig', '0 Kurse sind überfällig, 0 sind bald fällig, und 0 wurden seit'],
    ['de', 1, 'in dieser Woche: 1 überfällig, 1 bald fällig', '1 Kurs ist überfällig, 1 ist bald fällig, und 1 wurde seit'],
    ['es', 0, 'esta semana: 0 vencidos, 0 vencen pronto', '0 cursos están vencidos, 0 vencen pronto y 0 se completaron desde'],
    ['es', 1, 'esta semana: 1 vencido, 1 vence pronto', '1 curso está vencido, 1 vence pronto y 1 se completó desde'],
  ] as const)('agree with their verbs in %s: %i', (language, number, subject, sentence) => {
    const mail = read({ ...weeklyReminder, overdue: number, dueSoon: number, doneSinceLast: number }, language);
    expect(mail).toContain(subject);
    expect(mail).toContain(sentence);
  });

  it.each([
    ['de', 1, 'erinnert Sie an 1 Kurs\n', null],
    ['de', 2, 'erinnert Sie an 2 Kurse\n', 'Und 1 weiterer Kurs.'],
    ['de', 3, 'erinnert Sie an 3 Kurse\n', 'Und 2 weitere Kurse.'],
    ['es', 1, 'le recuerda 1 curso\n', null],
    ['es', 2, 'le recuerda 2 cursos\n', 'Y 1 curso más.'],
    ['es', 3, 'le recuerda 3 cursos\n', 'Y 2 cursos más.'],
  ] as const)('count all courses and those left out in %s: %i', (language, number, subject, rest) => {
    const mail = read({ ...teamReminder, courses: teamReminder.courses.slice(0, 1), more: number - 1 }, language);
    expect(mail).toContain(subject);
    if (rest === null) expect(mail).not.toMatch(/\n(Und|Y) \d/);
    else expect(mail).toContain(`\n${rest}\n`);
  });
});

describe('days and times', () => {
  it.each([
    ['en', 'until Monday, 16 March 2026.', 'When: Monday, 16 March 2026 at 13:05 (Europe/Zurich).'],
    ['de', 'bis Montag, 16. März 2026.', 'Wann: Montag, 16. März 2026 um 13:05 (Europe/Zurich).'],
    ['es', 'hasta el lunes, 16 de marzo de 2026.', 'Cuándo: lunes, 16 de marzo de 2026, 13:05 (Europe/Zurich).'],
  ] as const)('are written as in %s, in the zone of the company', (language, day, instant) => {
    expect(read(managerInvited, language)).toContain(day);
    expect(read(accountNotice, language)).toContain(instant);
  });

  it.each([
    ['en', 'overdue since Monday, 2 March 2026.', 'due on Monday, 16 March 2026.', 'without a due date.'],
    ['de', 'überfällig seit Montag, 2. März 2026.', 'fällig am Montag, 16. März 2026.', 'ohne Termin.'],
    ['es', 'vencido desde el lunes, 2 de marzo de 2026.', 'vence el lunes, 16 de marzo de 2026.', 'sin fecha límite.'],
  ] as const)('of courses say what is overdue, what is due and what has no day: %s', (language, ...endings) => {
    const { paragraphs } = mailTexts(teamReminder, language);
    expect(paragraphs.slice(1, 4)).toEqual(teamReminder.courses.map(({ title }, index) => `${title}: ${endings[index]}`));
  });
});
