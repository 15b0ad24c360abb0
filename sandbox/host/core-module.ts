// Supplies the module `@azure/functions-core`, which in Azure appears by magic and which is all the deployed bundle needs from its host.
import Module from 'node:module';
import type { FunctionCallback, FunctionMetadata, HookCallback, HookName, LogLevel, ProgrammingModel } from './core-types.ts';

/** A function of the app together with its handler. */
export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/** Everything the app told the host while it was being loaded. */
export interface Registry {
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  readonly hooks: (name: HookName) => readonly HookCallback[];
  readonly model: () => ProgrammingModel;
  /** After this, registering a function throws, as in Azure once start-up is over. */
  readonly close: () => void;
}

type LogWriter = (level: LogLevel, category: string, message: string) => void;

const hookNames: readonly string[] = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] satisfies HookName[];

/**
 * Answers `require('@azure/functions-core')` for the rest of the process and collects what the app registers.
 * Call before the app is loaded; only one app per process is possible.
 */
export function installCoreModule(log: LogWriter): Registry {
  const functions = new Map<string, RegisteredFunction>();
  const hooks = new Map<string, HookCallback[]>();
  let model: ProgrammingModel | undefined;
  let closed = false;

  const core = {
    version: '4.0.0',
    hostVersion: '4.1040.0',
    Disposable: FunctionsDisposable,
    registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) => {
      if (closed) throw new Error(`A function can only be registered during app startup ("${metadata.name}").`);
      if (functions.has(metadata.name)) throw new Error(`A function with name "${metadata.name}" has already been registered.`);
      functions.set(metadata.name, { metadata, callback });
      return new FunctionsDisposable(() => functions.delete(metadata.name));
    },
    registerHook: (name: string, callback: HookCallback) => {
      if (!hookNames.includes(name)) throw new RangeError(`Unrecognized hook "${name}"`);
      const callbacks = hooks.get(name) ?? [];
      hooks.set(name, [...callbacks, callback]);
      return new FunctionsDisposable(() =>
        hooks.set(
          name,
          (hooks.get(name) ?? []).filter((other) => other !== callback),
        ),
      );
    },
    setProgrammingModel: (announced: ProgrammingModel) => {
      model = announced;
    },
    getProgrammingModel: () => model,
    log,
  };
  answerRequire('@azure/functions-core', core);

  return {
    functions,
    hooks: (name) => hooks.get(name) ?? [],
    model: () => {
      if (model === undefined) throw new Error('The app registered no function with @azure/functions.');
      return model;
    },
    close: () => {
      closed = true;
    },
  };
}

class FunctionsDisposable {
  readonly #release: () => unknown;
  constructor(release: () => unknown) {
    this.#release = release;
  }
  dispose(): unknown {
    return this.#release();
  }
}

/** Azure's own worker swaps `require` in the same way, so the bundle cannot tell the difference. */
function answerRequire(name: string, answer: unknown): void {
  const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (request, ...rest) => (request === name ? answer : load.call(loader, request, ...rest));
}
