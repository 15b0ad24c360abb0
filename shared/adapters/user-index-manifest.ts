// The manifest row of a packed index: the one row that writers compete for, changed by If-Match only.

import type { Manifest } from '../domain/packed-manifest.ts';
import { packManifest, unpackManifest } from '../domain/packed-manifest.ts';
import type { Table } from '../ports/tables.ts';

const row = 'm';

/** A manifest as it was read; `etag` is `null` while there is no row. */
export interface ReadManifest {
  readonly manifest: Manifest;
  readonly etag: string | null;
}

export interface ManifestRow {
  readonly read: () => Promise<ReadManifest>;
  /** Whether it was written: `false` when somebody else has changed it since `etag`. */
  readonly write: (manifest: Manifest, etag: string | null) => Promise<boolean>;
}

export function makeManifestRow(table: Table, partition: string): ManifestRow {
  return {
    read: async () => {
      const found = await table.get({ partition, row });
      if (found === undefined) return { manifest: { runs: [] }, etag: null };
      const { properties } = found;
      const texts = Array.from({ length: Number(properties['parts']) }, (_, part) => String(properties[`part${part}`]));
      return { manifest: unpackManifest(texts), etag: found.etag };
    },

    write: async (manifest, etag) => {
      const texts = packManifest(manifest);
      const properties = { parts: texts.length, ...Object.fromEntries(texts.map((text, part) => [`part${part}`, text])) };
      const write = etag === null ? ({ kind: 'insert', row, properties } as const) : ({ kind: 'replace', row, properties, etag } as const);
      return (await table.write(partition, [write])).kind === 'done';
    },
  };
}
