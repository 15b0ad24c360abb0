// Stores what was read, batch by batch, beside the reading: while the users of one batch are written, the next is prepared, and the
// position moves only after what it covers is stored.
import type { Round } from '../domain/sync-round.ts';
import type { DeltaEntry } from '../ports/directory.ts';
import { beforeWriting, checkpoint, ledgerOf, type RoundContext, stage } from './round-context.ts';
import { settled } from './settled.ts';
import { type PreparedBatch, prepareBatch, writeBatch } from './sync-store.ts';

/**
 * Users per batch. 75 a shard on average leave hardly a shard more than the 90 of a transaction, so that each gets one: 90 on average made
 * half of them two. Three batches are in memory, which must not grow with the company; and each shows progress.
 */
export const batchSize = (shards: number) => Math.min(2_400, Math.max(1_000, shards * 75));

export interface Batch {
  readonly entries: readonly DeltaEntry[];
  readonly pages: number;
  /** Where the round stands behind this batch. */
  readonly next: Partial<Round>;
  /** The first batch is the last as well: reading it again after a crash costs no more than going on, so it is not checked in. */
  readonly alone: boolean;
}

export type Stored = { readonly kind: 'stored' | 'stale' } | { readonly kind: 'failed'; readonly error: unknown };

export interface BatchStore {
  /**
   * Takes the next batch; waits while two are under way.
   * @returns what became of a batch before it: after anything but `stored`, this one is not taken.
   */
  readonly handOver: (batch: Batch) => Promise<Stored>;
  /** What became of the last one. */
  readonly finish: () => Promise<Stored>;
}

const nothing: Stored = { kind: 'stored' };

export function makeBatchStore(context: RoundContext): BatchStore {
  let beforeLast: Promise<Stored> = Promise.resolve(nothing);
  let last: Promise<Stored> = Promise.resolve(nothing);
  let lastIds: ReadonlySet<string> = new Set();

  /** Never rejects: it runs beside the next fetch. */
  const store = async (batch: Batch, former: Promise<Stored>, formerIds: ReadonlySet<string>): Promise<Stored> => {
    try {
      // Whoever is in both batches must be read after the former is written: what is prepared now would not know of it.
      const overlaps = batch.entries.some((entry) => entry.kind !== 'unreadable' && formerIds.has(entry.objectId));
      if (overlaps) await former;
      const preparing = settled(prepare(context, batch.entries));
      const before = await former;
      const prepared = await preparing;
      if (before.kind !== 'stored') return before;
      if (prepared.kind === 'failed') return prepared;
      return await writeAndMove(context, batch, prepared.value);
    } catch (error) {
      return { kind: 'failed', error };
    }
  };

  return {
    handOver: async (batch) => {
      const earlier = await beforeLast;
      if (earlier.kind !== 'stored') return earlier;
      const former = last;
      last = store(batch, former, lastIds);
      beforeLast = former;
      lastIds = new Set(batch.entries.flatMap((entry) => (entry.kind === 'unreadable' ? [] : [entry.objectId])));
      return earlier;
    },
    finish: async () => await last,
  };
}

async function prepare(context: RoundContext, entries: readonly DeltaEntry[]): Promise<PreparedBatch | null> {
  return entries.length === 0 ? null : await prepareBatch(context, await ledgerOf(context), entries);
}

async function writeAndMove(context: RoundContext, { pages, next, alone }: Batch, prepared: PreparedBatch | null): Promise<Stored> {
  if (prepared !== null && (await beforeWriting(context)) === 'stale') return { kind: 'stale' };
  const counts = prepared === null ? {} : await writeBatch(context, await ledgerOf(context), prepared);
  if (counts === 'stale') return { kind: 'stale' };
  const linkSince = context.ports.clock.now().toISOString();
  stage(context, { ...next, linkSince, failures: 0, lastProblem: null }, { ...counts, pages });
  return alone ? { kind: 'stored' } : { kind: await checkpoint(context) };
}
