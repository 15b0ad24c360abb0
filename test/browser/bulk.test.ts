// Deciding many: batches with a key each, one sentence, and what stays on the list.
import { describe, expect, it } from 'vitest';
import { bulkSentence, collectIds, makeBatches, outcomeOf } from '../../portal/bulk.ts';
import { makeFormat } from '../../portal/format.ts';
import { bulkDecision, bulkResult } from '../../shared/contracts/users.ts';
import { makeUser } from './stub-company.ts';

const format = makeFormat('en', 'UTC');
const ids = (count: number) => Array.from({ length: count }, (_, index) => makeUser(index).userId);

const result = bulkResult.parse({
  decided: 1,
  unchanged: 1,
  refused: 1,
  notFound: 1,
  items: [
    { userId: 'a', outcome: 'decided', detail: null },
    { userId: 'b', outcome: 'unchanged', detail: 'Already approved by Bo.' },
    { userId: 'c', outcome: 'refused', detail: 'This user is no longer in the directory.' },
    { userId: 'd', outcome: 'notFound', detail: null },
  ],
});

describe('deciding many', () => {
  it('asks for everybody once, in requests the API takes, each under its own key', () => {
    const wanted = ids(1201);
    let last = 0;
    const batches = makeBatches(wanted, () => `key-${(last += 1)}`);
    expect(batches.flatMap(({ userIds }) => userIds)).toEqual(wanted);
    expect(new Set(batches.map(({ key }) => key)).size).toBe(batches.length);
    for (const { userIds } of batches) expect(bulkDecision.safeParse({ command: 'approve', userIds }).success).toBe(true);
  });

  it('says in a sentence what became of them', () => {
    expect(bulkSentence(format, 'approve', [result, result])).toBe(
      'Approved 2 users. 2 had that decision already. 4 could not be decided.',
    );
    expect(bulkSentence(format, 'deny', [{ ...result, unchanged: 0, refused: 0, notFound: 0 }])).toBe('Denied 1 user.');
  });

  it('keeps only those who could not be decided, with the reason', () => {
    const { left, notes } = outcomeOf(result);
    expect(left).toEqual(['a', 'b']);
    expect(Object.fromEntries(notes)).toEqual({ c: 'This user is no longer in the directory.', d: 'No longer there.' });
  });

  it('collects everybody who matches, over pages that may be empty', async () => {
    const pages: Readonly<Record<string, { readonly users: ReturnType<typeof makeUser>[]; readonly nextPage: string | null }>> = {
      p2: { users: [makeUser(1), makeUser(2)], nextPage: 'p3' },
      p3: { users: [], nextPage: 'p4' },
      p4: { users: [makeUser(3)], nextPage: null },
    };
    const heard: number[] = [];
    const found = await collectIds(
      async (page) => pages[page] ?? { users: [], nextPage: null },
      'p2',
      (count) => heard.push(count),
    );
    expect(found).toEqual([makeUser(1), makeUser(2), makeUser(3)].map(({ userId }) => userId));
    expect(heard).toEqual([2, 2, 3]);
  });
});
