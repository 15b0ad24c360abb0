// Small true-to-life things for tests; each test names only what it is about.
import type { Grant } from '../shared/domain/access.ts';
import { type Company, defaultSettings, type Settings } from '../shared/domain/company.ts';
import { type Integration, unlinked } from '../shared/domain/integration.ts';
import { noCounts } from '../shared/domain/round-counts.ts';
import { neverSynced, type Round, type SyncState } from '../shared/domain/sync-round.ts';
import type { DirectoryFields, User } from '../shared/domain/user.ts';
import type { DirectoryFailure, FailureDetail } from '../shared/ports/directory.ts';
import type { Tables } from '../shared/ports/tables.ts';
import { changeIntegration, createCompany } from '../shared/storage/companies.ts';

export const tenantId = '11111111-1111-4111-8111-111111111111';

/** What Graph says of an ordinary employee. */
export function personFields(name: string, fields: DirectoryFields = {}): DirectoryFields {
  const address = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}@contoso.example`;
  return {
    displayName: name,
    givenName: name.split(' ')[0] ?? name,
    surname: name.split(' ').at(-1) ?? name,
    mail: address,
    userPrincipalName: address,
    accountEnabled: true,
    userType: 'Member',
    assignedLicenses: ['cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46'],
    ...fields,
  };
}

export function buildUser(user: Partial<User> = {}): User {
  return {
    tenantId,
    objectId: 'user-1',
    fields: personFields('Ada Lovelace'),
    managerId: null,
    decision: 'pending',
    presence: 'present',
    kind: 'person',
    kindReasons: ['Has a licence.'],
    decisionRevision: 0,
    decidedAt: null,
    decidedBy: null,
    decisionReason: null,
    arrivedAt: '2026-03-02T08:00:00.000Z',
    recreatedFrom: null,
    removedAt: null,
    ...user,
  };
}

export function buildGrant(grant: Partial<Grant> = {}): Grant {
  return {
    tenantId,
    objectId: 'admin-1',
    role: 'companyAdmin',
    name: 'Avery Admin',
    mail: 'avery@contoso.example',
    addedAt: '2026-03-01T08:00:00.000Z',
    addedBy: 'Operator',
    ...grant,
  };
}

export function buildCompany(company: Partial<Company> = {}): Company {
  return { companyId: 'company1', mspId: 'msp1', name: 'Contoso', expectedDomain: null, createdAt: '2026-03-01T08:00:00.000Z', ...company };
}

export function buildIntegration(integration: Partial<Integration> = {}): Integration {
  return { ...unlinked, state: 'connected', tenantId, tenantName: 'contoso.example', ...integration };
}

export function buildRound(round: Partial<Round> = {}): Round {
  return {
    runId: 'run-1',
    instanceId: 'sync-company1-1',
    kind: 'full',
    reason: 'syncNow',
    requestedBy: 'Avery Admin',
    phase: 'users',
    startedAt: '2026-03-02T08:00:00.000Z',
    first: false,
    link: null,
    previousLink: null,
    linkSince: '2026-03-02T08:00:00.000Z',
    failures: 0,
    setbacks: 0,
    chunk: 0,
    nextDeltaLink: null,
    expected: null,
    verdict: null,
    load: null,
    lastProblem: null,
    counts: noCounts,
    ...round,
  };
}

export function buildSyncState(state: Partial<SyncState> = {}): SyncState {
  return { ...neverSynced, ...state };
}

const detail: FailureDetail = {
  status: 503,
  code: 'ServiceUnavailable',
  requestId: 'request-1',
  sentence: 'Microsoft Graph did not answer.',
};

/** One failure of each kind. */
export const failures = {
  throttled: {
    kind: 'throttled',
    retryAfterMs: 90_000,
    scope: 'tenant',
    detail: { ...detail, status: 429, sentence: 'Microsoft Graph asks to wait.' },
  },
  transient: { kind: 'transient', detail },
  broken: { kind: 'broken', detail: { ...detail, status: 200, sentence: 'The answer made no sense.' } },
  tokenRefused: { kind: 'tokenRefused', detail: { ...detail, status: 410, sentence: 'The stored position is no longer accepted.' } },
  pageTokenExpired: { kind: 'pageTokenExpired', detail: { ...detail, status: 400, sentence: 'The page has expired.' } },
  unsupported: { kind: 'unsupported', detail: { ...detail, status: 400, sentence: 'This tenant has no change tracking.' } },
  accessLost: {
    kind: 'accessLost',
    owner: 'theirs',
    detail: { ...detail, status: 403, code: 'RequestDenied', sentence: 'Consent was taken back.' },
  },
} as const satisfies Readonly<Record<DirectoryFailure['kind'], DirectoryFailure>>;

/** Stores a company that is connected to its tenant. */
export async function storeCompany(
  tables: Tables,
  {
    company = {},
    settings = {},
    integration = {},
    grants = [buildGrant()],
  }: {
    readonly company?: Partial<Company>;
    readonly settings?: Partial<Settings>;
    readonly integration?: Partial<Integration>;
    readonly grants?: readonly Grant[];
  } = {},
): Promise<Company> {
  const built = buildCompany(company);
  await createCompany(tables, built, { ...defaultSettings, ...settings }, grants);
  await changeIntegration(tables, built.companyId, () => buildIntegration(integration));
  return built;
}
