// The app's Service Bus triggers and outputs, served through the real client: the same code works on the stand-in and on a real namespace.
import { ServiceBusClient, type ServiceBusSender } from '@azure/service-bus';
import type { RegisteredFunction } from './core-module.ts';
import type { Binding, TypedData } from './core-types.ts';
import { triggerOf } from './invoke.ts';
import { messagesOf } from './service-bus-message.ts';
import { makeQueuePump, type QueuePumpParts } from './service-bus-queue.ts';
import { expandSettings } from './settings.ts';

/** The Service Bus side of a host. */
export interface ServiceBusFunctions {
  readonly start: () => void;
  /** Sends the value of an output binding. */
  readonly send: (binding: Binding, data: TypedData) => Promise<void>;
  /** The queues of the app that hold messages ready for delivery, in words. */
  readonly waitingMessages: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}

/** What `makeServiceBusFunctions` needs. */
export interface ServiceBusParts extends QueuePumpParts {
  readonly functions: readonly RegisteredFunction[];
  readonly environment: NodeJS.ProcessEnv;
}

/** With the defaults a `subscribe` link stays away for 30 s after the broker went down; these bring it back within a second. */
const retryOptions = { retryDelayInMs: 300, maxRetryDelayInMs: 1000, timeoutInMs: 10_000 } as const;

/** Reads all Service Bus bindings. @throws Error naming the function whose trigger this host cannot serve. */
export function makeServiceBusFunctions(parts: ServiceBusParts): ServiceBusFunctions {
  const clients = new Map<string, ServiceBusClient>();
  const senders = new Map<string, ServiceBusSender>();
  const clientFor = (binding: Binding): ServiceBusClient => {
    const setting = textField(binding, 'connection') ?? 'AzureWebJobsServiceBus';
    const connection = parts.environment[setting] ?? '';
    if (connection === '') throw new Error(`The setting "${setting}" (a Service Bus connection string) is missing.`);
    const client = clients.get(connection) ?? new ServiceBusClient(connection, { retryOptions });
    clients.set(connection, client);
    return client;
  };
  const pumps = parts.functions.map((target) => {
    const { binding } = triggerOf(target);
    const queue = queueOf(target.metadata.name, binding, parts.environment);
    const completes = binding['autoCompleteMessages'] !== false;
    return { queue, ...makeQueuePump(parts, { client: clientFor(binding), queue, target, completes }) };
  });

  return {
    start: () => {
      for (const pump of pumps) pump.start();
    },
    send: async (binding, data) => {
      const queue = expandSettings(textField(binding, 'queueName') ?? textField(binding, 'topicName') ?? '', parts.environment);
      const client = clientFor(binding);
      const key = `${textField(binding, 'connection') ?? ''} ${queue}`;
      const sender = senders.get(key) ?? client.createSender(queue);
      senders.set(key, sender);
      await sender.sendMessages([...messagesOf(data)]);
    },
    waitingMessages: async () => {
      const waiting = await Promise.all(pumps.map(async ({ queue, hasMessages }) => ((await hasMessages()) ? [queue] : [])));
      return waiting.flat().map((queue) => `queue ${queue}: messages wait for delivery`);
    },
    stop: async () => {
      await Promise.all(pumps.map((pump) => pump.stop()));
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

function queueOf(functionName: string, binding: Binding, environment: NodeJS.ProcessEnv): string {
  const refuse = (what: string): never => {
    throw new Error(`Service Bus function "${functionName}": ${what}`);
  };
  if (binding['cardinality'] === 'many') refuse('the local host delivers one message at a time (cardinality "many" is not emulated).');
  if (binding['isSessionsEnabled'] === true) refuse('the local host does not emulate sessions.');
  const queue = textField(binding, 'queueName') ?? refuse('the local host serves queues only, not topics.');
  return expandSettings(queue, environment);
}

function textField(binding: Binding, field: string): string | undefined {
  const value = binding[field];
  return typeof value === 'string' ? value : undefined;
}
