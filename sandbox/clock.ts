// The sandbox's clock: real time plus an offset that tests and the admin page move forward. Every stand-in reads time from here.

/** A clock that can be moved. Times are milliseconds since 1970 (UTC). */
export interface SandboxClock {
  /** The sandbox's present time in milliseconds. */
  readonly now: () => number;
  /** How far the sandbox is ahead of real time, in milliseconds. */
  readonly offset: () => number;
  /** Moves time forward; listeners (armed timers, locks, schedules) look again at once. */
  readonly advance: (milliseconds: number) => void;
  /** Calls back after each move; returns a function that stops that. */
  readonly onAdvance: (listener: () => void) => () => void;
}

/**
 * Makes a clock that runs with real time, ahead of it by `initialOffset` milliseconds.
 * @throws RangeError when asked to move backwards.
 */
export function makeSandboxClock(initialOffset = 0): SandboxClock {
  let offset = initialOffset;
  const listeners = new Set<() => void>();
  return {
    now: () => Date.now() + offset,
    offset: () => offset,
    advance: (milliseconds) => {
      if (milliseconds < 0) throw new RangeError('The sandbox clock only moves forward.');
      offset += milliseconds;
      for (const listener of listeners) listener();
    },
    onAdvance: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
