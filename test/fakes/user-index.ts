// A user index in memory, held to the same contract as the one over Table Storage.

import type { PlacedEntry } from '../../shared/domain/packed-index.ts';
import { inFlightMilliseconds, pageOf, placeEntry, sortedOnce } from '../../shared/domain/packed-index.ts';
import { behind, positionOf, rangeOf } from '../../shared/domain/packed-position.ts';
import type { CompactWish, IndexRead, UserIndex } from '../../shared/ports/user-index.ts';

const entriesOfLeaf = 250;
const mostLeavesUnlessTold = 16;
const entriesOfAsking = 1_000;

/**
 * An empty index.
 *
 * @param now milliseconds since 1970
 */
export function makeFakeUserIndex({ now }: { readonly now: () => number }): UserIndex {
  const entries = new Map<string, PlacedEntry>();
  let loose = 0;
  let runs = 0;

  const put = (added: Parameters<UserIndex['add']>[0]): void => {
    const placed = added.map((entry) => placeEntry(entry, now()));
    for (const entry of placed) entries.set(entry.position, entry);
  };

  const read = (request: IndexRead) => {
    const { from, end } = rangeOf(request);
    const start = request.cursor !== undefined && request.cursor > from ? request.cursor : from;
    const found = sortedOnce([...entries.values()]).filter((entry) => entry.position >= start && entry.position < end);
    const looked = request.match === undefined ? request.limit + 1 : (request.mostLeaves ?? mostLeavesUnlessTold) * entriesOfLeaf;
    const seen = found.slice(0, looked);
    const last = seen.at(-1);
    const before = found.length > looked && last !== undefined ? behind(last.position) : end;
    return pageOf({ entries: seen, before }, { ...request, end });
  };

  const compact = async ({ keep }: CompactWish) => {
    const settled = [...entries.values()].filter((entry) => entry.addedAt <= now() - inFlightMilliseconds);
    loose = 0;
    runs = 1;
    let dropped = 0;
    for (let start = 0; start < settled.length; start += entriesOfAsking) {
      const asked = settled.slice(start, start + entriesOfAsking);
      const kept = await keep(asked.map(({ key, id, facets }) => ({ key, id, facets })));
      const found = new Map(kept.map((entry) => [positionOf(entry), placeEntry(entry, 0)]));
      for (const entry of asked) {
        const fresh = found.get(entry.position);
        // What was added again while the caller was asked is a new statement and stays.
        if (entries.get(entry.position) !== entry) continue;
        if (fresh !== undefined) entries.set(entry.position, fresh);
        else if (entries.delete(entry.position)) dropped += 1;
      }
    }
    return { outcome: 'compacted', kept: entries.size, dropped, looseLeft: false } as const;
  };

  return {
    add: async (added) => {
      put(added);
      loose += added.length;
    },
    addMany: async (added) => {
      put(added);
      runs += Math.sign(added.length);
    },
    read: async (request) => read(request),
    compact: async (wish) => (runs > wish.mostRuns || loose > wish.mostLoose ? await compact(wish) : { outcome: 'notNeeded' }),
  };
}
