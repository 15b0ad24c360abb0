// What the mail service reports of a mail: kept with its send record, and with the address when it says something of that.
import {
  addressEvidence,
  addressKey,
  addressProblem,
  afterReport,
  type Delivery,
  type KnownAddress,
  laterDelivery,
} from '../domain/mail-delivery.ts';
import { changeSendRecord, findMailOfOperation } from '../storage/mails.ts';
import type { Effect } from '../storage/outbox.ts';
import { addressAudit, changeAddress } from './address-change.ts';
import type { EffectPorts } from './effects.ts';

export interface DeliveryReport {
  /** The operation the mail was sent with. */
  readonly operationId: string;
  readonly recipient: string;
  readonly delivery: Delivery;
}

/** An entry when an address is given up or works again; nothing when it is as it was. */
function auditOf(
  ports: EffectPorts,
  companyId: string,
  address: string,
  before: KnownAddress | undefined,
  after: KnownAddress,
): readonly Effect[] {
  const problem = addressProblem(after);
  if ((addressProblem(before) === null) === (problem === null)) return [];
  const about = { companyId, address, by: 'Muster', objectIds: [] } as const;
  if (problem === null) {
    const summary = (shown: string) => `Mail to ${shown} arrives again.`;
    return [addressAudit(ports, { ...about, action: 'mailAddressCleared', summary, reason: null })];
  }
  const summary = (shown: string) => `Mail to ${shown} comes back.`;
  const reason = [problem, after.last.detail].filter((text) => text !== null).join(' ');
  return [addressAudit(ports, { ...about, action: 'mailAddressMarked', summary, reason })];
}

async function noteAddress(ports: EffectPorts, companyId: string, address: string, report: Delivery): Promise<void> {
  await changeAddress(ports, companyId, address, (known) => {
    const after = afterReport(known, report);
    return after && { address: { ...after, address }, effects: auditOf(ports, companyId, address, known, after) };
  });
}

/**
 * Keeps what a report says. Reports may come twice, late and in any order: a report that is older than what is known changes nothing.
 * One about a mail that is not ours, or about an address the mail was not sent to, is logged and left.
 * @throws Error when storage fails: the report goes back to the queue.
 */
export async function recordDelivery(ports: EffectPorts, { operationId, recipient, delivery }: DeliveryReport): Promise<void> {
  const place = await findMailOfOperation(ports.tables, operationId);
  if (place === undefined) return ports.log('warning', 'A delivery report names a mail that is not ours.', { operationId });
  const { companyId, mailId } = place;
  const facts = { companyId, mailId, outcome: delivery.outcome };
  const isRecipient = ({ address }: { readonly address: string }) => addressKey(address) === addressKey(recipient);
  let isOurs = false;
  await changeSendRecord(ports.tables, place, (record) => {
    isOurs = record.mail.operationId.toLowerCase() === operationId.toLowerCase() && record.mail.to.some(isRecipient);
    const later = isOurs ? laterDelivery(record.delivery, delivery) : undefined;
    return later && { ...record, delivery: later };
  });
  if (!isOurs) return ports.log('warning', 'A delivery report names an address its mail was not sent to.', facts);
  if (delivery.outcome !== 'delivered') ports.log('warning', 'A mail was not delivered.', facts);
  if (addressEvidence[delivery.outcome] !== null) await noteAddress(ports, companyId, recipient.trim(), delivery);
}
