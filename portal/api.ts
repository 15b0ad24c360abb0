// The API as the portal uses it. Types come from the contracts; nothing of them is loaded at run time.
import type * as z from 'zod';
import type * as companies from '../shared/contracts/companies.ts';
import type * as jobs from '../shared/contracts/decision-jobs.ts';
import type * as sync from '../shared/contracts/sync.ts';
import type * as users from '../shared/contracts/users.ts';
import type { DecisionCommand } from '../shared/domain/decision.ts';
import type { Send } from './request.ts';

export type Me = z.output<typeof companies.me>;
export type Company = z.output<typeof companies.company>;
export type Integration = z.output<typeof companies.integration>;
export type Settings = z.output<typeof companies.settings>;
export type SettingsChange = z.output<typeof companies.settingsChange>;
export type Admin = z.output<typeof companies.admin>;
export type NewAdmin = z.output<typeof companies.newCompanyAdmin>;
export type NewCompany = z.input<typeof companies.newCompany>;
export type SyncProgress = z.output<typeof sync.progress>;
export type SyncAccepted = z.output<typeof sync.syncAccepted>;
export type Run = z.output<typeof sync.run>;
export type RunPage = z.output<typeof sync.runPage>;
export type MailList = z.output<typeof sync.mailList>;
export type User = z.output<typeof users.user>;
export type UserPage = z.output<typeof users.userPage>;
export type UserHistory = z.output<typeof users.history>;
export type Counts = z.output<typeof users.counts>;
export type BulkResult = z.output<typeof users.bulkResult>;
export type DecisionJob = z.output<typeof jobs.decisionJob>;
export type NewDecisionJob = z.input<typeof jobs.newDecisionJob>;
export type AuditPage = z.output<typeof users.auditPage>;

/** Query parameters of one page of a list. */
export type PageQuery = Readonly<Record<string, string>>;

export interface BulkRequest {
  readonly command: DecisionCommand;
  readonly userIds: readonly string[];
  readonly reason: string | null;
}

/** The operations of the API over a transport. */
export function makeApi(send: Send) {
  const read = async <T>(path: string, query: PageQuery = {}) => (await send({ path, query })).body as T;
  const at = (companyId: string, rest = '') => `/api/v1/companies/${companyId}${rest}`;
  return {
    me: async () => await read<Me>('/api/v1/me'),
    addCompany: async (mspId: string, body: NewCompany) =>
      (await send({ method: 'POST', path: `/api/v1/msps/${mspId}/companies`, body })).body as Company,

    integration: async (companyId: string) => await read<Integration>(at(companyId, '/integration')),
    /** Returns the consent page to open in this very browser. */
    startIntegration: async (companyId: string) => {
      const { body } = await send({ method: 'POST', path: at(companyId, '/integration/start') });
      return (body as z.output<typeof companies.consentStart>).consentUrl;
    },
    disconnect: async (companyId: string) => void (await send({ method: 'DELETE', path: at(companyId, '/integration') })),

    progress: async (companyId: string) => await read<SyncProgress>(at(companyId, '/sync')),
    syncNow: async (companyId: string, full: boolean) =>
      (await send({ method: 'POST', path: at(companyId, '/sync'), body: { full } })).body as SyncAccepted,
    runs: async (companyId: string, query: PageQuery) => await read<RunPage>(at(companyId, '/runs'), query),
    mails: async (companyId: string) => (await read<MailList>(at(companyId, '/mails'))).mails,
    audit: async (companyId: string, query: PageQuery) => await read<AuditPage>(at(companyId, '/audit'), query),

    settings: async (companyId: string) => {
      const { body, etag } = await send({ path: at(companyId, '/settings') });
      return { settings: body as Settings, etag: etag ?? '' };
    },
    changeSettings: async (companyId: string, change: SettingsChange, ifMatch: string) => {
      const { body, etag } = await send({ method: 'PATCH', path: at(companyId, '/settings'), body: change, ifMatch });
      return { settings: body as Settings, etag: etag ?? '' };
    },
    admins: async (companyId: string) => (await read<{ admins: Admin[] }>(at(companyId, '/admins'))).admins,
    addAdmin: async (companyId: string, body: NewAdmin) =>
      (await send({ method: 'POST', path: at(companyId, '/admins'), body })).body as Admin,
    removeAdmin: async (companyId: string, adminId: string) =>
      void (await send({ method: 'DELETE', path: at(companyId, `/admins/${adminId}`) })),

    counts: async (companyId: string) => await read<Counts>(at(companyId, '/counts')),
    users: async (companyId: string, query: PageQuery) => await read<UserPage>(at(companyId, '/users'), query),
    user: async (companyId: string, userId: string) => await read<User>(at(companyId, `/users/${userId}`)),
    history: async (companyId: string, userId: string) => (await read<UserHistory>(at(companyId, `/users/${userId}/history`))).lines,
    /** Refused with `already-decided` (412) when somebody decided since this user was read. */
    decide: async (companyId: string, { userId, etag }: Pick<User, 'userId' | 'etag'>, command: DecisionCommand) =>
      (await send({ method: 'POST', path: at(companyId, `/users/${userId}/decision`), body: { command, reason: null }, ifMatch: etag }))
        .body as User,
    /** At most 1,000 ids. The same key with the same request is answered from memory and decides nothing twice. */
    decideMany: async (companyId: string, body: BulkRequest, idempotencyKey: string) =>
      (await send({ method: 'POST', path: at(companyId, '/decisions'), body, idempotencyKey })).body as BulkResult,
    startDecisionJob: async (companyId: string, body: NewDecisionJob, idempotencyKey: string) =>
      (await send({ method: 'POST', path: at(companyId, '/decision-jobs'), body, idempotencyKey })).body as DecisionJob,
    decisionJob: async (companyId: string, jobId: string) => await read<DecisionJob>(at(companyId, `/decision-jobs/${jobId}`)),
    newestDecisionJob: async (companyId: string) =>
      (await read<{ jobs: DecisionJob[] }>(at(companyId, '/decision-jobs'), { limit: '1' })).jobs[0] ?? null,
    cancelDecisionJob: async (companyId: string, jobId: string) =>
      (await send({ method: 'POST', path: at(companyId, `/decision-jobs/${jobId}/cancel`) })).body as DecisionJob,
  };
}

export type Api = ReturnType<typeof makeApi>;
