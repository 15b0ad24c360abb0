// MSPs and companies come into being here, with their first admins and settings.
import type { Grant, Principal } from '../domain/access.ts';
import { type Company, defaultSettings, type Msp, type Settings } from '../domain/company.ts';
import { lastEndedDay } from '../domain/billing-day.ts';
import { Refusal } from '../domain/errors.ts';
import type { Ports } from '../ports/ports.ts';
import { appendAudit } from '../storage/audit.ts';
import {
  createCompany as storeCompany,
  createMsp as storeMsp,
  listCompanies,
  readCompany,
  readGrants,
  readMsp,
  readSettings,
  replaceSettings,
} from '../storage/companies.ts';
import { changeFleet } from '../storage/fleet.ts';
import { listMemberships, noteMembership } from '../storage/memberships.ts';
import { grantId } from '../domain/access.ts';
import { auditEffect } from './audit-effect.ts';
import { type EffectPorts, withEffects } from './effects.ts';
import type { NewAdmin } from './manage-admins.ts';
import { nextDueAt } from '../domain/schedule.ts';
import { readIntegration } from '../storage/companies.ts';
import { mayBeSynced } from '../domain/integration.ts';

type ManagePorts = Pick<Ports, 'tables' | 'clock' | 'ids'>;

const granted = (admin: NewAdmin, at: string, by: string): Grant => ({ ...admin, addedAt: at, addedBy: by });

/** Creates an MSP with its first admins. */
export async function createMsp(
  ports: ManagePorts,
  { name, admins, by }: { readonly name: string; readonly admins: readonly NewAdmin[]; readonly by: string },
): Promise<Msp> {
  const at = ports.clock.now().toISOString();
  const msp: Msp = { mspId: ports.ids.newId(), name, createdAt: at };
  for (const admin of admins) await noteMembership(ports.tables, admin, { kind: 'msp', id: msp.mspId });
  await storeMsp(
    ports.tables,
    msp,
    admins.map((admin) => granted(admin, at, by)),
  );
  await appendAudit(ports.tables, {
    auditId: ports.ids.newId(),
    companyId: msp.mspId,
    at,
    by,
    action: 'mspCreated',
    summary: `Created the MSP ${name}.`,
    reason: null,
    objectIds: [],
  });
  return msp;
}

export interface NewCompany {
  readonly mspId: string;
  readonly name: string;
  readonly expectedDomain: string | null;
  readonly timeZone: string;
  readonly admins: readonly NewAdmin[];
  readonly by: string;
}

/** Creates a company under an MSP. */
export async function createCompany(
  ports: ManagePorts,
  { mspId, name, expectedDomain, timeZone, admins, by }: NewCompany,
): Promise<Company> {
  const at = ports.clock.now().toISOString();
  const company: Company = { companyId: ports.ids.newId(), mspId, name, expectedDomain, createdAt: at };
  for (const admin of admins) await noteMembership(ports.tables, admin, { kind: 'company', id: company.companyId });
  await storeCompany(
    ports.tables,
    company,
    { ...defaultSettings, timeZone },
    admins.map((admin) => granted(admin, at, by)),
  );
  await changeFleet(ports.tables, company.companyId, { timeZone, billedDay: lastEndedDay(ports.clock.now(), timeZone) });
  await appendAudit(ports.tables, {
    auditId: ports.ids.newId(),
    companyId: company.companyId,
    at,
    by,
    action: 'companyCreated',
    summary: `Created the company ${name}.`,
    reason: null,
    objectIds: [],
  });
  return company;
}

/** Changes settings under If-Match. @throws Refusal `conflict` when they changed since. */
export async function changeSettings(
  ports: EffectPorts,
  {
    companyId,
    change,
    etag,
    by,
  }: { readonly companyId: string; readonly change: Partial<Settings>; readonly etag: string; readonly by: string },
): Promise<{ readonly settings: Settings; readonly etag: string }> {
  const present = await readSettings(ports.tables, companyId);
  if (present.etag !== etag) throw new Refusal('conflict');
  const settings = { ...present.value, ...change };
  const integration = await readIntegration(ports.tables, companyId);
  const now = ports.clock.now();
  const dueAt = mayBeSynced(integration) ? nextDueAt(companyId, settings, now) : null;
  // When the weekly reminders are due next is found out by their timer.
  const schedule = { timeZone: settings.timeZone, dueAt, remindAt: null };
  const said = Object.entries(change).map(([name, value]) => `${name} = ${String(value)}`);
  const summary = `Changed settings: ${said.join(', ')}.`;
  const audit = auditEffect(ports, { companyId, by, action: 'settingsChanged', summary, reason: null, objectIds: [] });
  // A crash in between may leave a company scheduled that is paused (its next round puts that right), never one forgotten that is not.
  if (dueAt !== null) await changeFleet(ports.tables, companyId, schedule);
  const outcome = await withEffects(
    ports,
    companyId,
    [{ table: 'companies', partition: companyId }],
    async () => await replaceSettings(ports.tables, companyId, { settings, etag, effects: [audit] }),
  );
  if (outcome === 'changed') throw new Refusal('conflict');
  await changeFleet(ports.tables, companyId, schedule);
  const stored = await readSettings(ports.tables, companyId);
  return { settings: stored.value, etag: stored.etag };
}

export interface Visible {
  readonly msps: readonly Msp[];
  readonly companies: readonly Company[];
}

/** The MSPs and companies somebody has a grant for; hints are checked against the grants. */
export async function listVisible({ tables }: Pick<Ports, 'tables'>, principal: Principal): Promise<Visible> {
  const msps: Msp[] = [];
  const companies = new Map<string, Company>();
  const mine = grantId(principal);
  for (const scope of await listMemberships(tables, principal)) {
    const holds = (await readGrants(tables, scope)).some((grant) => grantId(grant) === mine);
    if (!holds) continue;
    if (scope.kind === 'company') {
      const company = await readCompany(tables, scope.id);
      if (company) companies.set(company.companyId, company);
      continue;
    }
    const msp = await readMsp(tables, scope.id);
    if (msp) msps.push(msp);
    for (const company of await listCompanies(tables, scope.id)) companies.set(company.companyId, company);
  }
  const byName = (left: Company, right: Company) => left.name.localeCompare(right.name, 'en');
  return { msps, companies: [...companies.values()].toSorted(byName) };
}
