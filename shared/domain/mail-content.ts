// The mails Muster sends, as data, and how one becomes a subject, an HTML part and a text part.
import { type CompanyHeader, renderHtmlPart } from './mail-html.ts';
import { renderTextPart } from './mail-plain-text.ts';
import type { Language } from './company.ts';
import { mailTexts, type MailDocument } from './mail-texts.ts';
import { brief, oneLine, shorten } from './one-line.ts';
import { isolateRightToLeft } from './right-to-left.ts';

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
    }
  /** The way into the User Portal, for a manager who has none yet. */
  | {
      readonly kind: 'managerInvited';
      readonly companyName: string;
      readonly managerName: string;
      readonly teamSize: number;
      readonly acceptUrl: string;
      /**
       * Names the token of the link; its secret joins it when the mail is rendered. `null` where managers sign in with Microsoft: that link
       * opens nothing by itself.
       */
      readonly tokenId: string | null;
      /** A local day, `YYYY-MM-DD`. */
      readonly expiresOn: string;
    }
  | {
      readonly kind: 'passwordReset';
      readonly companyName: string;
      readonly name: string;
      readonly resetUrl: string;
      readonly tokenId: string;
      readonly validMinutes: number;
    }
  /** What happened to an account, told to the person whose it is. */
  | {
      readonly kind: 'accountNotice';
      readonly companyName: string;
      readonly name: string;
      readonly what: AccountHappening;
      /** A UTC instant, shown in the company's time zone. */
      readonly at: string;
      readonly timeZone: string;
      /** Where a new password is asked for. */
      readonly resetUrl: string;
    }
  /** To the old and to the new address, when the directory has changed the one that is used to sign in. */
  | {
      readonly kind: 'addressChanged';
      readonly companyName: string;
      readonly name: string;
      readonly former: string;
      readonly present: string;
      readonly signInUrl: string;
    }
  /** From a manager to one member of the team. */
  | {
      readonly kind: 'teamReminder';
      readonly companyName: string;
      readonly memberName: string;
      readonly managerName: string;
      readonly courses: readonly CourseLine[];
      /** Courses beyond those that are listed. */
      readonly more: number;
    }
  /** Once a week to a manager. */
  | {
      readonly kind: 'weeklyReminder';
      readonly companyName: string;
      readonly managerName: string;
      readonly overdue: number;
      readonly dueSoon: number;
      readonly doneSinceLast: number;
      /** Those with most to do. */
      readonly members: readonly MemberLine[];
      /** People with something to do beyond those that are listed. */
      readonly more: number;
      readonly teamUrl: string;
      /** A page that needs no account, where the company allows it. */
      readonly status: TokenLink | null;
      readonly unsubscribe: TokenLink;
    };

export const accountHappenings = ['signedInElsewhere', 'passwordChanged', 'secondFactorChanged'] as const;
export type AccountHappening = (typeof accountHappenings)[number];

/** A link whose token joins it when the mail is rendered. */
export interface TokenLink {
  readonly url: string;
  readonly tokenId: string;
}

export interface CourseLine {
  readonly title: string;
  /** A local day, `YYYY-MM-DD`. */
  readonly dueOn: string | null;
  readonly isOverdue: boolean;
  readonly link: string | null;
}

export interface MemberLine {
  readonly name: string;
  readonly overdue: number;
  readonly dueSoon: number;
}

export type MailKind = MailContent['kind'];

/** Mails to a company's people wear its language and picture; admins of many companies get theirs plain and in English. */
const readers: Readonly<Record<MailKind, 'admins' | 'people'>> = {
  integrationConnected: 'admins',
  newUsersFound: 'admins',
  accessLost: 'admins',
  managerInvited: 'people',
  passwordReset: 'people',
  accountNotice: 'people',
  addressChanged: 'people',
  teamReminder: 'people',
  weeklyReminder: 'people',
};

/** True for mails to managers and members of teams. */
export const isForPeople = (kind: MailKind): boolean => readers[kind] === 'people';

export interface RenderedMail {
  /** One line without control characters, at most 150 characters. */
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Further mail headers, for kinds that have any. */
  readonly headers?: Readonly<Record<string, string>>;
}

const greatestSubject = 150;
/** Also of what inboxes show behind the subject. */
const greatestPreview = 200;
const greatestParagraph = 1_000;

export interface Rendering {
  readonly language?: Language;
  /** A picture of the company; left out unless it is an absolute https address. */
  readonly logoUrl?: string | null;
  /** The text that opens a link, by the id of its token. It stands behind `#`, so that it reaches no server's log. */
  readonly tokenOf?: (tokenId: string) => string;
}

/**
 * Renders a mail in a language.
 * @throws TypeError when a link is not an absolute http or https address, or needs a token and `tokenOf` is absent
 */
export function renderMail(mail: MailContent, { language = 'en', logoUrl = null, tokenOf }: Rendering = {}): RenderedMail {
  const document = clean(withTokens(mailTexts(mail, language), tokenOf));
  return {
    subject: document.subject,
    html: renderHtmlPart(document, { language, company: isForPeople(mail.kind) ? companyHeader(mail.companyName, logoUrl) : null }),
    text: renderTextPart(document),
    ...(document.unsubscribe === undefined ? {} : { headers: unsubscribeHeaders(document.unsubscribe, tokenOf) }),
  };
}

/** A picture that cannot be shown is no reason to keep a mail back. */
function companyHeader(companyName: string, logoUrl: string | null): CompanyHeader {
  const parsed = logoUrl === null ? null : URL.parse(logoUrl);
  return { name: brief(companyName), logoUrl: parsed?.protocol === 'https:' ? parsed.href : null };
}

/** One click in the mail program, which sends a POST to the address (RFC 8058 §3.1): the token has to be in it. */
function unsubscribeHeaders({ url, tokenId }: TokenLink, tokenOf: Rendering['tokenOf']): Readonly<Record<string, string>> {
  const address = new URL(requireWebAddress(url));
  address.searchParams.set('token', requireToken(tokenId, tokenOf));
  return { 'List-Unsubscribe': `<${address.href}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

function requireToken(tokenId: string, tokenOf: Rendering['tokenOf']): string {
  if (tokenOf === undefined) throw new TypeError('This mail has a link with a token.');
  return tokenOf(tokenId);
}

function withTokens(document: MailDocument, tokenOf: Rendering['tokenOf']): MailDocument {
  const links = document.links.map(({ tokenId, label, url }) => {
    if (tokenId === undefined) return { label, url };
    return { label, url: `${url}#token=${requireToken(tokenId, tokenOf)}` };
  });
  return { ...document, links };
}

/** Every text on one line, every link checked: whatever a catalogue put in from outside. */
function clean(document: MailDocument): MailDocument {
  return {
    ...document,
    subject: shorten(oneLine(document.subject), greatestSubject),
    preview: shorten(oneLine(document.preview), greatestPreview),
    heading: oneLine(document.heading),
    paragraphs: document.paragraphs.map((paragraph) => isolateRightToLeft(shorten(oneLine(paragraph), greatestParagraph))),
    links: document.links.map(({ label, url }) => ({ label: oneLine(label), url: requireWebAddress(url) })),
    reason: oneLine(document.reason),
  };
}

function requireWebAddress(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) throw new TypeError('A link in a mail must be an absolute http(s) address.');
  return parsed.href;
}
