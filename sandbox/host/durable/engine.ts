// Drives orchestrations: who may have a turn, which activities run, which timers are due. Everything it knows is in the store.
import type { LogLevel, TypedData } from '../core-types.ts';
import { jsonTextOf } from '../typed-data.ts';
import type { WakeUps } from '../wake-ups.ts';
import { enqueue, type EventBody, findInstance, type Instance } from './instances.ts';
import { eventTypes } from './protocol.ts';
import type { Store } from './store.ts';
import { runTurn } from './turn.ts';

/** What host.json says under `extensions.durableTask`. */
export interface DurableSettings {
  readonly maxConcurrentActivityFunctions: number;
  readonly maxConcurrentOrchestratorFunctions: number;
  /** The version of orchestrations started without one; empty = none. */
  readonly defaultVersion: string;
}

/** What the engine needs from the host. */
export interface EngineParts {
  readonly store: Store;
  readonly wakeUps: WakeUps;
  readonly settings: DurableSettings;
  /** Runs an orchestrator or activity function; rejects with what it threw, or when there is no such function. */
  readonly runOrchestrator: (name: string, input: TypedData, instanceId: string) => Promise<TypedData | null | undefined>;
  readonly runActivity: (name: string, input: TypedData, instanceId: string) => Promise<TypedData | null | undefined>;
  /** Called after an orchestration has come to its end. */
  readonly finished: (instance: Instance) => void;
  readonly log: (level: LogLevel, message: string) => void;
}

/** The running durable engine. */
export interface Engine {
  /** Takes up what the last process left behind. */
  readonly start: () => void;
  /** Says that an instance has messages waiting. */
  readonly wake: (instanceId: string) => void;
  /** What is ready, due or running right now, in words. */
  readonly busy: () => readonly string[];
  /** Starts nothing new; resolves when running turns and activities are over. */
  readonly stop: () => Promise<void>;
}

/** The longest pause between two turns of an instance, in milliseconds. */
const longestRest = 50;

/** Makes an engine at rest; call `start`. */
export function makeEngine(parts: EngineParts): Engine {
  const { store, settings } = parts;
  const readyInstances = new Set<string>();
  const turning = new Set<string>();
  const resting = new Set<string>();
  const readyActivities: number[] = [];
  const running = new Map<number, string>();
  const work = new Set<Promise<void>>();
  let lastActivity = 0;
  let stopped = false;
  let cancelAlarm = () => {};

  const wake = (instanceId: string) => {
    readyInstances.add(instanceId);
    pump();
  };
  const track = (task: Promise<void>) => {
    work.add(task);
    void task.finally(() => work.delete(task));
  };
  const pump = () => {
    if (stopped) return;
    for (const instanceId of readyInstances) {
      if (turning.size >= settings.maxConcurrentOrchestratorFunctions) break;
      if (turning.has(instanceId) || resting.has(instanceId)) continue;
      readyInstances.delete(instanceId);
      turning.add(instanceId);
      track(turn(instanceId));
    }
    while (running.size < settings.maxConcurrentActivityFunctions) {
      const id = readyActivities.shift();
      if (id === undefined) break;
      running.set(id, '');
      track(activity(id));
    }
  };
  const turn = async (instanceId: string) => {
    const startedAt = performance.now();
    const outcome = await runTurn(store, instanceId, parts.runOrchestrator, settings.defaultVersion);
    turning.delete(instanceId);
    rest(instanceId, performance.now() - startedAt);
    for (const warning of outcome.warnings) parts.log('warning', warning);
    const finished = outcome.finished ? findInstance(store, instanceId) : undefined;
    if (finished !== undefined) parts.finished(finished);
    for (const ready of outcome.ready) readyInstances.add(ready);
    if (outcome.activitiesAdded) queueActivities();
    if (outcome.timersAdded) armTimers();
    pump();
  };
  /** A turn replays the whole history: after a long one, answers gather for as long again, else a wide fan-out costs its square. */
  const rest = (instanceId: string, milliseconds: number) => {
    if (milliseconds < 2) return;
    resting.add(instanceId);
    setTimeout(
      () => {
        resting.delete(instanceId);
        pump();
      },
      Math.min(milliseconds, longestRest),
    );
  };
  const queueActivities = () => {
    for (const row of store.all('SELECT id FROM activities WHERE id > ? ORDER BY id', lastActivity)) {
      lastActivity = Number(row['id']);
      readyActivities.push(lastActivity);
    }
  };
  const activity = async (id: number) => {
    const instanceId = await runActivity(parts, id, (name) => running.set(id, name));
    running.delete(id);
    if (instanceId !== undefined) readyInstances.add(instanceId);
    pump();
  };
  const armTimers = () => {
    cancelAlarm();
    const next = store.one('SELECT min(fire_at) AS next FROM timers')?.['next'];
    if (!stopped && next !== null && next !== undefined) cancelAlarm = parts.wakeUps.at(Number(next), fireTimers);
  };
  const fireTimers = () => {
    for (const instanceId of fireDueTimers(store)) readyInstances.add(instanceId);
    armTimers();
    pump();
  };

  return {
    wake,
    start: () => {
      for (const row of store.all('SELECT DISTINCT instance_id FROM inbox')) readyInstances.add(String(row['instance_id']));
      queueActivities();
      armTimers();
      pump();
    },
    busy: () => [
      ...[...turning].map((id) => `orchestration ${id}: a turn is running`),
      ...[...readyInstances].filter((id) => !turning.has(id)).map((id) => `orchestration ${id}: a turn is due`),
      ...[...running.values()].map((name) => `activity ${name}: running`),
      ...(readyActivities.length === 0 ? [] : [`${readyActivities.length} activities: queued`]),
      ...(store.one('SELECT 1 FROM timers WHERE fire_at <= ?', Date.now()) === undefined ? [] : ['a durable timer is due']),
    ],
    stop: async () => {
      stopped = true;
      cancelAlarm();
      await Promise.all(work);
    },
  };
}

/** Runs one activity and commits its end; returns the instance that now has a message, if it still wants one. */
async function runActivity(parts: EngineParts, id: number, started: (name: string) => void): Promise<string | undefined> {
  const { store } = parts;
  const row = store.one('SELECT * FROM activities WHERE id = ?', id);
  if (row === undefined) return undefined;
  const name = String(row['name']);
  const instanceId = String(row['instance_id']);
  started(name);
  const input: TypedData = row['input'] === null ? { json: 'null' } : { string: String(row['input']) };
  const answer = await activityAnswer(parts, name, input, instanceId);
  const kept = store.transaction(() => {
    // The row is gone when the instance was terminated, purged or continued as new meanwhile: then nobody waits for the answer.
    if (store.run('DELETE FROM activities WHERE id = ?', id).changes === 0) return false;
    enqueue(store, instanceId, String(row['execution_id']), { ...answer, TaskScheduledId: Number(row['task_id']) });
    return true;
  });
  return kept ? instanceId : undefined;
}

async function activityAnswer(parts: EngineParts, name: string, input: TypedData, instanceId: string): Promise<EventBody> {
  try {
    return { EventType: eventTypes.taskCompleted, Result: jsonTextOf(await parts.runActivity(name, input, instanceId)) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const details = error instanceof Error && error.stack !== undefined ? error.stack : message;
    return { EventType: eventTypes.taskFailed, Reason: `Activity function '${name}' failed: ${message}`, Details: details };
  }
}

/** Turns every due timer into a message; returns the instances concerned. */
function fireDueTimers(store: Store): readonly string[] {
  return store.transaction(() => {
    const now = Date.now();
    const due = store.all('SELECT * FROM timers WHERE fire_at <= ? ORDER BY fire_at', now);
    for (const row of due) {
      enqueue(store, String(row['instance_id']), String(row['execution_id']), {
        EventType: eventTypes.timerFired,
        TimerId: Number(row['timer_id']),
        FireAt: new Date(Number(row['fire_at'])).toISOString(),
      });
    }
    store.run('DELETE FROM timers WHERE fire_at <= ?', now);
    return due.map((row) => String(row['instance_id']));
  });
}
