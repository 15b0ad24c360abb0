// Lines packed into text: a leaf holds as many neighbours as one Table property can, so that 100,000 entries are a few hundred rows.

import type { Line } from './packed-line.ts';
import { lineFrom } from './packed-line.ts';

const mostLines = 250;
/** Below the 32,768 UTF-16 units (64 KiB) that Table Storage allows a string property. */
export const longestText = 30_000;

/** Neighbouring lines as text, with the positions of the first and the last. Never empty. */
export interface Leaf {
  readonly text: string;
  readonly first: string;
  readonly last: string;
  readonly count: number;
}

/** The lines of a leaf's text. */
export function unpackLeaf(text: string): readonly Line[] {
  return text.split('\n').map(lineFrom);
}

/**
 * Cuts sorted lines into full leaves, of at most 250 lines and 30,000 characters.
 *
 * @param lines sorted, one per position
 * @param more whether further lines may follow: the last, unfilled leaf is then handed back as `rest` to be cut with them
 */
export function cutLeaves(lines: readonly Line[], more: boolean): { readonly leaves: readonly Leaf[]; readonly rest: readonly Line[] } {
  const leaves: Leaf[] = [];
  let length = 0;
  let start = 0;
  const close = (end: number): void => {
    const closed = lines.slice(start, end);
    const first = closed[0];
    const last = closed.at(-1);
    if (first === undefined || last === undefined) return;
    leaves.push({ text: closed.map((line) => line.text).join('\n'), first: first.position, last: last.position, count: closed.length });
    length = 0;
    start = end;
  };
  for (const [index, line] of lines.entries()) {
    if (index - start === mostLines || length + line.text.length + 1 > longestText) close(index);
    length += line.text.length + 1;
  }
  if (more) return { leaves, rest: lines.slice(start) };
  close(lines.length);
  return { leaves, rest: [] };
}
