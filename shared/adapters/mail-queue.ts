// Puts mails on their way through Azure Service Bus; the sender function takes them from the queue.
import type { MailQueue } from '../ports/ports.ts';
import { makeQueueSender, type QueueOptions, type ServiceBusAccess } from './service-bus-sender.ts';

/** The JSON body of a queue message. The mail itself stays in storage. */
export interface MailMessage {
  readonly mailId: string;
  readonly companyId: string;
  readonly attempt: number;
  /** Absent while there are none. */
  readonly failures?: number;
}

/** The message id of an attempt stays the same, so that an attempt that is sent twice is one. */
export function makeMailQueue(access: ServiceBusAccess, options: QueueOptions): MailQueue & { readonly close: () => Promise<void> } {
  const { send, close } = makeQueueSender(access, options);
  return {
    enqueue: async ({ mail: { mailId, companyId }, attempt, at, failures }) => {
      const body: MailMessage = { mailId, companyId, attempt, ...(failures === undefined ? {} : { failures }) };
      await send({ body, messageId: `${mailId}:${attempt}`, at });
    },
    close,
  };
}
