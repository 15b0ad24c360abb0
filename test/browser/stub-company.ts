// Canned answers of the API for the portal: one company, its people and its records, each one held to the contracts.
import type * as z from 'zod';
import * as companies from '../../shared/contracts/companies.ts';
import * as jobs from '../../shared/contracts/decision-jobs.ts';
import * as sync from '../../shared/contracts/sync.ts';
import * as users from '../../shared/contracts/users.ts';
import { defaultSettings } from '../../shared/domain/company.ts';
import { noCounts } from '../../shared/domain/round-counts.ts';
import { accountKinds } from '../../shared/domain/user.ts';

export const tenantId = '30000000-0000-4000-8000-000000000003';
export const companyId = 'c0mpany0000000000001';
export const mspId = 'msp00000000000000001';
const at = '2026-03-12T08:15:00.000Z';

export type User = z.output<typeof users.user>;

export const company = companies.company.parse({ companyId, mspId, name: 'Contoso Bakery', expectedDomain: 'contoso.com', createdAt: at });

export const me = companies.me.parse({
  kind: 'person',
  tenantId,
  objectId: '40000000-0000-4000-8000-000000000001',
  name: 'Ada Admin (ada@northwind.example)',
  isOperator: false,
  msps: [{ mspId, name: 'Northwind IT', createdAt: at }],
  companies: [company, { ...company, companyId: 'c0mpany0000000000002', name: 'Fabrikam Robotics', expectedDomain: null }],
});

export const integration = companies.integration.parse({
  state: 'connected',
  tenantId,
  tenantName: 'contoso.com',
  linkedAt: at,
  linkedBy: 'Ada Admin',
  checkedAt: at,
  problem: null,
});

export const accessLost = companies.integration.parse({
  ...integration,
  state: 'accessLost',
  problem: {
    owner: 'theirs',
    code: 'AADSTS65001',
    sentence: 'The consent for Muster was withdrawn in the tenant.',
    nextStep: 'Ask a Global Administrator of the tenant to open "Integrate M365" again and accept.',
  },
});

export const settings = companies.settings.parse({ ...defaultSettings, timeZone: 'Europe/Berlin' });

export const admin = companies.admin.parse({
  adminId: `${tenantId}_40000000-0000-4000-8000-000000000002`,
  tenantId,
  objectId: '40000000-0000-4000-8000-000000000002',
  name: 'Bo Baker',
  mail: 'bo@contoso.com',
  role: 'companyAdmin',
  addedAt: at,
  addedBy: 'Ada Admin',
});

export const idle = sync.progress.parse({
  running: null,
  willRunAgain: false,
  lastRoundAt: at,
  lastFullAt: at,
  nextRoundAt: '2026-03-12T09:15:00.000Z',
  paused: false,
});

export const running = sync.progress.parse({
  ...idle,
  running: {
    runId: 'run00000000000000002',
    kind: 'full',
    phase: 'users',
    users: 1204,
    expected: 5000,
    usersPerSecond: 310.5,
    secondsLeft: 13,
    problem: null,
    startedAt: at,
  },
});

const run = sync.run.parse({
  runId: 'run00000000000000001',
  kind: 'delta',
  reason: 'scheduled',
  readBy: 'deltaChain',
  requestedBy: 'Muster',
  status: 'succeeded',
  startedAt: at,
  finishedAt: '2026-03-12T08:15:04.200Z',
  milliseconds: 4200,
  problem: null,
  counts: { ...noCounts, users: 1250, added: 3, updated: 12 },
});
export const runPage = sync.runPage.parse({
  runs: [
    {
      ...run,
      runId: 'run00000000000000009',
      reason: 'syncNow',
      status: 'failed',
      problem: 'Microsoft Graph did not answer; tried 6 times.',
    },
    run,
    {
      ...run,
      runId: 'run00000000000000000',
      kind: 'full',
      reason: 'connected',
      milliseconds: 64_000,
      counts: { ...noCounts, users: 1247, added: 1247 },
    },
  ],
  nextPage: null,
});

export const mailList = sync.mailList.parse({
  mails: [
    {
      mailId: 'mail1',
      kind: 'newUsersFound',
      to: ['bo@contoso.com'],
      state: 'queued',
      createdAt: at,
      notBefore: at,
      finishedAt: null,
      problem: null,
      delivery: null,
    },
    {
      mailId: 'mail3',
      kind: 'managerInvited',
      to: ['cy@contoso.com'],
      state: 'accepted',
      createdAt: at,
      notBefore: null,
      finishedAt: at,
      problem: null,
      delivery: { outcome: 'bounced', at, words: 'Mail to this address comes back.', detail: '550 5.1.1 No such user' },
    },
    {
      mailId: 'mail2',
      kind: 'integrationConnected',
      to: ['bo@contoso.com'],
      state: 'accepted',
      createdAt: at,
      notBefore: null,
      finishedAt: at,
      problem: null,
      delivery: null,
    },
  ],
});

export const auditPage = users.auditPage.parse({
  entries: [
    {
      auditId: 'audit1',
      at,
      by: 'Ada Admin',
      action: 'usersDenied',
      summary: 'Denied 3 users.',
      reason: 'Rooms and devices',
      userIds: ['a', 'b', 'c'],
      jobId: null,
    },
    {
      auditId: 'audit2',
      at,
      by: 'Muster',
      action: 'integrationConnected',
      summary: 'Connected to contoso.com.',
      reason: null,
      userIds: [],
      jobId: null,
    },
  ],
  nextPage: null,
});

export const job = jobs.decisionJob.parse({
  jobId: '8226711108000abcdefg',
  command: 'approve',
  filter: { status: 'pending', kind: 'person', department: null, manager: null, search: null },
  filterText: 'pending, kind person',
  reason: null,
  by: 'Ada Admin',
  state: 'deciding',
  matched: 10_000,
  decided: 4200,
  unchanged: 0,
  refused: 0,
  secondsLeft: 12,
  startedAt: at,
  endedAt: null,
  cancelledBy: null,
  problem: null,
});

const perKind = (value: number) =>
  Object.fromEntries(accountKinds.map((kind, index) => [kind, index > 5 ? 0 : Math.round(value / (index + 1))]));
export const counts = users.counts.parse({
  pending: 127,
  approved: 1034,
  denied: 86,
  removed: 12,
  active: 1031,
  held: 2,
  found: 1247,
  byKind: perKind(900),
  pendingByKind: perKind(70),
});

/** A pending person; `number` makes ids and names differ. */
export function makeUser(number: number, change: Partial<User> = {}): User {
  const objectId = `50000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  return users.user.parse({
    userId: `${tenantId}_${objectId}`,
    objectId,
    displayName: `Person ${number}`,
    mail: `person.${number}@contoso.com`,
    userPrincipalName: `person.${number}@contoso.com`,
    givenName: 'Person',
    surname: String(number),
    jobTitle: 'Baker',
    department: 'Bakery',
    officeLocation: null,
    mobilePhone: null,
    preferredLanguage: null,
    accountEnabled: true,
    managerId: null,
    decision: 'pending',
    presence: 'present',
    kind: 'person',
    kindReasons: ['Has a given name and a surname.', 'Has a job title.'],
    suggestion: 'approve',
    decidedAt: null,
    decidedBy: null,
    decisionReason: null,
    arrivedAt: at,
    removedAt: null,
    recreatedFrom: null,
    etag: '"0"',
    ...change,
  });
}

export const history = users.history.parse({ lines: [{ at, what: 'found', by: 'Muster', why: null, jobId: null }] });
