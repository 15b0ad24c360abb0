// Loose entries: one row each, written without reading anything, until compaction packs them.

import type { TransactionAction } from '@azure/data-tables';
import type { PlacedEntry, Stretch } from '../domain/packed-index.ts';
import { sortedOnce } from '../domain/packed-index.ts';
import { packEntries, unpackEntries } from '../domain/packed-leaf.ts';
import type { PositionRange } from '../domain/packed-position.ts';
import { behind } from '../domain/packed-position.ts';
import type { IndexTable } from './user-index-rows.ts';
import { deleteRows, mostOfTransaction, rowsOf } from './user-index-rows.ts';

/** A loose entry and the row that holds it. */
export interface LooseEntry extends PlacedEntry {
  readonly rowKey: string;
}

export interface LooseStretch extends Stretch {
  readonly entries: readonly LooseEntry[];
}

export interface LooseRows {
  readonly add: (entries: readonly PlacedEntry[]) => Promise<void>;
  /** What is loose in a range, from at most `mostRows` rows; an entry added repeatedly appears repeatedly. */
  readonly read: (range: PositionRange, mostRows: number) => Promise<LooseStretch>;
  readonly moreThan: (count: number) => Promise<boolean>;
  readonly remove: (rowKeys: readonly string[]) => Promise<void>;
}

/**
 * Row key: `l`, the position, `!` and the time of adding. Adding again makes another row, so a row never changes
 * its meaning and compaction can delete exactly what it has read, in transactions, without ETags (which the client
 * library does not offer for a deletion in a transaction).
 */
function rowKeyOf(entry: PlacedEntry): string {
  return `l${entry.position}!${entry.addedAt.toString(36).padStart(9, '0')}`;
}

export function makeLooseRows(table: IndexTable, partitionKey: string): LooseRows {
  return {
    add: async (entries) => {
      const rows = sortedOnce(entries);
      for (let start = 0; start < rows.length; start += mostOfTransaction) {
        const actions = rows.slice(start, start + mostOfTransaction).map((entry): TransactionAction => {
          return ['upsert', { partitionKey, rowKey: rowKeyOf(entry), entry: packEntries([entry]) }, 'Replace'];
        });
        await table.submitTransaction(actions);
      }
    },

    read: async (range, mostRows) => {
      const rows = await rowsOf(table, { partitionKey, from: `l${range.from}`, end: `l${range.end}` }, mostRows);
      const entries = rows.flatMap((row) => unpackEntries(String(row['entry'])).map((entry) => ({ ...entry, rowKey: row.rowKey })));
      const last = entries.at(-1);
      if (rows.length < mostRows || last === undefined) return { entries, before: range.end };
      // The last position may have further rows: it is left for the next reading, unless it is the only one.
      const before = last.position === entries[0]?.position ? behind(last.position) : last.position;
      return { entries: entries.filter((entry) => entry.position < before), before };
    },

    moreThan: async (count) => (await rowsOf(table, { partitionKey, from: 'l', end: 'm' }, count + 1, ['RowKey'])).length > count,

    remove: (rowKeys) => deleteRows(table, partitionKey, rowKeys),
  };
}
