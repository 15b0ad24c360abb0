// Turns what a function returned into the JSON text the durable engine stores, and into the body an HTTP caller receives.
import type { TypedData } from './core-types.ts';

/** The JSON text of a value; nothing at all is `null`, bytes are base64 text as the Azure host writes them. */
export function jsonTextOf(data: TypedData | null | undefined): string {
  if (data === null || data === undefined) return 'null';
  if (data.json !== undefined) return data.json;
  if (data.string !== undefined) return JSON.stringify(data.string);
  if (data.bytes !== undefined) return JSON.stringify(Buffer.from(data.bytes).toString('base64'));
  return JSON.stringify(data.int ?? data.double ?? null);
}

/** The bytes of a value as a message or response body. */
export function bytesOf(data: TypedData | null | undefined): Buffer {
  if (data === null || data === undefined) return Buffer.alloc(0);
  if (data.bytes !== undefined) return Buffer.from(data.bytes);
  return Buffer.from(data.string ?? data.json ?? String(data.int ?? data.double ?? ''));
}
