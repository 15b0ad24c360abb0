// Sends messages to one queue of Azure Service Bus.
import type { TokenCredential } from '@azure/identity';
import { isServiceBusError, ServiceBusClient, type ServiceBusClientOptions, type ServiceBusSender } from '@azure/service-bus';

/** A connection string, or a namespace such as `name.servicebus.windows.net` with a managed identity. */
export type ServiceBusAccess =
  | { readonly connectionString: string }
  | { readonly fullyQualifiedNamespace: string; readonly credential: TokenCredential };

/** Short: somebody waits for the answer, or what could not be sent stays in the outbox and a sweep sends it later. */
const retryOptions: NonNullable<ServiceBusClientOptions['retryOptions']> = { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 };

export interface QueueOptions {
  readonly queueName: string;
  /**
   * How long one message may take with all its repeats, in milliseconds; 10 s unless given. The SDK's own `timeoutInMs` would be raised to
   * a minute per attempt.
   */
  readonly timeoutMs?: number;
}

export interface QueueMessage {
  /** JSON. */
  readonly body: unknown;
  /** A queue with duplicate detection drops a second message of the same id within its window. */
  readonly messageId: string;
  /** When it becomes visible; at once unless given. */
  readonly at?: Date | undefined;
}

export interface QueueSender {
  readonly send: (message: QueueMessage) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Connection {
  readonly client: ServiceBusClient;
  readonly sender: ServiceBusSender;
  /** Sends under way; a connection that was given up is closed when they have ended. */
  sending: number;
}

/** Refusals that say nothing against the connection; under load, a new one for each would only add to the load. */
const answersOfTheQueue: readonly string[] = ['ServiceBusy', 'QuotaExceeded', 'MessageSizeExceeded'];

/**
 * Makes the queue's sending side. One connection is opened with the first message and kept. When a send fails, it is given up and the next
 * message opens a new one. `close` may be called at any time; a later message would open a connection again.
 *
 * `send` rejects when the message was not, or perhaps not, taken; repeating is safe. It also rejects when the connection string is malformed.
 */
export function makeQueueSender(access: ServiceBusAccess, { queueName, timeoutMs = 10_000 }: QueueOptions): QueueSender {
  let connection: Connection | undefined;
  const connect = (): Connection => {
    const client = openClient(access);
    return { client, sender: client.createSender(queueName), sending: 0 };
  };
  return {
    send: async ({ body, messageId, at }) => {
      const message = { body, messageId, contentType: 'application/json' };
      connection ??= connect();
      const used = connection;
      used.sending += 1;
      try {
        const abortSignal = AbortSignal.timeout(timeoutMs);
        await used.sender.sendMessages(at === undefined ? message : { ...message, scheduledEnqueueTimeUtc: at }, { abortSignal });
      } catch (error) {
        const isAnswer = isServiceBusError(error) && answersOfTheQueue.includes(error.code);
        if (connection === used && !isAnswer) connection = undefined;
        throw error;
      } finally {
        used.sending -= 1;
        // Nobody waits for the end of a connection that may not answer any more.
        if (connection !== used && used.sending === 0) used.client.close().catch(() => {});
      }
    },
    close: async () => {
      const last = connection;
      connection = undefined;
      await last?.client.close();
    },
  };
}

function openClient(access: ServiceBusAccess): ServiceBusClient {
  return 'credential' in access
    ? new ServiceBusClient(access.fullyQualifiedNamespace, access.credential, { retryOptions })
    : new ServiceBusClient(access.connectionString, { retryOptions });
}
