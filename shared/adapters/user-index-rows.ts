// The few table operations that a packed index is made of.

import type { Range, StoredRow, Table } from '../ports/tables.ts';
import { transactionLimit } from '../ports/tables.ts';

/** The first `limit` rows of a range in row key order; fewer only when the range has no more. */
export async function rowsOf(table: Table, range: Range & { readonly limit: number }): Promise<readonly StoredRow[]> {
  const rows: StoredRow[] = [];
  for await (const row of table.range(range)) rows.push(row);
  return rows;
}

/** Deletes rows by key; rows already gone are fine. Only for rows that are never written twice. */
export async function deleteRows(table: Table, partition: string, rowKeys: readonly string[]): Promise<void> {
  for (let start = 0; start < rowKeys.length; start += transactionLimit) {
    const removals = rowKeys.slice(start, start + transactionLimit).map((row) => ({ kind: 'remove', row }) as const);
    const { kind } = await table.write(partition, removals);
    if (kind === 'done' || removals.length === 1) continue;
    // One missing row fails the whole transaction, and somebody else is deleting the same rows: one by one, then.
    for (const removal of removals) await table.write(partition, [removal]);
  }
}
