// A queue: its main and dead-letter subqueues, its duplicate window and its sequence numbers, stored change by change.

import { makeDuplicateWindow } from './duplicates.ts';
import type { AddedProperties, QueuedMessage, QueueSettings, SentMessage } from './message.ts';
import type { QueueStore } from './store.ts';
import { makeSubqueue, type SubqueueCounts } from './subqueue.ts';

/** How many messages a queue holds, by where they stand; a locked message counts as locked only. */
export interface QueueStats extends SubqueueCounts {
  /** Messages in the dead-letter queue, locked ones included. */
  readonly deadLettered: number;
}

export interface QueueInput {
  readonly settings: QueueSettings;
  readonly store: QueueStore;
  readonly now: number;
  readonly onReady: (subqueue: 'main' | 'dead-letter') => void;
  readonly onDue: (at: number) => void;
}

export type Queue = ReturnType<typeof makeQueue>;

/** Opens a queue with what the store kept of it. Messages locked before a restart are free again, their delivery counted. */
export function makeQueue({ settings, store, now: openedAt, onReady, onDue }: QueueInput) {
  const { name } = settings;
  const stored = store.load(name);
  const duplicates = makeDuplicateWindow({
    queue: name,
    windowMs: settings.duplicateDetectionWindowMs,
    store,
    seen: stored.duplicates,
  });
  let lastSequence = stored.lastSequence;

  const nextSequence = (): number => {
    lastSequence += 1;
    store.saveLastSequence(name, lastSequence);
    return lastSequence;
  };

  const expiryOf = (timeToLiveMs: number | undefined, from: number): number | undefined =>
    timeToLiveMs === undefined ? undefined : from + timeToLiveMs;

  const shared = { queue: name, store, lockDurationMs: settings.lockDurationMs, onDue };
  const neverScheduled = (message: QueuedMessage): QueuedMessage => message;

  const deadLetters = makeSubqueue({
    ...shared,
    maxDeliveryCount: Number.POSITIVE_INFINITY,
    deadLetter: undefined,
    onExpired: () => undefined,
    activate: neverScheduled,
    onReady: () => onReady('dead-letter'),
  });

  const moveToDeadLetters = (message: QueuedMessage, added: AddedProperties): void => {
    const moved = { state: 'active', deadLettered: true, expiresAt: undefined, added: { ...message.added, ...added } } as const;
    deadLetters.put({ ...message, ...moved });
  };

  const main = makeSubqueue({
    ...shared,
    maxDeliveryCount: settings.maxDeliveryCount,
    deadLetter: moveToDeadLetters,
    onExpired: (message) => {
      if (!settings.deadLetterOnExpiration) return;
      const description = 'The message expired and was dead lettered.';
      moveToDeadLetters(message, { DeadLetterReason: 'TTLExpiredException', DeadLetterErrorDescription: description });
    },
    // The time to live starts when the message becomes active, however far the clock was moved past that moment.
    activate: (message, now) => ({
      ...message,
      sequence: nextSequence(),
      state: 'active',
      enqueuedAt: now,
      expiresAt: expiryOf(message.timeToLiveMs, now),
    }),
    onReady: () => onReady('main'),
  });

  const toQueued = (sent: SentMessage, sequence: number, now: number): QueuedMessage => {
    const isScheduled = sent.scheduledFor !== undefined && sent.scheduledFor > now;
    const limits = [sent.timeToLiveMs, settings.defaultTtlMs].filter((limit) => limit !== undefined);
    const timeToLiveMs = limits.length === 0 ? undefined : Math.min(...limits);
    return {
      ...sent,
      sequence,
      enqueuedSequence: sequence,
      state: isScheduled ? 'scheduled' : 'active',
      deadLettered: false,
      enqueuedAt: now,
      timeToLiveMs,
      expiresAt: isScheduled ? undefined : expiryOf(timeToLiveMs, now),
      deliveries: 0,
      added: {},
    };
  };

  store.transaction(() => {
    for (const message of stored.messages) (message.deadLettered ? deadLetters : main).restore(message, openedAt);
  });

  return {
    name,
    main,
    deadLetters,

    /**
     * Takes messages in, all or none, and gives their sequence numbers. They are stored when this returns.
     * A repeat within the duplicate window gets a number too, but nothing is kept of it.
     */
    accept: (sent: readonly SentMessage[], now: number): readonly number[] =>
      store.transaction(() =>
        sent.map((message) => {
          const sequence = nextSequence();
          if (!duplicates.isRepeat(message.messageId, now)) main.put(toQueued(message, sequence, now));
          return sequence;
        }),
      ),

    advance: (now: number): void =>
      store.transaction(() => {
        main.advance(now);
        deadLetters.advance(now);
      }),

    stats: (now: number): QueueStats => {
      main.advance(now);
      deadLetters.advance(now);
      const { active, locked, deferred } = deadLetters.counts();
      return { ...main.counts(), deadLettered: active + locked + deferred };
    },
  };
}
