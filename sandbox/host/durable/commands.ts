// What the durable client may ask for: start, raise, terminate, suspend, resume, purge. Each is one transaction.
import { randomUUID } from 'node:crypto';
import type { Engine } from './engine.ts';
import type { Instance, NewInstance } from './instances.ts';
import { dropWork, enqueue, findInstance, finishInstance, insertInstance, instanceOf, isFinished } from './instances.ts';
import { eventTypes } from './protocol.ts';
import type { Store } from './store.ts';

/** How a command ended: done, no such instance, or the instance is in no state for it. */
export type CommandOutcome = 'done' | 'missing' | 'finished';

/** Filters of status queries and purges; times are milliseconds since 1970. */
export interface InstanceFilter {
  readonly createdFrom?: number | undefined;
  readonly createdTo?: number | undefined;
  readonly statuses?: readonly string[] | undefined;
  readonly instanceIdPrefix?: string | undefined;
}

/** The commands, bound to a store and its engine. */
export interface Commands {
  /** Starts an orchestration; undefined when one with that id is still running. `input` is JSON text. */
  readonly start: (request: Omit<NewInstance, 'instanceId' | 'parent'> & { readonly instanceId?: string }) => string | undefined;
  /** Raises an external event; `input` is JSON text. */
  readonly raise: (instanceId: string, eventName: string, input: string) => CommandOutcome;
  readonly terminate: (instanceId: string, reason: string) => CommandOutcome;
  readonly suspend: (instanceId: string) => CommandOutcome;
  readonly resume: (instanceId: string) => CommandOutcome;
  /** Deletes a finished instance with everything about it. */
  readonly purge: (instanceId: string) => CommandOutcome;
  readonly find: (instanceId: string) => Instance | undefined;
  /** Instances by creation time, oldest first. */
  readonly list: (filter: InstanceFilter) => readonly Instance[];
}

/** Binds the commands. */
export function makeCommands(store: Store, engine: Pick<Engine, 'wake'>): Commands {
  const onRunning = (instanceId: string, change: (instance: Instance) => string | undefined): CommandOutcome => {
    let wake: string | undefined;
    const outcome = store.transaction((): CommandOutcome => {
      const instance = findInstance(store, instanceId);
      if (instance === undefined) return 'missing';
      if (isFinished(instance.status)) return 'finished';
      wake = change(instance);
      return 'done';
    });
    if (wake !== undefined) engine.wake(wake);
    return outcome;
  };
  const setStatus = (instanceId: string, status: Instance['status']) =>
    store.run('UPDATE instances SET status = ?, updated_at = ? WHERE instance_id = ?', status, Date.now(), instanceId);

  return {
    start: (request) => {
      const instanceId = request.instanceId ?? randomUUID().replaceAll('-', '');
      const started = store.transaction(() => {
        const present = findInstance(store, instanceId);
        if (present !== undefined && !isFinished(present.status)) return false;
        insertInstance(store, { ...request, instanceId });
        return true;
      });
      if (started) engine.wake(instanceId);
      return started ? instanceId : undefined;
    },
    raise: (instanceId, eventName, input) =>
      onRunning(instanceId, () => {
        enqueue(store, instanceId, null, { EventType: eventTypes.eventRaised, Name: eventName, Input: input });
        return instanceId;
      }),
    terminate: (instanceId, reason) =>
      onRunning(instanceId, (instance) =>
        finishInstance(store, instance, { status: 'Terminated', output: JSON.stringify(reason), reason }),
      ),
    suspend: (instanceId) =>
      onRunning(instanceId, () => {
        setStatus(instanceId, 'Suspended');
        return undefined;
      }),
    resume: (instanceId) =>
      onRunning(instanceId, (instance) => {
        if (instance.status !== 'Suspended') return undefined;
        const begun = store.one('SELECT 1 FROM history WHERE instance_id = ?', instanceId) !== undefined;
        setStatus(instanceId, begun ? 'Running' : 'Pending');
        return instanceId;
      }),
    purge: (instanceId) =>
      store.transaction((): CommandOutcome => {
        const instance = findInstance(store, instanceId);
        if (instance === undefined) return 'missing';
        if (!isFinished(instance.status)) return 'finished';
        dropWork(store, instanceId);
        store.run('DELETE FROM history WHERE instance_id = ?', instanceId);
        store.run('DELETE FROM instances WHERE instance_id = ?', instanceId);
        return 'done';
      }),
    find: (instanceId) => findInstance(store, instanceId),
    list: (filter) =>
      store
        .all(
          'SELECT * FROM instances WHERE created_at >= ? AND created_at <= ? ORDER BY created_at, instance_id',
          filter.createdFrom ?? 0,
          filter.createdTo ?? Number.MAX_SAFE_INTEGER,
        )
        .map(instanceOf)
        .filter(
          ({ status, instanceId }) => (filter.statuses?.includes(status) ?? true) && instanceId.startsWith(filter.instanceIdPrefix ?? ''),
        ),
  };
}
