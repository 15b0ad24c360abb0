// Alarms by the shifted clock: one real timer armed for the next due time, looked at again whenever the clock jumps.

/** A set of alarms. */
export interface WakeUps {
  /** Calls `run` once when `Date.now()` reaches `due` (milliseconds); returns a function that cancels. */
  readonly at: (due: number, run: () => void) => () => void;
  /** Runs everything that has become due; call after the clock moved. */
  readonly clockMoved: () => void;
  readonly stop: () => void;
}

interface Alarm {
  readonly due: number;
  readonly run: () => void;
}

/** The longest delay `setTimeout` takes; a longer wait is armed again on the way. */
const longestDelay = 2 ** 31 - 1;

/** Makes an empty set of alarms that reads the global (shifted) `Date`. */
export function makeWakeUps(): WakeUps {
  const alarms = new Set<Alarm>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const arm = () => {
    clearTimeout(timer);
    timer = undefined;
    if (stopped || alarms.size === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const alarm of alarms) next = Math.min(next, alarm.due);
    timer = setTimeout(runDue, Math.min(Math.max(next - Date.now(), 0), longestDelay));
  };
  const runDue = () => {
    const now = Date.now();
    const ready = [...alarms].filter((alarm) => alarm.due <= now).toSorted((one, other) => one.due - other.due);
    for (const alarm of ready) if (alarms.delete(alarm)) alarm.run();
    arm();
  };

  return {
    at: (due, run) => {
      const alarm = { due, run };
      alarms.add(alarm);
      arm();
      return () => {
        alarms.delete(alarm);
      };
    },
    clockMoved: runDue,
    stop: () => {
      stopped = true;
      arm();
    },
  };
}
