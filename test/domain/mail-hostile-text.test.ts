// Names, titles and addresses come from strangers: whatever they are, a mail stays a short mail, in every language, with its own markup alone.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleLogoUrl, exampleToken, mailExamples, mailKinds } from '../../sandbox/email/examples.ts';
import { type Language, languages } from '../../shared/domain/company.ts';
import { type MailContent, type MailKind, renderMail } from '../../shared/domain/mail-content.ts';

const every = mailKinds.flatMap((kind) => languages.map((language) => ({ kind, language })));

const fromOutside = /Name$|^name$|^title$|^former$|^present$|^reasonSentence$|^nextStep$|^nextSyncText$/;

/** The example of a kind, every text from outside replaced. */
const withText = (kind: MailKind, text: string): MailContent =>
  JSON.parse(JSON.stringify(mailExamples[kind]), (key, value: unknown) => (fromOutside.test(key) ? text : value));

const render = (mail: MailContent, language: Language, logoUrl: string | null = null) =>
  renderMail(mail, { language, logoUrl, tokenOf: exampleToken });

/** The tags of a document, in order, without texts and attribute values. */
const skeleton = (markup: string): readonly string[] => markup.match(/<[^>]*>/g)?.map((tag) => tag.replace(/"[^"]*"/g, '""')) ?? [];

const hostile = {
  'of 10,000 letters': 'x'.repeat(10_000),
  'of 10,000 words': 'word '.repeat(10_000),
  'of 10,000 marks on one letter': `e${'\u0301'.repeat(10_000)}`,
  'of 1,000 families': '👩‍👩‍👧'.repeat(1_000),
  'that is markup': '<img src=x onerror=alert(1)></title></style><script>alert(1)</script>',
  'that ends an attribute': '" onload="alert(1)" \' onload=\'alert(1)',
  'that is a formula': '=HYPERLINK("https://evil.example")',
  'with line ends': 'a\r\nBcc: x@evil.example\r\n\r\n<p>',
  'that reverses text': '\u202Ecod.exe\u202C \u2066مدير\u2069 אבג',
  'of broken surrogates': '\uD800x\uDC00',
  'of entities': '&lt;b&gt; &amp;',
  'of replacement patterns': "$& $1 $` $'",
  'of nothing': '',
} as const;

describe.each(Object.entries(hostile))('a text %s', (_, text) => {
  it.each(every)('stays a text, and short: $kind in $language', ({ kind, language }) => {
    const mail = render(withText(kind, text), language);
    expect(skeleton(mail.html)).toEqual(skeleton(render(withText(kind, 'x'), language).html));
    expect(mail.html.replace(/\u2067[^\u2067\u2069]+\u2069/g, '')).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
    expect(mail.html.isWellFormed() && mail.text.isWellFormed()).toBe(true);
    expect(mail.subject).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u);
    for (const paragraph of mail.text.split('\n\n')) expect(Array.from(paragraph).length).toBeLessThan(8_000);
    if (!/👩|\u0301/.test(text)) expect(mail.text.length).toBeLessThan(3_500);
    expect(mail.html.length).toBeLessThan(60_000);
  });
});

describe('a name written from right to left', () => {
  const { weeklyReminder } = mailExamples;
  const lineOf = (name: string) => {
    const mail = render({ ...weeklyReminder, members: [{ name, overdue: 3, dueSoon: 0 }] }, 'en');
    return mail.text.split('\n').find((line) => line.endsWith(': 3 overdue.'));
  };

  it.each(['אבג', 'محمد عبد الله', 'נועה כהן-לוי', 'مُحَمَّد', 'می‌خواهم'])('stays apart from the number behind it: %s', (name) => {
    expect(lineOf(name)).toBe(`\u2067${name}\u2069: 3 overdue.`);
  });

  it.each(['Zoë Brunner', 'Ωμέγα', '李小龍', '🦷 Dental'])('is no other name: %s', (name) => {
    expect(lineOf(name)).toBe(`${name}: 3 overdue.`);
  });
});

describe('a picture', () => {
  const { managerInvited, newUsersFound } = mailExamples;
  const plain = skeleton(render(managerInvited, 'en').html);
  const pictured = skeleton(render(managerInvited, 'en', exampleLogoUrl).html);

  it('stands above the name of the company, with a fixed height and without words of its own', () => {
    const { html, text } = render(managerInvited, 'de', exampleLogoUrl);
    expect(html).toMatch(/<img src="https:\/\/alpinedental\.example\/logo\.png" alt="" height="40" [^>]*>\n<p [^>]*>Alpine Dental<\/p>/);
    expect(text).toBe(render(managerInvited, 'de').text);
  });

  it('is not there without an address, and never in mails to admins', () => {
    expect(plain.filter((tag) => tag.startsWith('<img'))).toEqual([]);
    expect(render(newUsersFound, 'en', exampleLogoUrl).html).not.toContain('<img');
  });

  it.each([
    'javascript:alert(1)',
    'data:image/svg+xml,<svg onload=alert(1)>',
    'http://alpinedental.example/logo.png',
    '//alpinedental.example/logo.png',
    '/logo.png',
    'logo',
    '',
  ])('whose address is "%s" is left out, and the mail is sent without it', (logoUrl) => {
    expect(skeleton(render(managerInvited, 'en', logoUrl).html)).toEqual(plain);
  });

  it('never breaks out of its attribute, whatever its address is', () => {
    const pieces = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"', "'", '>', '<script>', ' onerror=', '\r\n', '&quot;', '`'));
    const addresses = fc.tuple(fc.constantFrom('https://logo.example/', 'https://', ''), fc.array(pieces));
    fc.assert(
      fc.property(addresses, ([start, rest]) => {
        const { html } = render(managerInvited, 'en', start + rest.join(''));
        expect([plain, pictured]).toContainEqual(skeleton(html));
      }),
    );
  });
});
