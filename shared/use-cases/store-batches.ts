// Stores what was read, batch by batch, beside the reading: the position moves only after what it covers is stored.
import type { Round } from '../domain/sync-round.ts';
import type { DeltaEntry } from '../ports/directory.ts';
import { beforeWriting, checkpoint, ledgerOf, type RoundContext, stage } from './round-context.ts';
import { storeBatch } from './sync-store.ts';

/** Users per batch: enough to fill each shard's transaction, few enough to hold in memory. */
export const batchSize = (shards: number) => Math.min(8000, Math.max(1000, shards * 60));

export interface Batch {
  readonly entries: readonly DeltaEntry[];
  readonly pages: number;
  /** Where the round stands behind this batch. */
  readonly next: Partial<Round>;
  /** The first batch is the last as well: reading it again after a crash costs no more than going on, so it is not checked in. */
  readonly alone: boolean;
}

export type Stored = { readonly kind: 'stored' | 'stale' } | { readonly kind: 'failed'; readonly error: unknown };

/** Stores one batch and then moves the position behind it. Never rejects: it runs beside the next fetch. */
export async function storeAndMove(context: RoundContext, { entries, pages, next, alone }: Batch): Promise<Stored> {
  try {
    if (entries.length > 0 && (await beforeWriting(context)) === 'stale') return { kind: 'stale' };
    const counts = entries.length === 0 ? {} : await storeBatch(context, await ledgerOf(context), entries);
    if (counts === 'stale') return { kind: 'stale' };
    const linkSince = context.ports.clock.now().toISOString();
    stage(context, { ...next, linkSince, failures: 0, lastProblem: null }, { ...counts, pages });
    return alone ? { kind: 'stored' } : { kind: await checkpoint(context) };
  } catch (error) {
    return { kind: 'failed', error };
  }
}
