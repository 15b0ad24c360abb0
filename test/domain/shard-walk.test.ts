// A walk over all shards, page by page, while the shards become more.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeSeen, encodeSeen, seenUpTo, startOfShard } from '../../shared/domain/shard-walk.ts';
import { shardOf } from '../../shared/domain/sync-round.ts';

interface Page {
  readonly ids: readonly string[];
  readonly cursor: string | null;
}

function readPage(ids: readonly string[], shards: number, limit: number, cursor: string | null): Page {
  const seen = decodeSeen(cursor);
  const found: string[] = [];
  for (let shard = 0; shard < shards; shard += 1) {
    const after = startOfShard(seen, shard);
    if (after === null) continue;
    for (const id of ids.filter((one) => shardOf(one, shards) === shard && one > after).toSorted()) {
      found.push(id);
      if (found.length === limit) return { ids: found, cursor: encodeSeen(seenUpTo(seen, { shards, shard, after: id })) };
    }
  }
  return { ids: found, cursor: null };
}

it('sees everybody once, however often and whenever they move', () => {
  const ids = fc.uniqueArray(fc.uuid(), { maxLength: 60 });
  const shardsByPage = fc.array(fc.constantFrom(0, 0, 0, 1, 2), { maxLength: 30 });
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 9 }), shardsByPage, (people, limit, doublings) => {
      const seen: string[] = [];
      let shards = 1;
      let cursor: string | null = null;
      for (let pages = 0; pages === 0 || cursor !== null; pages += 1) {
        const page: Page = readPage(people, shards, limit, cursor);
        seen.push(...page.ids);
        ({ cursor } = page);
        shards = Math.min(256, shards * 2 ** (doublings[pages] ?? 0));
      }
      expect(seen.toSorted()).toEqual(people.toSorted());
    }),
  );
});
