// Reproducible chance: everything random in the sandbox's world follows from a seed and a number, so that any page can be made again on its own.

/** Turns a text into a 32-bit seed (FNV-1a). */
export function seedFrom(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix(hash, text.length);
}

/** Mixes two 32-bit numbers into an unsigned 32-bit number in which every input bit matters (murmur3's finaliser). */
export function mix(first: number, second: number): number {
  let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second + 0x7f4a7c15, 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A number in [0, 1) that belongs to a seed and a number. */
export function chance(seed: number, number: number): number {
  return mix(seed, number) / 0x1_0000_0000;
}

/** The element of a non-empty list that belongs to a seed and a number. */
export function pick<T>(list: readonly T[], seed: number, number: number): T {
  return list[mix(seed, number) % list.length] as T;
}

/** A one-to-one reordering of 0 … size-1 that needs no memory of the whole. */
interface Permutation {
  readonly at: (position: number) => number;
  readonly positionOf: (value: number) => number;
}

const rounds = 4;

/** Makes a reordering of 0 … size-1 (size up to 2^32) as a small Feistel network; values outside the range are walked past. */
export function makePermutation(size: number, seed: number): Permutation {
  const halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, size)) / 2));
  const mask = 2 ** halfBits - 1;
  const keys = Array.from({ length: rounds }, (_, round) => mix(seed, round));
  const scale = mask + 1;
  const forward = (value: number): number => {
    let left = Math.floor(value / scale);
    let right = value % scale;
    for (let round = 0; round < rounds; round++) {
      const next = (left ^ (mix(keys[round] ?? 0, right) & mask)) >>> 0;
      left = right;
      right = next;
    }
    return left * scale + right;
  };
  const backward = (value: number): number => {
    let left = Math.floor(value / scale);
    let right = value % scale;
    for (let round = rounds - 1; round >= 0; round--) {
      const previous = (right ^ (mix(keys[round] ?? 0, left) & mask)) >>> 0;
      right = left;
      left = previous;
    }
    return left * scale + right;
  };
  const walk = (step: (value: number) => number, start: number): number => {
    let value = step(start);
    while (value >= size) value = step(value);
    return value;
  };
  return { at: (position) => walk(forward, position), positionOf: (value) => walk(backward, value) };
}
