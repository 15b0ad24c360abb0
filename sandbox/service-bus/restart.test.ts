import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { expect, it } from 'vitest';
import { cleanUps, connect, empty, eventually, mailStats, makeFolder, minute, noRetry, receive, receiveOne, start } from './sdk-world.ts';

it('keeps everything over a restart, and a subscriber comes back by itself', async () => {
  const stateFile = join(makeFolder(), 'state.sqlite');
  const first = await start({}, { stateFile });
  await first.sender.sendMessages([{ body: 'held', messageId: 'held' }, { body: 'waiting' }]);
  await first.sender.scheduleMessages({ body: 'later' }, new Date(first.clock.now() + minute));
  await receiveOne(first.receiver);
  await first.receiver.close();
  const seen: string[] = [];
  const subscriber = first.client.createReceiver('mail');
  const processMessage = async ({ body, deliveryCount }: ServiceBusReceivedMessage): Promise<void> =>
    void seen.push(`${String(body)} ${deliveryCount ?? 0}`);
  const subscription = subscriber.subscribe({ processMessage, processError: async () => undefined });
  await eventually(() => expect(seen).toEqual(['waiting 0']));
  await eventually(() => expect(mailStats(first.serviceBus)).toEqual({ ...empty, locked: 1, scheduled: 1 }));
  await first.stop();

  const second = await start({}, { stateFile, port: first.serviceBus.port });
  await eventually(() => expect(seen).toEqual(['waiting 0', 'held 1']));
  // While a message is in work, moving the clock would end its lock.
  await eventually(() => expect(mailStats(second.serviceBus)).toEqual({ ...empty, scheduled: 1 }));
  second.clock.advance(minute);
  await eventually(() => expect(seen).toEqual(['waiting 0', 'held 1', 'later 0']));
  await first.sender.sendMessages({ body: 'again', messageId: 'held' });
  await eventually(() => expect(mailStats(second.serviceBus)).toEqual(empty));
  expect(seen).toHaveLength(3);
  await subscription.close();
});

/** Starts the stand-in as a process of its own. */
async function startProcess(stateFile: string): Promise<{ readonly child: ChildProcess; readonly connectionString: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { ...process.env, MUSTER_SB_STATE: stateFile, MUSTER_SB_QUEUES: JSON.stringify([{ name: 'mail' }]) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanUps.servers.push(() => child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, connectionString: (JSON.parse(line) as { readonly connectionString: string }).connectionString };
}

it('has every acknowledged message, once, after kill -9 in the middle of sending', async () => {
  const stateFile = join(makeFolder(), 'state.sqlite');
  const { child, connectionString } = await startProcess(stateFile);
  const sender = connect(connectionString, noRetry).createSender('mail');
  const acknowledged: string[] = [];
  let isAlive = true;
  const sendOn = async (lane: number): Promise<void> => {
    for (let count = 0; isAlive; count += 1) {
      const messageIds = Array.from({ length: (count % 3) + 1 }, (_, index) => `${lane}-${count}-${index}`);
      await sender.sendMessages(messageIds.map((messageId) => ({ body: 'x'.repeat(500), messageId })));
      acknowledged.push(...messageIds);
      if (acknowledged.length > 500 && isAlive) {
        isAlive = false;
        child.kill('SIGKILL');
      }
    }
  };
  await Promise.allSettled(Array.from({ length: 20 }, (_, lane) => sendOn(lane)));
  expect(child.signalCode ?? (await once(child, 'exit'))[1]).toBe('SIGKILL');

  const { serviceBus, client: next } = await start({}, { stateFile });
  const count = mailStats(serviceBus)?.active ?? 0;
  const messages = await receive(next.createReceiver('mail', { receiveMode: 'receiveAndDelete' }), count);
  const ids = messages.map(({ messageId }) => String(messageId));
  expect(new Set(ids).size).toBe(ids.length);
  expect(acknowledged.filter((messageId) => !ids.includes(messageId))).toEqual([]);
});
