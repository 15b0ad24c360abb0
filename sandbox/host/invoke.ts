// Runs one function once, in the very order of steps the Azure Functions Node worker uses, hooks included.
import { randomUUID } from 'node:crypto';
import type { RegisteredFunction, Registry } from './core-module.ts';
import type { Binding, CoreInvocationContext, HookName, InvocationRequest, LogLevel, RetryContext, TypedData } from './core-types.ts';
import type { InFlight } from './in-flight.ts';

/** One call of one function. */
export interface Call {
  readonly target: RegisteredFunction;
  readonly trigger: TypedData;
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  readonly retryContext?: RetryContext;
  /** Given by the host when the request travels on a second connection (HTTP streaming). */
  readonly invocationId?: string;
}

/** Runs a call; resolves to the return value, rejects with what the handler threw. */
export type Invoke = (call: Call) => Promise<TypedData | null | undefined>;

/** What `makeInvoke` needs from the rest of the host. */
export interface InvokeParts {
  readonly registry: Registry;
  readonly inFlight: InFlight;
  readonly log: (level: LogLevel, category: string, message: string, invocationContext?: unknown) => void;
  /** The value of an input binding that is not the trigger, e.g. the durable client. */
  readonly extraInput: (binding: Binding) => TypedData;
  /** Delivers an output binding's value. */
  readonly deliverOutput: (binding: Binding, data: TypedData) => Promise<void>;
  /** Milliseconds of real time a call may take (host.json `functionTimeout`); undefined = no limit. */
  readonly timeoutMilliseconds: number | undefined;
}

/** The data every hook of the app shares (`appHookData`). */
export const appHookData: Record<string, unknown> = {};

/** The trigger of a function: its only incoming binding whose type ends in "Trigger". */
export function triggerOf(target: RegisteredFunction): { readonly name: string; readonly binding: Binding } {
  for (const [name, binding] of Object.entries(target.metadata.bindings)) {
    if (binding.direction === 'in' && /trigger$/i.test(binding.type)) return { name, binding };
  }
  throw new Error(`Function "${target.metadata.name}" has no trigger.`);
}

/** Makes the one way in which this host runs functions. */
export function makeInvoke(parts: InvokeParts): Invoke {
  return async (call) => {
    const name = call.target.metadata.name;
    const done = parts.inFlight.begin(`function ${name}`);
    try {
      return await withTimeout(name, parts.timeoutMilliseconds, runOnce(parts, call));
    } finally {
      done();
    }
  };
}

async function runOnce(parts: InvokeParts, call: Call): Promise<TypedData | null | undefined> {
  const { metadata, callback } = call.target;
  const request = requestFor(parts, call);
  let userContext: unknown;
  const coreContext: CoreInvocationContext = {
    invocationId: request.invocationId,
    request,
    metadata,
    log: (level, category, message) => parts.log(level, category, message, userContext),
  };
  const model = await parts.registry.model().getInvocationModel(coreContext);
  const { context, inputs } = await model.getArguments();
  userContext = context;

  const hookData: Record<string, unknown> = {};
  coreContext.state = 'preInvocationHooks';
  const before: Record<string, unknown> = { hookData, appHookData, invocationContext: context, inputs, functionCallback: callback };
  await runHooks(parts.registry, 'preInvocation', before);

  coreContext.state = 'invocation';
  const after: Record<string, unknown> = {
    hookData,
    appHookData,
    invocationContext: context,
    inputs: before['inputs'],
    result: null,
    error: null,
  };
  try {
    after['result'] = await model.invokeFunction(context, before['inputs'] as unknown[], before['functionCallback'] as typeof callback);
  } catch (error) {
    after['error'] = error;
  }
  coreContext.state = 'postInvocationHooks';
  await runHooks(parts.registry, 'postInvocation', after);
  if (after['error'] !== null && after['error'] !== undefined) throw after['error'];

  const response = await model.getResponse(context, after['result']);
  await deliverOutputs(parts, metadata.bindings, response.returnValue, response.outputData ?? []);
  return response.returnValue;
}

function requestFor(parts: InvokeParts, call: Call): InvocationRequest {
  const trigger = triggerOf(call.target).name;
  const extra = Object.entries(call.target.metadata.bindings).filter(([name, binding]) => binding.direction === 'in' && name !== trigger);
  return {
    invocationId: call.invocationId ?? randomUUID(),
    functionId: call.target.metadata.name,
    inputData: [{ name: trigger, data: call.trigger }, ...extra.map(([name, binding]) => ({ name, data: parts.extraInput(binding) }))],
    triggerMetadata: call.triggerMetadata ?? {},
    ...(call.retryContext === undefined ? {} : { retryContext: call.retryContext }),
  };
}

async function deliverOutputs(
  parts: InvokeParts,
  bindings: Readonly<Record<string, Binding>>,
  returnValue: TypedData | null | undefined,
  outputs: readonly { readonly name: string; readonly data: TypedData }[],
): Promise<void> {
  const returned = bindings['$return'];
  if (returned !== undefined && returned.type.toLowerCase() !== 'http' && returnValue) await parts.deliverOutput(returned, returnValue);
  for (const { name, data } of outputs) {
    const binding = bindings[name];
    if (binding !== undefined) await parts.deliverOutput(binding, data);
  }
}

/** Runs the app's hooks of one kind in the order they were registered. */
export async function runHooks(registry: Registry, name: HookName, context: Record<string, unknown>): Promise<void> {
  for (const hook of registry.hooks(name)) await hook(context);
}

/** Azure ends the whole worker on a timeout; here the call fails and its code, which nothing can stop, runs on. */
async function withTimeout<Result>(name: string, milliseconds: number | undefined, work: Promise<Result>): Promise<Result> {
  if (milliseconds === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    const fail = () => reject(new Error(`Timeout value of ${milliseconds} ms exceeded by function: Functions.${name}`));
    timer = setTimeout(fail, Math.min(milliseconds, 2 ** 31 - 1));
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
