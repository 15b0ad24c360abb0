// What Communication Services tells Event Grid about each recipient of an accepted mail, in the form Event Grid delivers it: CloudEvents 1.0.
// Source: Azure Event Grid, "Azure Communication Services - Email events".
import { randomUUID } from 'node:crypto';
import type { Operation } from './mailbox.ts';
import type { SendRequest } from './send-request.ts';
import type { RecipientFault } from './settings.ts';

export interface DeliveryReport {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: 'Microsoft.Communication.EmailDeliveryReportReceived';
  readonly subject: string;
  readonly time: string;
  readonly data: {
    readonly sender: string;
    readonly recipient: string;
    readonly internetMessageId: string;
    /** The operation's id. */
    readonly messageId: string;
    readonly status: 'Delivered' | 'Bounced' | 'Suppressed' | 'Failed';
    readonly deliveryStatusDetails: { readonly statusMessage: string };
    readonly deliveryAttemptTimestamp: string;
  };
}

const source =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/sandbox/providers/Microsoft.Communication/communicationServices/sandbox';

const told = {
  delivered: { status: 'Delivered', statusMessage: '' },
  bounced: { status: 'Bounced', statusMessage: '550 5.1.1 The mailbox does not exist.' },
  suppressed: { status: 'Suppressed', statusMessage: 'The recipient is on the suppression list.' },
  dropped: { status: 'Failed', statusMessage: 'The message was dropped.' },
} as const satisfies Record<RecipientFault | 'delivered', unknown>;

/** One report a recipient, copies included. */
export function reportsOf(
  { id, at }: Operation,
  { senderAddress, recipients: { to, cc, bcc } }: SendRequest,
  faults: ReadonlyMap<string, RecipientFault>,
): readonly DeliveryReport[] {
  const time = new Date(at).toISOString();
  return [...to, ...cc, ...bcc].map(({ address }) => {
    const { status, statusMessage } = told[faults.get(address.toLowerCase()) ?? 'delivered'];
    return {
      specversion: '1.0',
      id: randomUUID(),
      source,
      type: 'Microsoft.Communication.EmailDeliveryReportReceived',
      subject: `sender/${senderAddress}/message/${id}`,
      time,
      data: {
        sender: senderAddress,
        recipient: address,
        internetMessageId: `<${id}@sandbox>`,
        messageId: id,
        status,
        deliveryStatusDetails: { statusMessage },
        // Seven digits and an offset, as the service writes it.
        deliveryAttemptTimestamp: time.replace('Z', '0000+00:00'),
      },
    };
  });
}
