// A user index in memory, held to the same contract as the one over Table Storage.

import { inFlightMilliseconds, pageOf, sortedOnce } from '../../shared/domain/packed-index.ts';
import type { IndexStatement, Line } from '../../shared/domain/packed-line.ts';
import { entryFrom, isHere, linesOf, statedBy } from '../../shared/domain/packed-line.ts';
import { behind, positionOf, rangeOf } from '../../shared/domain/packed-position.ts';
import { mostLooseBeside } from '../../shared/domain/packed-upkeep.ts';
import type { CompactWish, IndexRead, UserIndex } from '../../shared/ports/user-index.ts';

const linesOfLeaf = 250;
const mostLeavesUnlessTold = 16;
const linesOfAsking = 10_000;

/**
 * An empty index.
 *
 * @param now milliseconds since 1970
 */
export function makeFakeUserIndex({ now }: { readonly now: () => number }): UserIndex {
  const lines = new Map<string, Line>();
  let loose = 0;
  let packed = 0;
  let runs = 0;

  const put = (statements: readonly IndexStatement[]): void => {
    for (const line of linesOf(statements, now())) {
      const known = lines.get(line.position);
      for (const one of sortedOnce(known === undefined ? [line] : [known, line])) lines.set(one.position, one);
    }
  };

  const read = (request: IndexRead) => {
    const { from, end } = rangeOf(request);
    const start = request.cursor !== undefined && request.cursor > from ? request.cursor : from;
    const found = sortedOnce([...lines.values()]).filter((line) => line.position >= start && line.position < end);
    const mostLeaves = request.mostLeaves ?? (request.match === undefined ? 1 : mostLeavesUnlessTold);
    const looked = Math.max(request.match === undefined ? request.limit + 1 : 0, mostLeaves * linesOfLeaf);
    const seen = found.slice(0, looked);
    const last = seen.at(-1);
    const before = found.length > looked && last !== undefined ? behind(last.position) : end;
    return pageOf({ lines: seen, before }, { ...request, end });
  };

  const prune = async ({ keep }: CompactWish) => {
    const settled = [...lines.values()].filter((line) => statedBy(line).addedAt <= now() - inFlightMilliseconds);
    for (let start = 0; start < settled.length; start += linesOfAsking) {
      const asked = settled.slice(start, start + linesOfAsking);
      const kept = await keep(asked.map(entryFrom));
      const found = new Map(kept.map((entry) => [positionOf(entry), entry]));
      for (const line of asked) {
        const entry = found.get(line.position);
        // What was added again while the caller was asked is a new statement and stays.
        if (lines.get(line.position) !== line) continue;
        if (entry === undefined) lines.delete(line.position);
        else for (const one of linesOf([{ ...entry, version: statedBy(line).version }], 0)) lines.set(one.position, one);
      }
    }
  };

  return {
    add: async (statements) => {
      put(statements);
      loose += statements.length;
    },
    addMany: async (statements) => {
      put(statements);
      packed += statements.length;
      runs += Math.sign(statements.length);
    },
    read: async (request) => read(request),
    compact: async (wish) => {
      const { mostRuns, mostLoose, mostLines = Number.POSITIVE_INFINITY } = wish;
      const isScattered = runs > mostRuns || loose > Math.max(mostLoose, mostLooseBeside(packed));
      if (!isScattered && packed <= mostLines) return { outcome: 'notNeeded', lines: packed };
      for (const line of lines.values()) if (!isHere(line)) lines.delete(line.position);
      if (lines.size > mostLines) await prune(wish);
      loose = 0;
      packed = lines.size;
      runs = Math.sign(packed);
      return { outcome: 'compacted', lines: packed, looseLeft: false };
    },
  };
}
