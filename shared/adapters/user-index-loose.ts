// Loose lines: one row each, written without reading anything, until compaction packs them.

import type { Stretch } from '../domain/packed-index.ts';
import { sortedOnce } from '../domain/packed-index.ts';
import type { Line } from '../domain/packed-line.ts';
import { isHere, lineFrom, statedBy } from '../domain/packed-line.ts';
import type { PositionRange } from '../domain/packed-position.ts';
import type { Table } from '../ports/tables.ts';
import { transactionLimit } from '../ports/tables.ts';
import { deleteRows, rowsOf } from './user-index-rows.ts';

/** A loose line and the row that holds it. */
export interface LooseLine extends Line {
  readonly rowKey: string;
}

export interface LooseStretch extends Stretch {
  readonly lines: readonly LooseLine[];
}

export interface LooseRows {
  readonly add: (lines: readonly Line[]) => Promise<void>;
  /** What is loose in a range, from at most `mostRows` rows unless one position has more; what was added repeatedly appears repeatedly. */
  readonly read: (range: PositionRange, mostRows: number) => Promise<LooseStretch>;
  readonly moreThan: (count: number) => Promise<boolean>;
  readonly remove: (rowKeys: readonly string[]) => Promise<void>;
}

/**
 * Row key: `l`, the position, `!`, the time of adding, and what was stated. Adding again makes another row, so a row never
 * changes its meaning and compaction can delete exactly what it has read, in transactions, without ETags (which the client
 * library does not offer for a deletion in a transaction).
 */
function rowKeyOf(line: Line): string {
  const { version, addedAt } = statedBy(line);
  return `l${line.position}!${addedAt.toString(36).padStart(9, '0')}${isHere(line) ? '-' : 'x'}${version.toString(36)}`;
}

export function makeLooseRows(table: Table, partition: string): LooseRows {
  return {
    add: async (lines) => {
      const rows = sortedOnce(lines);
      for (let start = 0; start < rows.length; start += transactionLimit) {
        const writes = rows.slice(start, start + transactionLimit).map((line) => {
          return { kind: 'upsert', row: rowKeyOf(line), properties: { line: line.text } } as const;
        });
        await table.write(partition, writes);
      }
    },

    read: async ({ from, end }, mostRows) => {
      for (let limit = mostRows; ; limit *= 2) {
        const rows = await rowsOf(table, { partition, from: `l${from}`, below: `l${end}`, limit });
        const lines = rows.map(({ row, properties }): LooseLine => ({ ...lineFrom(String(properties['line'])), rowKey: row }));
        const before = lines.at(-1)?.position;
        if (rows.length < limit || before === undefined) return { lines, before: end };
        // The last position may have further rows: it is left for the next reading. Of the only one, the newest row is the one that counts.
        if (before !== lines[0]?.position) return { lines: lines.filter((line) => line.position < before), before };
      }
    },

    moreThan: async (count) => (await rowsOf(table, { partition, from: 'l', below: 'm', limit: count + 1, select: [] })).length > count,

    remove: (rowKeys) => deleteRows(table, partition, rowKeys),
  };
}
