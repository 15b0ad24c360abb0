// Every word of every mail, by language. A new language is one more catalogue; the compiler says which kinds it still lacks.
import type { MailContent, MailKind, TokenLink } from './mail-content.ts';
import type { Language } from './company.ts';
import { englishMailTexts } from './mail-texts-english.ts';
import { germanMailTexts } from './mail-texts-german.ts';
import { spanishMailTexts } from './mail-texts-spanish.ts';

/** A mail in words, before it is laid out. Texts are plain: nothing in them is markup. */
export interface MailDocument {
  readonly subject: string;
  /** What inboxes show behind the subject. */
  readonly preview: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  /** The first is the thing to do. Labels say where the link goes, read alone. */
  readonly links: readonly { readonly label: string; readonly url: string; readonly tokenId?: string }[];
  /** Why the reader gets this mail. */
  readonly reason: string;
  /** For mails that come again and again: where one click ends them. */
  readonly unsubscribe?: TokenLink;
}

/** One language: for each kind of mail, its words. */
export type MailCatalogue = {
  readonly [Kind in MailKind]: (mail: Extract<MailContent, { readonly kind: Kind }>) => MailDocument;
};

/** By language; each has the same kinds. */
export const mailCatalogues: Readonly<Record<Language, MailCatalogue>> = {
  en: englishMailTexts,
  de: germanMailTexts,
  es: spanishMailTexts,
};

/** The words of one mail in one language. */
export function mailTexts(mail: MailContent, language: Language): MailDocument {
  const catalogue = mailCatalogues[language];
  switch (mail.kind) {
    case 'integrationConnected':
      return catalogue.integrationConnected(mail);
    case 'newUsersFound':
      return catalogue.newUsersFound(mail);
    case 'accessLost':
      return catalogue.accessLost(mail);
    case 'managerInvited':
      return catalogue.managerInvited(mail);
    case 'passwordReset':
      return catalogue.passwordReset(mail);
    case 'accountNotice':
      return catalogue.accountNotice(mail);
    case 'addressChanged':
      return catalogue.addressChanged(mail);
    case 'teamReminder':
      return catalogue.teamReminder(mail);
    case 'weeklyReminder':
      return catalogue.weeklyReminder(mail);
    default:
      return mail satisfies never;
  }
}
