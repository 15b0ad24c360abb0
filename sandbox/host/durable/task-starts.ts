// What an orchestration may start under a task id, and whether it is what the history says was started under that id.
import type { Action, DurableRetryOptions, HistoryEvent } from './protocol.ts';
import { eventTypes } from './protocol.ts';

/** Something that takes a task id when it is started. */
export type TaskStart =
  | { readonly kind: 'activity'; readonly name: string; readonly input: unknown }
  | {
      readonly kind: 'subOrchestration';
      readonly name: string;
      readonly input: unknown;
      readonly instanceId: string | undefined;
      readonly version: string | undefined;
    }
  | { readonly kind: 'timer' /** Milliseconds since 1970. */; readonly fireAt: number };

/** A start as the history remembers it. */
export interface KnownStart {
  readonly kind: TaskStart['kind'];
  readonly name: string;
}

/** The activity an action asks for. */
export function activityOf(action: Action): TaskStart {
  return { kind: 'activity', name: action.functionName ?? '', input: action.input };
}

/** The sub-orchestration an action asks for. */
export function subOrchestrationOf(action: Action): TaskStart {
  const { functionName = '', input, instanceId, version } = action;
  return { kind: 'subOrchestration', name: functionName, input, instanceId, version };
}

/** The starts recorded in a history, by task id. */
export function knownStarts(history: readonly HistoryEvent[]): ReadonlyMap<number, KnownStart> {
  const known = new Map<number, KnownStart>();
  for (const event of history) {
    const name = event.Name ?? '';
    if (event.EventType === eventTypes.taskScheduled) known.set(event.EventId, { kind: 'activity', name });
    if (event.EventType === eventTypes.subOrchestrationCreated) known.set(event.EventId, { kind: 'subOrchestration', name });
    if (event.EventType === eventTypes.timerCreated) known.set(event.EventId, { kind: 'timer', name: '' });
  }
  return known;
}

/** Says what is wrong when the orchestrator now starts something else under an id than the history says; undefined when it fits. */
export function mismatch(id: number, before: KnownStart, kind: TaskStart['kind'], name: string): string | undefined {
  if (before.kind === kind && before.name === name) return undefined;
  const was = describe(before.kind, before.name);
  return `Non-deterministic workflow detected: task ${id} was ${was} in the history, but the orchestrator now asks for ${describe(kind, name)}.`;
}

function describe(kind: TaskStart['kind'], name: string): string {
  return name === '' ? `a ${kind}` : `${kind} "${name}"`;
}

/** Milliseconds between a failed attempt (the first is 1) and the next, as the extension counts them. */
export function retryDelay(retry: DurableRetryOptions, attempt: number): number {
  const delay = retry.firstRetryIntervalInMilliseconds * (retry.backoffCoefficient ?? 1) ** (attempt - 1);
  return Math.min(delay, retry.maxRetryIntervalInMilliseconds ?? Number.POSITIVE_INFINITY);
}
