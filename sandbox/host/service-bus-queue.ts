// Feeds one queue to one function: peek-lock, then complete when the function succeeds and give back when it throws.
import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { RegisteredFunction } from './core-module.ts';
import type { InFlight } from './in-flight.ts';
import type { Invoke } from './invoke.ts';
import { triggerDataOf, triggerMetadataOf } from './service-bus-message.ts';

/** A queue on its way to a function. */
export interface QueuePump {
  readonly start: () => void;
  /** Whether the queue holds messages ready for delivery or being delivered. An unreachable broker counts as empty. */
  readonly hasMessages: () => Promise<boolean>;
  /** Takes no further message; resolves when those being handled are settled. */
  readonly stop: () => Promise<void>;
}

/** What every pump of a host shares. */
export interface QueuePumpParts {
  readonly invoke: Invoke;
  readonly inFlight: InFlight;
  /** Messages handled at once, per function. */
  readonly maxConcurrentCalls: number;
  /** Milliseconds for which a message's lock is renewed while it is handled. */
  readonly maxAutoLockRenewalDuration: number;
  readonly delivered: (name: string, trigger: string, outcome: string, failed: boolean, milliseconds: number) => void;
  readonly failed: (name: string, error: unknown) => void;
  readonly warn: (text: string) => void;
}

interface Target {
  readonly client: ServiceBusClient;
  readonly queue: string;
  readonly target: RegisteredFunction;
  /** Whether a message is completed when the function succeeds (binding `autoCompleteMessages`). */
  readonly completes: boolean;
}

/** Makes a pump at rest. */
export function makeQueuePump(parts: QueuePumpParts, { client, queue, target, completes }: Target): QueuePump {
  const options = {
    receiveMode: 'peekLock',
    skipParsingBodyAsJson: true,
    maxAutoLockRenewalDurationInMs: parts.maxAutoLockRenewalDuration,
  } as const;
  const receiver = client.createReceiver(queue, options);
  const hasMessages = makePeeker(client.createReceiver(queue, options));
  const deliveries = new Set<Promise<void>>();
  let subscription: { close(): Promise<void> } | undefined;

  const deliver = async (message: ServiceBusReceivedMessage) => {
    const { name } = target.metadata;
    const done = parts.inFlight.begin(`message ${String(message.messageId)} of queue ${queue}`);
    const started = performance.now();
    const report = (outcome: string) =>
      parts.delivered(name, `queue ${queue}`, outcome, outcome !== 'completed', performance.now() - started);
    try {
      await parts.invoke({ target, trigger: triggerDataOf(message.body), triggerMetadata: triggerMetadataOf(message) });
      if (completes) await receiver.completeMessage(message);
      report('completed');
    } catch (error) {
      parts.failed(name, error);
      await giveBack(message);
      report(`abandoned (delivery ${(message.deliveryCount ?? 0) + 1})`);
    } finally {
      done();
    }
  };
  const giveBack = async (message: ServiceBusReceivedMessage) => {
    try {
      await receiver.abandonMessage(message);
    } catch (error) {
      // The lock is lost or the broker is down: the message comes back by itself when its lock runs out.
      parts.warn(`queue ${queue}: message ${String(message.messageId)} could not be given back: ${String(error)}`);
    }
  };
  const track = async (delivery: Promise<void>) => {
    deliveries.add(delivery);
    await delivery;
    deliveries.delete(delivery);
  };

  return {
    start: () => {
      const processError = async ({ error, errorSource }: { error: Error; errorSource: string }) =>
        parts.warn(`queue ${queue}: ${errorSource} failed: ${error.message}`);
      const processMessage = (message: ServiceBusReceivedMessage) => track(deliver(message));
      subscription = receiver.subscribe(
        { processMessage, processError },
        { autoCompleteMessages: false, maxConcurrentCalls: parts.maxConcurrentCalls },
      );
    },
    hasMessages,
    stop: async () => {
      await subscription?.close();
      await Promise.all(deliveries);
      await receiver.close();
    },
  };
}

/** Looks through the queue without locking anything; scheduled and deferred messages wait for somebody else. */
function makePeeker(receiver: ServiceBusReceiver): () => Promise<boolean> {
  let start: ServiceBusReceivedMessage['sequenceNumber'];
  return async () => {
    try {
      let from = start;
      for (;;) {
        const fromHere = from === undefined ? {} : { fromSequenceNumber: from };
        const page = await receiver.peekMessages(100, { abortSignal: AbortSignal.timeout(2000), ...fromHere });
        const last = page.at(-1)?.sequenceNumber;
        if (last === undefined) return false;
        // A receiver goes on peeking where it stopped. The first number ever seen gives a zero of its kind to start over from.
        start = last.sub(last);
        if (page.some(({ state }) => state === 'active')) return true;
        from = last.add(1);
      }
    } catch {
      return false;
    }
  };
}
