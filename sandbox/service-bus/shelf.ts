// Where a subqueue keeps its messages: by number, in order for receivers, and by the time something is due. Writes through to the store.

import { makeHeap } from './heap.ts';
import type { MessageState, QueuedMessage } from './message.ts';
import type { QueueStore } from './store.ts';

export interface ShelfInput {
  readonly queue: string;
  readonly store: QueueStore;
  /** Called when a message waits for a receiver. */
  readonly onReady: () => void;
  /** Called when something will be due at this time. */
  readonly onDue: (at: number) => void;
}

export interface Shelf {
  readonly get: (sequence: number) => QueuedMessage | undefined;
  readonly all: () => Iterable<QueuedMessage>;
  /** Stores a message and puts it in its place; an active one waits for a receiver from now on. */
  readonly put: (message: QueuedMessage) => void;
  /** The same for a message the store already has. */
  readonly restore: (message: QueuedMessage) => void;
  /** Notes one more delivery of a message that does not wait any more. */
  readonly saveDelivered: (message: QueuedMessage) => void;
  readonly remove: (message: QueuedMessage) => void;
  /** Lets go of a message that another shelf stores under the same number. */
  readonly release: (message: QueuedMessage) => void;
  /** Takes the first waiting message's number out of the order. It may be outdated: look again with `get`. */
  readonly nextReady: () => number | undefined;
  /** Asks for `takeDue` to give this number at this time. */
  readonly watch: (at: number | undefined, sequence: number) => void;
  /** The number of a message something may be due for. It may be outdated: look again with `get`. */
  readonly takeDue: (now: number) => number | undefined;
  readonly nextDue: () => number | undefined;
  /** Up to `count` messages from a number on, in order. */
  readonly list: (fromSequence: number, count: number) => readonly QueuedMessage[];
  /** The earliest time a scheduled message becomes active. */
  readonly nextScheduledAt: () => number | undefined;
}

const isScheduled = (state: MessageState): boolean => state === 'scheduled';

/** Makes an empty shelf. */
export function makeShelf({ queue, store, onReady, onDue }: ShelfInput): Shelf {
  const messages = new Map<number, QueuedMessage>();
  const ready = makeHeap<number>((left, right) => left < right);
  const dues = makeHeap<{ readonly at: number; readonly sequence: number }>((left, right) => left.at < right.at);

  const watch = (at: number | undefined, sequence: number): void => {
    if (at === undefined) return;
    dues.push({ at, sequence });
    onDue(at);
  };

  const restore = (message: QueuedMessage): void => {
    messages.set(message.sequence, message);
    watch(isScheduled(message.state) ? message.scheduledFor : message.expiresAt, message.sequence);
    if (message.state !== 'active') return;
    ready.push(message.sequence);
    onReady();
  };

  return {
    get: (sequence) => messages.get(sequence),
    all: () => messages.values(),
    restore,
    put: (message) => {
      store.save(queue, message);
      restore(message);
    },
    saveDelivered: (message) => {
      messages.set(message.sequence, message);
      store.saveDeliveries(queue, message.sequence, message.deliveries);
    },
    remove: ({ sequence }) => {
      messages.delete(sequence);
      store.remove(queue, sequence);
    },
    release: ({ sequence }) => void messages.delete(sequence),
    nextReady: ready.pop,
    watch,
    takeDue: (now) => {
      const next = dues.peek();
      return next !== undefined && next.at <= now ? dues.pop()?.sequence : undefined;
    },
    nextDue: () => dues.peek()?.at,
    list: (fromSequence, count) => {
      const found = [...messages.values()].filter(({ sequence }) => sequence >= fromSequence);
      return found.toSorted((left, right) => left.sequence - right.sequence).slice(0, count);
    },
    nextScheduledAt: () => {
      let next: number | undefined;
      for (const { state, scheduledFor } of messages.values())
        if (isScheduled(state) && scheduledFor !== undefined && (next === undefined || scheduledFor < next)) next = scheduledFor;
      return next;
    },
  };
}
