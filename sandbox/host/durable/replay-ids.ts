// Counts task ids exactly as the Durable Task extension does, because the SDK counts its own and the two never compare notes.
import { makeExternalEvents } from './external-events.ts';
import type { Action, DurableRetryOptions, HistoryEvent } from './protocol.ts';
import { actionTypes, eventTypes } from './protocol.ts';
import type { TaskStart } from './task-starts.ts';
import { activityOf, knownStarts, mismatch, retryDelay, subOrchestrationOf } from './task-starts.ts';

/** Something the orchestration newly starts in this turn, under the task id `id`. */
export type Decision = TaskStart & { readonly id: number };

/** Where an execution stands after a turn. */
export interface Replay {
  /** Starts not yet in the history, by ascending id. */
  readonly decisions: readonly Decision[];
  /** Ids of timers in the history that the orchestrator has given up since. */
  readonly cancelledTimers: readonly number[];
  /** The input for the next execution when the orchestrator asked to continue as new. */
  readonly continueAsNew: { readonly input: unknown } | undefined;
  /** Whether every action has come to its end, as the extension sees it. */
  readonly settled: boolean;
  /** Activities, sub-orchestrations and uncancelled timers still running. */
  readonly openTasks: number;
  /** Why history and actions do not fit together, or what is not supported; undefined when all is well. */
  readonly problem: string | undefined;
  /** Whether an awaited group failed with siblings open and the orchestrator went on: ids may drift (in Azure too). */
  readonly wentOnAfterFailedGroup: boolean;
}

type Settle = (failed: boolean) => void;

const day = 24 * 60 * 60 * 1000;
/** Timers longer than this many milliseconds are served in pieces (extension: `MaximumShortTimerDuration`, Azure Storage). */
export const longestShortTimer = 6 * day;
/** The length of such a piece in milliseconds (extension: `LongRunningTimerIntervalDuration`). */
export const longTimerPiece = 3 * day;

/**
 * Replays `actions` (all since the start of this execution) over `history` (old and new events).
 * The extension is sequential: it starts an action, waits until it settles, then starts the next. Whatever needs an id
 * takes the next one at the moment it is started; groups and waits for external events take none.
 */
export function replayIds({ history, actions }: { history: readonly HistoryEvent[]; actions: readonly Action[] }): Replay {
  const known = knownStarts(history);
  const events = makeExternalEvents();
  const running = new Map<number, Settle>();
  const decisions: Decision[] = [];
  const cancelledTimers: number[] = [];
  let continueAsNew: Replay['continueAsNew'];
  let problem: string | undefined;
  let nextId = 0;
  let now = 0;
  let position = 0;
  let failedGroup = Number.POSITIVE_INFINITY;

  const takeId = (kind: TaskStart['kind'], name: string) => {
    const id = nextId;
    nextId += 1;
    const before = known.get(id);
    if (before !== undefined) problem ??= mismatch(id, before, kind, name);
    return { id, isNew: before === undefined };
  };
  const start = (what: TaskStart, settle: Settle) => {
    const { id, isNew } = takeId(what.kind, what.kind === 'timer' ? '' : what.name);
    if (isNew) decisions.push({ ...what, id });
    running.set(id, settle);
  };
  const startTimer = (fireAt: number, settle: Settle) => {
    const isLong = fireAt - now > longestShortTimer;
    const end = isLong ? now + longTimerPiece : fireAt;
    start({ kind: 'timer', fireAt: end }, () => (isLong && now < fireAt ? startTimer(fireAt, settle) : settle(false)));
  };
  /** A cancelled timer takes its id and is over at once, even when the history knows it. */
  const passOverTimer = (settle: Settle) => {
    const { id, isNew } = takeId('timer', '');
    if (!isNew) cancelledTimers.push(id);
    settle(false);
  };
  const startWithRetry = (what: TaskStart, retry: DurableRetryOptions, settle: Settle) => {
    const giveUpAt = now + (retry.retryTimeoutInMilliseconds ?? Number.POSITIVE_INFINITY);
    const attempt = (number: number) =>
      start(what, (failed) => {
        if (!failed || now >= giveUpAt) settle(failed);
        // The last failed attempt is followed by a timer too, so the final failure arrives one interval late.
        else startTimer(now + retryDelay(retry, number), () => (number < retry.maxNumberOfAttempts ? attempt(number + 1) : settle(true)));
      });
    attempt(1);
  };
  /** `all`: over when the last child is, even after a failure; otherwise when the first is. */
  const startGroup = (children: readonly Action[], all: boolean, settle: Settle) => {
    let open = children.length;
    let over = false;
    for (const child of children) {
      startAction(child, (failed) => {
        open -= 1;
        if (failed && all && open > 0) failedGroup = Math.min(failedGroup, position);
        if (over || (all && open > 0)) return;
        over = true;
        settle(false);
      });
    }
  };
  const startAction = (action: Action, settle: Settle): void => {
    const retry = action.retryOptions ?? { firstRetryIntervalInMilliseconds: 1, maxNumberOfAttempts: 1 };
    switch (action.actionType) {
      case actionTypes.callActivity:
        return start(activityOf(action), settle);
      case actionTypes.callActivityWithRetry:
        return startWithRetry(activityOf(action), retry, settle);
      case actionTypes.callSubOrchestrator:
        return start(subOrchestrationOf(action), settle);
      case actionTypes.callSubOrchestratorWithRetry:
        return startWithRetry(subOrchestrationOf(action), retry, settle);
      case actionTypes.createTimer:
        return action.isCanceled === true ? passOverTimer(settle) : startTimer(Date.parse(action.fireAt ?? ''), settle);
      case actionTypes.waitForExternalEvent:
        return events.wait(action.externalEventName ?? '', () => settle(false));
      case actionTypes.whenAny:
      case actionTypes.whenAll:
        return startGroup(action.compoundActions ?? [], action.actionType === actionTypes.whenAll, settle);
      case actionTypes.continueAsNew:
        continueAsNew = { input: action.input };
        return settle(false);
      default:
        problem ??= `The local host does not emulate orchestrator action ${action.actionType} (entities and callHttp).`;
    }
  };
  const startFrom = (index: number): void => {
    position = index;
    const action = actions[index];
    if (action !== undefined) startAction(action, () => startFrom(index + 1));
  };
  const finish = (id: number | undefined, failed: boolean) => {
    const settle = running.get(id ?? -1);
    running.delete(id ?? -1);
    settle?.(failed);
  };

  for (const event of history) {
    switch (event.EventType) {
      case eventTypes.orchestratorStarted:
        now = Math.max(now, Date.parse(event.Timestamp));
        break;
      case eventTypes.executionStarted:
        startFrom(0);
        break;
      case eventTypes.taskCompleted:
      case eventTypes.subOrchestrationCompleted:
        finish(event.TaskScheduledId, false);
        break;
      case eventTypes.taskFailed:
      case eventTypes.subOrchestrationFailed:
        finish(event.TaskScheduledId, true);
        break;
      case eventTypes.timerFired:
        finish(event.TimerId, false);
        break;
      case eventTypes.eventRaised:
        events.raise(event.Name ?? '');
        break;
      default:
        break;
    }
  }
  return {
    decisions,
    cancelledTimers,
    continueAsNew,
    settled: position >= actions.length,
    openTasks: running.size,
    problem,
    wentOnAfterFailedGroup: actions.length > failedGroup + 1,
  };
}
