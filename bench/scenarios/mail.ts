// Notification throughput: mails that were held back because the mail service took none, from the moment it takes them all.
import type { Bench } from '../bench.ts';
import { whenOver } from '../measure.ts';
import type { Product } from '../product.ts';
import type { Place } from '../samples.ts';

/** Mail that was refused is tried again when the quota's hour has passed at the latest. */
const quotaHourMs = 61 * 60_000;
const longestMs = 5 * 60_000;

export async function deliverHeldMail({
  bench,
  product: { sandbox, startCosts },
  expected,
  place,
  repeat,
}: {
  readonly bench: Bench;
  readonly product: Product;
  /** How many mails there will be in the end, at least. */
  readonly expected: number;
  readonly place: Place;
  readonly repeat: number;
}): Promise<void> {
  bench.progress('delivering the mails that waited');
  const { email } = sandbox;
  const before = email.mails().length;
  Object.assign(email.settings, { sendPerMinute: 1e9, sendPerHour: 1e9 });
  const costs = startCosts();
  const start = performance.now();
  sandbox.clock.advance(quotaHourMs);
  const ended = await whenOver(() => Promise.resolve(email.mails().length >= expected), longestMs, 'The delivery of mails');
  const mails = email.mails().length - before;
  const ms = ended - start;
  bench.record(repeat, place, { ms, ...costs(), mails, mailsPerSecond: mails / (ms / 1000) });
}
