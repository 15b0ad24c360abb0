// What the mail service reports of a mail: kept with its send record, and with the address when it says something of that.
import { shortLine } from '../domain/person-text.ts';
import { addressEvidence, addressKey, addressProblem, type Delivery, explainDelivery, laterDelivery } from '../domain/mail-delivery.ts';
import type { Ports } from '../ports/ports.ts';
import { addressPlace, readMailAddress, writeMailAddress } from '../storage/mail-addresses.ts';
import { changeSendRecord, findMailOfOperation } from '../storage/mails.ts';
import type { Effect } from '../storage/outbox.ts';
import { addressRow } from './address-problems.ts';
import { withEffects } from './effects.ts';

type DeliveryPorts = Pick<Ports, 'tables' | 'mailQueue' | 'ids' | 'clock' | 'log'>;

export interface DeliveryReport {
  /** The operation the mail was sent with. */
  readonly operationId: string;
  readonly recipient: string;
  readonly delivery: Delivery;
}

const attempts = 8;

/** An entry when an address is given up or works again; nothing when it is as it was. */
function auditOf(
  { ids, clock }: DeliveryPorts,
  companyId: string,
  address: string,
  before: string | null,
  report: Delivery,
): readonly Effect[] {
  const problem = addressProblem(report);
  if ((before === null) === (problem === null)) return [];
  const shown = shortLine(address, 120);
  return [
    {
      kind: 'audit',
      entry: {
        auditId: ids.newId(),
        companyId,
        at: clock.now().toISOString(),
        by: 'Muster',
        action: problem === null ? 'mailAddressCleared' : 'mailAddressMarked',
        summary: problem === null ? `Mail to ${shown} arrives again.` : `Mail to ${shown} comes back.`,
        reason: problem === null ? null : [explainDelivery(report), report.detail].filter((text) => text !== null).join(' '),
        objectIds: [],
      },
    },
  ];
}

async function noteAddress(ports: DeliveryPorts, companyId: string, address: string, report: Delivery): Promise<void> {
  const row = addressRow(address);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const before = await readMailAddress(ports.tables, companyId, row);
    const last = laterDelivery(before?.value.last, report);
    if (last === undefined) return;
    const effects = auditOf(ports, companyId, address, addressProblem(before?.value.last), last);
    const write = async () => await writeMailAddress(ports.tables, companyId, row, { address: { address, last }, before, effects });
    if ((await withEffects(ports, companyId, effects.length === 0 ? [] : [addressPlace(companyId)], write)) === 'done') return;
  }
  throw new Error('What is known of this address was changed by others too often.');
}

/**
 * Keeps what a report says. Reports may come twice, late and in any order: a report that is older than what is known changes nothing.
 * One about a mail that is not ours, or about an address the mail was not sent to, is logged and left.
 * @throws Error when storage fails: the report goes back to the queue.
 */
export async function recordDelivery(ports: DeliveryPorts, { operationId, recipient, delivery }: DeliveryReport): Promise<void> {
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
