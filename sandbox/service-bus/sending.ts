// A client's sender: takes messages and batches in, and answers only after they are stored.

import type { Receiver } from 'rhea';
import { readBatch, readSentMessage } from './codec.ts';
import type { Queue } from './queue.ts';
import { type AmqpCondition, answerAccepted, answerAttach, answerRejected, receivedBytes } from './rhea-internals.ts';

/** Largest message or batch in bytes: 256 KB, the limit of the Standard tier ("Service Bus quotas"). */
const maxMessageSize = 262_144;

const credit = 1000;

function refusalOf(error: unknown): AmqpCondition {
  const description = error instanceof Error ? error.message : String(error);
  return { condition: error instanceof RangeError ? 'amqp:decode-error' : 'amqp:internal-error', description };
}

/** Serves one attached sender; batches are stored as a whole or not at all. */
export function serveSender(link: Receiver, queue: Queue, now: () => number): void {
  answerAttach(link, { max_message_size: maxMessageSize });
  link.add_credit(credit);
  link.on('message', (context) => {
    link.add_credit(1);
    const { delivery } = context;
    if (delivery === undefined) return;
    const { content, isBatch } = receivedBytes(context);
    if (content.length > maxMessageSize) {
      const description = `The message is ${content.length} bytes long; the limit is ${maxMessageSize} bytes.`;
      answerRejected(delivery, { condition: 'amqp:link:message-size-exceeded', description });
      return;
    }
    try {
      queue.accept(isBatch ? readBatch(content) : [readSentMessage(content)], now());
      answerAccepted(delivery);
    } catch (error) {
      answerRejected(delivery, refusalOf(error));
    }
  });
}
