// A change of what is known of an address, and its audit entry: one transaction, decided anew when somebody else was faster.
import type { AuditEntry } from '../domain/audit.ts';
import { shortLine } from '../domain/person-text.ts';
import type { Ports } from '../ports/ports.ts';
import { addressPlace, type MailAddress, readMailAddress, writeMailAddress } from '../storage/mail-addresses.ts';
import type { Effect } from '../storage/outbox.ts';
import { addressRow } from './address-problems.ts';
import { auditEffect } from './audit-effect.ts';
import { type EffectPorts, withEffects } from './effects.ts';

const attempts = 8;

/**
 * Changes what is known of an address. `build` may be called several times; only the last answer counts, and `undefined` leaves all as it is.
 * @returns what is known then
 */
export async function changeAddress(
  ports: EffectPorts,
  companyId: string,
  address: string,
  build: (known: MailAddress | undefined) => { readonly address: MailAddress; readonly effects: readonly Effect[] } | undefined,
): Promise<MailAddress | undefined> {
  const row = addressRow(address);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const before = await readMailAddress(ports.tables, companyId, row);
    const change = build(before?.value);
    if (change === undefined) return before?.value;
    const write = async () => await writeMailAddress(ports.tables, companyId, row, { ...change, before });
    const places = change.effects.length === 0 ? [] : [addressPlace(companyId)];
    if ((await withEffects(ports, companyId, places, write)) === 'done') return change.address;
  }
  throw new Error('What is known of this address was changed by others too often.');
}

export interface AddressAudit extends Omit<AuditEntry, 'auditId' | 'at' | 'summary'> {
  readonly address: string;
  /** The sentence around the address. */
  readonly summary: (address: string) => string;
}

export const addressAudit = (ports: Pick<Ports, 'ids' | 'clock'>, { address, summary, ...entry }: AddressAudit): Effect =>
  auditEffect(ports, { ...entry, summary: summary(shortLine(address, 120)) });
