// Asks Graph about many users in one request; every part has its own answer, and only clear ones count (docs/graph.md §3).
import * as z from 'zod';
import { classifyAnswer, errorCodes, parseRetryAfter } from '../domain/directory-failure.ts';
import type { Answer, DirectoryFailure } from '../ports/directory.ts';
import { parseJson, type Reading } from './graph-ask.ts';
import type { GraphRequest } from './graph-exchange.ts';
import { failureOf } from './graph-failure.ts';
import { versionPath } from './graph-link.ts';

/** Graph refuses a batch with more parts. */
export const largestBatch = 20;

const batch = z.object({ responses: z.array(z.unknown()) });
/** Parts are named by their position; anything else answers nobody. */
const part = z.object({
  id: z.string().regex(/^\d{1,2}$/),
  status: z.number().int(),
  headers: z.record(z.string(), z.unknown()).nullish(),
  body: z.unknown().optional(),
});
export type BatchPart = z.infer<typeof part>;

/** One request of several; parts are named by their position. */
export function batchOf(
  origin: string,
  parts: readonly { readonly url: string; readonly headers?: Record<string, string> }[],
): GraphRequest {
  const requests = parts.map((asked, index) => ({ id: String(index), method: 'GET', ...asked }));
  return { method: 'POST', url: `${origin}${versionPath}$batch`, body: { requests } };
}

/** One request that asks whether each of these users exists. */
export function existenceBatch(origin: string, objectIds: readonly string[]): GraphRequest {
  return batchOf(
    origin,
    objectIds.map((id) => ({ url: `/users/${encodeURIComponent(id)}?$select=id` })),
  );
}

/** Reads the parts that can be read; the order is Graph's own. */
export function readBatch(text: string): Reading<readonly BatchPart[]> {
  const body = parseJson(text);
  if (body === undefined) return { ok: false, kind: 'transient', sentence: 'Microsoft Graph sent something that is not JSON.' };
  const parsed = batch.safeParse(body);
  if (!parsed.success) return { ok: false, kind: 'broken', sentence: 'Microsoft Graph sent a batch without answers.' };
  const parts = parsed.data.responses.flatMap((raw) => part.safeParse(raw).data ?? []);
  return { ok: true, value: parts };
}

/**
 * What the parts say. A user is absent only when Graph says `Request_ResourceNotFound`: a bare 404 can come from a gateway, and
 * absence leads to a removal. When no part answers, the reason of the first throttled or else the first failed part is returned.
 */
export function existence(
  objectIds: readonly string[],
  parts: readonly BatchPart[],
  now: Date,
): Answer<ReadonlyMap<string, 'exists' | 'absent'>> {
  const found = new Map<string, 'exists' | 'absent'>();
  for (const answered of parts) {
    const id = objectIds[Number(answered.id)];
    if (id === undefined) continue;
    if (answered.status === 200) found.set(id, 'exists');
    else if (answered.status === 404 && errorCodes(answered.body).includes('Request_ResourceNotFound')) found.set(id, 'absent');
  }
  return foundOrFailed(found, parts, now);
}

/** What was found; or, when that is nothing, the reason of the first throttled or else the first part. */
export function foundOrFailed<T>(found: ReadonlyMap<string, T>, parts: readonly BatchPart[], now: Date): Answer<ReadonlyMap<string, T>> {
  const failed = parts.find((answered) => answered.status === 429) ?? parts[0];
  if (found.size > 0 || failed === undefined) return { ok: true, value: found };
  return { ok: false, failure: partFailure(failed, parts, now) };
}

function partFailure(failed: BatchPart, parts: readonly BatchPart[], now: Date): DirectoryFailure {
  const codes = errorCodes(failed.body);
  const refusal = classifyAnswer({
    status: failed.status,
    codes,
    carriedToken: false,
    throttleScope: header(failed, 'x-ms-throttle-scope'),
  });
  const waits = parts
    .filter((answered) => answered.status === failed.status)
    .map((answered) => parseRetryAfter(header(answered, 'retry-after'), now) ?? unnamedWaitMs);
  const facts = { status: failed.status, code: codes[0] ?? null, requestId: header(failed, 'request-id') };
  return failureOf(refusal, facts, Math.max(...waits));
}

/** For a throttled part that names no wait: the length of Graph's quota window for directory requests (docs/graph.md §3). */
const unnamedWaitMs = 10_000;

function header({ headers }: BatchPart, name: string): string | null {
  const entry = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return entry === undefined ? null : String(entry[1]);
}
