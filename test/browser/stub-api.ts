// A small stand-in for the API on a local port, so that the portal's requests go over real HTTP. It remembers decisions and settings.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as companies from '../../shared/contracts/companies.ts';
import * as jobs from '../../shared/contracts/decision-jobs.ts';
import * as common from '../../shared/contracts/common.ts';
import * as users from '../../shared/contracts/users.ts';
import { errorCodes, type ErrorCode } from '../../shared/domain/errors.ts';
import * as stub from './stub-company.ts';

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly etag?: string;
  readonly contentType?: string;
}

export interface StubState {
  readonly users: readonly stub.User[];
  readonly settings: { readonly value: typeof stub.settings; readonly etag: string };
  readonly integration: typeof stub.integration;
  readonly progress: typeof stub.idle;
  readonly isSignedIn: boolean;
}

export interface StubApi {
  readonly base: string;
  /** "POST /api/v1/…" in order. */
  readonly requests: readonly string[];
  readonly state: () => StubState;
  readonly change: (change: Partial<StubState>) => void;
  readonly close: () => Promise<void>;
}

const pageSize = 3;

export function refuse(code: ErrorCode, detail?: string): Reply {
  const { status, title } = errorCodes[code];
  const body = common.problem.parse({
    type: `urn:muster:problem:${code}`,
    title,
    status,
    code,
    traceId: 'trace-1',
    ...(detail === undefined ? {} : { detail }),
  });
  return { status, body, contentType: 'application/problem+json' };
}

const statusOf = (user: stub.User) => (user.presence === 'removed' ? 'removed' : user.decision);

function listUsers(state: StubState, search: URLSearchParams): Reply {
  const query = users.userQuery.parse(Object.fromEntries(search));
  const found = state.users.filter(
    (user) =>
      statusOf(user) === query.status &&
      (query.kind === undefined || user.kind === query.kind) &&
      (query.department === undefined || user.department === query.department) &&
      user.displayName.toLowerCase().includes(query.search?.toLowerCase() ?? ''),
  );
  const start = Number(query.page ?? 0);
  const end = start + Math.min(query.limit, pageSize);
  return { status: 200, body: users.userPage.parse({ users: found.slice(start, end), nextPage: end < found.length ? String(end) : null }) };
}

const decided = { approve: 'approved', deny: 'denied', reopen: 'pending' } as const;

const decide = (
  user: stub.User,
  { command, reason }: { readonly command: keyof typeof decided; readonly reason: string | null },
): stub.User => ({
  ...user,
  decision: decided[command],
  decidedBy: 'Ada Admin',
  decidedAt: '2026-03-12T09:00:00.000Z',
  decisionReason: reason,
  etag: `"${Number(user.etag.slice(1, -1)) + 1}"`,
});

/** Starts on a free port; `pages` serves what is no API. */
export async function startStubApi(
  initial: Partial<StubState> = {},
  pages: (path: string) => Reply = () => refuse('not-found'),
): Promise<StubApi> {
  let state: StubState = {
    users: Array.from({ length: 8 }, (_, index) => stub.makeUser(index + 1)),
    settings: { value: stub.settings, etag: '"settings-1"' },
    integration: stub.integration,
    progress: stub.idle,
    isSignedIn: true,
    ...initial,
  };
  const requests: string[] = [];
  const answered = new Map<string, Reply>();
  const replace = (changed: readonly stub.User[]) => {
    state = { ...state, users: state.users.map((user) => changed.find(({ userId }) => userId === user.userId) ?? user) };
  };

  const decideOne = (userId: string, body: unknown, ifMatch: string | undefined): Reply => {
    const user = state.users.find((each) => each.userId === userId);
    if (!user) return refuse('not-found');
    if (ifMatch === undefined) return refuse('precondition-required');
    if (ifMatch !== user.etag) return refuse('already-decided', `Already ${user.decision} by ${user.decidedBy ?? 'somebody'}.`);
    const next = decide(user, users.decision.parse(body));
    replace([next]);
    return { status: 200, body: next, etag: next.etag };
  };

  const decideMany = (body: unknown, key: string): Reply => {
    const known = answered.get(key);
    if (known) return known;
    const request = users.bulkDecision.parse(body);
    const found = state.users.filter(({ userId }) => request.userIds.includes(userId));
    replace(found.map((user) => decide(user, request)));
    const items = request.userIds.map((userId) => {
      const isFound = found.some((user) => user.userId === userId);
      return { userId, outcome: isFound ? ('decided' as const) : ('notFound' as const), detail: null };
    });
    const totals = { decided: found.length, unchanged: 0, refused: 0, notFound: items.length - found.length };
    const reply = { status: 200, body: users.bulkResult.parse({ ...totals, items }) };
    answered.set(key, reply);
    return reply;
  };

  const changeSettings = (body: unknown, ifMatch: string | undefined): Reply => {
    if (ifMatch !== state.settings.etag) return refuse('conflict');
    const change = companies.settingsChange.parse(body);
    const value = companies.settings.parse({ ...state.settings.value, ...change });
    state = { ...state, settings: { value, etag: '"settings-2"' } };
    return { status: 200, body: value, etag: state.settings.etag };
  };

  const inCompany = (method: string, rest: string, url: URL, body: unknown, headers: IncomingMessage['headers']): Reply => {
    const [, userId, part] = /^users\/([^/]+)(?:\/(\w+))?$/.exec(rest) ?? [];
    if (userId !== undefined) {
      if (part === 'decision') return decideOne(userId, body, headers['if-match']);
      if (part === 'history') return { status: 200, body: stub.history };
      const user = state.users.find((each) => each.userId === userId);
      return user ? { status: 200, body: user, etag: user.etag } : refuse('not-found');
    }
    switch (`${method} ${rest}`) {
      case 'GET integration':
        return { status: 200, body: state.integration };
      case 'POST integration/start':
        return {
          status: 200,
          body: companies.consentStart.parse({ consentUrl: 'https://login.example/consent', expiresAt: '2026-03-12T09:00:00.000Z' }),
        };
      case 'DELETE integration':
        return { status: 204 };
      case 'GET sync':
        return { status: 200, body: state.progress };
      case 'POST sync':
        return { status: 202, body: { outcome: 'started', runId: 'run00000000000000003' } };
      case 'GET runs':
        return { status: 200, body: stub.runPage };
      case 'GET mails':
        return { status: 200, body: stub.mailList };
      case 'GET audit':
        return { status: 200, body: stub.auditPage };
      case 'GET settings':
        return { status: 200, body: state.settings.value, etag: state.settings.etag };
      case 'PATCH settings':
        return changeSettings(body, headers['if-match']);
      case 'GET admins':
        return { status: 200, body: { admins: [stub.admin] } };
      case 'POST admins':
        return { status: 201, body: { ...stub.admin, ...companies.newCompanyAdmin.parse(body) } };
      case 'GET counts':
        return { status: 200, body: stub.counts };
      case 'GET users':
        return listUsers(state, url.searchParams);
      case 'POST decisions':
        return decideMany(body, String(headers['idempotency-key']));
      case 'GET decision-jobs':
        return { status: 200, body: { jobs: [stub.job], nextPage: null } };
      case 'POST decision-jobs': {
        const { command, filter } = jobs.newDecisionJob.parse(body);
        const wanted = { kind: null, department: null, manager: null, search: null, ...filter };
        return {
          status: 202,
          body: jobs.decisionJob.parse({
            ...stub.job,
            command,
            filter: wanted,
            state: 'collecting',
            matched: null,
            decided: 0,
            secondsLeft: null,
          }),
        };
      }
      case `GET decision-jobs/${stub.job.jobId}`:
        return { status: 200, body: stub.job };
      case `POST decision-jobs/${stub.job.jobId}/cancel`:
        return { status: 202, body: { ...stub.job, cancelledBy: 'Ada Admin' } };
      default:
        return refuse(rest.startsWith('admins/') ? 'last-admin' : 'not-found');
    }
  };

  const answer = (method: string, url: URL, body: unknown, headers: IncomingMessage['headers']): Reply => {
    if (!url.pathname.startsWith('/api/')) return pages(url.pathname);
    if (!state.isSignedIn) return refuse('not-signed-in');
    if (url.pathname === '/api/v1/me') return { status: 200, body: stub.me };
    if (url.pathname === `/api/v1/msps/${stub.mspId}/companies`) {
      const { name, expectedDomain } = companies.newCompany.parse(body);
      return { status: 201, body: { ...stub.company, name, expectedDomain } };
    }
    const [, rest] = /^\/api\/v1\/companies\/[a-z0-9]{20}\/(.+)$/.exec(url.pathname) ?? [];
    return rest === undefined ? refuse('not-found') : inCompany(method, rest, url, body, headers);
  };

  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const url = new URL(request.url ?? '/', 'http://localhost');
      requests.push(`${request.method ?? ''} ${url.pathname}`);
      const reply = answer(request.method ?? '', url, text === '' ? undefined : JSON.parse(text), request.headers);
      const contentType = reply.contentType ?? 'application/json';
      response.writeHead(reply.status, { 'Content-Type': contentType, ...(reply.etag === undefined ? {} : { ETag: reply.etag }) });
      response.end(reply.body === undefined ? '' : contentType.includes('json') ? JSON.stringify(reply.body) : reply.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    state: () => state,
    change: (change) => {
      state = { ...state, ...change };
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
