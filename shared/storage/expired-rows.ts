// Rows that are over are removed now and then, a partition at a time.
import type * as z from 'zod';
import type { Table } from '../ports/tables.ts';
import { tryDecode } from './document.ts';

export interface Dropped {
  readonly dropped: number;
  /** Rows that could not be read; they stay. */
  readonly unreadable: number;
}

export const addDropped = (left: Dropped, right: Dropped): Dropped => ({
  dropped: left.dropped + right.dropped,
  unreadable: left.unreadable + right.unreadable,
});

/** Removes the rows of a partition that are over. One that cannot be read keeps no other from being removed. */
export async function dropRows<T>(table: Table, partition: string, schema: z.ZodType<T>, isOver: (value: T) => boolean): Promise<Dropped> {
  let [dropped, unreadable] = [0, 0];
  for await (const { row, etag, properties } of table.range({ partition })) {
    const value = tryDecode(schema, properties);
    if (value === undefined) unreadable += 1;
    if (value === undefined || !isOver(value)) continue;
    // With the ETag: what was changed at this very moment is looked at again the next time.
    await table.write(partition, [{ kind: 'remove', row, etag }]);
    dropped += 1;
  }
  return { dropped, unreadable };
}
