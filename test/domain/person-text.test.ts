// Directory text in lists, searches, subjects and spreadsheets, with names from everywhere and with hostile ones.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  displayNameOf,
  foldText,
  matchesSearch,
  shortLine,
  safeCsvCell,
  searchTextOf,
  sortKeyOf,
} from '../../shared/domain/person-text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.nat(0xff_ff).map((unit) => String.fromCharCode(unit)) }),
);
const maybeText = fc.option(anyText);
const controls = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]/u;

describe('shortLine', () => {
  it.each([
    { text: 'Weekly  digest', max: 50, line: 'Weekly digest' },
    { text: 'Subject\r\nBcc: everyone@example.com', max: 50, line: 'Subject Bcc: everyone@example.com' },
    { text: '\u0000\u001B[31mred\u0007', max: 50, line: '[31mred' },
    { text: 'invoice\u202Efdp.exe', max: 50, line: 'invoicefdp.exe' },
    { text: '\u200B\uFEFF \u2028', max: 50, line: '' },
    { text: 'نامه\u200Cها', max: 50, line: 'نامه\u200Cها' },
    { text: 'abcdef', max: 6, line: 'abcdef' },
    { text: 'abcdefg', max: 6, line: 'abcde…' },
    { text: 'ab😀cd', max: 4, line: 'ab…' },
    { text: 'half \uD83D', max: 50, line: 'half \uFFFD' },
  ])('makes "$line"', ({ text, max, line }) => {
    expect(shortLine(text, max)).toBe(line);
  });

  it('is short, well-formed and free of controls for any text', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, max) => {
        const line = shortLine(text, max);
        expect(line.length).toBeLessThanOrEqual(max);
        expect(line).not.toMatch(controls);
        expect(line.isWellFormed()).toBe(true);
        expect(shortLine(line, max)).toBe(line);
      }),
    );
  });
});

describe('foldText', () => {
  it.each([
    ['José Núñez', 'jose nunez'],
    ['STRASSE', 'strasse'],
    ['Straße', 'strasse'],
    ['Łukasz Żółw', 'lukasz zolw'],
    ['Bjørn Ærø', 'bjorn aero'],
    ['İstanbul ISPARTA ılgaz', 'istanbul isparta ilgaz'],
    ['ΟΔΥΣΣΕΥΣ', foldText('Οδυσσεύς')],
    ['Ｆｕｌｌ　Ｗｉｄｔｈ', 'full width'],
    ['Андрей', 'андреи'],
    ['हिन्दी', 'हिन्दी'],
    ['한국어', '한국어'],
    [' tab\tand  spaces\n', 'tab and spaces'],
  ])('folds %s', (text, folded) => {
    expect(foldText(text)).toBe(folded);
  });

  it('changes nothing more the second time', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(foldText(foldText(text))).toBe(foldText(text));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('sortKeyOf', () => {
  const byKey = (names: readonly (string | null)[]): readonly (string | null)[] =>
    names.toSorted((one, other) => (sortKeyOf(one, 'm@example.com', null) < sortKeyOf(other, 'm@example.com', null) ? -1 : 1));

  it('orders names as people expect, nameless users last', () => {
    expect(byKey(['zoe', null, 'Émile', 'adam', 'Emil', '山田', 'Øyvind', '😀'])).toEqual([
      'adam',
      'Emil',
      'Émile',
      'Øyvind',
      'zoe',
      '山田',
      '😀',
      null,
    ]);
  });

  it('orders nameless users by address', () => {
    expect(sortKeyOf(null, 'a@example.com', 'z@example.com') < sortKeyOf('', undefined, 'b@example.com')).toBe(true);
  });

  it('is at most 80 long and puts any name before any missing one', () => {
    fc.assert(
      fc.property(anyText, maybeText, maybeText, (name, mail, upn) => {
        const key = sortKeyOf(name, mail, upn);
        expect(key.length).toBeLessThanOrEqual(80);
        expect(key.isWellFormed()).toBe(true);
        if (/[\p{L}\p{N}]/u.test(name)) expect(key < sortKeyOf(null, null, null)).toBe(true);
      }),
    );
  });
});

describe('search', () => {
  const text = searchTextOf({
    displayName: 'Żaneta Müller-Lüdenscheidt',
    mail: 'Z.Mueller@Example.com',
    userPrincipalName: 'z.mueller@example.com',
  });

  it('keeps an address that is mail and sign-in name only once', () => {
    expect(text).toBe('zaneta muller-ludenscheidt z.mueller@example.com');
  });

  it.each([
    { query: 'zaneta', found: true },
    { query: 'MÜLLER żan', found: true },
    { query: 'lüden', found: true },
    { query: '  ', found: true },
    { query: '@example.com', found: true },
    { query: 'zaneta schmidt', found: false },
  ])('"$query" is found: $found', ({ query, found }) => {
    expect(matchesSearch(text, query)).toBe(found);
  });

  it('finds the address behind the longest name', () => {
    const long = searchTextOf({ displayName: 'x'.repeat(256), mail: 'ada@example.com' });
    expect(matchesSearch(long, 'ada@example')).toBe(true);
  });

  it('is at most 160 long for any fields', () => {
    fc.assert(
      fc.property(maybeText, maybeText, maybeText, (displayName, mail, userPrincipalName) => {
        expect(searchTextOf({ displayName, mail, userPrincipalName }).length).toBeLessThanOrEqual(160);
      }),
    );
  });

  it('finds everybody by each word of a name that is not over-long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 8 }), (displayName) => {
        const whole = searchTextOf({ displayName, mail: 'm@example.com' });
        for (const word of displayName.split(' ')) expect(matchesSearch(whole, word)).toBe(true);
      }),
    );
  });
});

describe('safeCsvCell', () => {
  it.each([
    ['=HYPERLINK("http://evil.example","x")', `'=HYPERLINK("http://evil.example","x")`],
    ['+49 30 1234', "'+49 30 1234"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\rx', "'\rx"],
    ['  =1', "'  =1"],
    ['＝1', "'＝1"],
    ['Ada Lovelace', 'Ada Lovelace'],
    ['a=b', 'a=b'],
    ['', ''],
  ])('%j becomes %j', (value, cell) => {
    expect(safeCsvCell(value)).toBe(cell);
  });

  it('never starts like a formula, and keeps the text behind the guard', () => {
    fc.assert(
      fc.property(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', ' ', '', "'"), anyText, (start, rest) => {
        const cell = safeCsvCell(start + rest);
        expect(cell).not.toMatch(/^\s*[=+\-@]|^[\t\r]/u);
        expect(cell === start + rest || cell === `'${start}${rest}`).toBe(true);
      }),
    );
  });
});

describe('displayNameOf', () => {
  it.each([
    { fields: { displayName: 'Ada', mail: 'a@example.com' }, name: 'Ada' },
    { fields: { displayName: ' \u202E ', mail: 'a@example.com' }, name: 'a@example.com' },
    { fields: { displayName: null, mail: null, userPrincipalName: 'a@example.com' }, name: 'a@example.com' },
    { fields: {}, name: '(no name)' },
  ])('$name', ({ fields, name }) => {
    expect(displayNameOf(fields)).toBe(name);
  });

  it('is a non-empty line for any fields', () => {
    fc.assert(
      fc.property(maybeText, maybeText, (displayName, mail) => {
        expect(displayNameOf({ displayName, mail })).not.toBe('');
        expect(displayNameOf({ displayName, mail })).not.toMatch(controls);
      }),
    );
  });
});
