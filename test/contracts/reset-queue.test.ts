// The contract of the ResetQueue port, run unchanged against the fake and against the real SDK talking to the stand-in.
import { ServiceBusClient } from '@azure/service-bus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSandboxClock } from '../../sandbox/clock.ts';
import { type ServiceBusStandIn, startServiceBus } from '../../sandbox/service-bus/server.ts';
import { makeResetQueue } from '../../shared/adapters/reset-queue.ts';
import type { ResetQueue, ResetRequest } from '../../shared/ports/ports.ts';
import { makeFakeResetQueue } from '../fakes/reset-queue.ts';

const queueName = 'password-resets';

interface QueueUnderTest {
  readonly queue: ResetQueue;
  /** Everything in the queue, oldest first. */
  readonly queued: () => Promise<readonly ResetRequest[]>;
  readonly goAway: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function openFake(): Promise<QueueUnderTest> {
  const fake = makeFakeResetQueue();
  return {
    queue: fake,
    queued: async () => [...fake.requests],
    goAway: async () => void (fake.isAway = true),
    stop: async () => {},
  };
}

async function openStandIn(): Promise<QueueUnderTest> {
  let standIn: ServiceBusStandIn | undefined = await startServiceBus({ clock: makeSandboxClock(), queues: [{ name: queueName }] });
  const { connectionString } = standIn;
  const queue = makeResetQueue({ connectionString }, { queueName, timeoutMs: 2_000 });
  const client = new ServiceBusClient(connectionString);
  const goAway = async () => {
    await standIn?.stop();
    standIn = undefined;
  };
  return {
    queue,
    queued: async () => (await client.createReceiver(queueName).peekMessages(100)).map(({ body }) => body as ResetRequest),
    goAway,
    stop: async () => {
      await Promise.all([queue.close(), client.close()]);
      await goAway();
    },
  };
}

const request: ResetRequest = {
  requestId: 'request1',
  companyId: 'company1',
  mail: 'Zoë <"Brunner">@alpinedental.example',
  askedAt: '2026-03-12T08:15:00.000Z',
};

describe.each([
  ['the fake', openFake],
  ['the SDK on the stand-in', openStandIn],
] as const)('ResetQueue: %s', (_name, open) => {
  let service: QueueUnderTest;
  beforeEach(async () => {
    service = await open();
  });
  afterEach(async () => await service.stop());

  it('carries what was asked for, as it was typed', async () => {
    await service.queue.enqueue(request);
    expect(await service.queued()).toEqual([request]);
  });

  it('takes one request once, and every other one', async () => {
    for (const requestId of ['request1', 'request2', 'request1']) await service.queue.enqueue({ ...request, requestId });
    expect((await service.queued()).map(({ requestId }) => requestId)).toEqual(['request1', 'request2']);
  });

  it('rejects while it is away', async () => {
    await service.goAway();
    await expect(service.queue.enqueue(request)).rejects.toThrow();
  });
});
