// The mails as their reader sees them: right words and numbers, both parts with the links, and nothing from outside becoming markup.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, renderHtml } from '../../shared/domain/html.ts';
import { type MailContent, renderMail } from '../../shared/domain/mail-content.ts';
import { oneLine, shorten } from '../../shared/domain/one-line.ts';
import { makePlural } from '../../shared/domain/plural.ts';

const connected = {
  kind: 'integrationConnected',
  companyName: 'Alpine Dental',
  tenantName: 'Alpine Dental AG',
  pendingCount: 25,
  people: 19,
  listUrl: 'https://muster.example/companies/c1/users?decision=pending&page=1',
  portalUrl: 'https://muster.example/companies/c1',
  nextSyncText: 'today at 18:00 (Europe/Zurich).',
} as const satisfies MailContent;

const found = {
  kind: 'newUsersFound',
  companyName: 'Alpine Dental',
  newCount: 3,
  pendingCount: 12,
  listUrl: 'https://muster.example/companies/c1/users?decision=pending',
} as const satisfies MailContent;

const lost = {
  kind: 'accessLost',
  companyName: 'Alpine Dental',
  owner: 'theirs',
  reasonSentence: 'The consent was revoked.',
  nextStep: 'ask an administrator to connect again.',
  settingsUrl: 'https://muster.example/companies/c1/integration',
} as const satisfies MailContent;

describe('integrationConnected', () => {
  it('says who is connected and how many people wait, in subject and heading', () => {
    const { subject, text, html: htmlPart } = renderMail(connected);
    expect(subject).toBe('Alpine Dental is connected. 19 people are waiting for your approval');
    expect(text.startsWith(`${subject}.\n\n`)).toBe(true);
    expect(htmlPart).toContain(`>${subject}.</h1>`);
  });

  it('reads well as text', () => {
    expect(renderMail(connected).text).toBe(`Alpine Dental is connected. 19 people are waiting for your approval.

The first sync of the Microsoft 365 tenant Alpine Dental AG is complete.

Until you approve them, they take part in nothing, get no mail and are not billed.

The list also holds 6 entries that do not look like people, such as a room or a shared mailbox. Each shows why we think so.

From now on Muster follows the directory by itself.

Next sync: today at 18:00 (Europe/Zurich).

Open the Pending for Approval list of Alpine Dental:
https://muster.example/companies/c1/users?decision=pending&page=1

Open Alpine Dental in Muster:
https://muster.example/companies/c1

--
You get this mail because you administer Alpine Dental in Muster.
`);
  });

  it.each([
    [{ people: 1, pendingCount: 2 }, '1 person is waiting', '1 entry that does not look like a person'],
    [{ people: 2, pendingCount: 4 }, '2 people are waiting', '2 entries that do not look like people'],
    [{ people: 1234, pendingCount: 1236 }, '1,234 people are waiting', '2 entries that do not look like people'],
    [{ people: 0, pendingCount: 1 }, 'Nobody is waiting', '1 entry that does not look like a person'],
  ])('has the right number words for %j', (counts, waiting, entries) => {
    const { subject, text } = renderMail({ ...connected, ...counts });
    expect(subject).toBe(`Alpine Dental is connected. ${waiting} for your approval`);
    expect(text).toContain(entries);
  });

  it('says nothing of other entries, of waiting or of the next sync when there is none', () => {
    const { nextSyncText: _, ...rest } = connected;
    const { text } = renderMail({ ...rest, people: 0, pendingCount: 0 });
    expect(text).not.toMatch(/also holds|Until you approve|Next sync/);
  });
});

describe('newUsersFound', () => {
  it('tells new people from all who wait', () => {
    const { subject, text } = renderMail(found);
    expect(subject).toBe('3 new people in Alpine Dental: waiting for your approval');
    expect(text).toContain('With those from before, 12 people are waiting for your approval.');
  });

  it('does not speak of others when there are none', () => {
    const { subject, text } = renderMail({ ...found, newCount: 1, pendingCount: 1 });
    expect(subject).toBe('1 new person in Alpine Dental: waiting for your approval');
    expect(text).toContain('\n1 person is waiting for your approval.\n');
    expect(text).not.toContain('from before');
  });
});

describe('accessLost', () => {
  it.each([
    ['theirs', 'Only an administrator of the company’s Microsoft 365 tenant can put this right.'],
    ['ours', 'The fault is on our side. The company need not do anything.'],
    ['gone', 'The Microsoft 365 tenant itself seems to be gone.'],
  ] as const)('names the reason, the owner (%s), the next step, and that nothing was lost', (owner, sentence) => {
    const { subject, text } = renderMail({ ...lost, owner });
    expect(subject).toBe('Muster can no longer read the directory of Alpine Dental');
    for (const part of ['The consent was revoked.', sentence, 'Next step: ask an administrator', 'nobody is removed'])
      expect(text).toContain(part);
  });
});

/** Any text, with the characters that hurt most put in often. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('<script>', '</title>', '"', "' onload='x", '&amp;', '\r\nBcc: x@y.example', '\u202E', '\uD800'),
    ),
  )
  .map((pieces) => pieces.join(''));
const anyUrl = fc.webUrl({ withQueryParameters: true, withFragments: true }).map((url) => new URL(url).href);
const anyCount = fc.nat({ max: 100_000 });
const anyMail: fc.Arbitrary<MailContent> = fc.oneof(
  fc.record({
    kind: fc.constant('integrationConnected' as const),
    companyName: anyText,
    tenantName: anyText,
    pendingCount: anyCount,
    people: anyCount,
    listUrl: anyUrl,
    portalUrl: anyUrl,
    nextSyncText: anyText,
  }),
  fc.record({
    kind: fc.constant('newUsersFound' as const),
    companyName: anyText,
    newCount: anyCount,
    pendingCount: anyCount,
    listUrl: anyUrl,
  }),
  fc.record({
    kind: fc.constant('accessLost' as const),
    companyName: anyText,
    owner: fc.constantFrom('theirs' as const, 'ours' as const, 'gone' as const),
    reasonSentence: anyText,
    nextStep: anyText,
    settingsUrl: anyUrl,
  }),
);

/** The tags and attribute names of a document, in order; texts and attribute values left out. */
function skeleton(markup: string): readonly string[] {
  return markup.match(/<[^>]*>/g)?.map((tag) => tag.replace(/"[^"]*"/g, '""')) ?? [];
}

/** The same mail with harmless words: what the markup must look like. */
function harmless(mail: MailContent): MailContent {
  const entries = Object.entries(mail).map(([name, value]) => [name, /Name|Sentence|Step|Text/.test(name) ? 'x' : value]);
  return Object.fromEntries(entries) as MailContent;
}

describe('every kind of mail', () => {
  it('lets nothing from outside become markup', () => {
    fc.assert(
      fc.property(anyMail, (mail) => {
        expect(skeleton(renderMail(mail).html)).toEqual(skeleton(renderMail(harmless(mail)).html));
      }),
    );
  });

  it('has every link in both parts, alone on its line in the text', () => {
    fc.assert(
      fc.property(anyMail, (mail) => {
        const { html: htmlPart, text } = renderMail(mail);
        for (const [name, value] of Object.entries(mail)) {
          if (!name.endsWith('Url')) continue;
          expect(text.split('\n')).toContain(value);
          expect(htmlPart).toContain(renderHtml(html`href="${String(value)}"`));
        }
      }),
    );
  });

  it('has a subject of one short line without control characters', () => {
    fc.assert(
      fc.property(anyMail, (mail) => {
        const { subject } = renderMail(mail);
        expect(subject).toMatch(/^[^\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+$/u);
        expect(subject.isWellFormed()).toBe(true);
        expect(Array.from(new Intl.Segmenter('en').segment(subject)).length).toBeLessThanOrEqual(150);
      }),
    );
  });

  it('keeps the number in the subject when the name is long', () => {
    const { subject } = renderMail({
      ...connected,
      companyName: 'Vereinigte Zahnärzte der Zentralschweiz und angrenzender Regionen Genossenschaft',
    });
    expect(subject).toBe('Vereinigte Zahnärzte der Zentralschweiz und angrenzender… is connected. 19 people are waiting for your approval');
  });

  it.each([connected, found, lost])('is accessible and at home in dark mode: $kind', (mail) => {
    const { html: htmlPart } = renderMail(mail);
    expect(htmlPart).toMatch(/^<!doctype html>\n<html lang="en"/);
    expect(htmlPart.match(/<h1[ >]/g)).toHaveLength(1);
    expect(htmlPart).toContain('<meta name="color-scheme" content="light dark">');
    expect(htmlPart.match(/<table(?! role="presentation")/g)).toBeNull();
    expect(htmlPart).not.toMatch(/<img|<link|<script|url\(/);
    const linkTexts = Array.from(htmlPart.matchAll(/<a [^>]*>([^<]*)<\/a>/g), ([, words]) => words);
    expect(linkTexts.length).toBeGreaterThan(0);
    for (const words of linkTexts) expect(words).toContain('Alpine Dental');
  });

  it.each(['javascript:alert(1)', '/users', 'mailto:x@y.example', ''])('does not link to "%s"', (listUrl) => {
    expect(() => renderMail({ ...found, listUrl })).toThrow(TypeError);
  });
});

describe('the pieces', () => {
  it('escapes text, keeps pieces, joins lists and leaves out null', () => {
    const items = ['<b>', 'x'].map((text) => html`<li>${text}</li>`);
    expect(renderHtml(html`<ul title="${`"'&`}">${items}${null}${3}</ul>`)).toBe(
      '<ul title="&quot;&#39;&amp;"><li>&lt;b&gt;</li><li>x</li>3</ul>',
    );
  });

  it('makes one line of many and shows where a text was cut', () => {
    expect(oneLine('  a\r\n\tb\u0000c\u202Ed ')).toBe('a b cd');
    expect(shorten('short', 5)).toBe('short');
    expect(shorten('one two three', 10)).toBe('one two…');
    expect(shorten('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 2)).toBe('👩‍👩‍👧…');
  });

  it('follows the plural rules of other languages', () => {
    const polish = makePlural('pl');
    const forms = { one: 'osoba', few: 'osoby', many: 'osób', other: 'osoby' };
    expect([1, 2, 5, 22].map((count) => polish(count, forms))).toEqual(['1 osoba', '2 osoby', '5 osób', '22 osoby']);
  });
});
