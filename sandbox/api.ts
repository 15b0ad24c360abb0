// The API as a client sees it, typed by the contracts. Used by the demo, the start-up and the scenario tests.
import type * as z from 'zod';
import type * as assignments from '../shared/contracts/assignments.ts';
import type * as companies from '../shared/contracts/companies.ts';
import type * as jobs from '../shared/contracts/decision-jobs.ts';
import type * as managerAccess from '../shared/contracts/manager-access.ts';
import type * as reminders from '../shared/contracts/reminders.ts';
import type * as sync from '../shared/contracts/sync.ts';
import type * as users from '../shared/contracts/users.ts';

/** An answer that was not what was asked for. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    const { code, detail, title } = (body ?? {}) as { code?: string; detail?: string; title?: string };
    super(`${status} ${code ?? ''}: ${detail ?? title ?? 'no details'}`);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = code ?? '';
    this.body = body;
  }
}

export type UserView = z.output<typeof users.user>;
type Query = Readonly<Record<string, string | number | undefined>>;

export interface ApiCall {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sees every exchange; the scenario tests check each against the OpenAPI document. */
export type Observe = (exchange: {
  readonly method: string;
  readonly path: string;
  readonly requestBody: unknown;
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}) => void;

export interface ApiOptions {
  readonly url: string;
  readonly token: string;
  readonly observe?: Observe;
}

/** A client with one bearer token. Paths are relative to `/api/v1`. */
export function makeApi({ url, token, observe }: ApiOptions) {
  const raw = async (
    path: string,
    { method = 'GET', body, headers = {} }: ApiCall = {},
  ): Promise<{ status: number; headers: Headers; body: unknown }> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const contentType = response.headers.get('content-type') ?? '';
    const answer: unknown = /json/.test(contentType) && text !== '' ? JSON.parse(text) : text;
    observe?.({ method, path: `/api/v1${path}`, requestBody: body, status: response.status, contentType, body: answer });
    return { status: response.status, headers: response.headers, body: answer };
  };
  const call = async <T>(path: string, options: ApiCall = {}): Promise<T> => {
    const { status, body } = await raw(path, options);
    if (status >= 400) throw new ApiProblem(status, body);
    return body as T;
  };
  const withQuery = (path: string, query: Query) => {
    const entries = Object.entries(query).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
    return entries.length === 0
      ? path
      : `${path}?${new URLSearchParams(entries.map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
  };
  const company = (companyId: string) => `/companies/${companyId}`;
  return {
    raw,
    call,
    createMsp: async (body: z.input<typeof companies.newMsp>) =>
      await call<z.output<typeof companies.msp>>('/msps', { method: 'POST', body }),
    createCompany: async (mspId: string, body: z.input<typeof companies.newCompany>) =>
      await call<z.output<typeof companies.company>>(`/msps/${mspId}/companies`, { method: 'POST', body }),
    me: async () => await call<z.output<typeof companies.me>>('/me'),
    integration: async (companyId: string) => await call<z.output<typeof companies.integration>>(`${company(companyId)}/integration`),
    sync: async (companyId: string) => await call<z.output<typeof sync.progress>>(`${company(companyId)}/sync`),
    syncNow: async (companyId: string, full = false) =>
      await call<z.output<typeof sync.syncAccepted>>(`${company(companyId)}/sync`, { method: 'POST', body: { full } }),
    runs: async (companyId: string) => (await call<z.output<typeof sync.runPage>>(`${company(companyId)}/runs`)).runs,
    counts: async (companyId: string) => await call<z.output<typeof users.counts>>(`${company(companyId)}/counts`),
    userPage: async (companyId: string, query: Query = {}) =>
      await call<z.output<typeof users.userPage>>(withQuery(`${company(companyId)}/users`, query)),
    /** Every page of a list. */
    allUsers: async (companyId: string, query: Query = {}): Promise<readonly UserView[]> => {
      const found: UserView[] = [];
      let page: string | null = null;
      do {
        const answer: z.output<typeof users.userPage> = await call(
          withQuery(`${company(companyId)}/users`, { limit: 200, ...query, page: page ?? undefined }),
        );
        found.push(...answer.users);
        page = answer.nextPage;
      } while (page !== null);
      return found;
    },
    user: async (companyId: string, userId: string) => await call<UserView>(`${company(companyId)}/users/${userId}`),
    decide: async (companyId: string, user: Pick<UserView, 'userId' | 'etag'>, command: string, reason: string | null = null) =>
      await call<UserView>(`${company(companyId)}/users/${user.userId}/decision`, {
        method: 'POST',
        body: { command, reason },
        headers: { 'if-match': user.etag },
      }),
    decideMany: async (companyId: string, command: string, userIds: readonly string[], headers: Readonly<Record<string, string>> = {}) =>
      await call<z.output<typeof users.bulkResult>>(`${company(companyId)}/decisions`, {
        method: 'POST',
        body: { command, userIds },
        headers,
      }),
    startDecisionJob: async (
      companyId: string,
      body: z.input<typeof jobs.newDecisionJob>,
      headers: Readonly<Record<string, string>> = {},
    ) => await call<z.output<typeof jobs.decisionJob>>(`${company(companyId)}/decision-jobs`, { method: 'POST', body, headers }),
    decisionJob: async (companyId: string, jobId: string) =>
      await call<z.output<typeof jobs.decisionJob>>(`${company(companyId)}/decision-jobs/${jobId}`),
    decisionJobs: async (companyId: string) =>
      (await call<z.output<typeof jobs.decisionJobPage>>(`${company(companyId)}/decision-jobs`)).jobs,
    cancelDecisionJob: async (companyId: string, jobId: string) =>
      await call<z.output<typeof jobs.decisionJob>>(`${company(companyId)}/decision-jobs/${jobId}/cancel`, { method: 'POST' }),
    /** Every page of a job's exact set. */
    decisionJobUsers: async (companyId: string, jobId: string) => {
      const found: z.output<typeof jobs.jobUserPage>['users'] = [];
      let page: string | null = null;
      do {
        const query: Query = { limit: 1000, page: page ?? undefined };
        const answer: z.output<typeof jobs.jobUserPage> = await call(
          withQuery(`${company(companyId)}/decision-jobs/${jobId}/users`, query),
        );
        found.push(...answer.users);
        page = answer.nextPage;
      } while (page !== null);
      return found;
    },
    audience: async (companyId: string) => await call<z.output<typeof users.audiencePage>>(`${company(companyId)}/audience?limit=200`),
    billing: async (companyId: string) => await call<z.output<typeof users.billing>>(`${company(companyId)}/billing`),
    managers: async (companyId: string, page?: string) =>
      await call<z.output<typeof users.managersPage>>(withQuery(`${company(companyId)}/managers`, { limit: 200, page })),
    managerAccess: async (companyId: string) =>
      await call<z.output<typeof managerAccess.managerAccessPage>>(`${company(companyId)}/manager-access?limit=200`),
    oneManagerAccess: async (companyId: string, userId: string) =>
      await call<z.output<typeof managerAccess.oneManagerAccess>>(`${company(companyId)}/managers/${userId}/access`),
    inviteManager: async (companyId: string, userId: string, mail: string) =>
      await call<z.output<typeof managerAccess.invitationItem>>(`${company(companyId)}/managers/${userId}/invitation`, {
        method: 'POST',
        body: { mail },
      }),
    reminders: async (companyId: string) => await call<z.output<typeof reminders.reminderWeeks>>(`${company(companyId)}/reminders`),
    managerReminders: async (companyId: string, userId: string) =>
      await call<z.output<typeof reminders.managerReminders>>(`${company(companyId)}/managers/${userId}/reminders`),
    /** Changes settings the way an admin's page does: read, change, send back under If-Match. */
    changeSettings: async (companyId: string, change: z.input<typeof companies.settingsChange>) => {
      const { headers } = await raw(`${company(companyId)}/settings`);
      const options = { method: 'PATCH', body: change, headers: { 'if-match': headers.get('etag') ?? '' } };
      return await call<z.output<typeof companies.settings>>(`${company(companyId)}/settings`, options);
    },
    stateAssignment: async (companyId: string, userId: string, courseId: string, body: z.input<typeof assignments.statement>) =>
      await call<z.output<typeof assignments.statementResult>>(`${company(companyId)}/users/${userId}/assignments/${courseId}`, {
        method: 'PUT',
        body,
      }),
    stateAssignments: async (companyId: string, items: readonly unknown[]) =>
      await call<z.output<typeof assignments.bulkResult>>(`${company(companyId)}/assignments`, { method: 'POST', body: { items } }),
    assignments: async (companyId: string, userId: string) =>
      await call<z.output<typeof assignments.userAssignments>>(`${company(companyId)}/users/${userId}/assignments`),
    audit: async (companyId: string) => (await call<z.output<typeof users.auditPage>>(`${company(companyId)}/audit?limit=200`)).entries,
    mails: async (companyId: string) => (await call<z.output<typeof sync.mailList>>(`${company(companyId)}/mails`)).mails,
  };
}

export type Api = ReturnType<typeof makeApi>;
