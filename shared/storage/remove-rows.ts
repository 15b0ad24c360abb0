// Rows that have had their time.
import { type Range, type Table, transactionLimit } from '../ports/tables.ts';

/** Removes the rows of a range, as many at a time as one transaction holds. Repeatable. @returns how many there were */
export async function removeRows(table: Table, range: Range): Promise<number> {
  const rows: string[] = [];
  for await (const { row } of table.range({ ...range, select: [] })) rows.push(row);
  for (let start = 0; start < rows.length; start += transactionLimit) {
    const writes = rows.slice(start, start + transactionLimit).map((row) => ({ kind: 'remove', row }) as const);
    await table.write(range.partition, writes);
  }
  return rows.length;
}
