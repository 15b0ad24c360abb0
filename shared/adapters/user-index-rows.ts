// The few Table Storage operations that a packed index is made of, and the errors that are ordinary answers to them.

import type { TableClient, TransactionAction } from '@azure/data-tables';
import { odata, RestError } from '@azure/data-tables';

/** Most rows that Table Storage answers to one query, and most operations of one transaction. */
const mostRowsOfQuery = 1_000;
export const mostOfTransaction = 100;

/** The part of a table client that an index needs. */
export type IndexTable = Pick<
  TableClient,
  'createEntity' | 'deleteEntity' | 'getEntity' | 'listEntities' | 'submitTransaction' | 'updateEntity'
>;

export interface Row {
  readonly rowKey: string;
  readonly [property: string]: unknown;
}

export interface RowRange {
  readonly partitionKey: string;
  /** First row key, included. */
  readonly from: string;
  /** First row key behind the range. */
  readonly end: string;
}

export function hasStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof RestError && error.statusCode !== undefined && statuses.includes(error.statusCode);
}

/**
 * The first `limit` rows of a range in row key order; fewer only when the range has no more. One call unless the
 * service cuts its answer short, which it may do at any time, even to no row at all.
 */
export async function rowsOf(table: IndexTable, range: RowRange, limit: number, select?: readonly string[]): Promise<readonly Row[]> {
  const { partitionKey, from, end } = range;
  const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${from} and RowKey lt ${end}`;
  const queryOptions = select === undefined ? { filter } : { filter, select: [...select] };
  const rows: Row[] = [];
  for await (const page of table.listEntities<Row>({ queryOptions }).byPage({ maxPageSize: Math.min(limit, mostRowsOfQuery) })) {
    rows.push(...page);
    if (rows.length >= limit) break;
  }
  return rows.slice(0, limit);
}

/** Deletes rows by key; rows already gone are fine. Only for rows that are never written twice. */
export async function deleteRows(table: IndexTable, partitionKey: string, rowKeys: readonly string[]): Promise<void> {
  for (let start = 0; start < rowKeys.length; start += mostOfTransaction) {
    const group = rowKeys.slice(start, start + mostOfTransaction);
    const actions = group.map((rowKey): TransactionAction => ['delete', { partitionKey, rowKey }]);
    try {
      await table.submitTransaction(actions);
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
      // One missing row fails the whole transaction, and somebody else is deleting the same rows: one by one, then.
      for (const rowKey of group) await deleteRow(table, partitionKey, rowKey);
    }
  }
}

async function deleteRow(table: IndexTable, partitionKey: string, rowKey: string): Promise<void> {
  try {
    await table.deleteEntity(partitionKey, rowKey);
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
  }
}
