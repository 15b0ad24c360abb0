// The words of an OData filter, and a cursor that walks over them.
import { badRequest } from './answer.ts';

/** A quoted text (quotes removed), or a name, operator, bracket or comma. */
export interface FilterToken {
  readonly quoted: boolean;
  readonly value: string;
}

/** Walks over the tokens of one filter; everything unexpected is refused with 400. */
export interface FilterCursor {
  /** Takes the next token, which must be `expected` if that is given. */
  readonly take: (expected?: string) => FilterToken;
  /** Takes the next token if it is this word, and says whether it did. */
  readonly accept: (word: string) => boolean;
  readonly next: () => string | undefined;
  readonly malformed: () => Error;
}

/** Splits a filter into tokens. @throws GraphError 400 for a quote that does not end. */
export function filterCursor(text: string): FilterCursor {
  const malformed = () => badRequest(`Invalid filter clause: '${text}'.`);
  const tokens: FilterToken[] = [];
  const pattern = /\s*(?:'((?:[^']|'')*)'|([(),])|([^\s(),']+))/gy;
  while (pattern.lastIndex < text.trimEnd().length) {
    const match = pattern.exec(text);
    if (match === null) throw malformed();
    const [, quoted, mark, word] = match;
    tokens.push(
      quoted === undefined ? { quoted: false, value: mark ?? word ?? '' } : { quoted: true, value: quoted.replaceAll("''", "'") },
    );
  }
  let position = 0;
  const next = () => (tokens[position]?.quoted === false ? tokens[position]?.value.toLowerCase() : undefined);
  const take = (expected?: string): FilterToken => {
    const token = tokens[position++];
    if (token === undefined || (expected !== undefined && token.value.toLowerCase() !== expected)) throw malformed();
    return token;
  };
  const accept = (word: string): boolean => {
    if (next() !== word) return false;
    position++;
    return true;
  };
  return { take, accept, next, malformed };
}
