// The counts rows of all shards in one row, with their ETags: a round starts from it instead of reading each shard's own.
// It is a copy, so it is trusted only when the sync row names its version, and even then a commit checks the ETag it uses.
import * as z from 'zod';
import { decodeCounts, encodeCounts } from '../domain/counts.ts';
import type { Tables } from '../ports/tables.ts';
import { documentWrite, readDocument } from './document.ts';
import type { KnownCounts } from './shard-writer.ts';

const headsSchema = z.object({
  version: z.string(),
  generation: z.number(),
  shards: z.array(z.tuple([z.number(), z.string(), z.number(), z.string()])),
});

const keyOf = (companyId: string) => ({ partition: companyId, row: 'heads' });

/** The heads of this version, or none. */
export async function readHeads(
  tables: Tables,
  companyId: string,
  { version, generation }: { readonly version: string; readonly generation: number },
): Promise<KnownCounts> {
  const found = await readDocument(tables.rounds, keyOf(companyId), headsSchema);
  if (found?.value.version !== version || found.value.generation !== generation) return new Map();
  return new Map(found.value.shards.map(([shard, etag, fence, counts]) => [shard, { etag, fence, counts: decodeCounts(counts) }]));
}

/** Stores them under a version that the sync row must name afterwards; shards without a row yet, or whose users are moving, are left out. */
export async function storeHeads(
  tables: Tables,
  companyId: string,
  { version, generation, heads }: { readonly version: string; readonly generation: number; readonly heads: KnownCounts },
): Promise<void> {
  const shards = [...heads].flatMap(([shard, { etag, fence, counts, move }]) =>
    etag === null || move !== undefined ? [] : [[shard, etag, fence, encodeCounts(counts)]],
  );
  const { partition, row } = keyOf(companyId);
  await tables.rounds.write(partition, [documentWrite.upsert(row, { version, generation, shards })]);
}
