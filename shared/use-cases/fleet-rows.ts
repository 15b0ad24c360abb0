// What is due for each company, as the timers read it: a row that cannot be read costs its own company and no other.
import type { Ports } from '../ports/ports.ts';
import { type FleetRow, readFleet } from '../storage/fleet.ts';

export function readableFleet({ tables, log }: Pick<Ports, 'tables' | 'log'>): AsyncIterable<FleetRow> {
  return readFleet(tables, (companyId) => log('error', 'What is due for a company cannot be read; it is passed over.', { companyId }));
}
