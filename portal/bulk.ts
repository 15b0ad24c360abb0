// Deciding many at once: batches that can be repeated without deciding anybody twice, and one sentence about the outcome.
import type { DecisionCommand } from '../shared/domain/decision.ts';
import type { BulkResult, UserPage } from './api.ts';
import { counted, type Format } from './format.ts';
import { commandWords } from './words.ts';

/** One request. Its key is made once, so that trying again after a lost answer repeats the same request. */
export interface Batch {
  readonly key: string;
  readonly userIds: readonly string[];
}

/** Half of what the API takes, so that progress is seen. */
const batchSize = 500;

export function makeBatches(userIds: readonly string[], newKey: () => string): readonly Batch[] {
  const count = Math.ceil(userIds.length / batchSize);
  return Array.from({ length: count }, (_, index) => ({
    key: newKey(),
    userIds: userIds.slice(index * batchSize, (index + 1) * batchSize),
  }));
}

/** "Approved 12 users. 1 stood there already. 2 could not be decided; their rows say why." */
export function bulkSentence(format: Format, command: DecisionCommand, results: readonly BulkResult[]): string {
  const sum = (pick: (result: BulkResult) => number) => results.reduce((total, result) => total + pick(result), 0);
  const unchanged = sum((result) => result.unchanged);
  const refused = sum((result) => result.refused + result.notFound);
  return [
    `${commandWords[command].done} ${counted(
      format,
      sum((result) => result.decided),
      'user',
    )}.`,
    unchanged === 0 ? '' : `${format.number(unchanged)} had that decision already.`,
    refused === 0 ? '' : `${format.number(refused)} could not be decided.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** What the list has to learn from a result: who left it, and why somebody did not. */
export function outcomeOf({ items }: BulkResult): { readonly left: readonly string[]; readonly notes: ReadonlyMap<string, string> } {
  const kept = items.filter(({ outcome }) => outcome === 'refused' || outcome === 'notFound');
  return {
    left: items.filter((item) => !kept.includes(item)).map(({ userId }) => userId),
    notes: new Map(
      kept.map(({ userId, outcome, detail }) => [userId, detail ?? (outcome === 'notFound' ? 'No longer there.' : 'Refused.')]),
    ),
  };
}

/** Reads on from a page to the end and returns the ids of everybody met; `onProgress` hears how many so far. */
export async function collectIds(
  readPage: (page: string) => Promise<UserPage>,
  from: string | null,
  onProgress: (found: number) => void,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (let page = from; page !== null; ) {
    const { users, nextPage } = await readPage(page);
    found.push(...users.map((user) => user.userId));
    onProgress(found.length);
    page = nextPage;
  }
  return found;
}
