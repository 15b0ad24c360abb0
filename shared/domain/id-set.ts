// A set of object ids with a few flags each, in 9 bytes an id, so that a round can remember everybody it saw without growing with names.
// Ids are kept as 64-bit hashes. Two ids colliding (about 1 in 400 million at 300,000 ids) can only make an unseen person look seen,
// which keeps a person in the list; it can never remove one.

/** Seen alive in this round. */
export const seenAlive = 1;
/** The delta feed said something about the manager in this round. */
export const managerStated = 2;
/** A tombstone was read in this round. */
export const seenGone = 4;

export interface IdSet {
  readonly size: () => number;
  /** Sets flags; true when the id was new. */
  readonly add: (id: string, flags: number) => boolean;
  /** The id's flags, 0 when unknown. */
  readonly flags: (id: string) => number;
  /** The same by `hashOf(id)`. */
  readonly flagsOfHash: (first: number, second: number) => number;
  /** Everything added since the last call, as bytes for `absorb`. */
  readonly takeNew: () => Uint8Array;
  readonly absorb: (bytes: Uint8Array) => void;
}

const recordBytes = 9;

/** 64 bits of an id, as two unsigned 32-bit numbers. */
export function hashOf(id: string): readonly [number, number] {
  let first = 0x811c9dc5;
  let second = 0x9e3779b1;
  for (let index = 0; index < id.length; index += 1) {
    const code = id.charCodeAt(index);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x85ebca6b);
    second ^= second >>> 13;
  }
  first ^= first >>> 16;
  first = Math.imul(first, 0x7feb352d);
  return [first >>> 0, (second ^ (first >>> 15)) >>> 0];
}

interface Slots {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  /** 0 marks a free slot. */
  readonly flags: Uint8Array;
}

const makeSlots = (capacity: number): Slots => ({
  high: new Uint32Array(capacity),
  low: new Uint32Array(capacity),
  flags: new Uint8Array(capacity),
});

/** An empty set; grows by doubling and stays at most three quarters full. */
export function makeIdSet(): IdSet {
  let slots = makeSlots(1024);
  let size = 0;
  let fresh: number[] = [];

  const find = ({ high, low, flags }: Slots, first: number, second: number): number => {
    const mask = high.length - 1;
    let slot = first & mask;
    while (flags[slot] !== 0 && (high[slot] !== first || low[slot] !== second)) slot = (slot + 1) & mask;
    return slot;
  };

  const grow = () => {
    const old = slots;
    slots = makeSlots(old.high.length * 2);
    for (let index = 0; index < old.high.length; index += 1) {
      const flags = old.flags[index] ?? 0;
      if (flags !== 0) put(old.high[index] ?? 0, old.low[index] ?? 0, flags);
    }
  };

  const put = (first: number, second: number, flags: number): { readonly isNew: boolean; readonly changed: boolean } => {
    const slot = find(slots, first, second);
    const present = slots.flags[slot] ?? 0;
    slots.high[slot] = first;
    slots.low[slot] = second;
    slots.flags[slot] = present | flags;
    return { isNew: present === 0, changed: (present | flags) !== present };
  };

  const insert = (first: number, second: number, flags: number) => {
    if ((size + 1) * 4 > slots.high.length * 3) grow();
    const outcome = put(first, second, flags);
    if (outcome.isNew) size += 1;
    return outcome;
  };

  return {
    size: () => size,
    add: (id, flags) => {
      const [first, second] = hashOf(id);
      const { isNew, changed } = insert(first, second, flags);
      if (changed) fresh.push(first, second, flags);
      return isNew;
    },
    flags: (id) => slots.flags[find(slots, ...hashOf(id))] ?? 0,
    flagsOfHash: (first, second) => slots.flags[find(slots, first, second)] ?? 0,
    takeNew: () => {
      const bytes = new Uint8Array((fresh.length / 3) * recordBytes);
      const view = new DataView(bytes.buffer);
      for (let index = 0; index < fresh.length; index += 3) {
        const offset = (index / 3) * recordBytes;
        view.setUint32(offset, fresh[index] ?? 0);
        view.setUint32(offset + 4, fresh[index + 1] ?? 0);
        view.setUint8(offset + 8, fresh[index + 2] ?? 0);
      }
      fresh = [];
      return bytes;
    },
    absorb: (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let offset = 0; offset + recordBytes <= bytes.byteLength; offset += recordBytes) {
        insert(view.getUint32(offset), view.getUint32(offset + 4), view.getUint8(offset + 8));
      }
    },
  };
}
