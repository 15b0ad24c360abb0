// Small things stored as one JSON document a row, checked when read, changed by compare-and-swap.
import type * as z from 'zod';
import { parseStored } from '../domain/stored-json.ts';
import type { Key, Properties, Table, Write } from '../ports/tables.ts';

/** A string property holds 64 KiB of UTF-16 (Azure Table Storage); longer texts continue in the next property. */
const charactersPerProperty = 30_000;

/** Spreads a text over `prefix0`, `prefix1`, …; never cuts a surrogate pair, which UTF-8 on the wire could not carry. */
export function spread(prefix: string, text: string): Properties {
  const parts: Record<string, string> = {};
  let start = 0;
  for (let number = 0; start < text.length || number === 0; number += 1) {
    let end = Math.min(text.length, start + charactersPerProperty);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end -= 1;
    parts[`${prefix}${number}`] = text.slice(start, end);
    start = end;
  }
  return parts;
}

/** Joins what `spread` made. */
export function gather(prefix: string, properties: Properties): string {
  let text = '';
  for (let number = 0; ; number += 1) {
    const part = properties[`${prefix}${number}`];
    if (typeof part !== 'string') return text;
    text += part;
  }
}

export interface Found<T> {
  readonly value: T;
  readonly etag: string;
}

const encode = (value: unknown): Properties => spread('json', JSON.stringify(value));

/** The writes of a document, for use in a transaction. */
export const documentWrite = {
  insert: (row: string, value: unknown): Write => ({ kind: 'insert', row, properties: encode(value) }),
  upsert: (row: string, value: unknown): Write => ({ kind: 'upsert', row, properties: encode(value) }),
  replace: (row: string, value: unknown, etag: string): Write => ({ kind: 'replace', row, properties: encode(value), etag }),
};

/** Reads and checks properties written by `documentWrite`. @throws Error that names the places that are wrong, and no content */
export function decodeDocument<T>(schema: z.ZodType<T>, properties: Properties): T {
  const { success, data, error } = schema.safeParse(parseStored(gather('json', properties)));
  if (success) return data;
  const places = error.issues.map(({ path }) => path.join('.') || 'all of it');
  throw new Error(`A stored document has another form: ${places.join(', ')}.`);
}

/** The same, and `undefined` for what cannot be read: a row of a newer version, or a damaged one. */
export function tryDecode<T>(schema: z.ZodType<T>, properties: Properties): T | undefined {
  try {
    return decodeDocument(schema, properties);
  } catch {
    return undefined;
  }
}

export async function readDocument<T>(table: Table, key: Key, schema: z.ZodType<T>): Promise<Found<T> | undefined> {
  const row = await table.get(key);
  return row && { value: decodeDocument(schema, row.properties), etag: row.etag };
}

/** How long to go on where others change the same row at the same moment. */
export interface Patience {
  /** Tries before the fault is shown. */
  readonly attempts: number;
  /** Waits before the next try. @param attempt 0 after the first one */
  readonly pause: (attempt: number) => Promise<void>;
}

const atOnce: Patience = { attempts: 20, pause: async () => undefined };

/**
 * Reads, changes and replaces a document until nobody interfered. `change` gets `undefined` when the row is absent;
 * returning `undefined` leaves everything as it is.
 * @throws Error when others kept changing the row.
 */
export async function changeDocument<T>(
  table: Table,
  key: Key,
  schema: z.ZodType<T>,
  change: (present: T | undefined) => T | undefined,
  { attempts, pause }: Patience = atOnce,
): Promise<T | undefined> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const found = await readDocument(table, key, schema);
    const next = change(found?.value);
    if (next === undefined) return found?.value;
    const write = found ? documentWrite.replace(key.row, next, found.etag) : documentWrite.insert(key.row, next);
    const outcome = await table.write(key.partition, [write]);
    if (outcome.kind === 'done') return next;
    await pause(attempt);
  }
  throw new Error(`Row ${key.partition}/${key.row} was changed by others ${attempts} times in a row.`);
}
