// Names in right-to-left scripts inside left-to-right sentences: without isolation a number behind such a name is shown in front of it.

const letter = String.raw`\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}`;
const word = String.raw`[${letter}][${letter}\p{M}\u200C\u200D]*`;
const stretch = new RegExp(String.raw`${word}(?:[\p{N}\p{P}\p{Z}]+${word})*`, 'gu');

/** The text with each right-to-left stretch between U+2067 and U+2069 (Unicode UAX 9). It must not hold such marks already. */
export const isolateRightToLeft = (text: string): string => text.replace(stretch, '\u2067$&\u2069');
