// The mails Muster sends to admins, as data, and how one becomes a subject, an HTML part and a text part.
import { renderHtmlPart } from './mail-html.ts';
import { renderTextPart } from './mail-plain-text.ts';
import { type Language, mailTexts, type MailDocument } from './mail-texts.ts';
import { oneLine, shorten } from './one-line.ts';

/** What a mail is about. Names and sentences may be anything; links must be absolute http(s) addresses. */
export type MailContent =
  /** After the first complete round. */
  | {
      readonly kind: 'integrationConnected';
      readonly companyName: string;
      readonly tenantName: string;
      /** Everything on the Pending for Approval list. */
      readonly pendingCount: number;
      /** How many of those look like people. */
      readonly people: number;
      /** The company's Pending for Approval list. */
      readonly listUrl: string;
      /** The company's page in the portal. */
      readonly portalUrl: string;
      /** When the next sync is, in words, for example "today at 18:00 (Europe/Zurich)". */
      readonly nextSyncText?: string;
    }
  /** When a later sync brought new people. */
  | {
      readonly kind: 'newUsersFound';
      readonly companyName: string;
      readonly newCount: number;
      readonly pendingCount: number;
      readonly listUrl: string;
    }
  /** Once, when the directory can no longer be read. */
  | {
      readonly kind: 'accessLost';
      readonly companyName: string;
      /** Who must act: the company (`theirs`), the operator (`ours`), or nobody can, the tenant is gone. */
      readonly owner: 'theirs' | 'ours' | 'gone';
      readonly reasonSentence: string;
      readonly nextStep: string;
      readonly settingsUrl: string;
    };

export type MailKind = MailContent['kind'];

export interface RenderedMail {
  /** One line without control characters, at most 150 characters. */
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Additional mail headers, for kinds that have any. */
  readonly headers?: Readonly<Record<string, string>>;
}

const greatestSubject = 150;

/** Renders a mail in a language. @throws TypeError when a link is not an absolute http or https address. */
export function renderMail(mail: MailContent, language: Language = 'en'): RenderedMail {
  const document = clean(mailTexts(mail, language));
  return {
    subject: shorten(document.subject, greatestSubject),
    html: renderHtmlPart(document, language),
    text: renderTextPart(document),
    ...(document.headers === undefined ? {} : { headers: document.headers }),
  };
}

/** Every text on one line, every link checked: whatever a catalogue put in from outside. */
function clean(document: MailDocument): MailDocument {
  return {
    ...document,
    subject: oneLine(document.subject),
    preview: oneLine(document.preview),
    heading: oneLine(document.heading),
    paragraphs: document.paragraphs.map(oneLine),
    links: document.links.map(({ label, url }) => ({ label: oneLine(label), url: requireWebAddress(url) })),
    reason: oneLine(document.reason),
  };
}

function requireWebAddress(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) throw new TypeError('A link in a mail must be an absolute http(s) address.');
  return parsed.href;
}
