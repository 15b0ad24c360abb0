// What is stored of everybody, in 21 bytes a person: enough to see that an entry of a full round says nothing new without reading
// the person's row. Ids are kept as 64-bit hashes, as in the id set; to be taken for somebody else, an entry would need the other's
// hash and the very same fields and manager.
import { hashOf, type IdSet, seenAlive, seenGone } from './id-set.ts';
import { type Presence, presences } from './user.ts';

export interface KnownUser {
  /** `fieldsDigest` of the stored fields and manager. */
  readonly digest: string;
  readonly managerId: string | null;
  readonly presence: Presence;
}

export interface KnownUsers {
  readonly size: () => number;
  /** Adds or replaces. `shard` is 0 to 255; `expected`: a complete round must mention this person. */
  readonly put: (objectId: string, user: KnownUser & { readonly shard: number; readonly expected: boolean }) => void;
  readonly find: (objectId: string) => KnownUser | undefined;
  /** Shards with somebody expected whom `seen` does not name as alive or gone. */
  readonly shardsWithUnseen: (seen: IdSet) => ReadonlySet<number>;
}

interface Slots {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly digestHigh: Uint32Array;
  readonly digestLow: Uint32Array;
  /** Position in the list of managers. */
  readonly manager: Uint32Array;
  readonly shard: Uint8Array;
  /** Position in `presences` plus one, and `expectedFlag`; 0 marks a free slot. */
  readonly presence: Uint8Array;
}

const makeSlots = (capacity: number): Slots => ({
  high: new Uint32Array(capacity),
  low: new Uint32Array(capacity),
  digestHigh: new Uint32Array(capacity),
  digestLow: new Uint32Array(capacity),
  manager: new Uint32Array(capacity),
  shard: new Uint8Array(capacity),
  presence: new Uint8Array(capacity),
});

const expectedFlag = 0x80;

const at = (list: Uint32Array | Uint8Array, slot: number) => list[slot] ?? 0;
const hex = (number: number) => number.toString(16).padStart(8, '0');

/** Knows nobody at first; grows by doubling and stays at most three quarters full. */
export function makeKnownUsers(): KnownUsers {
  let slots = makeSlots(1024);
  let size = 0;
  const managers: (string | null)[] = [null];
  const managerPositions = new Map<string | null, number>([[null, 0]]);

  const positionOf = (managerId: string | null): number => {
    const known = managerPositions.get(managerId);
    if (known !== undefined) return known;
    managers.push(managerId);
    managerPositions.set(managerId, managers.length - 1);
    return managers.length - 1;
  };

  const slotOf = ({ high, low, presence }: Slots, first: number, second: number): number => {
    const mask = high.length - 1;
    let slot = first & mask;
    while (presence[slot] !== 0 && (high[slot] !== first || low[slot] !== second)) slot = (slot + 1) & mask;
    return slot;
  };

  const grow = () => {
    const old = slots;
    slots = makeSlots(old.high.length * 2);
    const names = Object.keys(old) as (keyof Slots)[];
    for (let from = 0; from < old.high.length; from += 1) {
      if (old.presence[from] === 0) continue;
      const to = slotOf(slots, at(old.high, from), at(old.low, from));
      for (const name of names) slots[name][to] = at(old[name], from);
    }
  };

  return {
    size: () => size,
    put: (objectId, { digest, managerId, presence, shard, expected }) => {
      if ((size + 1) * 4 > slots.high.length * 3) grow();
      const [first, second] = hashOf(objectId);
      const slot = slotOf(slots, first, second);
      if (slots.presence[slot] === 0) size += 1;
      slots.high[slot] = first;
      slots.low[slot] = second;
      slots.digestHigh[slot] = Number.parseInt(digest.slice(0, 8), 16);
      slots.digestLow[slot] = Number.parseInt(digest.slice(8), 16);
      slots.manager[slot] = positionOf(managerId);
      slots.shard[slot] = shard;
      slots.presence[slot] = (presences.indexOf(presence) + 1) | (expected ? expectedFlag : 0);
    },
    find: (objectId) => {
      const slot = slotOf(slots, ...hashOf(objectId));
      const presence = presences[(at(slots.presence, slot) & ~expectedFlag) - 1];
      if (presence === undefined) return undefined;
      return {
        digest: hex(at(slots.digestHigh, slot)) + hex(at(slots.digestLow, slot)),
        managerId: managers[at(slots.manager, slot)] ?? null,
        presence,
      };
    },
    shardsWithUnseen: (seen) => {
      const shards = new Set<number>();
      for (let slot = 0; slot < slots.high.length; slot += 1) {
        if ((at(slots.presence, slot) & expectedFlag) === 0) continue;
        const flags = seen.flagsOfHash(at(slots.high, slot), at(slots.low, slot));
        if ((flags & (seenAlive | seenGone)) === 0) shards.add(at(slots.shard, slot));
      }
      return shards;
    },
  };
}
