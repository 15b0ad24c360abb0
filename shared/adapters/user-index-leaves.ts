// Packed leaves as rows: immutable, named by their run, so that neighbours come with one query.

import type { Stretch } from '../domain/packed-index.ts';
import { countBelow } from '../domain/packed-index.ts';
import type { Leaf } from '../domain/packed-leaf.ts';
import { unpackLeaf } from '../domain/packed-leaf.ts';
import type { LeafSpan, Manifest, Run } from '../domain/packed-manifest.ts';
import { hasRun } from '../domain/packed-manifest.ts';
import type { Table } from '../ports/tables.ts';
import { deleteRows, rowsOf } from './user-index-rows.ts';

/** 20 leaves of 30,000 characters stay below the 4 MiB of a transaction, whatever the script. */
const leavesOfTransaction = 20;
/** Far more leaves than an index of a million entries has, old ones included. */
const mostListed = 20_000;

export interface LeafRows {
  /** Writes leaves number `first` and on of a run. */
  readonly write: (runName: string, first: number, leaves: readonly Leaf[]) => Promise<void>;
  /** The lines of a span from `from` on, or `null` when a leaf is gone: the manifest in hand is an old one. */
  readonly read: (run: Run, span: LeafSpan, from: string) => Promise<Stretch | null>;
  /** Row keys of all leaves whose runs were begun before an instant (ms), named by a manifest or not. */
  readonly begunBefore: (instant: number) => Promise<readonly string[]>;
  readonly remove: (rowKeys: readonly string[]) => Promise<void>;
}

/** A name never given before: when the run was begun (ms), and a unique part of `[A-Za-z0-9-]`. */
export function runName(begunAt: number, unique: string): string {
  return `${begunAt.toString(36).padStart(9, '0')}-${unique}`;
}

/** Whether a leaf belongs to one of a manifest's runs. */
export function isNamed(rowKey: string, manifest: Manifest): boolean {
  return hasRun(manifest, nameOf(rowKey));
}

function instantOf(name: string): number {
  return Number.parseInt(name, 36);
}

function rowKeyOf(name: string, leaf: number): string {
  return `r${name}.${leaf.toString().padStart(6, '0')}`;
}

function nameOf(rowKey: string): string {
  return rowKey.slice(1, rowKey.indexOf('.'));
}

export function makeLeafRows(table: Table, partition: string): LeafRows {
  return {
    write: async (name, first, leaves) => {
      for (let start = 0; start < leaves.length; start += leavesOfTransaction) {
        const writes = leaves.slice(start, start + leavesOfTransaction).map((leaf, index) => {
          return { kind: 'upsert', row: rowKeyOf(name, first + start + index), properties: { lines: leaf.text } } as const;
        });
        await table.write(partition, writes);
      }
    },

    read: async (run, span, from) => {
      const limit = span.last - span.first + 1;
      const range = { partition, from: rowKeyOf(run.name, span.first), below: rowKeyOf(run.name, span.last + 1), limit };
      const rows = await rowsOf(table, range);
      if (rows.length < limit) return null;
      const lines = rows.flatMap((row) => unpackLeaf(String(row.properties['lines'])));
      return { lines: lines.slice(countBelow(lines, from)), before: span.before };
    },

    begunBefore: async (instant) => {
      const rows = await rowsOf(table, { partition, from: 'r', below: 's', limit: mostListed, select: [] });
      return rows.map(({ row }) => row).filter((rowKey) => instantOf(nameOf(rowKey)) < instant);
    },

    remove: (rowKeys) => deleteRows(table, partition, rowKeys),
  };
}
