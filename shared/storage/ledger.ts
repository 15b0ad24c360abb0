// What one round has seen so far, stored beside its checkpoints: who was alive, whose manager was stated, who was said to be gone.
import { type IdSet, makeIdSet, seenGone } from '../domain/id-set.ts';
import { parseStored } from '../domain/stored-json.ts';
import type { Properties, Tables, Value } from '../ports/tables.ts';
import { gather, spread } from './document.ts';
import { removeRows } from './remove-rows.ts';

/** A binary property holds 64 KiB; a whole number of 9-byte records fits in this many bytes. */
const bytesPerProperty = 63_000;
const partitionOf = (companyId: string, runId: string) => `${companyId}~${runId}`;
const rowOf = (chunk: number) => `ledger~${String(chunk).padStart(6, '0')}`;

export interface Ledger {
  readonly ids: IdSet;
  /** Object ids with a tombstone in this round, in the order they were read. */
  readonly gone: Set<string>;
  /** Those of them that are not stored yet. */
  unstoredGone: string[];
}

export const emptyLedger = (): Ledger => ({ ids: makeIdSet(), gone: new Set(), unstoredGone: [] });

export function recordGone(ledger: Ledger, objectId: string): void {
  ledger.ids.add(objectId, seenGone);
  ledger.gone.add(objectId);
  ledger.unstoredGone.push(objectId);
}

interface Place {
  readonly companyId: string;
  readonly runId: string;
  readonly chunk: number;
}

/**
 * Everything the round has recorded up to its last checkpoint, the one that names `chunk` as the next. A row of a chunk that a crash
 * kept from being checked in is left out: that chunk is read and written anew, whole.
 */
export async function readLedger(tables: Tables, { companyId, runId, chunk }: Place): Promise<Ledger> {
  const ledger = emptyLedger();
  if (chunk === 0) return ledger;
  for await (const row of tables.rounds.range({ partition: partitionOf(companyId, runId), from: rowOf(0), below: rowOf(chunk) })) {
    for (const value of Object.values(row.properties)) if (value instanceof Uint8Array) ledger.ids.absorb(value);
    for (const objectId of parseStored(gather('gone', row.properties) || '[]') as string[]) ledger.gone.add(objectId);
  }
  return ledger;
}

/**
 * Stores what was added since the last call, under the number of the chunk; must come before the checkpoint that names the next chunk.
 * `copy` differs per attempt: two copies of one step each leave what they saw, and neither hides what the other did.
 */
export async function storeLedger(
  tables: Tables,
  { companyId, runId, chunk }: Place,
  ledger: Ledger,
  copy: string,
): Promise<'stored' | 'nothingNew'> {
  const bytes = ledger.ids.takeNew();
  const gone = ledger.unstoredGone;
  ledger.unstoredGone = [];
  if (bytes.byteLength === 0 && gone.length === 0) return 'nothingNew';
  const properties: Record<string, Value> = {};
  for (let start = 0, number = 0; start < bytes.byteLength; start += bytesPerProperty, number += 1) {
    properties[`seen${number}`] = bytes.slice(start, start + bytesPerProperty);
  }
  const all: Properties = { ...properties, ...(gone.length > 0 ? spread('gone', JSON.stringify(gone)) : {}) };
  await tables.rounds.write(partitionOf(companyId, runId), [{ kind: 'upsert', row: `${rowOf(chunk)}~${copy}`, properties: all }]);
  return 'stored';
}

/** Forgets the ledger of a finished round; `chunk` 0 says that none was stored. */
export async function dropLedger(tables: Tables, { companyId, runId, chunk }: Place): Promise<void> {
  if (chunk === 0) return;
  await removeRows(tables.rounds, { partition: partitionOf(companyId, runId) });
}
