// Wakes the broker when something is due on the sandbox clock: by a real timer, and at once when the clock is moved.

import type { SandboxClock } from '../clock.ts';

/** Longest delay a Node timer takes, in milliseconds. */
const longestDelayMs = 2 ** 31 - 1;

export interface Alarm {
  /** Asks to be woken at this time, in milliseconds; an earlier wish stays. */
  readonly set: (at: number) => void;
  readonly stop: () => void;
}

/**
 * Makes an alarm. It never keeps the process alive.
 * @param wake lets due things happen and gives the time of the next one.
 */
export function makeAlarm(clock: SandboxClock, wake: () => number | undefined): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let armedFor = Number.POSITIVE_INFINITY;

  const set = (at: number): void => {
    if (at >= armedFor) return;
    armedFor = at;
    clearTimeout(timer);
    timer = setTimeout(ring, Math.min(Math.max(at - clock.now(), 0), longestDelayMs)).unref();
  };

  const ring = (): void => {
    armedFor = Number.POSITIVE_INFINITY;
    const next = wake();
    if (next !== undefined) set(next);
  };

  const stopListening = clock.onAdvance(ring);
  return {
    set,
    stop: () => {
      stopListening();
      clearTimeout(timer);
    },
  };
}
