// Where an entry stands in a sorted index, as text that sorts the same way everywhere: in memory, in a manifest and as a Table row key.

/** Encoded characters kept of a sort key. With an id of 110 and a version, a row key stays below Table Storage's 512 UTF-16 units. */
const longestEncodedKey = 360;
const idPattern = /^[A-Za-z0-9_-]{1,110}$/u;
const cursorPattern = /^[A-Za-z0-9._~,-]{1,500}$/u;

const keyEnd = '-';
const afterKeyEnd = '.';
const afterEverything = '~~';
const afterPosition = ',';

/** A stretch of an index: positions from `from` on, up to but excluding `end`. */
export interface PositionRange {
  readonly from: string;
  readonly end: string;
}

/** Part of an index to read: all of it, the keys that start with `prefix`, or the entries of exactly one `key`. */
export type IndexPart = { readonly prefix?: string; readonly key?: never } | { readonly key?: string; readonly prefix?: never };

function encodeUnit(unit: number): string {
  if (unit < 0x30) return `.${unit.toString(16).padStart(2, '0')}`;
  if (unit <= 0x39 || (unit >= 0x61 && unit <= 0x7a)) return String.fromCharCode(unit);
  if (unit < 0x61) return `A${unit.toString(16)}`;
  return `~${unit.toString(16).padStart(4, '0')}`;
}

/** Most keys are short and of these units: a table spares each line a dozen small texts. */
const encodedUnits = Array.from({ length: 0x80 }, (_, unit) => encodeUnit(unit));
const otherUnits = /[^0-9a-z]/g;
const encodeOther = (unit: string) => {
  const code = unit.charCodeAt(0);
  return encodedUnits[code] ?? encodeUnit(code);
};

function encode(key: string): { readonly text: string; readonly units: number } {
  const whole = key.length > longestEncodedKey ? null : key.replace(otherUnits, encodeOther);
  if (whole !== null && whole.length <= longestEncodedKey) return { text: whole, units: key.length };
  let text = '';
  for (let index = 0; index < key.length; index += 1) {
    const unit = encodeUnit(key.charCodeAt(index));
    if (text.length + unit.length > longestEncodedKey) return { text, units: index };
    text += unit;
  }
  return { text, units: key.length };
}

const escapedUnit = /\.(..)|A(..)|~(....)/gu;

/** The key, as far as it was kept, and the id that a position was made of. */
export function partsOf(position: string): { readonly key: string; readonly id: string } {
  const at = position.indexOf(keyEnd);
  const key = position.slice(0, at).replaceAll(escapedUnit, (escape, below?: string, between?: string, above?: string) => {
    return String.fromCharCode(Number.parseInt(below ?? between ?? above ?? escape, 16));
  });
  return { key, id: position.slice(at + 1) };
}

/** What an index keeps of a sort key: all of it, or the longest start that fits (at least 72 UTF-16 units, 360 of `0-9a-z`). */
export function keptKey(key: string): string {
  return key.slice(0, encode(key).units);
}

/**
 * The position of an entry. Positions compare by `<` as their (kept key, id) pairs do, both by UTF-16 unit, and hold
 * only characters that a Table key, a URL path and an OData filter carry unescaped.
 *
 * Digits and a–z stand for themselves; `.hh` (below `0`), `Ahh` (between `9` and `a`) and `~hhhh` (above `z`) for the
 * rest, so that an escape sorts where its character does. `-` ends the key and sorts before all of them.
 *
 * @throws {RangeError} when the id is not 1 to 110 characters of `[A-Za-z0-9_-]`
 */
export function positionOf(entry: { readonly key: string; readonly id: string }): string {
  if (!idPattern.test(entry.id)) throw new RangeError('An index id has 1 to 110 characters of [A-Za-z0-9_-].');
  return `${encode(entry.key).text}${keyEnd}${entry.id}`;
}

/** The cursor that continues a reading right behind an entry. It carries the entry's key: treat it as personal data. */
export function cursorAfter(entry: { readonly key: string; readonly id: string }): string {
  return behind(positionOf(entry));
}

/** The first text behind a position and before every later position. */
export function behind(position: string): string {
  return `${position}${afterPosition}`;
}

/** Whether text from outside can be a cursor at all. One of another index is harmless: it merely names a place. */
export function isCursor(text: string): boolean {
  return cursorPattern.test(text);
}

/** The stretch that holds a part of an index. A key or prefix too long to be kept whole finds all that share its kept start. */
export function rangeOf(part: IndexPart): PositionRange {
  if (part.key !== undefined) {
    const { text } = encode(part.key);
    return { from: `${text}${keyEnd}`, end: `${text}${afterKeyEnd}` };
  }
  const { text } = encode(part.prefix ?? '');
  return { from: text, end: `${text}${afterEverything}` };
}

/** The shortest text that is above `last` and not above `first`, for two neighbours `last` < `first`. */
export function separatorBetween(last: string, first: string): string {
  let length = 1;
  while (length < first.length && first.slice(0, length) <= last) length += 1;
  return first.slice(0, length);
}

/**
 * A sort key that puts the newest instant first.
 *
 * @param instant ISO 8601 UTC, between 1970 and 2286
 * @throws {RangeError} when it is not such an instant
 */
export function invertedInstant(instant: string): string {
  const milliseconds = Date.parse(instant);
  if (!(milliseconds >= 0 && milliseconds <= 9_999_999_999_999)) throw new RangeError(`Not an instant since 1970: ${instant}`);
  return (9_999_999_999_999 - milliseconds).toString().padStart(13, '0');
}
