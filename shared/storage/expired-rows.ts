// Rows that are over are removed now and then, a partition at a time.
import type * as z from 'zod';
import type { StoredRow, Table } from '../ports/tables.ts';
import { decodeDocument } from './document.ts';

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
  const isRowOver = ({ properties }: StoredRow): boolean => {
    try {
      return isOver(decodeDocument(schema, properties));
    } catch {
      unreadable += 1;
      return false;
    }
  };
  for await (const found of table.range({ partition })) {
    if (!isRowOver(found)) continue;
    // With the ETag: what was changed at this very moment is looked at again the next time.
    await table.write(partition, [{ kind: 'remove', row: found.row, etag: found.etag }]);
    dropped += 1;
  }
  return { dropped, unreadable };
}
