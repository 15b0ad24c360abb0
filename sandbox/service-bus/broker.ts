// The broker: finds queues and dead-letter queues by address and tells receivers when something waits. It knows no AMQP.

import type { QueueSettings } from './message.ts';
import { makeQueue, type Queue, type QueueStats } from './queue.ts';
import type { QueueStore } from './store.ts';
import type { Subqueue } from './subqueue.ts';

/** A queue or its dead-letter queue, as an address names it. */
export interface Entity {
  /** The address in lower case; equal for equal entities. */
  readonly path: string;
  readonly queue: Queue;
  readonly subqueue: Subqueue;
  readonly isDeadLetterQueue: boolean;
}

export interface Broker {
  /** The entity at an address such as `mail` or `mail/$deadletterqueue`, in any case; undefined when there is none. */
  readonly find: (address: string) => Entity | undefined;
  /** Calls back whenever a message waits in an entity (given by its path). */
  readonly onReady: (listener: (path: string) => void) => void;
  /** Calls back with each time at which something will be due. */
  readonly onDue: (listener: (at: number) => void) => void;
  /** Lets everything happen that is due: locks end, scheduled messages become active, messages expire. */
  readonly advance: (now: number) => void;
  readonly nextDue: () => number | undefined;
  readonly stats: (now: number) => Readonly<Record<string, QueueStats>>;
}

const deadLetterSuffix = '/$deadletterqueue';

/**
 * Opens the queues with what the store kept of them.
 * @throws Error when two queues have the same name, case aside.
 */
export function makeBroker(input: { readonly queues: readonly QueueSettings[]; readonly store: QueueStore; readonly now: number }): Broker {
  const readyListeners: ((path: string) => void)[] = [];
  const dueListeners: ((at: number) => void)[] = [];
  const entities = new Map<string, Entity>();
  const queues: Queue[] = [];

  for (const settings of input.queues) {
    const path = settings.name.toLowerCase();
    if (entities.has(path)) throw new Error(`The queue "${settings.name}" is configured twice.`);
    const queue = makeQueue({
      settings,
      store: input.store,
      now: input.now,
      onReady: (subqueue) => {
        for (const listener of readyListeners) listener(subqueue === 'main' ? path : path + deadLetterSuffix);
      },
      onDue: (at) => {
        for (const listener of dueListeners) listener(at);
      },
    });
    queues.push(queue);
    entities.set(path, { path, queue, subqueue: queue.main, isDeadLetterQueue: false });
    entities.set(path + deadLetterSuffix, { path: path + deadLetterSuffix, queue, subqueue: queue.deadLetters, isDeadLetterQueue: true });
  }

  return {
    find: (address) => entities.get(address.toLowerCase()),
    onReady: (listener) => void readyListeners.push(listener),
    onDue: (listener) => void dueListeners.push(listener),
    advance: (now) => {
      for (const queue of queues) queue.advance(now);
    },
    nextDue: () => {
      const times = [...entities.values()].map(({ subqueue }) => subqueue.nextDue()).filter((at) => at !== undefined);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    stats: (now) => Object.fromEntries(queues.map((queue) => [queue.name, queue.stats(now)])),
  };
}
