// Entries with any text that JavaScript can hold, for the properties of the packed index.

import * as fc from 'fast-check';
import type { IndexEntry, PlacedEntry } from '../../shared/domain/packed-index.ts';
import { placeEntry } from '../../shared/domain/packed-index.ts';

/** Any JavaScript string, halves of surrogate pairs included. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(
    fc.constantFrom('a', 'b', 'z', '0', '9', ' ', '-', '.', '/', '\\', '#', '?', 'A', '_', '~', '{', 'é', '\u2028'),
    fc.nat(0xffff).map((code) => String.fromCharCode(code)),
  );
  return fc.array(unit, { maxLength }).map((units) => units.join(''));
}

export const id = fc.string({ unit: fc.constantFrom('a', 'B', '0', '_', '-'), minLength: 1, maxLength: 5 });
const facet = fc.option(anyText(20), { nil: undefined });
const facets = fc.record({ kind: facet, department: facet, manager: facet, text: facet }).map((all) => {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
});
export const entry: fc.Arbitrary<IndexEntry> = fc.record({ key: anyText(8), id, facets });
export const placed = (maxLength: number): fc.Arbitrary<readonly PlacedEntry[]> => {
  return fc
    .array(fc.tuple(entry, fc.nat(5)), { maxLength, size: 'max' })
    .map((all) => all.map(([one, addedAt]) => placeEntry(one, addedAt)));
};
