// Text from outside on one line: nothing breaks out of it, nothing hides in it, and names of all scripts stay whole.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine, shorten } from '../../shared/domain/one-line.ts';

const texts = fc.string({ unit: 'binary', maxLength: 60 });
const charactersOf = (text: string) => [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].length;

describe('one line', () => {
  it.each([
    ['a mail header', 'Ada\r\nBcc: eve@example.org', 'Ada Bcc: eve@example.org'],
    ['line and paragraph separators', 'a\u2028b\u2029c\u0085d', 'a b c d'],
    ['white space', ' \t a \u00A0 b\u3000 ', 'a b'],
    ['reversed text', 'invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['hidden text', 'a\u200Bb\uFEFFc\u00ADd', 'abcd'],
    ['broken surrogates', 'a\uD800b', 'a\uFFFDb'],
    ['no characters', 'a\uFFFEb\u{1FFFF}', 'ab'],
    ['a Persian name with its joiner', 'می\u200Cخواهم', 'می\u200Cخواهم'],
    ['a family', '👩‍👩‍👧', '👩‍👩‍👧'],
    ['an ordinary name', 'Änne-Marie O’Neill', 'Änne-Marie O’Neill'],
  ])('is made of %s', (_what, text, expected) => {
    expect(oneLine(text)).toBe(expected);
  });

  it('has no breaks, no control characters, no double spaces, and stays as it is', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const line = oneLine(text);
        expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]|\s\s|^\s|\s$/u);
        expect(line.isWellFormed()).toBe(true);
        expect(oneLine(line)).toBe(line);
      }),
    );
  });
});

describe('a shortened text', () => {
  it.each([
    ['as it is when it fits', 'Ada Lovelace', 12, 'Ada Lovelace'],
    ['cut at a word near the end', 'Ada Augusta Lovelace', 14, 'Ada Augusta…'],
    ['cut in a word where no end is near', 'Donaudampfschifffahrt', 6, 'Donau…'],
    ['cut between characters as people see them', '🇩🇪🇫🇷🇮🇹', 2, '🇩🇪…'],
    ['never ending in a space', 'abcd efgh', 6, 'abcd…'],
  ])('is %s', (_what, text, greatest, expected) => {
    expect(shorten(text, greatest)).toBe(expected);
  });

  it('is never longer than asked for, and begins as the text does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (text, greatest) => {
        const short = shorten(text, greatest);
        if (short === text) return;
        expect(charactersOf(short)).toBeLessThanOrEqual(greatest);
        expect(text.startsWith(short.slice(0, -1))).toBe(true);
        expect(short.endsWith('…')).toBe(true);
      }),
    );
  });
});
