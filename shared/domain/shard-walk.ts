// A walk over all shards of a company that survives a move to more of them. Shards are the hash of an id modulo a power of two, so a
// shard of a larger division lies within one of a smaller, and what was seen there can be told from what was not.

/** Seen when there were this many shards: all lower shards, and this one up to an object id. */
export interface SeenShards {
  readonly shards: number;
  readonly shard: number;
  readonly after: string;
}

/** The id after which to read one of the present shards, `''` from its beginning; `null` when all of it was seen. */
export function startOfShard(seen: readonly SeenShards[], shard: number): string | null {
  let start = '';
  for (const former of seen) {
    const within = shard % former.shards;
    if (within < former.shard) return null;
    if (within === former.shard && former.after > start) start = former.after;
  }
  return start;
}

/** What was seen once the walk has come this far. */
export function seenUpTo(seen: readonly SeenShards[], place: SeenShards): readonly SeenShards[] {
  return [...seen.filter(({ shards }) => shards !== place.shards), place];
}

export const encodeSeen = (seen: readonly SeenShards[]): string =>
  seen.map(({ shards, shard, after }) => `${shards}~${shard}~${after}`).join(',');

/** Reads what `encodeSeen` wrote; nothing was seen at the beginning. */
export function decodeSeen(cursor: string | null): readonly SeenShards[] {
  if (cursor === null) return [];
  return cursor.split(',').map((part) => {
    const [shards = '1', shard = '0', after = ''] = part.split('~');
    return { shards: Number(shards), shard: Number(shard), after };
  });
}
