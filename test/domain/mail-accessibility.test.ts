// Every mail in every language for people who listen to it, see little, or see no pictures.
import { source as axeSource } from 'axe-core';
import { JSDOM, type PageElement } from 'jsdom';
import { describe, expect, it } from 'vitest';
import { exampleLogoUrl, exampleToken, mailExamples, mailKinds } from '../../sandbox/email/examples.ts';
import { type Language, languages } from '../../shared/domain/company.ts';
import { type MailKind, renderMail } from '../../shared/domain/mail-content.ts';

/** Needs a layout, or belongs to the page of the mail program around the mail, which has landmarks of its own. */
const notOfAMail = ['color-contrast', 'region', 'landmark-one-main'];

function open(kind: MailKind, language: Language, logoUrl: string | null = exampleLogoUrl): JSDOM['window'] {
  const { html } = renderMail(mailExamples[kind], { language, logoUrl, tokenOf: exampleToken });
  return new JSDOM(html, { runScripts: 'outside-only' }).window;
}

describe.each(mailKinds.flatMap((kind) => languages.map((language) => ({ kind, language }))))(
  '$kind in $language',
  ({ kind, language }) => {
    it('has nothing that axe objects to', async () => {
      const window = open(kind, language);
      window.eval(axeSource);
      const { violations, passes } = await window.axe.run(window.document.documentElement, {
        rules: Object.fromEntries(notOfAMail.map((rule) => [rule, { enabled: false }])),
      });
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
      expect(passes.map(({ id }) => id)).toEqual(
        expect.arrayContaining(['document-title', 'html-has-lang', 'html-lang-valid', 'link-name']),
      );
      window.close();
    });

    it('names its language and its subject, has one heading, and links that are told apart by their words', () => {
      const { document } = open(kind, language);
      expect(document.documentElement.getAttribute('lang')).toBe(language);
      expect(Array.from(document.body.querySelectorAll('[lang]'), (element) => element.getAttribute('lang'))).toEqual([language]);
      expect(document.title).toBe(renderMail(mailExamples[kind], { language, tokenOf: exampleToken }).subject);
      expect(Array.from(document.querySelectorAll('h1, h2, h3'), ({ tagName }) => tagName)).toEqual(['H1']);
      const words = Array.from(document.querySelectorAll('a'), ({ textContent }) => textContent.trim());
      expect(words.filter((each) => each.length < 4)).toEqual([]);
      expect(new Set(words).size).toBe(words.length);
    });

    it('says the same without pictures', () => {
      const said = (logoUrl: string | null) => open(kind, language, logoUrl).document.body.textContent.replace(/\s+/g, ' ');
      const { document } = open(kind, language);
      for (const picture of document.querySelectorAll('img'))
        expect([picture.getAttribute('alt'), picture.getAttribute('height')]).toEqual(['', '40']);
      expect(said(exampleLogoUrl)).toBe(said(null));
      expect(said(null)).toContain('Alpine Dental');
    });
  },
);

type Scheme = 'light' | 'dark';
interface Colours {
  readonly text: string;
  readonly background: string;
}

/** What the style element says of a class in the dark. */
function darkColours(styles: string): ReadonlyMap<string, { readonly color?: string; readonly background?: string }> {
  const rules = styles.matchAll(/\.(\w+) \{ (color|background-color): (#\w+) !important; \}/g);
  return new Map(
    [...rules].map(([, name = '', property, value = '']) => [name, property === 'color' ? { color: value } : { background: value }]),
  );
}

/** The colours of an element: its own, or those of what it stands in. */
function coloursOf(element: PageElement, scheme: Scheme, dark: ReturnType<typeof darkColours>): Colours {
  let [text, background] = ['', ''];
  for (let each: PageElement | null = element; each !== null; each = each.parentElement) {
    const own = scheme === 'dark' ? dark.get(each.classList.value) : undefined;
    text ||= own?.color ?? each.style.color;
    background ||= own?.background ?? each.style.backgroundColor;
  }
  return { text, background };
}

/** WCAG 2.2, "relative luminance". @param colour `#rrggbb` or `rgb(r, g, b)` */
function luminance(colour: string): number {
  const parts = colour.startsWith('#')
    ? (colour.match(/\w\w/g) ?? []).map((part) => Number.parseInt(part, 16))
    : (colour.match(/\d+/g) ?? []).map(Number);
  const [red = Number.NaN, green = Number.NaN, blue = Number.NaN] = parts.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2, "contrast ratio": from 1 to 21. */
function contrast({ text, background }: Colours): number {
  const [dim = Number.NaN, bright = Number.NaN] = [luminance(text), luminance(background)].toSorted((left, right) => left - right);
  return (bright + 0.05) / (dim + 0.05);
}

describe('contrast', () => {
  it('is computed as WCAG does', () => {
    expect(contrast({ text: '#000000', background: 'rgb(255, 255, 255)' })).toBeCloseTo(21, 5);
    expect(contrast({ text: '#777777', background: '#ffffff' })).toBeCloseTo(4.48, 2);
  });

  it.each(['light', 'dark'] as const)('is at least 4.5 for every text in %s mode', (scheme) => {
    const { document } = open('weeklyReminder', 'en');
    const dark = darkColours(Array.from(document.querySelectorAll('style'), ({ textContent }) => textContent).join(''));
    expect([...dark.keys()].toSorted()).toEqual(['card', 'link', 'page', 'quiet', 'words']);
    const texts = [...document.body.querySelectorAll('p, h1, a')].filter(({ childNodes }) =>
      [...childNodes].some(({ nodeType, textContent }) => nodeType === 3 && textContent?.trim()),
    );
    expect(texts.length).toBeGreaterThan(8);
    const ratios = texts.map((element) => ({ words: element.textContent, ratio: contrast(coloursOf(element, scheme, dark)) }));
    expect(ratios.filter(({ ratio }) => !(ratio >= 4.5))).toEqual([]);
  });
});
