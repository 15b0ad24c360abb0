// Stores a change together with the effects it causes, and delivers them: audit entries to the log, mails and reviews to their queues.
import type { MailQueue, Ports } from '../ports/ports.ts';
import { appendAudit } from '../storage/audit.ts';
import { queueReviews } from '../storage/manager-reviews.ts';
import { createSendRecord } from '../storage/mails.ts';
import { clearMark, type Drained, drainPlace, type Effect, markOutbox, openMarks, type OutboxMark } from '../storage/outbox.ts';
import type { Tables } from '../ports/tables.ts';

export type EffectPorts = Pick<Ports, 'tables' | 'mailQueue' | 'ids' | 'clock' | 'log'>;

type Place = OutboxMark['places'][number];

/** Delivers one effect. Repeatable: every key is the effect's own id, and the queue drops a message id it has seen. */
async function deliver({ tables, mailQueue }: { tables: Tables; mailQueue: MailQueue }, effect: Effect): Promise<void> {
  if (effect.kind === 'audit') return await appendAudit(tables, effect.entry);
  if (effect.kind === 'review') return await queueReviews(tables, effect.companyId, effect.subjects);
  const { mail } = effect;
  await createSendRecord(tables, { mail, state: 'queued', attempts: 0, notBefore: null, finishedAt: null, problem: null });
  await mailQueue.enqueue({ mail, attempt: 0 });
}

/**
 * Runs a change whose effects are stored at `places`. A mark goes first, so that after a crash the recovery finds what waits;
 * it is cleared when everything was delivered.
 */
export async function withEffects<T>(
  ports: EffectPorts,
  companyId: string,
  places: readonly Place[],
  change: () => Promise<T>,
): Promise<T> {
  if (places.length === 0) return await change();
  const markId = `${companyId}~${ports.ids.newId()}`;
  await markOutbox(ports.tables, markId, { companyId, at: ports.clock.now().toISOString(), places });
  const result = await change();
  try {
    // What cannot be read here was stored by somebody else, whose mark stays.
    await deliverPlaces(ports, places);
    await clearMark(ports.tables, markId);
  } catch (error) {
    // The change is made and its effects are stored with it: they arrive late, and the caller must not take it for a failure.
    ports.log('warning', 'Effects are stored and will be delivered later.', { companyId, error: nameOf(error) });
  }
  return result;
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'unknown');

async function deliverPlaces(ports: EffectPorts, places: readonly Place[]): Promise<Drained> {
  let [delivered, unreadable] = [0, 0];
  for (const place of places) {
    const drained = await drainPlace(ports.tables, place, async (effect) => await deliver(ports, effect));
    delivered += drained.delivered;
    unreadable += drained.unreadable;
  }
  return { delivered, unreadable };
}

/** Effects of operations that began longer ago than this are delivered by the recovery: most of these operations died. */
const lateAfterMs = 60_000;
/** A run ends before its function would be stopped, and the other work of the host with it; the next one goes on. */
const longestRunMs = 4 * 60_000;
/** No operation lives this long (function timeouts are shorter), so nothing can follow under a mark this old. */
const longestOperationMs = 3_600_000;

/**
 * Delivers what crashed operations left behind. Run by a timer; safe beside running operations and beside itself. A mark stays until its
 * operation must have ended, since an operation that is merely slow may store more effects; one mark's trouble does not stop the others.
 * @returns how many effects were delivered
 */
export async function recoverEffects(ports: EffectPorts): Promise<number> {
  const until = ports.clock.now().getTime() + longestRunMs;
  const failed = new Set<string>();
  let recovered = 0;
  for await (const { markId, mark } of openMarks(ports.tables)) {
    if (mark === undefined) {
      ports.log('error', 'A mark of effects cannot be read.', { markId });
      continue;
    }
    const { companyId } = mark;
    const now = ports.clock.now().getTime();
    if (now >= until) break;
    const age = now - Date.parse(mark.at);
    const names = mark.places.map(({ table, partition }) => `${table} ${partition}`);
    // While the queue is away each try takes its seconds, and many marks may name one place.
    if (age < lateAfterMs || names.some((name) => failed.has(name))) continue;
    try {
      const { delivered, unreadable } = await deliverPlaces(ports, mark.places);
      if (delivered > 0) ports.log('warning', 'Delivered effects that a crashed operation left behind.', { companyId, delivered });
      recovered += delivered;
      if (unreadable > 0) ports.log('error', 'Effects cannot be read, and wait for a version that can.', { companyId, unreadable });
      else if (age >= longestOperationMs) await clearMark(ports.tables, markId);
    } catch (error) {
      for (const name of names) failed.add(name);
      ports.log('error', 'Effects could not be delivered.', { companyId, error: nameOf(error) });
    }
  }
  return recovered;
}
