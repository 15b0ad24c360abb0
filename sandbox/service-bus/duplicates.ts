// Duplicate detection: a message id seen within the window is accepted and dropped, so a repeated send has one effect.

import type { QueueStore } from './store.ts';

export interface DuplicateWindow {
  /** True when the id was seen within the window; otherwise the id counts as seen from now on. */
  readonly isRepeat: (messageId: string, now: number) => boolean;
}

/**
 * Makes the window of one queue.
 * @param input.windowMs how long an id is remembered, in milliseconds; 0 means nothing is ever a repeat.
 * @param input.seen ids that survived a restart, oldest first.
 */
export function makeDuplicateWindow(input: {
  readonly queue: string;
  readonly windowMs: number;
  readonly store: QueueStore;
  readonly seen: readonly (readonly [messageId: string, seenAt: number])[];
}): DuplicateWindow {
  const { queue, windowMs, store } = input;
  const seen = new Map(input.seen);

  // The map is in order of time, so the outdated ids are its first ones.
  const forgetOld = (now: number): void => {
    let forgotten = false;
    for (const [messageId, seenAt] of seen) {
      if (seenAt + windowMs > now) break;
      seen.delete(messageId);
      forgotten = true;
    }
    if (forgotten) store.forget(queue, now - windowMs);
  };

  return {
    isRepeat: (messageId, now) => {
      if (windowMs === 0) return false;
      forgetOld(now);
      if (seen.has(messageId)) return true;
      seen.set(messageId, now);
      store.remember(queue, messageId, now);
      return false;
    },
  };
}
