// The manifest row of a packed index: the one row that writers compete for, changed by If-Match only.

import type { Manifest } from '../domain/packed-manifest.ts';
import { packManifest, unpackManifest } from '../domain/packed-manifest.ts';
import type { StoredRow, Table, Write } from '../ports/tables.ts';

/** Sorts right behind the loose rows, so that a page reads both with one call. */
export const manifestRow = 'm';

/** A manifest as it was read; `etag` is `null` while there is no row. */
export interface ReadManifest {
  readonly manifest: Manifest;
  readonly etag: string | null;
}

/** What there is before the first row is written. */
export const nothingPacked: ReadManifest = { manifest: { runs: [] }, etag: null };

export interface ManifestRow {
  readonly read: () => Promise<ReadManifest>;
  /** The manifest in a row that was read with others. */
  readonly decode: (row: StoredRow) => ReadManifest;
  /** The write of a manifest, for a transaction with other rows; it is refused when somebody else has changed it since `etag`. */
  readonly writeOf: (manifest: Manifest, etag: string | null) => Write;
  /** Whether it was written: `false` when somebody else has changed it since `etag`. */
  readonly write: (manifest: Manifest, etag: string | null) => Promise<boolean>;
}

function decode({ properties, etag }: StoredRow): ReadManifest {
  const texts = Array.from({ length: Number(properties['parts']) }, (_, part) => String(properties[`part${part}`]));
  return { manifest: unpackManifest(texts), etag };
}

export function makeManifestRow(table: Table, partition: string): ManifestRow {
  const writeOf: ManifestRow['writeOf'] = (manifest, etag) => {
    const texts = packManifest(manifest);
    const properties = { parts: texts.length, ...Object.fromEntries(texts.map((text, part) => [`part${part}`, text])) };
    return etag === null ? { kind: 'insert', row: manifestRow, properties } : { kind: 'replace', row: manifestRow, properties, etag };
  };
  return {
    writeOf,

    decode,

    read: async () => {
      const found = await table.get({ partition, row: manifestRow });
      return found === undefined ? nothingPacked : decode(found);
    },

    write: async (manifest, etag) => (await table.write(partition, [writeOf(manifest, etag)])).kind === 'done',
  };
}
