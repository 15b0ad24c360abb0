// Entries with any text that JavaScript can hold, for the properties of the packed index.

import * as fc from 'fast-check';
import type { IndexEntry, IndexStatement, Line } from '../../shared/domain/packed-line.ts';
import { linesOf } from '../../shared/domain/packed-line.ts';

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
/** One line. */
export function lineOf(statement: IndexStatement, addedAt: number): Line {
  const [line] = linesOf([statement], addedAt);
  if (line === undefined) throw new RangeError('A statement makes a line.');
  return line;
}

/** Lines in no order, some of them of one position, some of them gone. */
export const lines = (maxLength: number): fc.Arbitrary<readonly Line[]> => {
  const statement = fc.tuple(entry, fc.record({ version: fc.nat(3), gone: fc.boolean() }), fc.nat(5));
  return fc
    .array(statement, { maxLength, size: 'max' })
    .map((all) => all.map(([one, stated, addedAt]) => lineOf({ ...one, ...stated }, addedAt)));
};
