// One line of a packed index as text: merged, packed and moved as it is, and taken apart only to be shown or matched.

import { partsOf, positionOf } from './packed-position.ts';
import { parseStored } from './stored-json.ts';

const longestFacet = 512;

/** Small texts to filter by without reading the row; each is kept up to 512 UTF-16 units. Hints, as old as the entry. */
export interface IndexFacets {
  readonly kind?: string;
  readonly department?: string;
  readonly manager?: string;
  readonly text?: string;
}

/** What an index tells. (key, id) is its identity; the key, already normalised, is what the index sorts by (UTF-16 units). */
export interface IndexEntry {
  readonly key: string;
  /** 1 to 110 characters of `[A-Za-z0-9_-]`. */
  readonly id: string;
  readonly facets: IndexFacets;
}

/**
 * What an index is told: somebody is here, or has gone. The statement of the highest version counts; of one version,
 * `gone` counts, and else what was added last.
 */
export interface IndexStatement extends IndexEntry {
  /** A whole number from zero, which never falls for one id: the revision of the row that makes this true. Zero unless told. */
  readonly version?: number;
  readonly gone?: boolean;
}

/**
 * A statement in its place. `text` is the position, `+` (here) or `x` (gone) with the version, and when it was added
 * (both in base 36, 0 once compaction has found it true), then the facets as JSON: blanks between, no line break in it.
 */
export interface Line {
  readonly position: string;
  readonly text: string;
}

/** Kind, department, manager, text; trailing nulls left out. */
type PackedFacets = readonly (string | null)[];

// A line separator is legal in JSON, but readers of a batch body that go line by line stumble over it (Azurite does).
const separators = /[\u2028\u2029]/gu;
const escapeSeparator = (separator: string) => (separator === '\u2028' ? String.raw`\u2028` : String.raw`\u2029`);

const cutFacet = (facet: string | undefined) => facet?.slice(0, longestFacet) ?? null;

function packFacets({ kind, department, manager, text }: IndexFacets): string {
  const values: PackedFacets = [cutFacet(kind), cutFacet(department), cutFacet(manager), cutFacet(text)];
  const used = values.findLastIndex((value) => value !== null) + 1;
  return used === 0 ? '' : JSON.stringify(values.slice(0, used)).replace(separators, escapeSeparator);
}

function unpackFacets(packed: string): IndexFacets {
  if (packed === '') return {};
  const [kind, department, manager, text] = parseStored(packed) as PackedFacets;
  return {
    ...(typeof kind === 'string' && { kind }),
    ...(typeof department === 'string' && { department }),
    ...(typeof manager === 'string' && { manager }),
    ...(typeof text === 'string' && { text }),
  };
}

/**
 * Statements as the index keeps them: key and facets cut to what fits.
 *
 * @param addedAt milliseconds since 1970; 0 for entries that are known to be true
 * @throws {RangeError} for an unusable id
 */
export function linesOf(statements: readonly IndexStatement[], addedAt: number): readonly Line[] {
  const added = addedAt.toString(36);
  return statements.map((statement) => {
    const position = positionOf(statement);
    const version = (statement.version ?? 0).toString(36);
    if (statement.gone === true) return { position, text: `${position} x${version} ${added} ` };
    return { position, text: `${position} +${version} ${added} ${packFacets(statement.facets)}` };
  });
}

/** The line that a text was made of. */
export function lineFrom(text: string): Line {
  return { position: text.slice(0, text.indexOf(' ')), text };
}

/** Whether a line says that somebody is here, and not that they have gone. */
export function isHere({ position, text }: Line): boolean {
  return text.charAt(position.length + 1) === '+';
}

/** What decides between lines of one position. */
export function statedBy({ position, text }: Line): { readonly version: number; readonly addedAt: number } {
  const versionAt = position.length + 2;
  const addedAt = text.indexOf(' ', versionAt) + 1;
  return { version: Number.parseInt(text.slice(versionAt, addedAt), 36), addedAt: Number.parseInt(text.slice(addedAt), 36) };
}

/** Below zero when `right` counts more than `left`; for lines of one position. */
export function compareStatements(left: Line, right: Line): number {
  const [one, other] = [statedBy(left), statedBy(right)];
  return one.version - other.version || Number(isHere(right)) - Number(isHere(left)) || one.addedAt - other.addedAt;
}

export function facetsFrom({ position, text }: Line): IndexFacets {
  const addedAt = text.indexOf(' ', position.length + 2) + 1;
  return unpackFacets(text.slice(text.indexOf(' ', addedAt) + 1));
}

export function entryFrom(line: Line): IndexEntry {
  return { ...partsOf(line.position), facets: facetsFrom(line) };
}
