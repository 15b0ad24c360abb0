// One orchestrator turn: everything waiting for an instance is replayed with its history, and what follows is committed in one transaction.
import type { TypedData } from '../core-types.ts';
import { jsonTextOf } from '../typed-data.ts';
import { carryOut } from './carry-out.ts';
import type { Instance } from './instances.ts';
import { dropWork, enqueueStart, findInstance, finishInstance, isFinished, newExecutionId, stamp } from './instances.ts';
import type { HistoryEvent, OrchestratorInput, OrchestratorState } from './protocol.ts';
import { eventTypes, stateOfFailure } from './protocol.ts';
import type { Replay } from './replay-ids.ts';
import { replayIds } from './replay-ids.ts';
import type { Store } from './store.ts';

/** What a turn led to: whom to look at next, and what to tell the developer. */
export interface TurnOutcome {
  /** Instances that now have messages waiting. */
  readonly ready: readonly string[];
  /** Activity rows were added. */
  readonly activitiesAdded: boolean;
  /** Timer rows were added. */
  readonly timersAdded: boolean;
  /** Whether this turn was the instance's last. */
  readonly finished: boolean;
  readonly warnings: readonly string[];
}

/** Runs the orchestrator function on its input; rejects with what it threw. */
export type RunOrchestrator = (name: string, input: TypedData, instanceId: string) => Promise<TypedData | null | undefined>;

const nothing: TurnOutcome = { ready: [], activitiesAdded: false, timersAdded: false, finished: false, warnings: [] };

/**
 * Gives one instance its turn; sub-orchestrations without a version get `defaultVersion`.
 * Does nothing when the instance is gone, finished, suspended or has no messages.
 */
export async function runTurn(store: Store, instanceId: string, run: RunOrchestrator, defaultVersion: string): Promise<TurnOutcome> {
  const instance = findInstance(store, instanceId);
  if (instance === undefined || isFinished(instance.status) || instance.status === 'Suspended') return nothing;
  const inbox = store.all('SELECT id, execution_id, event FROM inbox WHERE instance_id = ? ORDER BY id', instanceId);
  const lastMessage = inbox.at(-1)?.['id'];
  if (lastMessage === undefined) return nothing;

  const past = store
    .all('SELECT event FROM history WHERE instance_id = ? ORDER BY position', instanceId)
    .map((row) => ({ ...(JSON.parse(String(row['event'])) as HistoryEvent), IsPlayed: true }));
  const messages = inbox
    .filter((row) => row['execution_id'] === null || row['execution_id'] === instance.executionId)
    .map((row) => JSON.parse(String(row['event'])) as HistoryEvent);
  const present = [stamp({ EventType: eventTypes.orchestratorStarted }), ...messages];
  const history = [...past, ...present];

  const state = messages.length === 0 ? undefined : await stateAfter(instance, history, past.length > 0, run);
  const replay = replayIds({ history, actions: state?.actions.flat() ?? [] });
  return store.transaction(() => {
    const unchanged = findInstance(store, instanceId);
    // Terminated, purged, started afresh or suspended while the orchestrator ran: its messages stay or are gone already.
    if (unchanged?.executionId !== instance.executionId || unchanged.status !== instance.status) return nothing;
    store.run('DELETE FROM inbox WHERE instance_id = ? AND id <= ?', instanceId, Number(lastMessage));
    if (state === undefined) return nothing;
    return commit(store, { instance, state, replay, position: past.length, present, defaultVersion });
  });
}

async function stateAfter(
  instance: Instance,
  history: readonly HistoryEvent[],
  isReplaying: boolean,
  run: RunOrchestrator,
): Promise<OrchestratorState> {
  const input: OrchestratorInput = {
    history,
    input: JSON.parse(instance.input) as unknown,
    instanceId: instance.instanceId,
    isReplaying,
    parentInstanceId: instance.parent?.instanceId ?? null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 2,
    maximumShortTimerDuration: '6.00:00:00',
    longRunningTimerIntervalDuration: '3.00:00:00',
    defaultHttpAsyncRequestSleepTimeMillseconds: 30000,
  };
  try {
    const result = await run(instance.name, { string: JSON.stringify(input) }, instance.instanceId);
    return JSON.parse(result?.string ?? jsonTextOf(result)) as OrchestratorState;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return stateOfFailure(message) ?? { isDone: false, actions: [], error: message, schemaVersion: 2 };
  }
}

interface Turn {
  readonly instance: Instance;
  readonly state: OrchestratorState;
  readonly replay: Replay;
  /** How many events the history had before this turn. */
  readonly position: number;
  /** What this turn was given on top of the history. */
  readonly present: readonly HistoryEvent[];
  readonly defaultVersion: string;
}

function commit(store: Store, turn: Turn): TurnOutcome {
  const { instance, state, replay } = turn;
  const warnings = warningsFor(turn);
  if (replay.problem !== undefined) return { ...end(store, instance, 'Failed', replay.problem), warnings };

  const customStatus = state.customStatus === undefined ? null : JSON.stringify(state.customStatus);
  store.run(
    "UPDATE instances SET status = 'Running', custom_status = ?, updated_at = ? WHERE instance_id = ?",
    customStatus,
    Date.now(),
    instance.instanceId,
  );
  // The extension ends an execution only when its orchestrator has returned, every action has settled and nothing runs any more.
  const over = replay.settled && replay.openTasks === 0;
  if (over && replay.continueAsNew !== undefined) {
    continueAsNew(store, instance, JSON.stringify(replay.continueAsNew.input ?? null));
    return { ...nothing, ready: [instance.instanceId], warnings };
  }

  const scheduled = replay.decisions.map((decision) => carryOut(store, instance, decision, turn.defaultVersion));
  const events = [...turn.present, ...scheduled.map(({ event }) => event), stamp({ EventType: eventTypes.orchestratorCompleted })];
  for (const [index, event] of events.entries()) {
    store.run(
      'INSERT INTO history (instance_id, position, event) VALUES (?, ?, ?)',
      instance.instanceId,
      turn.position + index,
      JSON.stringify(event),
    );
  }
  for (const id of replay.cancelledTimers) store.run('DELETE FROM timers WHERE instance_id = ? AND timer_id = ?', instance.instanceId, id);

  if (over && state.error !== undefined) return { ...end(store, instance, 'Failed', state.error), warnings };
  if (over && state.isDone) return { ...end(store, instance, 'Completed', state.output ?? null), warnings };
  return {
    ready: scheduled.flatMap(({ ready }) => ready),
    activitiesAdded: replay.decisions.some(({ kind }) => kind === 'activity'),
    timersAdded: replay.decisions.some(({ kind }) => kind === 'timer'),
    finished: false,
    warnings,
  };
}

function end(store: Store, instance: Instance, status: 'Completed' | 'Failed', output: unknown): TurnOutcome {
  const reason = `Orchestrator function '${instance.name}' failed: ${String(output)}`;
  const parent = finishInstance(store, instance, { status, output: JSON.stringify(output), reason });
  return { ...nothing, ready: parent === undefined ? [] : [parent], finished: true };
}

/** External events still in the inbox survive; those already handed to the old execution are gone, as in the extension. */
function continueAsNew(store: Store, instance: Instance, input: string): void {
  const waiting = store.all('SELECT event FROM inbox WHERE instance_id = ? AND execution_id IS NULL ORDER BY id', instance.instanceId);
  dropWork(store, instance.instanceId);
  store.run('DELETE FROM history WHERE instance_id = ?', instance.instanceId);
  const executionId = newExecutionId();
  store.run('UPDATE instances SET execution_id = ?, input = ? WHERE instance_id = ?', executionId, input, instance.instanceId);
  enqueueStart(store, { ...instance, executionId, input });
  for (const row of waiting) store.run('INSERT INTO inbox (instance_id, event) VALUES (?, ?)', instance.instanceId, String(row['event']));
}

function warningsFor({ instance, replay, position, present }: Turn): readonly string[] {
  const events = position + present.length + replay.decisions.length + 1;
  const where = `orchestration "${instance.name}" (${instance.instanceId})`;
  const warnings: string[] = [];
  if (position <= longHistory && events > longHistory) {
    warnings.push(
      `${where} has more than ${longHistory} history events; each turn replays them all. Use continueAsNew or sub-orchestrations.`,
    );
  }
  if (replay.wentOnAfterFailedGroup) {
    warnings.push(
      `${where} went on after a failed Task.all while other tasks of it were still running; results may go to the wrong task. ` +
        'Let activities used in Task.all return their failure instead of throwing.',
    );
  }
  return warnings;
}

const longHistory = 1000;
