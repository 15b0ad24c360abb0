// Entries packed into text: a leaf holds as many neighbours as one Table property can, so that 100,000 entries are a few hundred rows.

import type { IndexFacets, PlacedEntry } from './packed-index.ts';
import { positionOf } from './packed-position.ts';

const mostEntries = 250;
/** Below the 32,768 UTF-16 units (64 KiB) that Table Storage allows a string property. */
export const longestText = 30_000;

/** Key, id, addedAt, kind, department, manager, text; trailing nulls left out. */
type PackedEntry = readonly [string, string, number, ...(string | null)[]];

/** Neighbouring entries as text, with the positions of the first and the last. Never empty. */
export interface Leaf {
  readonly text: string;
  readonly first: string;
  readonly last: string;
  readonly count: number;
}

function packEntry({ key, id, addedAt, facets }: PlacedEntry): string {
  const values = [facets.kind ?? null, facets.department ?? null, facets.manager ?? null, facets.text ?? null];
  const used = values.findLastIndex((value) => value !== null) + 1;
  const packed: PackedEntry = [key, id, addedAt, ...values.slice(0, used)];
  // A line separator is legal in JSON, but readers of a batch body that go line by line stumble over it (Azurite does).
  return JSON.stringify(packed).replaceAll('\u2028', String.raw`\u2028`).replaceAll('\u2029', String.raw`\u2029`);
}

function unpackEntry([key, id, addedAt, kind, department, manager, text]: PackedEntry): PlacedEntry {
  const facets: IndexFacets = {
    ...(typeof kind === 'string' && { kind }),
    ...(typeof department === 'string' && { department }),
    ...(typeof manager === 'string' && { manager }),
    ...(typeof text === 'string' && { text }),
  };
  return { key, id, facets, addedAt, position: positionOf({ key, id }) };
}

/** Entries as one text, whatever its length. */
export function packEntries(entries: readonly PlacedEntry[]): string {
  return `[${entries.map(packEntry).join(',')}]`;
}

/** The entries of a text that {@link packEntries} or {@link cutLeaves} made. */
export function unpackEntries(text: string): readonly PlacedEntry[] {
  return (JSON.parse(text) as readonly PackedEntry[]).map(unpackEntry);
}

/**
 * Cuts sorted entries into full leaves, of at most 250 entries and 30,000 characters.
 *
 * @param entries sorted, one per position
 * @param more whether further entries may follow: the last, unfilled leaf is then handed back as `rest` to be cut with them
 */
export function cutLeaves(
  entries: readonly PlacedEntry[],
  more: boolean,
): { readonly leaves: readonly Leaf[]; readonly rest: readonly PlacedEntry[] } {
  const leaves: Leaf[] = [];
  let texts: string[] = [];
  let length = 1;
  let start = 0;
  const close = (end: number): void => {
    const first = entries[start];
    const last = entries[end - 1];
    if (first === undefined || last === undefined || end === start) return;
    leaves.push({ text: `[${texts.join(',')}]`, first: first.position, last: last.position, count: end - start });
    texts = [];
    length = 1;
    start = end;
  };
  for (const [index, entry] of entries.entries()) {
    const text = packEntry(entry);
    if (texts.length === mostEntries || length + text.length + 1 > longestText) close(index);
    texts.push(text);
    length += text.length + 1;
  }
  if (more) return { leaves, rest: entries.slice(start) };
  close(entries.length);
  return { leaves, rest: [] };
}
