// Events of the mail service about what became of mails, from the queue that Event Grid delivers them to.
import * as z from 'zod';
import { deliveryReportEvent } from '../shared/contracts/delivery-report.ts';
import { outcomeOf } from '../shared/domain/mail-delivery.ts';
import { shortLine } from '../shared/domain/person-text.ts';
import type { Ports } from '../shared/ports/ports.ts';
import { recordDelivery } from '../shared/use-cases/record-delivery.ts';

/** Longest answer of a mail server that is kept. */
const longestDetail = 300;

/**
 * Keeps what one event says.
 * @throws Error when it is no such event, or storage fails: it goes back to the queue and at last to its dead-letter queue.
 */
export async function takeDeliveryReport(ports: Ports, message: unknown): Promise<void> {
  const parsed = deliveryReportEvent.safeParse(message);
  // Its issues name fields and no values: nobody's address comes into the log.
  if (!parsed.success) throw new Error(`This is no delivery report: ${z.prettifyError(parsed.error)}`);
  const { time, data } = parsed.data;
  const outcome = outcomeOf(data.status);
  if (outcome === null) return;
  const at = new Date(data.deliveryAttemptTimestamp ?? data.deliveryAttemptTimeStamp ?? time).toISOString();
  const detail = shortLine(data.deliveryStatusDetails?.statusMessage ?? '', longestDetail) || null;
  await recordDelivery(ports, { operationId: data.messageId, recipient: data.recipient, delivery: { outcome, at, detail } });
}
