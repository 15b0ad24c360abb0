// Carries out what an orchestration decided to start: the rows that make it happen and the history events that record it.
import type { Instance, NewInstance } from './instances.ts';
import { enqueue, findInstance, insertInstance, isFinished, stamp } from './instances.ts';
import type { HistoryEvent } from './protocol.ts';
import { eventTypes } from './protocol.ts';
import type { Decision } from './replay-ids.ts';
import type { Store } from './store.ts';

/** Writes what a decision starts. Returns the event that records it and the instances that now have messages. Inside a transaction. */
export function carryOut(
  store: Store,
  instance: Instance,
  decision: Decision,
  defaultVersion: string,
): { readonly event: HistoryEvent; readonly ready: readonly string[] } {
  const { id } = decision;
  switch (decision.kind) {
    case 'activity': {
      const input = textInput(decision.input);
      store.run(
        'INSERT INTO activities (instance_id, execution_id, task_id, name, input) VALUES (?, ?, ?, ?, ?)',
        instance.instanceId,
        instance.executionId,
        id,
        decision.name,
        input,
      );
      return { event: stamp({ EventType: eventTypes.taskScheduled, EventId: id, Name: decision.name, Input: input }), ready: [] };
    }
    case 'timer': {
      store.run(
        'INSERT INTO timers (instance_id, execution_id, timer_id, fire_at) VALUES (?, ?, ?, ?)',
        instance.instanceId,
        instance.executionId,
        id,
        Math.ceil(decision.fireAt),
      );
      return {
        event: stamp({ EventType: eventTypes.timerCreated, EventId: id, FireAt: new Date(decision.fireAt).toISOString() }),
        ready: [],
      };
    }
    case 'subOrchestration': {
      const instanceId = decision.instanceId ?? `${instance.executionId}:${id}`;
      const input = JSON.stringify(decision.input ?? null);
      const version = decision.version ?? defaultVersion;
      const ready = startChild(store, instance, id, { instanceId, name: decision.name, version, input });
      const event = {
        EventType: eventTypes.subOrchestrationCreated,
        EventId: id,
        Name: decision.name,
        InstanceId: instanceId,
        Input: input,
      };
      return { event: stamp(event), ready: [ready] };
    }
  }
}

/** Starts a sub-orchestration, or queues its failure when its id is taken; returns the instance that has a message now. */
function startChild(store: Store, instance: Instance, taskId: number, child: Omit<NewInstance, 'parent'>): string {
  const present = findInstance(store, child.instanceId);
  if (present !== undefined && !isFinished(present.status)) {
    const reason = `An orchestration instance with the id '${child.instanceId}' is already running.`;
    const event = { EventType: eventTypes.subOrchestrationFailed, TaskScheduledId: taskId, Reason: reason, Details: reason };
    enqueue(store, instance.instanceId, instance.executionId, event);
    return instance.instanceId;
  }
  insertInstance(store, { ...child, parent: { instanceId: instance.instanceId, executionId: instance.executionId, taskId } });
  return child.instanceId;
}

/** An activity's input as the worker receives it: the SDK has already encoded strings once more, everything else is raw. */
function textInput(input: unknown): string | null {
  if (input === undefined || input === null) return null;
  return typeof input === 'string' ? input : JSON.stringify(input);
}
