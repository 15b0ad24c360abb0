import { join } from 'node:path';
import { ServiceBusClient, type ServiceBusMessage } from '@azure/service-bus';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startServiceBus } from '../service-bus/server.ts';
import { type Fixture, makeFixture } from './fixtures/run-fixture.ts';
import type { HostProcess } from './launch.ts';

let fixture: Fixture;
let host: HostProcess;
let broker: Awaited<ReturnType<typeof startServiceBus>>;
const startBroker = (port = 0) =>
  startServiceBus({
    clock: fixture.clock,
    port,
    stateFile: join(fixture.folder, 'queues.sqlite'),
    queues: [{ name: 'mail' }, { name: 'poison', maxDeliveryCount: 3 }, { name: 'forwarded' }],
  });
beforeEach(async () => {
  fixture = await makeFixture('bus', { extensions: { serviceBus: { maxConcurrentCalls: 4 } } });
  broker = await startBroker();
  host = await fixture.start({ env: { SERVICEBUS_CONNECTION: broker.connectionString, MAIL_QUEUE: 'mail' } });
});
afterEach(async () => {
  await host.stop();
  await broker.stop();
  await fixture.dispose();
});

interface Delivery {
  readonly functionName: string;
  readonly message: unknown;
  readonly metadata: Record<string, unknown>;
}

async function delivered(): Promise<{ deliveries: readonly Delivery[]; most: number }> {
  return (await (await fetch(`${host.url}/api/deliveries`)).json()) as { deliveries: Delivery[]; most: number };
}

async function send(queue: string, ...messages: ServiceBusMessage[]): Promise<void> {
  const client = new ServiceBusClient(broker.connectionString);
  await client.createSender(queue).sendMessages(messages);
  await client.close();
}

test('a message reaches its function as JSON, text or bytes, with its metadata, and is completed', async () => {
  await send(
    'mail',
    { messageId: 'm-1', body: { to: 'ada' }, subject: 'invitation', correlationId: 'c', applicationProperties: { Attempt: 2 } },
    { messageId: 'm-2', body: Buffer.from('plain text') },
    { messageId: 'm-3', body: Buffer.from([0xff, 0x00, 0xfe]) },
  );
  await host.settle();
  const { deliveries } = await delivered();
  const byId = new Map(deliveries.map((delivery) => [delivery.metadata['messageId'], delivery]));
  expect(byId.get('m-1')).toMatchObject({
    message: { to: 'ada' },
    metadata: { deliveryCount: 1, subject: 'invitation', correlationId: 'c', applicationProperties: { attempt: 2 } },
  });
  expect(byId.get('m-1')?.metadata['sequenceNumber']).toBeTypeOf('number');
  expect(byId.get('m-1')?.metadata['enqueuedTimeUtc']).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect(byId.get('m-2')?.message).toBe('plain text');
  expect(byId.get('m-3')?.message).toEqual({ bytes: 'ff00fe' });
  expect(broker.stats()['mail']).toMatchObject({ active: 0 });
});

test('no more messages are handled at once than host.json allows', async () => {
  await send('mail', ...Array.from({ length: 40 }, (_, index) => ({ body: { index } })));
  await host.settle();
  const { deliveries, most } = await delivered();
  expect(deliveries).toHaveLength(40);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(4);
});

test('a message its function cannot take comes back and is dead-lettered after its last delivery', async () => {
  await send('poison', { messageId: 'bad', body: { bad: true } });
  await host.settle();
  const { deliveries } = await delivered();
  expect(deliveries.map(({ metadata }) => metadata['deliveryCount'])).toEqual([1, 2, 3]);
  expect(broker.stats()['poison']).toMatchObject({ active: 0, deadLettered: 1 });
});

test('an output binding sends one message, or one for each entry of a list', async () => {
  const forward = (body: unknown) => fetch(`${host.url}/api/forward`, { method: 'POST', body: JSON.stringify(body) });
  expect((await forward({ one: 1 })).status).toBe(202);
  expect((await forward(['text', { two: 2 }])).status).toBe(202);
  await host.settle();
  const { deliveries } = await delivered();
  expect(deliveries.map(({ message }) => message)).toEqual(expect.arrayContaining([{ one: 1 }, 'text', { two: 2 }]));
});

test('the functions go on when the broker has been away', async () => {
  await send('mail', { body: { before: true } });
  await host.settle();
  const { port } = broker;
  await broker.stop();
  await host.settle();
  broker = await startBroker(port);
  await send('mail', { body: { after: true } });
  await host.settle();
  expect((await delivered()).deliveries.map(({ message }) => message)).toEqual([{ before: true }, { after: true }]);
});

test('a jump of the clock by a week disturbs neither connections nor locks to come', async () => {
  await send('mail', { body: { before: true } });
  await host.settle();
  fixture.clock.advance(7 * 24 * 60 * 60_000);
  await host.settle();
  await send('mail', { messageId: 'later', body: { after: true } });
  await host.settle();
  const { deliveries } = await delivered();
  expect(deliveries.map(({ message }) => message)).toEqual([{ before: true }, { after: true }]);
  expect(deliveries.at(-1)?.metadata['deliveryCount']).toBe(1);
});

test('the host stops in good time when the broker is gone', async () => {
  const { port } = broker;
  await broker.stop();
  const started = performance.now();
  await host.stop();
  expect(performance.now() - started).toBeLessThan(9_000);
  broker = await startBroker(port);
});
