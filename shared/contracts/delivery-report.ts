// The event by which Azure Communication Services tells what became of a mail, as Event Grid puts it into a queue: one event a message, in
// the schema CloudEvents 1.0. Source: Azure Event Grid, "Azure Communication Services - Email events".
import * as z from 'zod';

/** With an offset and up to seven digits of a second, as the service writes it. */
const instant = z.iso.datetime({ offset: true });

export const deliveryReportEvent = z.object({
  specversion: z.literal('1.0'),
  type: z.literal('Microsoft.Communication.EmailDeliveryReportReceived'),
  time: instant,
  data: z.object({
    /** The id of the operation that sent the mail. */
    messageId: z.guid(),
    recipient: z.string().min(1).max(320),
    /** New values may come at any time. */
    status: z.string().min(1),
    deliveryStatusDetails: z.object({ statusMessage: z.string().nullish() }).nullish(),
    // Documentation and the service's own library disagree about one letter; events with the second form have been published.
    deliveryAttemptTimeStamp: instant.nullish(),
    deliveryAttemptTimestamp: instant.nullish(),
  }),
});
