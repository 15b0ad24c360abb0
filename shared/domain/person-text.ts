// Directory text made fit for sorting, searching, subjects, logs and spreadsheets. It comes from strangers, so nothing in it is trusted.
import { invisible, lineBreaking, oneLine, printableAscii } from './one-line.ts';
import type { DirectoryFields } from './user.ts';

const longestSortKey = 80;
const longestSearchText = 160;
/** Room for the address stays even behind the longest display name Graph allows (256 characters). */
const longestNameInSearchText = 64;
const longestDisplayName = 256;

/** Sorts after every name: names lose this character before they become a key. */
const afterEveryName = '\uFFFD';

/** Letters that Unicode does not decompose although people type them without the stroke, and the two Greek small sigmas. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ς: 'σ',
};
const strokedLetter = /[ßæœøłđðþıς]/gu;

// At the start of a cell these make a spreadsheet calculate (OWASP, "CSV Injection"); blanks before them are skipped by some programs.
const calculates = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/**
 * One line of plain text of at most `max` UTF-16 units: control characters and line breaks become one space, characters that hide
 * or reorder text (bidirectional overrides, zero-width marks) disappear, an over-long text ends in `…`. May be empty.
 */
export function shortLine(text: string, max: number): string {
  const line = oneLine(text);
  return line.length <= max ? line : `${cut(line, max - 1)}…`;
}

/**
 * Folds text for comparison: compatibility forms unified, Latin, Greek and Cyrillic diacritics stripped, lower case, one space
 * between words. Marks of other scripts stay: in Hindi or Thai they are vowels, not decoration.
 */
export function foldText(text: string): string {
  // Most directory text is plain ASCII, for which the rest comes to the same at many times the cost (100,000 users a round).
  if (printableAscii.test(text)) return text.toLowerCase().replace(/ {2,}/gu, ' ').trim();
  const bare = text
    .toWellFormed()
    .normalize('NFKD')
    .replace(/[\u0300-\u036F]/gu, '')
    .toLowerCase();
  const plain = bare.replace(strokedLetter, (letter) => plainLetters[letter] ?? letter).normalize('NFC');
  return plain.replace(invisible, '').replace(lineBreaking, ' ').trim();
}

/**
 * Key for ordering users by name, at most 80 UTF-16 units; compare with `<` (UTF-16 order). Users without a display name come last,
 * ordered by their address.
 */
export function sortKeyOf(displayName: string | null | undefined, mail: string | null | undefined, upn: string | null | undefined): string {
  const name = keyText(displayName);
  return cut(name === '' ? afterEveryName + (keyText(mail) || keyText(upn)) : name, longestSortKey);
}

/** Folded name, mail and user principal name for substring search, at most 160 UTF-16 units; each address appears once. */
export function searchTextOf(fields: DirectoryFields): string {
  const name = cut(foldText(fields.displayName ?? ''), longestNameInSearchText);
  const addresses = [fields.mail, fields.userPrincipalName].map((address) => foldText(address ?? ''));
  return cut([...new Set([name, ...addresses])].filter((part) => part !== '').join(' '), longestSearchText);
}

/** True when every word of the query occurs in a text made by `searchTextOf`, in any order; a blank query matches everybody. */
export function matchesSearch(text: string, query: string): boolean {
  return foldText(query)
    .split(' ')
    .every((word) => text.includes(word));
}

/** A cell that no spreadsheet takes for a formula: `'` goes before `=`, `+`, `-`, `@`, tab and line breaks. Quoting is left to the CSV writer. */
export function safeCsvCell(value: string): string {
  return calculates.test(value) ? `'${value}` : value;
}

/** What to call a user: the display name, else the mail address, else the user principal name, else "(no name)". Always one line. */
export function displayNameOf(fields: DirectoryFields): string {
  const candidates = [fields.displayName, fields.mail, fields.userPrincipalName];
  return candidates.map((text) => shortLine(text ?? '', longestDisplayName)).find((text) => text !== '') ?? '(no name)';
}

function keyText(text: string | null | undefined): string {
  return foldText((text ?? '').toWellFormed().replaceAll(afterEveryName, ''));
}

/** The first `max` UTF-16 units, without leaving half of a surrogate pair or a blank at the end. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = isHighSurrogate(text.charCodeAt(max - 1)) ? max - 1 : max;
  return text.slice(0, end).trimEnd();
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd8_00 && unit <= 0xdb_ff;
}
