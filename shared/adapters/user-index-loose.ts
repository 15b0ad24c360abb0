// Loose lines: one row each, written without reading anything, until compaction packs them.

import type { Stretch } from '../domain/packed-index.ts';
import { sortedOnce } from '../domain/packed-index.ts';
import type { Line } from '../domain/packed-line.ts';
import { isHere, lineFrom, statedBy } from '../domain/packed-line.ts';
import type { PositionRange } from '../domain/packed-position.ts';
import type { StoredRow, Table } from '../ports/tables.ts';
import { transactionLimit } from '../ports/tables.ts';
import { deleteRows, rowsOf } from './user-index-rows.ts';

/** A loose line and the row that holds it. */
export interface LooseLine extends Line {
  readonly rowKey: string;
}

export interface LooseStretch extends Stretch {
  readonly lines: readonly LooseLine[];
}

/** The row behind the loose ones: `none` when there is none, `unread` when the call ended before it. */
export type NextRow = StoredRow | 'none' | 'unread';

export interface LooseRows {
  readonly add: (lines: readonly Line[]) => Promise<void>;
  /** What is loose in a range, from at most `mostRows` rows unless one position has more; what was added repeatedly appears repeatedly. */
  readonly read: (range: PositionRange, mostRows: number) => Promise<LooseStretch>;
  /** The same, with the row that follows all loose rows where this call comes as far; `undefined` where it does not. */
  readonly readWithNext: (range: PositionRange, mostRows: number) => Promise<{ readonly loose: LooseStretch; readonly next: NextRow }>;
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

const lineOf = ({ row, properties }: StoredRow): LooseLine => ({ ...lineFrom(String(properties['line'])), rowKey: row });

/** What an answer that was cut short holds for certain. The last position may have further rows; of the only one, the newest row counts. */
function cutShort(lines: readonly LooseLine[]): LooseStretch | null {
  const before = lines.at(-1)?.position;
  if (before === undefined || before === lines[0]?.position) return null;
  return { lines: lines.filter((line) => line.position < before), before };
}

/**
 * @param nextRow key of the first row behind all loose ones
 */
export function makeLooseRows(table: Table, partition: string, nextRow: string): LooseRows {
  const read: LooseRows['read'] = async ({ from, end }, mostRows) => {
    for (let limit = mostRows; ; limit *= 2) {
      const rows = await rowsOf(table, { partition, from: `l${from}`, below: `l${end}`, limit });
      const lines = rows.map(lineOf);
      if (rows.length < limit) return { lines, before: end };
      const certain = cutShort(lines);
      if (certain !== null) return certain;
    }
  };
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

    read,

    readWithNext: async (range, mostRows) => {
      const { from, end } = range;
      const rows = await rowsOf(table, { partition, from: `l${from}`, below: `${nextRow}!`, limit: mostRows + 1 });
      const last = rows.at(-1);
      const next = last?.row === nextRow ? last : rows.length > mostRows ? 'unread' : 'none';
      const loose = rows.filter(({ row }) => row < `l${end}`).map(lineOf);
      // Whatever lies behind the range shows that all of the range was read.
      if (loose.length < rows.length || next === 'none') return { loose: { lines: loose, before: end }, next };
      return { loose: cutShort(loose) ?? (await read(range, 2 * mostRows)), next };
    },

    moreThan: async (count) => (await rowsOf(table, { partition, from: 'l', below: 'm', limit: count + 1, select: [] })).length > count,

    remove: (rowKeys) => deleteRows(table, partition, rowKeys),
  };
}
