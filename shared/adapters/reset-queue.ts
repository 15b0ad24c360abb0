// Requests for a new password on their way through Azure Service Bus.
import type { ResetQueue } from '../ports/ports.ts';
import { makeQueueSender, type QueueOptions, type ServiceBusAccess } from './service-bus-sender.ts';

export function makeResetQueue(access: ServiceBusAccess, options: QueueOptions): ResetQueue & { readonly close: () => Promise<void> } {
  const { send, close } = makeQueueSender(access, options);
  return { enqueue: async (request) => await send({ body: request, messageId: request.requestId }), close };
}
