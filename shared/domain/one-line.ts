// Makes text from outside fit for one line: a subject, a heading, a name inside a sentence.

/** Format characters can reverse or hide text; the two joiners stay because Persian, Indic scripts and emoji need them. */
export const invisible = /[[\p{Cf}\p{Noncharacter_Code_Point}]--[\u200C\u200D]]/gv;
export const lineBreaking = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu;

export const printableAscii = /^[ -~]*$/u;

/** The text without line breaks, control characters, hidden or reordering marks and broken surrogates, with single spaces. */
export function oneLine(text: string): string {
  // Most directory text is plain ASCII, for which the rest comes to the same at many times the cost (100,000 users a round).
  if (printableAscii.test(text)) return text.replace(/ {2,}/gu, ' ').trim();
  return text.toWellFormed().replace(invisible, '').replace(lineBreaking, ' ').trim();
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** UTF-16 units of one character: a letter can carry thousands of marks, while the longest emoji in use has about twenty units. */
const longestCharacter = 32;

/** At most `greatest` characters as people see them; a cut is at a word's end where one is near, and shown by an ellipsis. */
export function shorten(text: string, greatest: number): string {
  const characters = Array.from(graphemes.segment(text), ({ segment }) => segment.slice(0, longestCharacter).toWellFormed());
  if (characters.length <= greatest) return characters.join('');
  const kept = characters.slice(0, greatest - 1).join('');
  const lastSpace = kept.lastIndexOf(' ');
  const cut = lastSpace > kept.length * 0.6 ? kept.slice(0, lastSpace) : kept;
  return `${cut.trimEnd()}…`;
}

/** A name or a title inside a sentence, a subject or a heading: short enough that the rest can still be read. */
export const brief = (text: string): string => shorten(oneLine(text), 60);

/** A mail address inside a sentence: whole, unless it is longer than an address can be (RFC 5321 §4.5.3.1.3). */
export const briefAddress = (address: string): string => shorten(oneLine(address), 254);
