// Keeps messages in SQLite, so that whatever a sender was told is accepted is still there after a kill -9 and a restart.

import { DatabaseSync } from 'node:sqlite';
import type { AddedProperties, MessageState, QueuedMessage } from './message.ts';

/** What a queue left behind. Duplicates are ids with the time they were first seen, oldest first. */
interface StoredQueue {
  readonly lastSequence: number;
  readonly messages: readonly QueuedMessage[];
  readonly duplicates: readonly (readonly [messageId: string, seenAt: number])[];
}

/** Durable storage of queues. Every call is done when it returns; group calls with `transaction`. */
export interface QueueStore {
  readonly load: (queue: string) => StoredQueue;
  /** Writes a message under its sequence number, replacing what was there. */
  readonly save: (queue: string, message: QueuedMessage) => void;
  readonly saveDeliveries: (queue: string, sequence: number, deliveries: number) => void;
  readonly remove: (queue: string, sequence: number) => void;
  readonly saveLastSequence: (queue: string, lastSequence: number) => void;
  readonly remember: (queue: string, messageId: string, seenAt: number) => void;
  /** Forgets message ids first seen at or before this time. */
  readonly forget: (queue: string, seenAt: number) => void;
  /** Runs the work as one change: all of it is stored, or none. May be nested. */
  readonly transaction: <Result>(work: () => Result) => Result;
  readonly close: () => void;
}

// WAL with synchronous=NORMAL survives the death of the process; only a power failure may cost the last transactions.
const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS queue (name TEXT PRIMARY KEY, last_sequence INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS message (
    queue TEXT NOT NULL, sequence INTEGER NOT NULL, enqueued_sequence INTEGER NOT NULL, message_id TEXT NOT NULL,
    state TEXT NOT NULL, dead_lettered INTEGER NOT NULL, enqueued_at INTEGER NOT NULL, scheduled_for INTEGER,
    time_to_live INTEGER, expires_at INTEGER, deliveries INTEGER NOT NULL, added TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (queue, sequence));
  CREATE TABLE IF NOT EXISTS duplicate (
    queue TEXT NOT NULL, message_id TEXT NOT NULL, seen_at INTEGER NOT NULL, PRIMARY KEY (queue, message_id)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS duplicate_seen ON duplicate (queue, seen_at);
`;

type Row = Record<string, unknown>;

const insertMessage = `
  INSERT OR REPLACE INTO message VALUES (:queue, :sequence, :enqueuedSequence, :messageId, :state, :deadLettered, :enqueuedAt,
    :scheduledFor, :timeToLiveMs, :expiresAt, :deliveries, :added, :content)`;

function toMessage(row: Row): QueuedMessage {
  const optional = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
  return {
    sequence: row['sequence'] as number,
    enqueuedSequence: row['enqueued_sequence'] as number,
    messageId: row['message_id'] as string,
    state: row['state'] as MessageState,
    deadLettered: row['dead_lettered'] === 1,
    enqueuedAt: row['enqueued_at'] as number,
    scheduledFor: optional(row['scheduled_for']),
    timeToLiveMs: optional(row['time_to_live']),
    expiresAt: optional(row['expires_at']),
    deliveries: row['deliveries'] as number,
    added: JSON.parse(row['added'] as string) as AddedProperties,
    content: row['content'] as Uint8Array,
  };
}

/**
 * Opens (or creates) a store.
 * @param file path of the SQLite file; without one everything lives in memory.
 */
export function openQueueStore(file = ':memory:'): QueueStore {
  const database = new DatabaseSync(file);
  database.exec(schema);
  const insert = database.prepare(insertMessage);
  const updateDeliveries = database.prepare('UPDATE message SET deliveries = ? WHERE queue = ? AND sequence = ?');
  const deleteMessage = database.prepare('DELETE FROM message WHERE queue = ? AND sequence = ?');
  const saveSequence = database.prepare('INSERT OR REPLACE INTO queue VALUES (?, ?)');
  const insertDuplicate = database.prepare('INSERT OR REPLACE INTO duplicate VALUES (?, ?, ?)');
  const deleteDuplicates = database.prepare('DELETE FROM duplicate WHERE queue = ? AND seen_at <= ?');
  let depth = 0;

  return {
    load: (queue) => ({
      lastSequence: Number(database.prepare('SELECT last_sequence AS n FROM queue WHERE name = ?').get(queue)?.['n'] ?? 0),
      messages: database.prepare('SELECT * FROM message WHERE queue = ? ORDER BY sequence').all(queue).map(toMessage),
      duplicates: database
        .prepare('SELECT message_id, seen_at FROM duplicate WHERE queue = ? ORDER BY seen_at')
        .all(queue)
        .map((row: Row) => [row['message_id'] as string, row['seen_at'] as number] as const),
    }),
    save: (queue, message) => {
      insert.run({
        ...message,
        queue,
        deadLettered: message.deadLettered ? 1 : 0,
        scheduledFor: message.scheduledFor ?? null,
        timeToLiveMs: message.timeToLiveMs ?? null,
        expiresAt: message.expiresAt ?? null,
        added: JSON.stringify(message.added),
      });
    },
    saveDeliveries: (queue, sequence, deliveries) => void updateDeliveries.run(deliveries, queue, sequence),
    remove: (queue, sequence) => void deleteMessage.run(queue, sequence),
    saveLastSequence: (queue, lastSequence) => void saveSequence.run(queue, lastSequence),
    remember: (queue, messageId, seenAt) => void insertDuplicate.run(queue, messageId, seenAt),
    forget: (queue, seenAt) => void deleteDuplicates.run(queue, seenAt),
    transaction: (work) => {
      if (depth > 0) return work();
      depth += 1;
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      } finally {
        depth -= 1;
      }
    },
    close: () => database.close(),
  };
}
