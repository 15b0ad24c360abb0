// The contract of the MailQueue port, run unchanged against the fake and against the real SDK talking to the stand-in.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { ServiceBusClient } from '@azure/service-bus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSandboxClock } from '../../sandbox/clock.ts';
import { type ServiceBusStandIn, startServiceBus } from '../../sandbox/service-bus/server.ts';
import { makeMailQueue } from '../../shared/adapters/mail-queue.ts';
import type { MailQueue } from '../../shared/ports/ports.ts';
import { makeFakeMailQueue, type QueuedMail } from '../fakes/mail-queue.ts';

/** A queue under test, with what the contract needs to see and to break. */
interface QueueUnderTest {
  readonly queue: MailQueue;
  /** Everything in the queue, also what is not visible yet, oldest first. */
  readonly queued: () => Promise<readonly QueuedMail[]>;
  readonly goAway: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function openFake(): Promise<QueueUnderTest> {
  const fake = makeFakeMailQueue();
  return {
    queue: fake,
    queued: async () => [...fake.messages],
    goAway: async () => void (fake.isAway = true),
    comeBack: async () => void (fake.isAway = false),
    stop: async () => {},
  };
}

async function openStandIn(): Promise<QueueUnderTest> {
  const clock = makeSandboxClock();
  const start = (port = 0): Promise<ServiceBusStandIn> => startServiceBus({ clock, port, queues: [{ name: 'mail' }] });
  let standIn: ServiceBusStandIn | undefined = await start();
  const { port, connectionString } = standIn;
  const queue = makeMailQueue({ connectionString }, { queueName: 'mail', timeoutMs: 2_000 });
  return {
    queue,
    queued: () => peek(connectionString),
    goAway: async () => {
      await standIn?.stop();
      standIn = undefined;
    },
    comeBack: async () => {
      standIn = await start(port);
    },
    stop: async () => {
      await queue.close();
      await standIn?.stop();
    },
  };
}

async function peek(connectionString: string): Promise<readonly QueuedMail[]> {
  const client = new ServiceBusClient(connectionString);
  try {
    const messages = await client.createReceiver('mail').peekMessages(100);
    return messages.map(({ messageId, body, scheduledEnqueueTimeUtc }) => ({
      messageId: String(messageId),
      body: body as QueuedMail['body'],
      ...(scheduledEnqueueTimeUtc === undefined ? {} : { at: scheduledEnqueueTimeUtc }),
    }));
  } finally {
    await client.close();
  }
}

const mail = { mailId: 'mail-1', companyId: 'company-1' };
const first: QueuedMail = { messageId: 'mail-1:1', body: { ...mail, attempt: 1 } };

describe.each([
  ['the fake', openFake],
  ['the SDK on the stand-in', openStandIn],
] as const)('MailQueue: %s', (_name, open) => {
  let service: QueueUnderTest;
  beforeEach(async () => {
    service = await open();
  });
  afterEach(() => service.stop());

  it('carries ids and the attempt, and nothing else of the mail', async () => {
    const whole = { ...mail, subject: 'Personal', to: ['ada@alpinedental.example'] };
    await service.queue.enqueue({ mail: whole, attempt: 1 });
    expect(await service.queued()).toEqual([first]);
  });

  it('takes one attempt once, however often it is sent', async () => {
    await service.queue.enqueue({ mail, attempt: 1 });
    await service.queue.enqueue({ mail, attempt: 1, at: new Date(Date.now() + 60_000) });
    expect(await service.queued()).toEqual([first]);
  });

  it('takes the next attempt of a mail, and another mail', async () => {
    await service.queue.enqueue({ mail, attempt: 1 });
    await service.queue.enqueue({ mail, attempt: 2 });
    await service.queue.enqueue({ mail: { ...mail, mailId: 'mail-2' }, attempt: 1 });
    expect((await service.queued()).map(({ messageId }) => messageId)).toEqual(['mail-1:1', 'mail-1:2', 'mail-2:1']);
  });

  it('holds a message back until the given time', async () => {
    const at = new Date(Date.now() + 3_600_000);
    await service.queue.enqueue({ mail, attempt: 1, at });
    expect(await service.queued()).toEqual([{ ...first, at }]);
  });

  it('takes many messages at once', async () => {
    const attempts = Array.from({ length: 60 }, (_, index) => index + 1);
    await Promise.all(attempts.map((attempt) => service.queue.enqueue({ mail, attempt })));
    const queued = await service.queued();
    expect(queued.map(({ body }) => body.attempt).toSorted((left, right) => left - right)).toEqual(attempts);
  });

  it('rejects while the queue is away, and works when it is back', async () => {
    await service.queue.enqueue({ mail, attempt: 1 });
    await service.goAway();
    await expect(service.queue.enqueue({ mail, attempt: 2 })).rejects.toThrow();
    await service.comeBack();
    await service.queue.enqueue({ mail, attempt: 2 });
    expect((await service.queued()).map(({ messageId }) => messageId)).toContain('mail-1:2');
  });
});

/** Stands between the SDK and the stand-in, as a network that can lose connections without telling anybody. */
async function openNetwork(targetPort: number) {
  const connections: (readonly [Socket, Socket])[] = [];
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => {});
    near.pipe(far).pipe(near);
    connections.push([near, far]);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connectionCount: () => connections.length,
    /** Connections made so far stay open and carry nothing any more. */
    swallow: () => {
      for (const [near, far] of connections) {
        near.unpipe();
        far.unpipe();
      }
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of connections.flat()) socket.destroy();
      await closed;
    },
  };
}

describe('makeMailQueue', () => {
  it('keeps one connection for all messages, and leaves one that carries nothing any more', async () => {
    const standIn = await startServiceBus({ clock: makeSandboxClock(), queues: [{ name: 'mail' }] });
    const network = await openNetwork(standIn.port);
    const connectionString = standIn.connectionString.replace(`:${standIn.port}`, `:${network.port}`);
    const queue = makeMailQueue({ connectionString }, { queueName: 'mail', timeoutMs: 1_000 });
    await Promise.all([1, 2, 3].map((attempt) => queue.enqueue({ mail, attempt })));
    await queue.enqueue({ mail, attempt: 4 });
    expect(network.connectionCount()).toBe(1);
    network.swallow();
    await expect(queue.enqueue({ mail, attempt: 5 })).rejects.toThrow();
    await queue.enqueue({ mail, attempt: 5 });
    expect([network.connectionCount(), standIn.stats()['mail']?.active]).toEqual([2, 5]);
    await queue.close();
    await network.stop();
    await standIn.stop();
  });

  it('makes a message visible when its time comes', async () => {
    const clock = makeSandboxClock();
    const standIn = await startServiceBus({ clock, queues: [{ name: 'mail' }] });
    const queue = makeMailQueue({ connectionString: standIn.connectionString }, { queueName: 'mail' });
    await queue.enqueue({ mail, attempt: 1, at: new Date(clock.now() + 3_600_000) });
    expect(standIn.stats()['mail']).toMatchObject({ active: 0, scheduled: 1 });
    clock.advance(3_600_001);
    expect(standIn.stats()['mail']).toMatchObject({ active: 1, scheduled: 0 });
    await queue.close();
    await standIn.stop();
  });

  it('connects with the first message only, and again after it was closed', async () => {
    const standIn = await startServiceBus({ clock: makeSandboxClock(), queues: [{ name: 'mail' }] });
    const queue = makeMailQueue({ connectionString: standIn.connectionString }, { queueName: 'mail' });
    await queue.close();
    await queue.enqueue({ mail, attempt: 1 });
    await queue.close();
    await queue.enqueue({ mail, attempt: 2 });
    expect(standIn.stats()['mail']).toMatchObject({ active: 2 });
    await queue.close();
    await standIn.stop();
  });

  it('rejects for a queue that does not exist', async () => {
    const standIn = await startServiceBus({ clock: makeSandboxClock(), queues: [{ name: 'mail' }] });
    const wrong = makeMailQueue({ connectionString: standIn.connectionString }, { queueName: 'post' });
    await expect(wrong.enqueue({ mail, attempt: 1 })).rejects.toThrow();
    await wrong.close();
    await standIn.stop();
  });

  it('needs no connection to be made, and names a malformed connection string with the first message', async () => {
    const queue = makeMailQueue({ connectionString: 'nonsense' }, { queueName: 'mail' });
    await expect(queue.enqueue({ mail, attempt: 1 })).rejects.toThrow();
    await queue.close();
  });
});
