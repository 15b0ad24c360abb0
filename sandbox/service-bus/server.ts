// A stand-in for Azure Service Bus queues, on the wire: the unmodified @azure/service-bus SDK connects to it over plain AMQP.
// Supported: queues with peek-lock and receive-and-delete, settle, defer, renew, dead-letter queues, schedule and cancel,
// duplicate detection, batches, time to live, peek, drain. Refused: sessions, topics, transactions, entity administration.

import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import rhea, { type Connection } from 'rhea';
import type { SandboxClock } from '../clock.ts';
import { makeAlarm } from './alarm.ts';
import { makeBroker } from './broker.ts';
import { serveConnections } from './links.ts';
import type { QueueStats } from './queue.ts';
import { makePump } from './receiving.ts';
import { cutConnection } from './rhea-internals.ts';
import { openQueueStore } from './store.ts';

/** A queue to serve. Durations are milliseconds; defaults are the real service's, except `duplicateDetectionWindowMs`. */
export interface ServiceBusQueue {
  readonly name: string;
  /** Default 10. */
  readonly maxDeliveryCount?: number;
  /** Default one minute. */
  readonly lockDurationMs?: number;
  /** Default ten minutes; 0 switches duplicate detection off. */
  readonly duplicateDetectionWindowMs?: number;
  /** Upper bound of every message's time to live; absent means none. */
  readonly defaultTtlMs?: number;
  /** Moves expired messages to the dead-letter queue instead of dropping them. Default false. */
  readonly deadLetterOnExpiration?: boolean;
}

export interface ServiceBusOptions {
  /** The only source of time for locks, schedules, expiry and duplicates. Tokens alone are checked against real time. */
  readonly clock: SandboxClock;
  /** SQLite file to keep messages in; absent means in memory. */
  readonly stateFile?: string;
  /** Port on 127.0.0.1; 0 (the default) picks a free one. */
  readonly port?: number;
  readonly queues: readonly ServiceBusQueue[];
  /** Checks shared access signatures, and that a link's entity is covered by one. Default true. */
  readonly checkSignatures?: boolean;
}

export interface ServiceBusStandIn {
  readonly port: number;
  /** For `new ServiceBusClient(...)`; the same after a restart on the same port. */
  readonly connectionString: string;
  /** How many messages each queue holds, by queue name. */
  readonly stats: () => Readonly<Record<string, QueueStats>>;
  /** When the queue's next scheduled message becomes active, in milliseconds; undefined when none is scheduled. */
  readonly nextScheduledAt: (queue: string) => number | undefined;
  /**
   * True when no queue has a message that waits for a receiver or is being worked on. Wait for it before moving the clock:
   * a message in work would lose its lock, as it would in real time.
   */
  readonly idle: () => boolean;
  /** Cuts all connections, frees the port and closes the state file. */
  readonly stop: () => Promise<void>;
}

/** The sandbox's key. It is public, and guards nothing: the stand-in listens on 127.0.0.1 only. */
const sharedKey = { name: 'sandbox', value: Buffer.from('muster sandbox service bus key').toString('base64') } as const;

/** Credit and acceptance are given by hand; an abandoned message is told from a released one; many messages may be unsettled. */
const linkOptions: object = {
  session_buffer_size: 65_536,
  receiver_options: { credit_window: 0, autoaccept: false },
  sender_options: { treat_modified_as_released: false },
  tcp_no_delay: true,
};

/**
 * Starts the stand-in and waits until it accepts connections.
 * @throws Error when the port is taken or the state file cannot be opened.
 */
export async function startServiceBus(options: ServiceBusOptions): Promise<ServiceBusStandIn> {
  const { clock } = options;
  const store = openQueueStore(options.stateFile);
  const queues = options.queues.map((queue) => ({
    name: queue.name,
    maxDeliveryCount: queue.maxDeliveryCount ?? 10,
    lockDurationMs: queue.lockDurationMs ?? 60_000,
    duplicateDetectionWindowMs: queue.duplicateDetectionWindowMs ?? 600_000,
    defaultTtlMs: queue.defaultTtlMs,
    deadLetterOnExpiration: queue.deadLetterOnExpiration ?? false,
  }));
  const broker = makeBroker({ queues, store, now: clock.now() });
  const pump = makePump();
  const alarm = makeAlarm(clock, () => {
    broker.advance(clock.now());
    return broker.nextDue();
  });
  broker.onReady(pump.run);
  broker.onDue(alarm.set);
  const firstDue = broker.nextDue();
  if (firstDue !== undefined) alarm.set(firstDue);

  const container = rhea.create_container();
  const connections = new Set<Connection>();
  serveConnections(container, { broker, pump, now: clock.now, key: options.checkSignatures === false ? undefined : sharedKey });
  container.on('connection_open', ({ connection }) => void connections.add(connection));
  container.on('connection_close', ({ connection }) => void connections.delete(connection));
  container.on('disconnected', ({ connection }) => void connections.delete(connection));

  const server = container.listen({ ...linkOptions, port: options.port ?? 0, host: '127.0.0.1' });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const stats = (): Readonly<Record<string, QueueStats>> => broker.stats(clock.now());
  return {
    port,
    connectionString: `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=${sharedKey.name};SharedAccessKey=${sharedKey.value};UseDevelopmentEmulator=true`,
    stats,
    nextScheduledAt: (queue) => broker.find(queue)?.subqueue.nextScheduledAt(),
    idle: () => Object.values(stats()).every(({ active, locked }) => active + locked === 0),
    stop: async () => {
      alarm.stop();
      const closed = once(server, 'close');
      server.close();
      for (const connection of connections) cutConnection(connection);
      for (const socket of sockets) socket.destroy();
      await closed;
      store.close();
    },
  };
}
