// The manifest row of a packed index: the one row that writers compete for, changed by If-Match only.

import type { Manifest } from '../domain/packed-manifest.ts';
import { packManifest, unpackManifest } from '../domain/packed-manifest.ts';
import type { IndexTable } from './user-index-rows.ts';
import { hasStatus } from './user-index-rows.ts';

const rowKey = 'm';

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

export function makeManifestRow(table: IndexTable, partitionKey: string): ManifestRow {
  return {
    read: async () => {
      try {
        const row = await table.getEntity(partitionKey, rowKey);
        const texts = Array.from({ length: Number(row['parts']) }, (_, part) => String(row[`part${part}`]));
        return { manifest: unpackManifest(texts), etag: row.etag };
      } catch (error) {
        if (hasStatus(error, 404)) return { manifest: { runs: [] }, etag: null };
        throw error;
      }
    },

    write: async (manifest, etag) => {
      const texts = packManifest(manifest);
      const parts = Object.fromEntries(texts.map((text, part) => [`part${part}`, text]));
      const row = { partitionKey, rowKey, parts: texts.length, ...parts };
      try {
        if (etag === null) await table.createEntity(row);
        else await table.updateEntity(row, 'Replace', { etag });
        return true;
      } catch (error) {
        if (hasStatus(error, 409, 412)) return false;
        throw error;
      }
    },
  };
}
