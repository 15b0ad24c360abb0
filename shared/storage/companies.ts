// MSPs, companies, their settings, integration and grants: one partition a company, one an MSP.
import * as z from 'zod';
import type { Grant } from '../domain/access.ts';
import { type Company, defaultSettings, type Msp, noticeFrequencies, type Settings, languages, managerSignIns } from '../domain/company.ts';
import { type Integration, integrationStates, unlinked } from '../domain/integration.ts';
import type { Properties, Tables } from '../ports/tables.ts';
import { type Effect, effectWrite } from './outbox.ts';
import { changeDocument, decodeDocument, documentWrite, type Found, readDocument } from './document.ts';

const mspSchema: z.ZodType<Msp> = z.object({ mspId: z.string(), name: z.string(), createdAt: z.string() });

const companySchema: z.ZodType<Company> = z.object({
  companyId: z.string(),
  mspId: z.string(),
  name: z.string(),
  expectedDomain: z.string().nullable(),
  createdAt: z.string(),
});

const settingsSchema: z.ZodType<Settings> = z.object({
  timeZone: z.string(),
  syncEveryMinutes: z.number(),
  syncPaused: z.boolean(),
  fullRoundEveryDays: z.number(),
  loadInParts: z.boolean().default(defaultSettings.loadInParts),
  newUsersMail: z.enum(noticeFrequencies),
  removalHoldPercent: z.number(),
  removalHoldCount: z.number(),
  dueSoonDays: z.number().default(defaultSettings.dueSoonDays),
  invitationDays: z.number().default(defaultSettings.invitationDays),
  wholeTree: z.boolean().default(defaultSettings.wholeTree),
  managersApproval: z.boolean().default(defaultSettings.managersApproval),
  managerSignIn: z.enum(managerSignIns).default(defaultSettings.managerSignIn),
  secondFactorRequired: z.boolean().default(defaultSettings.secondFactorRequired),
  teamRemindersPerDay: z.number().default(defaultSettings.teamRemindersPerDay),
  weeklyReminders: z.boolean().default(defaultSettings.weeklyReminders),
  weeklyReminderDay: z.number().default(defaultSettings.weeklyReminderDay),
  weeklyReminderHour: z.number().default(defaultSettings.weeklyReminderHour),
  statusLinks: z.boolean().default(defaultSettings.statusLinks),
  language: z.enum(languages).default(defaultSettings.language),
  logoUrl: z.string().nullable().default(defaultSettings.logoUrl),
});

export const integrationSchema: z.ZodType<Integration> = z.object({
  state: z.enum(integrationStates),
  tenantId: z.string().nullable(),
  tenantName: z.string().nullable(),
  linkedAt: z.string().nullable(),
  linkedBy: z.string().nullable(),
  checkedAt: z.string().nullable(),
  problem: z
    .object({ owner: z.enum(['ours', 'theirs', 'gone']), code: z.string().nullable(), sentence: z.string(), nextStep: z.string() })
    .nullable(),
});

const grantsSchema: z.ZodType<readonly Grant[]> = z.array(
  z.object({
    tenantId: z.string(),
    objectId: z.string(),
    role: z.enum(['mspAdmin', 'companyAdmin', 'companyReader']),
    name: z.string(),
    mail: z.string().nullable(),
    addedAt: z.string(),
    addedBy: z.string(),
  }),
);

const allMsps = 'msps';
export const mspPartition = (mspId: string) => `msp~${mspId}`;
export const companyRow = 'company';
export const grantsRow = 'grants';
export const integrationRow = 'integration';
export const settingsRow = 'settings';
const companyPrefix = 'company~';

/** The scope row that holds grants: an MSP's or a company's. */
export type GrantScope = { readonly kind: 'msp'; readonly id: string } | { readonly kind: 'company'; readonly id: string };
const grantsKey = (scope: GrantScope) => ({ partition: scope.kind === 'msp' ? mspPartition(scope.id) : scope.id, row: grantsRow });

/** Creates the MSP and its first admins together; listing comes first, so that a crash leaves no invisible MSP. */
export async function createMsp(tables: Tables, msp: Msp, grants: readonly Grant[]): Promise<void> {
  await tables.companies.write(allMsps, [documentWrite.upsert(msp.mspId, msp)]);
  await tables.companies.write(mspPartition(msp.mspId), [documentWrite.upsert('msp', msp), documentWrite.upsert(grantsRow, grants)]);
}

export async function readMsp(tables: Tables, mspId: string): Promise<Msp | undefined> {
  return (await readDocument(tables.companies, { partition: mspPartition(mspId), row: 'msp' }, mspSchema))?.value;
}

export async function listMsps(tables: Tables): Promise<readonly Msp[]> {
  const found: Msp[] = [];
  for await (const row of tables.companies.range({ partition: allMsps })) found.push(decodeDocument(mspSchema, row.properties));
  return found;
}

/** Creates a company with its settings and grants; its line in the MSP's list comes first. */
export async function createCompany(tables: Tables, company: Company, settings: Settings, grants: readonly Grant[]): Promise<void> {
  await tables.companies.write(mspPartition(company.mspId), [documentWrite.upsert(`${companyPrefix}${company.companyId}`, company)]);
  await tables.companies.write(company.companyId, [
    documentWrite.upsert(companyRow, company),
    documentWrite.upsert(settingsRow, settings),
    documentWrite.upsert(grantsRow, grants),
  ]);
}

export async function readCompany(tables: Tables, companyId: string): Promise<Company | undefined> {
  return (await readDocument(tables.companies, { partition: companyId, row: companyRow }, companySchema))?.value;
}

export async function listCompanies(tables: Tables, mspId: string): Promise<readonly Company[]> {
  const found: Company[] = [];
  const range = { partition: mspPartition(mspId), from: companyPrefix, below: `${companyPrefix}~` };
  for await (const row of tables.companies.range(range)) found.push(decodeDocument(companySchema, row.properties));
  return found;
}

export const decodeCompany = (properties: Properties | undefined): Company | undefined =>
  properties && decodeDocument(companySchema, properties);
export const decodeGrants = (properties: Properties | undefined): readonly Grant[] =>
  properties ? decodeDocument(grantsSchema, properties) : [];
export const decodeSettings = (properties: Properties | undefined): Settings =>
  properties ? decodeDocument(settingsSchema, properties) : defaultSettings;
export const decodeIntegration = (properties: Properties | undefined): Integration =>
  properties ? decodeDocument(integrationSchema, properties) : unlinked;

export async function readSettings(tables: Tables, companyId: string): Promise<Found<Settings>> {
  const found = await readDocument(tables.companies, { partition: companyId, row: settingsRow }, settingsSchema);
  return found ?? { value: defaultSettings, etag: '' };
}

/** Replaces the settings if nobody changed them since `etag`, together with the effects of the change. */
export async function replaceSettings(
  tables: Tables,
  companyId: string,
  { settings, etag, effects }: { readonly settings: Settings; readonly etag: string; readonly effects: readonly Effect[] },
): Promise<'done' | 'changed'> {
  const outcome = await tables.companies.write(companyId, [
    documentWrite.replace(settingsRow, settings, etag),
    ...effects.map(effectWrite),
  ]);
  return outcome.kind === 'done' ? 'done' : 'changed';
}

export async function readIntegration(tables: Tables, companyId: string): Promise<Integration> {
  return (await readDocument(tables.companies, { partition: companyId, row: integrationRow }, integrationSchema))?.value ?? unlinked;
}

/** Changes the integration by compare-and-swap; `change` returns `undefined` to leave it. */
export async function changeIntegration(
  tables: Tables,
  companyId: string,
  change: (integration: Integration) => Integration | undefined,
): Promise<Integration> {
  const key = { partition: companyId, row: integrationRow };
  return (await changeDocument(tables.companies, key, integrationSchema, (present) => change(present ?? unlinked))) ?? unlinked;
}

export async function readGrants(tables: Tables, scope: GrantScope): Promise<readonly Grant[]> {
  return (await readDocument(tables.companies, grantsKey(scope), grantsSchema))?.value ?? [];
}

export async function changeGrants(
  tables: Tables,
  scope: GrantScope,
  change: (grants: readonly Grant[]) => readonly Grant[] | undefined,
): Promise<readonly Grant[]> {
  return (await changeDocument(tables.companies, grantsKey(scope), grantsSchema, (present) => change(present ?? []))) ?? [];
}

/** Who holds a tenant, since when. */
export interface TenantClaim {
  readonly companyId: string;
  /** Tells one claim of a company from its next one, so that a late release cannot take the next one away. */
  readonly claimedAt: string;
}

const claimKey = (tenantId: string) => ({ partition: `tenant~${tenantId}`, row: 'company' });

/** The present claim on a tenant. */
export async function readClaim(tables: Tables, tenantId: string): Promise<(TenantClaim & { readonly etag: string }) | undefined> {
  const row = await tables.companies.get(claimKey(tenantId));
  return row && { companyId: String(row.properties['companyId']), claimedAt: String(row.properties['claimedAt']), etag: row.etag };
}

/**
 * Claims a tenant for a company: one tenant belongs to one company, enforced by insert-if-absent under races.
 * A company that holds the tenant already renews its claim, so a repeated request (or one whose answer was lost) finds its own.
 */
export async function claimTenant(tables: Tables, tenantId: string, claim: TenantClaim): Promise<'claimed' | 'taken'> {
  const { partition, row } = claimKey(tenantId);
  const properties = { companyId: claim.companyId, claimedAt: claim.claimedAt };
  const held = await readClaim(tables, tenantId);
  if (held && held.companyId !== claim.companyId) return 'taken';
  const outcome = await tables.companies.write(partition, [
    held ? { kind: 'replace', row, properties, etag: held.etag } : { kind: 'insert', row, properties },
  ]);
  return outcome.kind === 'done' ? 'claimed' : await claimTenant(tables, tenantId, claim);
}

/** Gives exactly this claim up; one that was made since stays. */
export async function releaseTenant(tables: Tables, tenantId: string, claim: TenantClaim): Promise<void> {
  const held = await readClaim(tables, tenantId);
  if (held?.companyId !== claim.companyId || held.claimedAt !== claim.claimedAt) return;
  const { partition, row } = claimKey(tenantId);
  await tables.companies.write(partition, [{ kind: 'remove', row, etag: held.etag }]);
}
