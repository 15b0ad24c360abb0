// Puts the host together: loads the app, sorts its functions by trigger, and connects each kind to what sets it off.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { type AdminParts, answerAdminRequest } from './admin.ts';
import { type RegisteredFunction, type Registry, installCoreModule } from './core-module.ts';
import { type ClientApiParts, answerClientRequest, clientApiPrefixes, durableClientInput } from './durable/client-api.ts';
import { makeDurableFunctions } from './durable/functions.ts';
import { openStore } from './durable/store.ts';
import { watchEventLoop } from './event-loop.ts';
import { readHostConfiguration } from './host-json.ts';
import { type HttpFunctions, makeHttpFunctions } from './http-functions.ts';
import type { HostRequest, HostResponse } from './http-message.ts';
import { listen } from './http-server.ts';
import { makeInFlight } from './in-flight.ts';
import { appHookData, makeInvoke, runHooks, triggerOf } from './invoke.ts';
import type { HostLog } from './log.ts';
import { makeServiceBusFunctions } from './service-bus-functions.ts';
import { type HostSettings, isDisabled } from './settings.ts';
import { makeTimerFunctions } from './timer-functions.ts';
import { makeWakeUps } from './wake-ups.ts';

/** A running host. */
export interface Host {
  readonly port: number;
  /** Looks again at everything that waits for a time. */
  readonly clockMoved: () => void;
  /** Starts nothing new and resolves when what runs is over. */
  readonly stop: () => Promise<void>;
}

const knownInputs = ['durableclient', 'orchestrationclient'];
const knownOutputs = ['http', 'servicebus'];
const knownTriggers = ['httptrigger', 'timertrigger', 'servicebustrigger', 'orchestrationtrigger', 'activitytrigger', 'entitytrigger'];

/**
 * Starts the host inside this process: one app per process, since `require` and settings are changed for good.
 * @throws Error saying what is wrong with the app, its settings, host.json or the port.
 */
export async function startHost(settings: HostSettings, log: HostLog): Promise<Host> {
  const configuration = readHostConfiguration(settings.hostJson);
  const environment = process.env;
  const store = openStore(settings.stateFile);
  const wakeUps = makeWakeUps();
  const inFlight = makeInFlight();
  const registry = installCoreModule((level, _category, message) => log.message(level, message));

  // The port must be known before the app is loaded, because the durable client reads WEBSITE_HOSTNAME then.
  let answer = async (_request: HostRequest): Promise<HostResponse> => ({ status: 503 });
  const server = await listen(settings.port, async (request) => {
    try {
      return await answer(request);
    } catch (error) {
      log.message('error', `${request.method} ${request.url.pathname}: ${describe(error)}`);
      return { status: 500 };
    }
  });
  const origin = `http://127.0.0.1:${server.port}`;
  environment['WEBSITE_HOSTNAME'] = `127.0.0.1:${server.port}`;
  environment['AZURE_FUNCTIONS_ENVIRONMENT'] ??= 'Development';
  // With a proxy in the environment every call of the durable client to this host would go astray.
  environment['NO_PROXY'] = [environment['NO_PROXY'], '127.0.0.1', 'localhost'].filter(Boolean).join(',');

  await loadApp(settings.appFile, registry);
  const enabled = [...registry.functions.values()].filter(({ metadata }) => !isDisabled(metadata.name, environment));
  checkBindings(enabled);
  const ofType = (type: string) => enabled.filter((target) => triggerOf(target).binding.type.toLowerCase() === type);

  const report = {
    delivered: (functionName: string, trigger: string, outcome: string, failed: boolean, milliseconds: number) =>
      log.delivery({ functionName, trigger, outcome, failed, milliseconds }),
    failed: (name: string, error: unknown) => log.message('error', `${name}: ${describe(error)}`),
  };
  const invoke = makeInvoke({
    registry,
    inFlight,
    log: (level, category, message, invocationContext) => {
      const entry: Record<string, unknown> = { level, category, message, invocationContext };
      for (const hook of registry.hooks('log')) hook(entry);
      log.message(level, String(entry['message']));
    },
    // The durable client is the only kind of input besides triggers that `checkBindings` lets through.
    extraInput: () => ({ string: JSON.stringify(durableClientInput(origin)) }),
    deliverOutput: (binding, data) => serviceBus.send(binding, data),
    timeoutMilliseconds: configuration.functionTimeout,
  });
  const serviceBus = makeServiceBusFunctions({
    functions: ofType('servicebustrigger'),
    environment,
    invoke,
    inFlight,
    maxConcurrentCalls: configuration.maxConcurrentCalls,
    maxAutoLockRenewalDuration: configuration.maxAutoLockRenewalDuration,
    ...report,
    warn: (text) => log.message('warning', text),
  });
  const timers = makeTimerFunctions({ functions: ofType('timertrigger'), environment, store, wakeUps, invoke, ...report });
  const durable = makeDurableFunctions({
    functions: enabled,
    store,
    wakeUps,
    settings: configuration,
    invoke,
    ...report,
    log: log.message,
  });
  const http = makeHttpFunctions({ functions: ofType('httptrigger'), invoke, routePrefix: configuration.routePrefix, ...report });

  const eventLoop = watchEventLoop();
  answer = routerOf({
    http,
    clientApi: {
      store,
      commands: durable.commands,
      origin,
      isOrchestrator: durable.isOrchestrator,
      defaultVersion: configuration.defaultVersion,
    },
    admin: {
      busy: () => [...inFlight.list(), ...durable.engine.busy(), ...timers.busy()],
      waitingMessages: serviceBus.waitingMessages,
      begun: inFlight.begun,
      runTimer: timers.runNow,
      eventLoop,
      functions: () =>
        [...registry.functions.values()].map((target) => ({
          name: target.metadata.name,
          type: triggerOf(target).binding.type,
          disabled: !enabled.includes(target),
        })),
    },
  });
  durable.engine.start();
  timers.start();
  serviceBus.start();

  return {
    port: server.port,
    clockMoved: wakeUps.clockMoved,
    stop: async () => {
      wakeUps.stop();
      eventLoop.stop();
      await Promise.all([server.stop(), durable.engine.stop(), timers.stop(), serviceBus.stop()]);
      await runHooks(registry, 'appTerminate', { hookData: {}, appHookData });
      store.close();
    },
  };
}

async function loadApp(appFile: string, registry: Registry): Promise<void> {
  createRequire(appFile)(appFile);
  const capabilities = await registry.model().getCapabilities({});
  if (capabilities['HttpUri'] !== undefined)
    throw new Error('The local host does not emulate HTTP streaming (app.setup enableHttpStream).');
  await runHooks(registry, 'appStart', { hookData: {}, appHookData, functionAppDirectory: dirname(appFile) });
  registry.close();
}

function checkBindings(functions: readonly RegisteredFunction[]): void {
  for (const target of functions) {
    for (const binding of Object.values(target.metadata.bindings)) {
      const kind = binding.type.toLowerCase();
      const known = binding.direction === 'out' ? knownOutputs.includes(kind) : knownTriggers.includes(kind) || knownInputs.includes(kind);
      if (!known)
        throw new Error(`Function "${target.metadata.name}": the local host has no ${binding.type} (${binding.direction}) binding.`);
    }
  }
}

function routerOf(parts: { http: HttpFunctions; clientApi: ClientApiParts; admin: AdminParts }) {
  return async (request: HostRequest): Promise<HostResponse> => {
    const path = request.url.pathname;
    for (const prefix of clientApiPrefixes) {
      if (path.startsWith(prefix)) return answerClientRequest(parts.clientApi, path.slice(prefix.length), request);
    }
    return path.startsWith('/admin/') ? answerAdminRequest(parts.admin, request) : parts.http(request);
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
