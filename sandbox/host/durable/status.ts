// An instance as the durable client sees it.
import type { Instance } from './instances.ts';
import type { HistoryEvent } from './protocol.ts';
import { eventTypes } from './protocol.ts';
import type { Store } from './store.ts';

/** The status JSON; `input` is null when it was not asked for. Times are whole seconds, as the extension writes them. */
export function statusOf(instance: Instance, showInput: boolean): Record<string, unknown> {
  return {
    name: instance.name,
    instanceId: instance.instanceId,
    runtimeStatus: instance.status,
    input: showInput ? (JSON.parse(instance.input) as unknown) : null,
    customStatus: instance.customStatus === null ? null : (JSON.parse(instance.customStatus) as unknown),
    output: instance.output === null ? null : (JSON.parse(instance.output) as unknown),
    createdTime: seconds(instance.createdAt),
    lastUpdatedTime: seconds(instance.updatedAt),
  };
}

const shownEvents: ReadonlyMap<number, string> = new Map<number, string>([
  [eventTypes.executionStarted, 'ExecutionStarted'],
  [eventTypes.taskCompleted, 'TaskCompleted'],
  [eventTypes.taskFailed, 'TaskFailed'],
  [eventTypes.subOrchestrationCompleted, 'SubOrchestrationInstanceCompleted'],
  [eventTypes.subOrchestrationFailed, 'SubOrchestrationInstanceFailed'],
  [eventTypes.timerFired, 'TimerFired'],
  [eventTypes.eventRaised, 'EventRaised'],
]);

/** The history as the status query shows it: what happened, without the bookkeeping. */
export function historyOf(store: Store, instance: Instance, showOutput: boolean): readonly Record<string, unknown>[] {
  const events = store
    .all('SELECT event FROM history WHERE instance_id = ? ORDER BY position', instance.instanceId)
    .map((row) => JSON.parse(String(row['event'])) as HistoryEvent);
  const scheduled = new Map(events.filter(({ EventId }) => EventId >= 0).map((event) => [event.EventId, event]));
  const shown = events.flatMap((event) => {
    const EventType = shownEvents.get(event.EventType);
    if (EventType === undefined) return [];
    const start = scheduled.get(event.TaskScheduledId ?? -1);
    return [
      {
        EventType,
        Timestamp: event.Timestamp,
        ...(start === undefined ? {} : { ScheduledTime: start.Timestamp, FunctionName: start.Name }),
        ...(event.EventType === eventTypes.executionStarted ? { FunctionName: event.Name } : {}),
        ...(event.EventType === eventTypes.eventRaised ? { Name: event.Name } : {}),
        ...(event.FireAt === undefined ? {} : { FireAt: event.FireAt }),
        ...(event.Reason === undefined ? {} : { Reason: event.Reason }),
        ...(showOutput && event.Result !== undefined && event.Result !== null ? { Result: JSON.parse(event.Result) as unknown } : {}),
      },
    ];
  });
  const ended = {
    EventType: 'ExecutionCompleted',
    OrchestrationStatus: instance.status,
    Timestamp: new Date(instance.updatedAt).toISOString(),
  };
  return instance.output === null ? shown : [...shown, ended];
}

function seconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
