// The app's orchestrations and activities, connected to the engine that drives them.
import type { RegisteredFunction } from '../core-module.ts';
import type { LogLevel, TypedData } from '../core-types.ts';
import { type Invoke, triggerOf } from '../invoke.ts';
import type { WakeUps } from '../wake-ups.ts';
import { type Commands, makeCommands } from './commands.ts';
import { type DurableSettings, type Engine, makeEngine } from './engine.ts';
import type { Store } from './store.ts';

/** The durable side of a host. */
export interface DurableFunctions {
  readonly engine: Engine;
  readonly commands: Commands;
  readonly isOrchestrator: (name: string) => boolean;
}

/** What `makeDurableFunctions` needs. */
export interface DurableParts {
  readonly functions: readonly RegisteredFunction[];
  readonly store: Store;
  readonly wakeUps: WakeUps;
  readonly settings: DurableSettings;
  readonly invoke: Invoke;
  readonly delivered: (name: string, trigger: string, outcome: string, failed: boolean, milliseconds: number) => void;
  readonly failed: (name: string, error: unknown) => void;
  readonly log: (level: LogLevel, message: string) => void;
}

/** Sorts the functions and makes the engine, at rest. @throws Error when the app has durable entities, which are not emulated. */
export function makeDurableFunctions(parts: DurableParts): DurableFunctions {
  const orchestrators = ofType(parts.functions, 'orchestrationtrigger');
  const activities = ofType(parts.functions, 'activitytrigger');
  for (const name of ofType(parts.functions, 'entitytrigger').keys()) {
    throw new Error(`"${name}" is a durable entity; the local host does not emulate durable entities.`);
  }

  const runOrchestrator = async (name: string, input: TypedData): Promise<TypedData | null | undefined> => {
    const target = orchestrators.get(name.toLowerCase());
    if (target === undefined) throw new Error(`The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`);
    return parts.invoke({ target, trigger: input });
  };
  const runActivity = async (name: string, input: TypedData, instanceId: string): Promise<TypedData | null | undefined> => {
    const target = activities.get(name.toLowerCase());
    if (target === undefined) throw new Error(`The function '${name}' doesn't exist, is disabled, or is not an activity function.`);
    const startedAt = performance.now();
    const report = (outcome: string) => parts.delivered(name, 'activity', outcome, outcome !== 'done', performance.now() - startedAt);
    try {
      const result = await parts.invoke({ target, trigger: input, triggerMetadata: { instanceId: { string: instanceId } } });
      report('done');
      return result;
    } catch (error) {
      report('failed');
      parts.failed(name, error);
      throw error;
    }
  };
  const engine = makeEngine({
    store: parts.store,
    wakeUps: parts.wakeUps,
    settings: parts.settings,
    runOrchestrator,
    runActivity,
    finished: ({ name, instanceId, status, output, createdAt }) => {
      parts.delivered(name, `orchestration ${instanceId}`, status, status === 'Failed', Date.now() - createdAt);
      if (status === 'Failed') parts.failed(name, JSON.parse(output ?? 'null'));
    },
    log: parts.log,
  });
  return { engine, commands: makeCommands(parts.store, engine), isOrchestrator: (name) => orchestrators.has(name.toLowerCase()) };
}

function ofType(functions: readonly RegisteredFunction[], type: string): ReadonlyMap<string, RegisteredFunction> {
  const found = functions.filter((target) => triggerOf(target).binding.type.toLowerCase() === type);
  return new Map(found.map((target) => [target.metadata.name.toLowerCase(), target]));
}
