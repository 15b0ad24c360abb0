// The real SDK connected to a stand-in, for the conformance tests; everything is undone after each test.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RetryOptions, ServiceBusClient, type ServiceBusReceivedMessage, type ServiceBusReceiver } from '@azure/service-bus';
import { afterEach, vi } from 'vitest';
import { makeSandboxClock } from '../clock.ts';
import { type ServiceBusQueue, type ServiceBusStandIn, startServiceBus } from './server.ts';

export const minute = 60_000;
const shortRetry = { retryDelayInMs: 200, maxRetryDelayInMs: 500, timeoutInMs: 10_000 };
export const noRetry = { maxRetries: 0, timeoutInMs: 2000 };
export const empty = { active: 0, locked: 0, scheduled: 0, deferred: 0, deadLettered: 0 };

/** What a test leaves to be undone, in this order: a client that cannot reach its server takes long to close. */
export const cleanUps = { clients: [] as (() => unknown)[], servers: [] as (() => unknown)[], folders: [] as (() => unknown)[] };

afterEach(async () => {
  for (const group of [cleanUps.clients, cleanUps.servers, cleanUps.folders]) for (const cleanUp of group.splice(0)) await cleanUp();
});

export function connect(connectionString: string, retryOptions: RetryOptions = shortRetry): ServiceBusClient {
  const client = new ServiceBusClient(connectionString, { retryOptions });
  cleanUps.clients.push(() => client.close());
  return client;
}

export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'service-bus-'));
  cleanUps.folders.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a stand-in with the queue `mail` and connects the SDK to it. */
export async function start(queue: Partial<ServiceBusQueue> = {}, options: { readonly stateFile?: string; readonly port?: number } = {}) {
  const clock = makeSandboxClock();
  const serviceBus = await startServiceBus({ clock, queues: [{ name: 'mail', ...queue }, { name: 'other' }], ...options });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (!isStopped) await serviceBus.stop();
    isStopped = true;
  };
  cleanUps.servers.push(stop);
  const client = connect(serviceBus.connectionString);
  return { clock, serviceBus, stop, client, sender: client.createSender('mail'), receiver: client.createReceiver('mail') };
}

/** Receives until the wanted number of messages is there; fails by the test's timeout otherwise. */
export async function receive(receiver: ServiceBusReceiver, count: number): Promise<ServiceBusReceivedMessage[]> {
  const received: ServiceBusReceivedMessage[] = [];
  while (received.length < count) received.push(...(await receiver.receiveMessages(count - received.length, { maxWaitTimeInMs: 500 })));
  return received;
}

export async function receiveOne(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receive(receiver, 1);
  if (message === undefined) throw new Error('No message came.');
  return message;
}

export const mailStats = (serviceBus: ServiceBusStandIn) => serviceBus.stats()['mail'];

/** Looks again until the check passes; used for what happens on the server after the SDK has answered. */
export async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 20_000, interval: 10 });
}
