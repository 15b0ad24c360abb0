// Removes what a generation has left behind. The counts rows stay: sealed for good, they refuse whoever comes late, at the price of one
// small row a shard. Effects stay as well until they are delivered and removed there.
import pLimit from 'p-limit';
import { type Table, transactionLimit } from '../ports/tables.ts';
import { shardPartition, type UserScope, usersEnd } from './users.ts';

const parallelShards = 8;
/** Most rows Table Storage answers at once. */
const keysPerRead = 1000;

const ranges = [{ below: usersEnd }, { from: '~moved~', below: '~moved~~' }] as const;

/** Removes rows until all are gone (`done`) or `goOn` says no. Repeating it is harmless, also twice at once. */
export async function removeGeneration(table: Table, scope: UserScope, goOn: () => boolean): Promise<'done' | 'more'> {
  const limit = pLimit(parallelShards);
  const empty = async (shard: number) => {
    const partition = shardPartition(scope, shard);
    for (const range of ranges) {
      for (;;) {
        const keys: string[] = [];
        for await (const { row } of table.range({ partition, ...range, select: ['digest'], limit: keysPerRead })) keys.push(row);
        if (keys.length === 0) break;
        for (let start = 0; start < keys.length; start += transactionLimit) {
          const writes = keys.slice(start, start + transactionLimit).map((row) => ({ kind: 'remove', row }) as const);
          // Another copy of this work may have removed some of them: the next look shows what is left.
          await table.write(partition, writes);
        }
        if (!goOn()) return 'more';
      }
    }
    return 'done';
  };
  const outcomes = await Promise.all(Array.from({ length: scope.shards }, (_, shard) => limit(async () => await empty(shard))));
  return outcomes.includes('more') ? 'more' : 'done';
}
