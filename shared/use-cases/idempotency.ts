// A repeated request with the same Idempotency-Key gets the first answer again and does nothing.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Refusal } from '../domain/errors.ts';
import type { Ports } from '../ports/ports.ts';
import { documentWrite, readDocument } from '../storage/document.ts';

/** Without an answer: somebody has begun this request and may still be at it, or crashed. */
const keptSchema = z.object({ requestHash: z.string(), at: z.string(), answer: z.unknown().optional() });
type Kept = z.output<typeof keptSchema>;

const keepMs = 48 * 3_600_000;
const hash = (text: string) => createHash('sha256').update(text).digest('base64url');

export interface KeyedRequest {
  readonly companyId: string;
  readonly key: string | null;
  readonly request: unknown;
}

type KeyPorts = Pick<Ports, 'tables' | 'clock'>;
type Place = { readonly partition: string; readonly row: string };

/** Reserves the key for this request, or finds what is there for it. @throws Refusal `idempotency-mismatch`. */
async function reserve({ tables, clock }: KeyPorts, place: Place, requestHash: string): Promise<Kept> {
  const now = clock.now();
  const fresh: Kept = { requestHash, at: now.toISOString() };
  for (;;) {
    const found = await readDocument(tables.access, place, keptSchema);
    if (found && now.getTime() - Date.parse(found.value.at) < keepMs) {
      if (found.value.requestHash !== requestHash) throw new Refusal('idempotency-mismatch');
      return found.value;
    }
    const write = found ? documentWrite.replace(place.row, fresh, found.etag) : documentWrite.insert(place.row, fresh);
    if ((await tables.access.write(place.partition, [write])).kind === 'done') return fresh;
  }
}

/**
 * Runs `work` unless the key has an answer already. The key is reserved before the work begins, so that a different request under the
 * same key is refused before it does anything. The work itself must be repeatable: two equal requests at the same moment may both run
 * it, as does the next one after a crash; the answer stored first is the one all later requests get.
 * @throws Refusal `idempotency-mismatch` when the key was used for another request.
 */
export async function withIdempotency<T>(ports: KeyPorts, { companyId, key, request }: KeyedRequest, work: () => Promise<T>): Promise<T> {
  if (key === null) return await work();
  const place = { partition: `idempotency~${companyId}`, row: hash(key) };
  const requestHash = hash(JSON.stringify(request));
  const kept = await reserve(ports, place, requestHash);
  if (kept.answer !== undefined) return kept.answer as T;
  const answer = await work();
  const found = await readDocument(ports.tables.access, place, keptSchema);
  if (found?.value.answer !== undefined && found.value.requestHash === requestHash) return found.value.answer as T;
  if (found) await ports.tables.access.write(place.partition, [documentWrite.replace(place.row, { ...kept, answer }, found.etag)]);
  return answer;
}
