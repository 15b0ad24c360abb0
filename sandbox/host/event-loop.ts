// How late the host's event loop has been, for measurements that look for work that lets nothing else in.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

/** Lateness of a timer since the watch began or was reset, in milliseconds. */
export interface EventLoopDelay {
  readonly p50: number;
  readonly p99: number;
  /** The longest stall. */
  readonly max: number;
}

export interface EventLoopWatch {
  readonly read: () => EventLoopDelay;
  /** Forgets what was measured so far; when it resolves, the next stall is seen from its beginning. */
  readonly reset: () => Promise<void>;
  readonly stop: () => void;
}

/** Milliseconds between two looks; stalls shorter than this may go unseen. */
const resolution = 10;

/** Watches the event loop of this process. */
export function watchEventLoop(): EventLoopWatch {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  // The histogram holds the time between two looks in nanoseconds; one that came on time is not late.
  const late = (nanoseconds: number) => Math.max(0, Math.round(nanoseconds / 1e5 - resolution * 10) / 10);
  return {
    read: () => {
      if (histogram.count === 0) return { p50: 0, p99: 0, max: 0 };
      return { p50: late(histogram.percentile(50)), p99: late(histogram.percentile(99)), max: late(histogram.max) };
    },
    reset: async () => {
      histogram.reset();
      // Also when its last look was: what stalls before the next one would be measured from nothing and not be kept.
      await pause(2 * resolution);
    },
    stop: () => void histogram.disable(),
  };
}
