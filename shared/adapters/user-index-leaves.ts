// Packed leaves as rows: immutable, named by their run, so that neighbours come with one query, and compressed, because names and
// addresses repeat themselves: a leaf of 30 KB becomes one of 10, and the service's work goes with the bytes.

import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { Stretch } from '../domain/packed-index.ts';
import { countBelow } from '../domain/packed-index.ts';
import type { Leaf } from '../domain/packed-leaf.ts';
import { unpackLeaf } from '../domain/packed-leaf.ts';
import type { LeafSpan, Manifest, Run } from '../domain/packed-manifest.ts';
import { hasRun } from '../domain/packed-manifest.ts';
import type { Properties, Table, Write } from '../ports/tables.ts';
import { deleteRows, rowsOf } from './user-index-rows.ts';

/** 20 leaves of 30,000 characters and a manifest stay below the 4 MiB of a transaction, whatever the script. */
export const leavesOfTransaction = 20;
/** Far more leaves than an index of a million entries has, old ones included. */
const mostListed = 20_000;

export interface LeafRows {
  /** Writes leaves number `first` and on of a run. */
  readonly write: (runName: string, first: number, leaves: readonly Leaf[]) => Promise<void>;
  /**
   * Writes all leaves of a run, at most `leavesOfTransaction`, in one transaction with the manifest that names it.
   * @returns whether they were written: all or none
   */
  readonly writeNamed: (runName: string, leaves: readonly Leaf[], manifest: Write) => Promise<boolean>;
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

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);
/** More saves another tenth of the bytes and takes twice the time. */
const compression = { level: 1 };
/** Below the 65,536 bytes of a property. Text of many scripts without any repetition may not fit, and is kept as it is. */
const mostBytes = 60_000;

async function propertiesOf({ text }: Leaf): Promise<Properties> {
  const packed = await deflate(text, compression);
  return packed.length <= mostBytes ? { packed } : { lines: text };
}

/** Comes out in one piece, which takes two thirds of the CPU time of several. */
const wholeLeaf = { chunkSize: 65_536 };

async function textOf({ packed, lines }: Properties): Promise<string> {
  return packed instanceof Uint8Array ? (await inflate(packed, wholeLeaf)).toString('utf8') : String(lines);
}

export function makeLeafRows(table: Table, partition: string): LeafRows {
  const writesOf = async (name: string, first: number, leaves: readonly Leaf[]): Promise<readonly Write[]> =>
    await Promise.all(
      leaves.map(async (leaf, index) => ({ kind: 'upsert', row: rowKeyOf(name, first + index), properties: await propertiesOf(leaf) })),
    );
  return {
    write: async (name, first, leaves) => {
      for (let start = 0; start < leaves.length; start += leavesOfTransaction) {
        await table.write(partition, await writesOf(name, first + start, leaves.slice(start, start + leavesOfTransaction)));
      }
    },

    writeNamed: async (name, leaves, manifest) =>
      (await table.write(partition, [...(await writesOf(name, 0, leaves)), manifest])).kind === 'done',

    read: async (run, span, from) => {
      const limit = span.last - span.first + 1;
      const range = { partition, from: rowKeyOf(run.name, span.first), below: rowKeyOf(run.name, span.last + 1), limit };
      const rows = await rowsOf(table, range);
      if (rows.length < limit) return null;
      const texts = await Promise.all(rows.map(async ({ properties }) => await textOf(properties)));
      const lines = texts.flatMap(unpackLeaf);
      return { lines: lines.slice(countBelow(lines, from)), before: span.before };
    },

    begunBefore: async (instant) => {
      const rows = await rowsOf(table, { partition, from: 'r', below: 's', limit: mostListed, select: [] });
      return rows.map(({ row }) => row).filter((rowKey) => instantOf(nameOf(rowKey)) < instant);
    },

    remove: (rowKeys) => deleteRows(table, partition, rowKeys),
  };
}
