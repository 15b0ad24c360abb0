// Object ids that can be computed from an ordinal and read back, so that a directory of 300,000 users needs no table of ids.
import { makePermutation, mix } from './random.ts';

/** Two lower-case hex digits for each byte, as character codes. */
const digits = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')).join(''), 'latin1');
/** Where the 16 bytes of a GUID stand in its text. */
const places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;

/** GUIDs for the objects 0, 1, 2 … of one directory. */
export interface ObjectIds {
  /** Object id of an ordinal below 2^32. */
  readonly at: (ordinal: number) => string;
  /** The ordinal whose id this would be, or undefined when the id is not one of ours. */
  readonly ordinalOf: (id: string) => number | undefined;
}

/** Makes the ids of a directory; the same seed gives the same ids. */
export function makeObjectIds(seed: number): ObjectIds {
  const scramble = makePermutation(0x1_0000_0000, seed);
  const text = Buffer.alloc(36, '-');
  const write = (from: number, word: number) => {
    for (let index = 0; index < 4; index++) {
      const byte = (word >>> (24 - 8 * index)) & 0xff;
      const place = places[from + index] ?? 0;
      text[place] = digits[2 * byte] ?? 0;
      text[place + 1] = digits[2 * byte + 1] ?? 0;
    }
  };
  /** Version 4, variant 1, as Entra's object ids are. */
  const at = (ordinal: number): string => {
    const head = scramble.at(ordinal);
    const second = mix(head, seed);
    const third = mix(second, head);
    write(0, head);
    write(4, (second & 0xffff0fff) | 0x4000);
    write(8, (third & 0x3fffffff) | 0x80000000);
    write(12, mix(third, second));
    return text.toString('latin1');
  };
  const ordinalOf = (id: string): number | undefined => {
    if (!/^[0-9a-f]{8}-/.test(id)) return undefined;
    const ordinal = scramble.positionOf(Number.parseInt(id.slice(0, 8), 16));
    return at(ordinal) === id ? ordinal : undefined;
  };
  return { at, ordinalOf };
}
