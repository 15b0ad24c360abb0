// Runs the app's timer functions by the shifted clock, remembers when they last ran, and catches up on what was missed.
import { setTimeout as pause } from 'node:timers/promises';
import type { RegisteredFunction } from './core-module.ts';
import type { RetryContext, RetryOptions } from './core-types.ts';
import type { Store } from './durable/store.ts';
import { type Invoke, triggerOf } from './invoke.ts';
import { type Schedule, parseSchedule } from './schedules.ts';
import { expandSettings } from './settings.ts';
import type { WakeUps } from './wake-ups.ts';

/** The running timer functions. */
export interface TimerFunctions {
  /** Arms all timers; runs those with `runOnStartup` and those that missed a run. */
  readonly start: () => void;
  /** Runs one by hand, after a run under way; false when there is none of that name. */
  readonly runNow: (name: string) => boolean;
  readonly busy: () => readonly string[];
  /** Starts no further run; resolves when those under way are over. */
  readonly stop: () => Promise<void>;
}

/** What `makeTimerFunctions` needs. */
export interface TimerFunctionsParts {
  readonly functions: readonly RegisteredFunction[];
  readonly environment: NodeJS.ProcessEnv;
  readonly store: Store;
  readonly wakeUps: WakeUps;
  readonly invoke: Invoke;
  readonly delivered: (name: string, trigger: string, outcome: string, failed: boolean, milliseconds: number) => void;
  readonly failed: (name: string, error: unknown) => void;
}

interface Timer {
  readonly target: RegisteredFunction;
  readonly schedule: Schedule;
  readonly remembers: boolean;
  readonly runOnStartup: boolean;
  /** Milliseconds since 1970; 0 = never. */
  last: number;
  next: number;
  /** Runs asked for and not over; one at a time. */
  waiting: number;
  runs: Promise<void>;
  cancelAlarm: () => void;
}

const minute = 60_000;

/** Reads all schedules. @throws Error naming the function whose schedule Azure would not take. */
export function makeTimerFunctions(parts: TimerFunctionsParts): TimerFunctions {
  const timers = new Map(parts.functions.map((target) => [target.metadata.name, timerOf(parts, target)]));
  let stopped = false;

  const arm = (timer: Timer) => {
    timer.cancelAlarm();
    if (stopped) return;
    timer.cancelAlarm = parts.wakeUps.at(timer.next, () => enqueueRun(timer, Date.now() - timer.next >= minute));
  };
  const remember = (timer: Timer) => {
    const name = timer.target.metadata.name;
    if (timer.remembers)
      parts.store.run('INSERT OR REPLACE INTO timer_functions (name, last, next) VALUES (?, ?, ?)', name, timer.last, timer.next);
  };
  const enqueueRun = (timer: Timer, isPastDue: boolean) => {
    timer.waiting += 1;
    timer.runs = runAfter(timer.runs, timer, isPastDue);
  };
  const runAfter = async (earlier: Promise<void>, timer: Timer, isPastDue: boolean) => {
    await earlier;
    if (stopped) return;
    const startedAt = Date.now();
    await runTimer(parts, timer, isPastDue, () => stopped);
    timer.last = startedAt;
    timer.next = timer.schedule.next(Date.now());
    remember(timer);
    timer.waiting -= 1;
    arm(timer);
  };

  return {
    start: () => {
      for (const timer of timers.values()) {
        const now = Date.now();
        const stored = timer.remembers
          ? parts.store.one('SELECT * FROM timer_functions WHERE name = ?', timer.target.metadata.name)
          : undefined;
        timer.last = Number(stored?.['last'] ?? 0);
        const expected = timer.last > 0 ? timer.schedule.next(timer.last) : Number(stored?.['next'] ?? Number.POSITIVE_INFINITY);
        timer.next = timer.schedule.next(now);
        if (expected <= now) enqueueRun(timer, true);
        else if (timer.runOnStartup) enqueueRun(timer, false);
        else {
          remember(timer);
          arm(timer);
        }
      }
    },
    runNow: (name) => {
      const timer = timers.get(name);
      if (timer === undefined) return false;
      enqueueRun(timer, false);
      return true;
    },
    busy: () =>
      [...timers.values()].flatMap((timer) => {
        const { name } = timer.target.metadata;
        if (timer.waiting > 0) return [`timer function ${name}: running`];
        return timer.next <= Date.now() ? [`timer function ${name}: due`] : [];
      }),
    stop: async () => {
      stopped = true;
      for (const timer of timers.values()) timer.cancelAlarm();
      await Promise.all([...timers.values()].map((timer) => timer.runs));
    },
  };
}

function timerOf(parts: TimerFunctionsParts, target: RegisteredFunction): Timer {
  const { binding } = triggerOf(target);
  const { name } = target.metadata;
  try {
    const schedule = parseSchedule(
      expandSettings(String(binding['schedule']), parts.environment),
      parts.environment['WEBSITE_TIME_ZONE'] ?? 'UTC',
    );
    const first = schedule.next(Date.now());
    // Azure keeps no record of timers that run more often than once a minute, whatever `useMonitor` says.
    const remembers = binding['useMonitor'] !== false && schedule.next(first) - first >= minute;
    const runOnStartup = binding['runOnStartup'] === true;
    return { target, schedule, remembers, runOnStartup, last: 0, next: first, waiting: 0, runs: Promise.resolve(), cancelAlarm: () => {} };
  } catch (error) {
    throw new Error(`Timer function "${name}": ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** One run with the retries the function asked for; a run that fails for good is only reported, as in Azure. */
async function runTimer(parts: TimerFunctionsParts, timer: Timer, isPastDue: boolean, stopped: () => boolean): Promise<void> {
  const { name, retryOptions } = timer.target.metadata;
  const trigger = { json: JSON.stringify(timerPayload(timer, isPastDue)) };
  for (let retryCount = 0; ; retryCount += 1) {
    const retryContext: RetryContext = { retryCount, maxRetryCount: retryOptions?.maxRetryCount ?? 0 };
    const started = performance.now();
    try {
      await parts.invoke({ target: timer.target, trigger, ...(retryCount === 0 ? {} : { retryContext }) });
      parts.delivered(name, 'timer', 'done', false, performance.now() - started);
      return;
    } catch (error) {
      parts.delivered(name, 'timer', 'failed', true, performance.now() - started);
      parts.failed(name, error);
      if (stopped() || retryOptions === undefined || (retryOptions.maxRetryCount !== -1 && retryCount >= retryOptions.maxRetryCount))
        return;
      await pause(retryDelay(retryOptions, retryCount));
    }
  }
}

/** Milliseconds of real time before the next attempt. */
function retryDelay(options: RetryOptions, retryCount: number): number {
  if (options.retryStrategy === 'fixedDelay') return (options.delayInterval?.seconds ?? 0) * 1000;
  const least = (options.minimumInterval?.seconds ?? 1) * 1000;
  return Math.min(least * 2 ** retryCount, (options.maximumInterval?.seconds ?? 60) * 1000);
}

function timerPayload(timer: Timer, isPastDue: boolean): Record<string, unknown> {
  const time = (at: number) => (at === 0 ? '0001-01-01T00:00:00+00:00' : new Date(at).toISOString());
  return {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: { Last: time(timer.last), Next: time(timer.schedule.next(Date.now())), LastUpdated: time(timer.last) },
    IsPastDue: isPastDue,
  };
}
