import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { expect, it } from 'vitest';
import { connect, empty, eventually, mailStats, minute, noRetry, receive, receiveOne, start } from './sdk-world.ts';

it('carries a message with all its fields and removes it when completed', async () => {
  const { client, sender, receiver, serviceBus } = await start();
  const sentFields = {
    messageId: 'm-1',
    correlationId: 'c-1',
    subject: 'invitation',
    contentType: 'application/json',
    replyTo: 'other',
    to: 'somewhere',
    partitionKey: 'p',
    timeToLive: 5 * minute,
    applicationProperties: { attempt: 3, urgent: true, who: 'Ада' },
  };
  await sender.sendMessages({ body: { hello: ['wörld', null, 1.5] }, ...sentFields });
  const message = await receiveOne(receiver);
  expect(message).toMatchObject({ body: { hello: ['wörld', null, 1.5] }, ...sentFields, state: 'active', deliveryCount: 0 });
  expect(message.sequenceNumber?.toNumber()).toBe(1);
  expect((message.lockedUntilUtc?.getTime() ?? 0) - (message.enqueuedTimeUtc?.getTime() ?? 0)).toBeGreaterThanOrEqual(minute - 1);
  expect(mailStats(serviceBus)).toEqual({ ...empty, locked: 1 });
  expect(serviceBus.idle()).toBe(false);
  await receiver.completeMessage(message);
  expect(mailStats(serviceBus)).toEqual(empty);
  expect(serviceBus.idle()).toBe(true);
  await expect(client.createSender('nowhere').sendMessages({ body: 1 })).rejects.toMatchObject({ code: 'MessagingEntityNotFound' });
});

it('carries bodies byte for byte: text, binary, AMQP values and sequences', async () => {
  const { sender, receiver } = await start();
  const bytes = Buffer.from([0, 255, 128, 10]);
  await sender.sendMessages([
    { body: 'text' },
    { body: bytes },
    { body: { n: 1 }, bodyType: 'value' },
    { body: [1, 'two'], bodyType: 'sequence' },
  ] as Parameters<typeof sender.sendMessages>[0]);
  const messages = await receive(receiver, 4);
  expect(messages.map(({ body }) => body)).toEqual(['text', bytes, { n: 1 }, [1, 'two']]);
  expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(4);
  for (const message of messages) await receiver.completeMessage(message);
});

it('takes batches whole, and refuses what is too large', async () => {
  const { sender, receiver, serviceBus } = await start();
  const batch = await sender.createMessageBatch();
  let count = 0;
  while (batch.tryAddMessage({ body: `${count}:${'x'.repeat(1000)}`, messageId: `b${count}` })) count += 1;
  expect(count).toBeGreaterThan(100);
  await sender.sendMessages(batch);
  expect(mailStats(serviceBus)?.active).toBe(count);
  const messages = await receive(receiver, count);
  expect(messages.map(({ messageId }) => messageId)).toEqual(Array.from({ length: count }, (_, index) => `b${index}`));
  await Promise.all(messages.map((message) => receiver.completeMessage(message)));

  const large = 'x'.repeat(250_000);
  await sender.sendMessages({ body: large });
  expect((await receiveOne(receiver)).body).toBe(large);
  await expect(sender.sendMessages({ body: 'x'.repeat(300_000) })).rejects.toMatchObject({ code: 'MessageSizeExceeded' });
});

it('deletes at once in receive-and-delete mode', async () => {
  const { client, sender, serviceBus } = await start();
  await sender.sendMessages([{ body: 1 }, { body: 2 }]);
  const receiver = client.createReceiver('mail', { receiveMode: 'receiveAndDelete' });
  expect((await receive(receiver, 2)).map(({ body }) => body as unknown)).toEqual([1, 2]);
  expect(mailStats(serviceBus)).toEqual(empty);
});

it('hands an abandoned message out again, with changed properties, and dead-letters it after the last attempt', async () => {
  const { client, sender, receiver } = await start({ maxDeliveryCount: 2 });
  await sender.sendMessages({ body: 'poison', applicationProperties: { kept: 'yes', changed: 'no' } });
  await receiver.abandonMessage(await receiveOne(receiver), { changed: 'yes' });
  const again = await receiveOne(receiver);
  expect(again).toMatchObject({ deliveryCount: 1, applicationProperties: { kept: 'yes', changed: 'yes' } });
  await receiver.abandonMessage(again);
  const deadLetters = client.createReceiver('mail', { subQueueType: 'deadLetter' });
  const dead = await receiveOne(deadLetters);
  expect(dead).toMatchObject({ body: 'poison', deadLetterReason: 'MaxDeliveryCountExceeded' });
  await deadLetters.completeMessage(dead);
});

it('dead-letters on demand with reason, description and properties; the dead-letter queue is an entity of its own', async () => {
  const { clock, client, sender, receiver, serviceBus } = await start();
  await sender.sendMessages({ body: 'bad', applicationProperties: { kept: 1 } });
  const deadLetterOptions = { deadLetterReason: 'Unreadable', deadLetterErrorDescription: 'not JSON', hint: 'look' };
  await receiver.deadLetterMessage(await receiveOne(receiver), deadLetterOptions);
  expect(mailStats(serviceBus)).toEqual({ ...empty, deadLettered: 1 });
  const deadLetters = client.createReceiver('mail', { subQueueType: 'deadLetter' });
  expect(await deadLetters.peekMessages(10)).toHaveLength(1);
  const dead = await receiveOne(deadLetters);
  expect(dead).toMatchObject({ deadLetterReason: 'Unreadable', deadLetterErrorDescription: 'not JSON' });
  expect(dead.applicationProperties).toMatchObject({ kept: 1, hint: 'look' });
  await expect(deadLetters.deadLetterMessage(dead)).rejects.toThrow('stays where it is');
  // To the SDK a refused decision is final: the lock has to end before the message comes again.
  clock.advance(minute);
  await deadLetters.completeMessage(await receiveOne(deadLetters));
  expect(mailStats(serviceBus)).toEqual(empty);
});

it('keeps deferred messages aside and settles them by number', async () => {
  const { sender, receiver, serviceBus } = await start();
  await sender.sendMessages([{ body: 'a' }, { body: 'b' }, { body: 'c' }]);
  const messages = await receive(receiver, 3);
  for (const message of messages) await receiver.deferMessage(message, { why: 'later' });
  expect(mailStats(serviceBus)).toEqual({ ...empty, deferred: 3 });
  const numbers = messages.flatMap(({ sequenceNumber }) => (sequenceNumber === undefined ? [] : [sequenceNumber]));
  const [a, b, c] = await receiver.receiveDeferredMessages(numbers);
  if (a === undefined || b === undefined || c === undefined) throw new Error('Deferred messages are missing.');
  expect(a).toMatchObject({ body: 'a', state: 'deferred', applicationProperties: { why: 'later' } });
  await receiver.completeMessage(a);
  await receiver.deadLetterMessage(b, { deadLetterReason: 'Old', deadLetterErrorDescription: 'too old' });
  await receiver.abandonMessage(c);
  expect(mailStats(serviceBus)).toEqual({ ...empty, deferred: 1, deadLettered: 1 });
  await expect(receiver.receiveDeferredMessages(numbers)).rejects.toMatchObject({ code: 'MessageNotFound' });
});

it('drops a repeated message id within the window, and takes it again after', async () => {
  const { clock, sender, serviceBus } = await start();
  await sender.sendMessages({ body: 1, messageId: 'same' });
  await sender.sendMessages([
    { body: 2, messageId: 'same' },
    { body: 3, messageId: 'different' },
  ]);
  await sender.scheduleMessages({ body: 4, messageId: 'same' }, new Date(clock.now() + minute));
  expect(mailStats(serviceBus)).toEqual({ ...empty, active: 2 });
  clock.advance(10 * minute);
  await sender.sendMessages({ body: 5, messageId: 'same' });
  expect(mailStats(serviceBus)).toEqual({ ...empty, active: 3 });
});

it('makes scheduled messages active when the clock gets there, however they were scheduled', async () => {
  const { clock, sender, receiver, serviceBus } = await start();
  const at = new Date(clock.now() + 60 * minute);
  await sender.sendMessages({ body: 'sent', scheduledEnqueueTimeUtc: at });
  const [kept, cancelled] = await sender.scheduleMessages([{ body: 'scheduled' }, { body: 'withdrawn' }], at);
  if (kept === undefined || cancelled === undefined) throw new Error('No sequence numbers came.');
  await sender.cancelScheduledMessages(cancelled);
  await expect(sender.cancelScheduledMessages(cancelled)).rejects.toMatchObject({ code: 'MessageNotFound' });
  expect(serviceBus.nextScheduledAt('mail')).toBe(at.getTime());
  expect(mailStats(serviceBus)).toEqual({ ...empty, scheduled: 2 });
  expect(serviceBus.idle()).toBe(true);
  expect((await receiver.peekMessages(10)).map(({ state }) => state)).toEqual(['scheduled', 'scheduled']);

  const waiting = receive(receiver, 2);
  clock.advance(60 * minute);
  const messages = await waiting;
  expect(messages.map(({ body }) => body as string)).toEqual(['sent', 'scheduled']);
  expect(messages[0]?.scheduledEnqueueTimeUtc).toEqual(at);
  expect(messages[1]?.sequenceNumber?.toNumber()).toBeGreaterThan(kept.toNumber());
  for (const message of messages) await receiver.completeMessage(message);
});

it('ends a lock when the clock passes it, and a renewed one later', async () => {
  const { clock, sender, receiver } = await start();
  await sender.sendMessages({ body: 'slow' });
  const held = await receiveOne(receiver);
  clock.advance(50_000);
  const renewedUntil = await receiver.renewMessageLock(held);
  expect(renewedUntil.getTime()).toBeGreaterThan(clock.now() + 50_000);
  clock.advance(50_000);
  await receiver.completeMessage(held);

  await sender.sendMessages({ body: 'lost' });
  const lost = await receiveOne(receiver);
  clock.advance(minute);
  await expect(receiver.completeMessage(lost)).rejects.toMatchObject({ code: 'MessageLockLost' });
  await expect(receiver.renewMessageLock(lost)).rejects.toMatchObject({ code: 'MessageLockLost' });
  expect(await receiveOne(receiver)).toMatchObject({ body: 'lost', deliveryCount: 1 });
});

it('drops expired messages, or dead-letters them where configured', async () => {
  const { clock, client, sender, serviceBus } = await start({ deadLetterOnExpiration: true, defaultTtlMs: minute });
  await sender.sendMessages({ body: 'old' });
  await client.createSender('other').sendMessages({ body: 'old', timeToLive: minute });
  clock.advance(minute);
  expect(serviceBus.stats()).toEqual({ mail: { ...empty, deadLettered: 1 }, other: empty });
  const dead = await receiveOne(client.createReceiver('mail', { subQueueType: 'deadLetter' }));
  expect(dead.deadLetterReason).toBe('TTLExpiredException');
});

it('peeks in order without locking, whatever a message is doing', async () => {
  const { sender, receiver } = await start();
  await sender.sendMessages([{ body: 'a' }, { body: 'b' }, { body: 'c' }]);
  const held = await receiveOne(receiver);
  expect((await receiver.peekMessages(2)).map(({ body }) => body as string)).toEqual(['a', 'b']);
  expect((await receiver.peekMessages(2)).map(({ body }) => body as string)).toEqual(['c']);
  expect(await receiver.peekMessages(2)).toEqual([]);
  await receiver.completeMessage(held);
});

it('leaves nothing stuck with a receiver that stopped waiting', async () => {
  const { client, sender, receiver, serviceBus } = await start();
  expect(await receiver.receiveMessages(10, { maxWaitTimeInMs: 50 })).toEqual([]);
  await sender.sendMessages({ body: 'for the other one' });
  expect(mailStats(serviceBus)).toEqual({ ...empty, active: 1 });
  expect(await receiveOne(client.createReceiver('mail'))).toMatchObject({ deliveryCount: 0 });
});

it('feeds competing subscribers with concurrency, each message once', async () => {
  const { serviceBus, sender } = await start();
  const seen: string[] = [];
  for (const subscriber of [1, 2, 3]) {
    const receiver = connect(serviceBus.connectionString).createReceiver('mail');
    const processMessage = async ({ messageId }: ServiceBusReceivedMessage): Promise<void> => {
      seen.push(String(messageId));
      if (subscriber === 2) await new Promise(setImmediate);
    };
    const handlers = { processMessage, processError: async () => undefined };
    receiver.subscribe(handlers, { maxConcurrentCalls: 8 });
  }
  const ids = Array.from({ length: 600 }, (_, index) => `m${index}`);
  for (let from = 0; from < ids.length; from += 100)
    await sender.sendMessages(ids.slice(from, from + 100).map((messageId) => ({ body: messageId, messageId })));
  await eventually(() => expect(mailStats(serviceBus)).toEqual(empty));
  expect(seen.toSorted()).toEqual(ids.toSorted());
});

it('refuses a wrong key, sessions, topics and sending to a dead-letter queue', async () => {
  const { serviceBus, client } = await start();
  const forged = serviceBus.connectionString.replace(/SharedAccessKey=[^;]+/, `SharedAccessKey=${Buffer.from('wrong').toString('base64')}`);
  await expect(connect(forged, noRetry).createSender('mail').sendMessages({ body: 1 })).rejects.toMatchObject({
    code: 'UnauthorizedAccess',
  });
  await expect(client.acceptSession('mail', 'one')).rejects.toThrow('Failed to create a receiver');
  await expect(client.createReceiver('news', 'all').receiveMessages(1)).rejects.toThrow('does not support topics');
  const toDeadLetters = client.createSender('mail/$DeadLetterQueue');
  await expect(toDeadLetters.sendMessages({ body: 1 })).rejects.toThrow('takes no messages');
});

it('goes on when a client talks nonsense', async () => {
  const { serviceBus, sender } = await start();
  const socket = createConnection({ port: serviceBus.port, host: '127.0.0.1' });
  socket.end('GET / HTTP/1.1\r\n\r\n');
  await once(socket, 'close');
  await sender.sendMessages({ body: 'still there' });
  expect(mailStats(serviceBus)?.active).toBe(1);
});
