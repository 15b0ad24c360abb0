// Every word of every mail, by language. A new language is one more catalogue; the compiler says which kinds it still lacks.
import type { MailContent, MailKind } from './mail-content.ts';
import { englishMailTexts } from './mail-texts-english.ts';

/** The languages there is a catalogue for, as BCP 47 tags. */
export type Language = 'en';

/** A mail in words, before it is laid out. Texts are plain: nothing in them is markup. */
export interface MailDocument {
  readonly subject: string;
  /** What inboxes show behind the subject. */
  readonly preview: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  /** The first is the thing to do. Labels say where the link goes, read alone. */
  readonly links: readonly { readonly label: string; readonly url: string }[];
  /** Why the reader gets this mail. */
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One language: for each kind of mail, its words. */
export type MailCatalogue = {
  readonly [Kind in MailKind]: (mail: Extract<MailContent, { readonly kind: Kind }>) => MailDocument;
};

const catalogues: Readonly<Record<Language, MailCatalogue>> = { en: englishMailTexts };

/** The words of one mail in one language. */
export function mailTexts(mail: MailContent, language: Language): MailDocument {
  const catalogue = catalogues[language];
  switch (mail.kind) {
    case 'integrationConnected':
      return catalogue.integrationConnected(mail);
    case 'newUsersFound':
      return catalogue.newUsersFound(mail);
    case 'accessLost':
      return catalogue.accessLost(mail);
    default:
      return mail satisfies never;
  }
}
