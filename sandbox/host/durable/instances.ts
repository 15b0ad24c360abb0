// Rows of orchestration instances and the messages waiting for them: the shared vocabulary of turns, activities and the client API.
import { randomUUID } from 'node:crypto';
import type { HistoryEvent } from './protocol.ts';
import { eventTypes } from './protocol.ts';
import type { Row, Store } from './store.ts';

/** The life of an orchestration, in the words of the durable client. */
export type RuntimeStatus = 'Pending' | 'Running' | 'Suspended' | 'Completed' | 'Failed' | 'Terminated';

/** Who is waiting for a sub-orchestration. */
export interface Parent {
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
}

/** One orchestration instance. Times are milliseconds since 1970; texts named "JSON" hold JSON. */
export interface Instance {
  readonly instanceId: string;
  /** Changes with every continueAsNew; answers for an older execution are dropped. */
  readonly executionId: string;
  readonly name: string;
  readonly version: string;
  readonly status: RuntimeStatus;
  /** JSON. */
  readonly input: string;
  /** JSON. */
  readonly output: string | null;
  /** JSON. */
  readonly customStatus: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly parent: Parent | undefined;
}

/** A history event before the engine has stamped it. */
export type EventBody = Omit<HistoryEvent, 'EventId' | 'IsPlayed' | 'Timestamp'> & { readonly EventId?: number };

/** Whether an instance has come to its end. */
export function isFinished(status: RuntimeStatus): boolean {
  return status === 'Completed' || status === 'Failed' || status === 'Terminated';
}

/** Stamps an event with the present (shifted) time. */
export function stamp(event: EventBody): HistoryEvent {
  return { EventId: -1, IsPlayed: false, Timestamp: new Date().toISOString(), ...event };
}

/** Reads an instance; undefined when there is none. */
export function findInstance(store: Store, instanceId: string): Instance | undefined {
  const row = store.one('SELECT * FROM instances WHERE instance_id = ?', instanceId);
  return row === undefined ? undefined : instanceOf(row);
}

/** Reads an instance from its row. */
export function instanceOf(row: Row): Instance {
  const text = (column: string) => (row[column] === null ? null : String(row[column]));
  const parentId = text('parent_instance_id');
  return {
    instanceId: String(row['instance_id']),
    executionId: String(row['execution_id']),
    name: String(row['name']),
    version: String(row['version']),
    status: String(row['status']) as RuntimeStatus,
    input: String(row['input']),
    output: text('output'),
    customStatus: text('custom_status'),
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
    parent:
      parentId === null
        ? undefined
        : { instanceId: parentId, executionId: String(row['parent_execution_id']), taskId: Number(row['parent_task_id']) },
  };
}

/** Puts a message into an instance's inbox; `executionId` null = whichever execution is current. Inside a transaction. */
export function enqueue(store: Store, instanceId: string, executionId: string | null, event: EventBody): void {
  store.run('INSERT INTO inbox (instance_id, execution_id, event) VALUES (?, ?, ?)', instanceId, executionId, JSON.stringify(stamp(event)));
}

/** What a new instance starts from. `input` is JSON text. */
export interface NewInstance {
  readonly instanceId: string;
  readonly name: string;
  readonly version: string;
  readonly input: string;
  readonly parent?: Parent;
}

/** Writes a new instance, in place of a finished one with the same id, and its first message. Inside a transaction. */
export function insertInstance(store: Store, { instanceId, name, version, input, parent }: NewInstance): void {
  dropWork(store, instanceId);
  store.run('DELETE FROM history WHERE instance_id = ?', instanceId);
  store.run('DELETE FROM instances WHERE instance_id = ?', instanceId);
  const executionId = newExecutionId();
  const now = Date.now();
  store.run(
    `INSERT INTO instances (instance_id, execution_id, name, version, status, input, created_at, updated_at,
       parent_instance_id, parent_execution_id, parent_task_id) VALUES (?, ?, ?, ?, 'Pending', ?, ?, ?, ?, ?, ?)`,
    instanceId,
    executionId,
    name,
    version,
    input,
    now,
    now,
    parent?.instanceId ?? null,
    parent?.executionId ?? null,
    parent?.taskId ?? null,
  );
  enqueueStart(store, { instanceId, executionId, name, version, input, parent });
}

/** Queues the message that starts an execution. Inside a transaction. */
export function enqueueStart(
  store: Store,
  start: Pick<Instance, 'instanceId' | 'executionId' | 'name' | 'version' | 'input' | 'parent'>,
): void {
  enqueue(store, start.instanceId, start.executionId, {
    EventType: eventTypes.executionStarted,
    Name: start.name,
    Version: start.version,
    Input: start.input,
    Tags: null,
    OrchestrationInstance: { InstanceId: start.instanceId, ExecutionId: start.executionId },
    ParentInstance: start.parent === undefined ? null : { OrchestrationInstance: { InstanceId: start.parent.instanceId } },
  });
}

/** Makes an execution id in the form the extension uses. */
export function newExecutionId(): string {
  return randomUUID().replaceAll('-', '');
}

/** Forgets queued messages, activities and timers of an instance. Inside a transaction. */
export function dropWork(store: Store, instanceId: string): void {
  store.run('DELETE FROM inbox WHERE instance_id = ?', instanceId);
  store.run('DELETE FROM activities WHERE instance_id = ?', instanceId);
  store.run('DELETE FROM timers WHERE instance_id = ?', instanceId);
}

/**
 * Ends an instance: sets status and output (JSON), drops its work and tells the waiting parent.
 * Returns the parent's id, so that the parent can be given a turn. Inside a transaction.
 */
export function finishInstance(
  store: Store,
  instance: Instance,
  end: { readonly status: 'Completed' | 'Failed' | 'Terminated'; readonly output: string; readonly reason: string },
): string | undefined {
  dropWork(store, instance.instanceId);
  store.run(
    'UPDATE instances SET status = ?, output = ?, updated_at = ? WHERE instance_id = ?',
    end.status,
    end.output,
    Date.now(),
    instance.instanceId,
  );
  const { parent } = instance;
  if (parent === undefined) return undefined;
  const failure = { Reason: end.reason, Details: end.reason };
  enqueue(store, parent.instanceId, parent.executionId, {
    TaskScheduledId: parent.taskId,
    ...(end.status === 'Completed'
      ? { EventType: eventTypes.subOrchestrationCompleted, Result: end.output }
      : { EventType: eventTypes.subOrchestrationFailed, ...failure }),
  });
  return parent.instanceId;
}
