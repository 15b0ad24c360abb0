// One ordered set of messages with locks: a queue has two, its main one and its dead-letter one. No AMQP, no clock: time comes in.

import { makeLocks } from './locks.ts';
import type { AddedProperties, Delivered, QueuedMessage, ReceiveMode, Settlement } from './message.ts';
import { makeShelf, type ShelfInput } from './shelf.ts';

/** What a subqueue needs from the queue around it. */
export interface SubqueueInput extends ShelfInput {
  readonly lockDurationMs: number;
  /** Deliveries after which a returned message is dead-lettered; infinite for the dead-letter subqueue. */
  readonly maxDeliveryCount: number;
  /** Takes over a message this subqueue gives up; undefined when messages cannot be dead-lettered from here. */
  readonly deadLetter: ((message: QueuedMessage, added: AddedProperties) => void) | undefined;
  /** Takes over a message whose time to live has ended; this subqueue has already removed it. */
  readonly onExpired: (message: QueuedMessage) => void;
  /** Gives a scheduled message its new, active form. */
  readonly activate: (message: QueuedMessage, now: number) => QueuedMessage;
}

export interface SubqueueCounts {
  readonly active: number;
  readonly locked: number;
  readonly scheduled: number;
  readonly deferred: number;
}

type SettleResult = 'settled' | 'lock-lost' | 'not-allowed';

/** Every function takes the present time in milliseconds and first lets happen what is due. */
export interface Subqueue {
  readonly put: (message: QueuedMessage) => void;
  /** Takes a message back after a restart; one that had been delivered for the last time goes to the dead letters. */
  readonly restore: (message: QueuedMessage, now: number) => void;
  /** Hands out the first waiting message. */
  readonly receive: (mode: ReceiveMode, now: number) => Delivered | undefined;
  /** Hands out deferred messages by number: all of them, or undefined when one is not there. */
  readonly receiveDeferred: (sequences: readonly number[], mode: ReceiveMode, now: number) => readonly Delivered[] | undefined;
  /** Carries out a receiver's decision on a locked message. */
  readonly settle: (lockToken: string, settlement: Settlement, now: number) => SettleResult;
  /** Starts the lock's time anew; gives its new end, or undefined when the lock is lost. */
  readonly renew: (lockToken: string, now: number) => number | undefined;
  /** Messages from a sequence number on, in order, whatever their state; nothing is locked. */
  readonly peek: (fromSequence: number, count: number, now: number) => readonly QueuedMessage[];
  /** Withdraws scheduled messages: all of them, or none and false when one is not scheduled. */
  readonly cancelScheduled: (sequences: readonly number[], now: number) => boolean;
  /** Lets happen what is due: locks end, scheduled messages become active, messages expire. */
  readonly advance: (now: number) => void;
  /** When to call `advance` again. */
  readonly nextDue: () => number | undefined;
  readonly nextScheduledAt: () => number | undefined;
  readonly counts: () => SubqueueCounts;
}

/** Makes an empty subqueue. */
export function makeSubqueue(input: SubqueueInput): Subqueue {
  const shelf = makeShelf(input);
  const locks = makeLocks();

  const hasExpired = ({ expiresAt }: QueuedMessage, now: number): boolean => expiresAt !== undefined && expiresAt <= now;

  const expire = (message: QueuedMessage): void => {
    shelf.remove(message);
    input.onExpired(message);
  };

  const deadLetter = (message: QueuedMessage, added: AddedProperties): void => {
    shelf.release(message);
    input.deadLetter?.(message, added);
  };

  /** Puts an unlocked message back in its place, or out of the way when it has lived or been tried long enough. */
  const giveBack = (message: QueuedMessage, now: number): void => {
    if (hasExpired(message, now)) expire(message);
    else if (message.deliveries < input.maxDeliveryCount) shelf.put(message);
    else {
      const description = `Message could not be consumed after ${input.maxDeliveryCount} delivery attempts.`;
      deadLetter(message, { DeadLetterReason: 'MaxDeliveryCountExceeded', DeadLetterErrorDescription: description });
    }
  };

  const happen = (message: QueuedMessage, now: number): void => {
    const lock = locks.ofMessage(message.sequence);
    if (lock !== undefined) {
      if (lock.until > now) return;
      locks.release(lock);
      giveBack(message, now);
    } else if (message.state === 'scheduled') {
      shelf.remove(message);
      shelf.put(input.activate(message, now));
    } else if (hasExpired(message, now)) expire(message);
  };

  const advance = (now: number): void => {
    for (let sequence = shelf.takeDue(now); sequence !== undefined; sequence = shelf.takeDue(now)) {
      const message = shelf.get(sequence);
      // One change for the store: a message must not get lost on its way from one place to another.
      if (message !== undefined) input.store.transaction(() => happen(message, now));
    }
  };

  const deliver = (waiting: QueuedMessage, mode: ReceiveMode, now: number): Delivered => {
    const message = { ...waiting, deliveries: waiting.deliveries + 1 };
    if (mode === 'receive-and-delete') {
      shelf.remove(message);
      return { message, lockToken: undefined, lockedUntil: undefined };
    }
    const lockedUntil = now + input.lockDurationMs;
    // Stored before it is sent: should the broker die now, this delivery has been counted.
    shelf.saveDelivered(message);
    shelf.watch(lockedUntil, message.sequence);
    return { message, lockToken: locks.take(message.sequence, lockedUntil).token, lockedUntil };
  };

  const findAll = (sequences: readonly number[], wanted: (message: QueuedMessage) => boolean): readonly QueuedMessage[] | undefined => {
    const found = sequences.map((sequence) => shelf.get(sequence)).filter((message) => message !== undefined && wanted(message));
    return found.length < sequences.length ? undefined : found.filter((message) => message !== undefined);
  };

  return {
    put: shelf.put,
    restore: (message, now) => {
      if (message.state === 'active' && message.deliveries >= input.maxDeliveryCount) giveBack(message, now);
      else shelf.restore(message);
    },
    receive: (mode, now) => {
      advance(now);
      for (let sequence = shelf.nextReady(); sequence !== undefined; sequence = shelf.nextReady()) {
        const message = shelf.get(sequence);
        if (message !== undefined) return deliver(message, mode, now);
      }
      return undefined;
    },
    receiveDeferred: (sequences, mode, now) => {
      advance(now);
      const found = findAll(sequences, ({ state, sequence }) => state === 'deferred' && !locks.holds(sequence));
      return found?.map((message) => deliver(message, mode, now));
    },
    settle: (lockToken, settlement, now) => {
      advance(now);
      const lock = locks.find(lockToken);
      const message = lock && shelf.get(lock.sequence);
      if (lock === undefined || message === undefined) return 'lock-lost';
      if (settlement.kind === 'dead-letter' && input.deadLetter === undefined) return 'not-allowed';
      locks.release(lock);
      if (settlement.kind === 'complete') shelf.remove(message);
      else if (settlement.kind === 'dead-letter') deadLetter(message, settlement.added);
      else {
        const changed = { ...message, added: { ...message.added, ...settlement.added } };
        if (settlement.kind === 'abandon') giveBack(changed, now);
        else shelf.put({ ...changed, state: 'deferred' });
      }
      return 'settled';
    },
    renew: (lockToken, now) => {
      advance(now);
      const lock = locks.find(lockToken);
      if (lock === undefined) return undefined;
      const until = now + input.lockDurationMs;
      locks.extend(lock, until);
      shelf.watch(until, lock.sequence);
      return until;
    },
    peek: (fromSequence, count, now) => {
      advance(now);
      return shelf.list(fromSequence, count);
    },
    cancelScheduled: (sequences, now) => {
      advance(now);
      const found = findAll(sequences, ({ state }) => state === 'scheduled');
      for (const message of found ?? []) shelf.remove(message);
      return found !== undefined;
    },
    advance,
    nextDue: shelf.nextDue,
    nextScheduledAt: shelf.nextScheduledAt,
    counts: () => {
      const counts = { active: 0, locked: locks.count(), scheduled: 0, deferred: 0 };
      for (const { sequence, state } of shelf.all()) if (!locks.holds(sequence)) counts[state] += 1;
      return counts;
    },
  };
}
