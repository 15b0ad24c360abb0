// Looks at the queues without touching it: whatever is sent there, the running app takes for a mail of its own.
import { ManagedIdentityCredential } from '@azure/identity';
import { ServiceBusClient } from '@azure/service-bus';
import type { Config } from '../shared/config.ts';
import { explainFault } from './conformance-faults.ts';
import { type Area, passed, skipped } from './conformance-steps.ts';

const queues = [
  { id: 'queue.mail', name: 'mail' },
  { id: 'queue.resets', name: 'password-resets' },
  { id: 'queue.reports', name: 'mail-reports' },
] as const;
const peekLimitMs = 20_000;

function openClient({ serviceBus, entra }: Config): ServiceBusClient {
  const options = { retryOptions: { maxRetries: 0 } };
  if (serviceBus.kind === 'connectionString') return new ServiceBusClient(serviceBus.connectionString, options);
  const identity = new ManagedIdentityCredential(entra.managedIdentityClientId === null ? {} : { clientId: entra.managedIdentityClientId });
  return new ServiceBusClient(serviceBus.endpoint, identity, options);
}

/** @param hindrance why nothing may be tried, or null */
export function queueArea(config: Config, hindrance: string | null): Area {
  const usesIdentity = config.serviceBus.kind === 'identity';
  return {
    name: 'Service Bus',
    hindrance,
    explain: (error) =>
      explainFault(error, {
        service: 'Service Bus',
        setting: usesIdentity ? 'SERVICEBUS_CONNECTION__fullyQualifiedNamespace' : 'SERVICEBUS_CONNECTION',
        role: `the roles "Azure Service Bus Data Receiver" and "Data Sender" on its queues`,
        usesIdentity,
      }),
    steps: [
      ...queues.map(({ id, name }) => ({
        id,
        title: `the queue "${name}"`,
        run: async () => {
          const client = openClient(config);
          try {
            await client.createReceiver(name).peekMessages(1, { abortSignal: AbortSignal.timeout(peekLimitMs) });
          } finally {
            // Nobody waits for the end of a connection that may not answer.
            client.close().catch(() => {});
          }
          return passed('It exists and may be looked into; nothing was received, locked or sent.');
        },
      })),
      {
        id: 'queue.send',
        title: 'sending, schedules and duplicate detection',
        run: async () =>
          skipped('Not tried, because the running app would receive the message; infra/modules/service-bus.bicep sets them up.'),
      },
    ],
  };
}
