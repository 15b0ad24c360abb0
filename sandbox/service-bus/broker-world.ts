// A broker under test with a clock of its own, for the broker's tests.

import { type Broker, makeBroker } from './broker.ts';
import type { Delivered, QueueSettings, SentMessage, Settlement } from './message.ts';
import type { Queue } from './queue.ts';
import { openQueueStore } from './store.ts';

export const minute = 60_000;

export const settings: QueueSettings = {
  name: 'mail',
  maxDeliveryCount: 3,
  lockDurationMs: minute,
  duplicateDetectionWindowMs: 10 * minute,
  defaultTtlMs: undefined,
  deadLetterOnExpiration: false,
};

export const sent = (messageId: string, extra: Partial<SentMessage> = {}): SentMessage => ({
  messageId,
  content: Buffer.from(messageId),
  timeToLiveMs: undefined,
  scheduledFor: undefined,
  ...extra,
});

/** A broker with one queue and a clock of its own; `restart` opens it anew on the same store, as after a kill. */
export function makeWorld(change: Partial<QueueSettings> = {}) {
  const store = openQueueStore();
  let now = 0;
  const open = (): Broker => makeBroker({ queues: [{ ...settings, ...change }], store, now });
  let broker = open();
  const queue = (): Queue => {
    const entity = broker.find('mail');
    if (entity === undefined) throw new Error('The queue is missing.');
    return entity.queue;
  };
  return {
    now: () => now,
    move: (milliseconds: number) => {
      now += milliseconds;
    },
    restart: () => {
      broker = open();
    },
    broker: () => broker,
    queue,
    send: (...messages: readonly SentMessage[]) => queue().accept(messages, now),
    receive: () => queue().main.receive('peek-lock', now),
    // What is due in the main queue happens first; in the server the alarm sees to that.
    receiveDead: () => {
      broker.advance(now);
      return queue().deadLetters.receive('peek-lock', now);
    },
    settle: (delivered: Delivered | undefined, settlement: Settlement) =>
      queue().main.settle(delivered?.lockToken ?? 'none', settlement, now),
    stats: () => queue().stats(now),
  };
}
