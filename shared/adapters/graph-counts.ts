// Counts users by the beginning of their names, many beginnings in one request, so that a large list can be cut into even parts.
import { prefixFilter } from '../domain/load-prefixes.ts';
import type { Answer } from '../ports/directory.ts';
import { parseJson, type Reading } from './graph-ask.ts';
import { batchOf, type BatchPart, foundOrFailed } from './graph-batch.ts';
import type { GraphRequest } from './graph-exchange.ts';

/** Counting is an advanced query; without this header Graph refuses it, also as part of a batch (docs/graph.md §1.6). */
export const countHeaders = { ConsistencyLevel: 'eventual' };

/** An address option with a filter for user principal names, encoded whole: a `#` or `'` in it must reach Graph as data. */
export function filterOption(prefix: string): string {
  return `$filter=${encodeURIComponent(prefixFilter(prefix)).replaceAll("'", '%27')}`;
}

export function countBatch(origin: string, prefixes: readonly string[]): GraphRequest {
  return batchOf(
    origin,
    prefixes.map((prefix) => ({ url: `/users/$count${prefix === '' ? '' : `?${filterOption(prefix)}`}`, headers: countHeaders })),
  );
}

/** `/users/$count` answers in plain text, sometimes behind a byte order mark. */
export function readCount(text: string): Reading<number> {
  const count = countIn(text);
  return count === null
    ? { ok: false, kind: 'transient', sentence: 'Microsoft Graph sent a count that is no number.' }
    : { ok: true, value: count };
}

/** The counts in a batch's parts; when no part has one, the reason of a part that failed. */
export function countsIn(prefixes: readonly string[], parts: readonly BatchPart[], now: Date): Answer<ReadonlyMap<string, number>> {
  const counts = parts.flatMap((answered) => {
    const prefix = prefixes[Number(answered.id)];
    const count = answered.status === 200 ? partCount(answered.body) : null;
    return prefix === undefined || count === null ? [] : [[prefix, count] as const];
  });
  return foundOrFailed(new Map(counts), parts, now);
}

/**
 * A part's plain text may come as a JSON number, as text or in base64 (OData JSON format 4.01, batch responses); which of them Graph
 * sends is not documented. Digits in base64 begin with a letter, so the three cannot be mistaken for each other.
 */
function partCount(body: unknown): number | null {
  if (typeof body === 'number') return countIn(String(body));
  if (typeof body !== 'string') return null;
  return countIn(body) ?? countIn(Buffer.from(body, 'base64').toString());
}

function countIn(text: string): number | null {
  const number: unknown = parseJson(text.replace('\uFEFF', '').trim());
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}
