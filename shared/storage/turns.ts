// Long calculations in turns: between two of them, requests that wait get theirs.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Takes some 2 ms at the cost of deciding a user: the next page of a chain must not wait for more. */
const itemsPerTurn = 32;

/** `items.flatMap(each)`, without holding up the process. */
export async function flatMapInTurns<T, R>(items: readonly T[], each: (item: T) => readonly R[]): Promise<readonly R[]> {
  const results: R[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % itemsPerTurn === 0) await nextTurn();
    results.push(...each(item));
  }
  return results;
}
