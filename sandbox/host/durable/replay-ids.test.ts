import { describe, expect, test } from 'vitest';
import type { Action, HistoryEvent } from './protocol.ts';
import { actionTypes, eventTypes } from './protocol.ts';
import { replayIds } from './replay-ids.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const event = (EventType: number, fields: Partial<HistoryEvent> = {}): HistoryEvent => ({
  EventType,
  EventId: -1,
  IsPlayed: false,
  Timestamp: at(0),
  ...fields,
});
const turn = (seconds: number) => event(eventTypes.orchestratorStarted, { Timestamp: at(seconds) });
const begun = [turn(0), event(eventTypes.executionStarted, { Name: 'test' })];
const scheduled = (EventId: number, Name = 'work') => event(eventTypes.taskScheduled, { EventId, Name });
const completed = (TaskScheduledId: number) => event(eventTypes.taskCompleted, { TaskScheduledId });
const failed = (TaskScheduledId: number) => event(eventTypes.taskFailed, { TaskScheduledId });
const timerCreated = (EventId: number) => event(eventTypes.timerCreated, { EventId });
const timerFired = (TimerId: number) => event(eventTypes.timerFired, { TimerId });
const raised = (Name: string) => event(eventTypes.eventRaised, { Name });

const work = (functionName = 'work'): Action => ({ actionType: actionTypes.callActivity, functionName, input: null });
const retried = (maxNumberOfAttempts: number, extra: object = {}): Action => ({
  actionType: actionTypes.callActivityWithRetry,
  functionName: 'work',
  retryOptions: { firstRetryIntervalInMilliseconds: 1000, maxNumberOfAttempts, ...extra },
});
const timer = (seconds: number, isCanceled = false): Action => ({ actionType: actionTypes.createTimer, fireAt: at(seconds), isCanceled });
const wait = (externalEventName: string): Action => ({ actionType: actionTypes.waitForExternalEvent, externalEventName });
const all = (...compoundActions: Action[]): Action => ({ actionType: actionTypes.whenAll, compoundActions });
const any = (...compoundActions: Action[]): Action => ({ actionType: actionTypes.whenAny, compoundActions });
const next: Action = { actionType: actionTypes.continueAsNew, input: { page: 2 } };

const replay = (history: readonly HistoryEvent[], ...actions: Action[]) => replayIds({ history: [...begun, ...history], actions });
const started = (history: readonly HistoryEvent[], ...actions: Action[]) =>
  replay(history, ...actions).decisions.map((decision) => `${decision.id} ${decision.kind === 'timer' ? decision.kind : decision.name}`);

describe('ids', () => {
  test('are taken when an action starts, and an action starts when the one before has settled', () => {
    expect(started([], work('a'), work('b'))).toEqual(['0 a']);
    expect(started([scheduled(0, 'a'), completed(0)], work('a'), work('b'))).toEqual(['1 b']);
  });

  test('of a group are taken by its children in order, the group itself takes none', () => {
    expect(started([], all(work('a'), any(work('b'), timer(5)), work('c')))).toEqual(['0 a', '1 b', '2 timer', '3 c']);
  });

  test('are not taken by waits for external events', () => {
    expect(started([raised('go')], wait('go'), work('a'))).toEqual(['0 a']);
  });

  test('already in the history are not decided again', () => {
    expect(started([scheduled(0), scheduled(1)], all(work(), work(), work('third')))).toEqual(['2 third']);
  });

  test('of a cancelled timer are passed over, known or not', () => {
    expect(started([scheduled(0, 'a'), completed(0)], any(work('a'), timer(60, true)), work('b'))).toEqual(['2 b']);
    const known = replay([scheduled(0, 'a'), timerCreated(1), completed(0)], any(work('a'), timer(60, true)), work('b'));
    expect(known).toMatchObject({ decisions: [{ id: 2, name: 'b' }], cancelledTimers: [1], openTasks: 1 });
  });
});

describe('groups', () => {
  test('of all wait for every child, even after a failure', () => {
    const group = all(work('a'), work('b'));
    expect(started([scheduled(0, 'a'), scheduled(1, 'b'), failed(0)], group, work('c'))).toEqual([]);
    expect(started([scheduled(0, 'a'), scheduled(1, 'b'), failed(0), completed(1)], group, work('c'))).toEqual(['2 c']);
  });

  test('that failed early while the orchestrator went on are reported', () => {
    const group = all(work('a'), work('b'));
    const history = [scheduled(0, 'a'), scheduled(1, 'b'), failed(0)];
    expect(replay(history, group).wentOnAfterFailedGroup).toBe(false);
    expect(replay(history, group, work('c')).wentOnAfterFailedGroup).toBe(true);
  });

  test('of any are over with the first child, the others stay open', () => {
    const history = [scheduled(0, 'a'), scheduled(1, 'b'), completed(1)];
    expect(replay(history, any(work('a'), work('b')))).toMatchObject({ settled: true, openTasks: 1 });
    expect(started(history, any(work('a'), work('b')), work('c'))).toEqual(['2 c']);
  });
});

describe('retries', () => {
  test('take an id for the pause and one for the new attempt', () => {
    const pausing = replay([scheduled(0), turn(7), failed(0)], retried(3));
    expect(pausing.decisions).toEqual([{ kind: 'timer', id: 1, fireAt: Date.parse(at(8)) }]);
    expect(started([scheduled(0), failed(0), timerCreated(1), timerFired(1)], retried(3))).toEqual(['2 work']);
  });

  test('pause once more after the last failed attempt', () => {
    const lastFailure = [scheduled(0), failed(0), timerCreated(1), timerFired(1), scheduled(2), failed(2)];
    expect(started(lastFailure, retried(2))).toEqual(['3 timer']);
    const over = replay([...lastFailure, timerCreated(3), timerFired(3)], retried(2));
    expect(over).toMatchObject({ decisions: [], settled: true, openTasks: 0 });
  });

  test('back off up to the greatest interval', () => {
    const second = [scheduled(0), failed(0), timerCreated(1), timerFired(1), scheduled(2), turn(100), failed(2)];
    const fireAt = (options: object) =>
      replay(second, retried(9, options)).decisions.map((decision) => decision.kind === 'timer' && decision.fireAt);
    expect(fireAt({ backoffCoefficient: 5 })).toEqual([Date.parse(at(105))]);
    expect(fireAt({ backoffCoefficient: 5, maxRetryIntervalInMilliseconds: 2000 })).toEqual([Date.parse(at(102))]);
  });

  test('in a group take their ids when the failure arrives', () => {
    const history = [scheduled(0), scheduled(1, 'b'), failed(0)];
    expect(started(history, all(retried(2), work('b')))).toEqual(['2 timer']);
  });
});

describe('external events', () => {
  test('are kept until somebody waits, without regard to case', () => {
    expect(started([raised('GO')], wait('go'), wait('go'), work('a'))).toEqual([]);
    expect(started([raised('GO'), raised('go')], wait('go'), wait('go'), work('a'))).toEqual(['0 a']);
  });

  test('settle the latest of several waits for one name first', () => {
    // The later wait stands alone in its group, so only its settling ends the group of any.
    const actions = [any(all(wait('go'), wait('never')), wait('go')), work('a')];
    expect(started([raised('go')], ...actions)).toEqual(['0 a']);
  });
});

describe('timers', () => {
  const day = 24 * 60 * 60;

  test('of up to six days are one timer', () => {
    expect(replay([], timer(6 * day)).decisions).toEqual([{ kind: 'timer', id: 0, fireAt: Date.parse(at(6 * day)) }]);
  });

  test('of more are pieces of three days, each with an id', () => {
    expect(replay([], timer(7 * day)).decisions).toEqual([{ kind: 'timer', id: 0, fireAt: Date.parse(at(3 * day)) }]);
    const second = replay([timerCreated(0), turn(3 * day), timerFired(0)], timer(7 * day));
    expect(second.decisions).toEqual([{ kind: 'timer', id: 1, fireAt: Date.parse(at(7 * day)) }]);
  });

  test('whose time passed during a piece are over', () => {
    expect(replay([timerCreated(0), turn(8 * day), timerFired(0)], timer(7 * day))).toMatchObject({ decisions: [], settled: true });
  });
});

test('continueAsNew counts only when everything before it has settled', () => {
  expect(replay([scheduled(0)], work(), next)).toMatchObject({ continueAsNew: undefined, settled: false });
  expect(replay([scheduled(0), completed(0)], work(), next)).toMatchObject({ continueAsNew: { input: { page: 2 } }, settled: true });
});

test('an id that meant something else before is a problem with a name', () => {
  expect(replay([scheduled(0, 'a')], work('b')).problem).toBe(
    'Non-deterministic workflow detected: task 0 was activity "a" in the history, but the orchestrator now asks for activity "b".',
  );
  expect(replay([scheduled(0, 'a')], timer(5)).problem).toContain('now asks for a timer');
  expect(replay([timerCreated(0)], timer(5)).problem).toBeUndefined();
});

test('actions that are not emulated are a problem', () => {
  expect(replay([], { actionType: actionTypes.callEntity, instanceId: '@counter@a' }).problem).toContain('does not emulate');
});
