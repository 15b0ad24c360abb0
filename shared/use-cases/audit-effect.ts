// An entry of the audit log, to be stored with the change it tells of.
import type { AuditEntry } from '../domain/audit.ts';
import type { Ports } from '../ports/ports.ts';
import type { Effect } from '../storage/outbox.ts';

/** The entry under an id of its own, at this moment. */
export const auditEffect = ({ ids, clock }: Pick<Ports, 'ids' | 'clock'>, entry: Omit<AuditEntry, 'auditId' | 'at'>): Effect => ({
  kind: 'audit',
  entry: { auditId: ids.newId(), at: clock.now().toISOString(), ...entry },
});
