// What is driven under load: the requests an admin's portal makes, each as an endless loop of one connection.
import { makeVisitor } from '../sandbox/visitor.ts';
import { type LoadResult, type LoadStep, runLoad, summariseLoad } from './load-client.ts';

export const loadRoutes = [
  'list by name',
  'list by arrival',
  'list by kind',
  'counts',
  'sync status',
  'one decision',
  '100 decisions',
  'sign-in',
] as const;
export type LoadRoute = (typeof loadRoutes)[number];

export interface LoadUser {
  readonly userId: string;
  readonly etag: string;
}

export interface LoadTarget {
  /** The app's origin as people see it. */
  readonly url: string;
  readonly token: string;
  readonly companyId: string;
  /** Origin of the sign-in pages, and the object id of the account to choose there. */
  readonly signInHost: string;
  readonly account: string;
  /** Users nobody else decides about, shared out among the connections. */
  readonly users: readonly LoadUser[];
}

export interface LoadOrder {
  readonly target: LoadTarget;
  readonly route: LoadRoute;
  readonly connections: number;
  readonly seconds: number;
}

const idsPerBulk = 100;

/** Reads a list page by page, and again from the start at its end. */
function listing({ url, token, companyId }: LoadTarget, query: string): LoadStep {
  let page: string | null = null;
  return async (send) => {
    const next: string = page === null ? '' : `&page=${encodeURIComponent(page)}`;
    const answer = await send({
      method: 'GET',
      url: `${url}/api/v1/companies/${companyId}/users?limit=50&${query}${next}`,
      headers: { authorization: `Bearer ${token}` },
    });
    page = answer.status === 200 ? (answer.body as { nextPage: string | null }).nextPage : null;
  };
}

function reading({ url, token, companyId }: LoadTarget, what: string): LoadStep {
  return async (send) => {
    await send({ method: 'GET', url: `${url}/api/v1/companies/${companyId}/${what}`, headers: { authorization: `Bearer ${token}` } });
  };
}

/** Approves one user after the other under If-Match, then reopens them, and so on. */
function deciding({ url, token, companyId }: LoadTarget, users: readonly LoadUser[]): LoadStep {
  const etags = new Map(users.map((user) => [user.userId, user.etag]));
  let turn = 0;
  return async (send) => {
    const user = users[turn % users.length];
    if (user === undefined) throw new Error('There are fewer users than connections.');
    const command = Math.floor(turn / users.length) % 2 === 0 ? 'approve' : 'reopen';
    turn += 1;
    const answer = await send({
      method: 'POST',
      url: `${url}/api/v1/companies/${companyId}/users/${user.userId}/decision`,
      headers: { authorization: `Bearer ${token}`, 'if-match': etags.get(user.userId) ?? user.etag },
      body: { command, reason: null },
    });
    if (answer.status === 200) etags.set(user.userId, (answer.body as LoadUser).etag);
  };
}

/** Approves a hundred users at once, then reopens them, and so on. */
function decidingMany({ url, token, companyId }: LoadTarget, users: readonly LoadUser[]): LoadStep {
  const userIds = users.slice(0, idsPerBulk).map((user) => user.userId);
  let turn = 0;
  return async (send) => {
    const command = turn % 2 === 0 ? 'approve' : 'reopen';
    turn += 1;
    await send({
      method: 'POST',
      url: `${url}/api/v1/companies/${companyId}/decisions`,
      headers: { authorization: `Bearer ${token}` },
      body: { command, userIds },
    });
  };
}

/** Whole sign-ins, each in a browser of its own: to Microsoft's page and back, five requests or so; timed from end to end. */
async function signIns({ target, connections, seconds }: LoadOrder): Promise<LoadResult> {
  const latencies: number[] = [];
  const failures = { refused: 0, broken: 0 };
  const started = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < started + seconds * 1000) {
        const began = performance.now();
        try {
          const visit = await makeVisitor(target.signInHost, { account: target.account }).open(`${target.url}/sign-in?return=/`);
          latencies.push(performance.now() - began);
          if (visit.status !== 200) failures.refused += 1;
        } catch {
          failures.broken += 1;
        }
      }
    }),
  );
  return summariseLoad(latencies, failures, (performance.now() - started) / 1000);
}

/** Drives one route with a fixed number of connections for a fixed time. */
export async function driveRoute(order: LoadOrder): Promise<LoadResult> {
  const { target, route, connections, seconds } = order;
  const share = Math.floor(target.users.length / connections);
  const steps = (make: (users: readonly LoadUser[]) => LoadStep) =>
    Array.from({ length: connections }, (_, index) => make(target.users.slice(index * share, (index + 1) * share)));
  switch (route) {
    case 'list by name':
      return await runLoad(
        steps(() => listing(target, 'sort=name')),
        seconds,
      );
    case 'list by arrival':
      return await runLoad(
        steps(() => listing(target, 'sort=arrival')),
        seconds,
      );
    case 'list by kind':
      return await runLoad(
        steps(() => listing(target, 'sort=name&kind=sharedMailbox')),
        seconds,
      );
    case 'counts':
      return await runLoad(
        steps(() => reading(target, 'counts')),
        seconds,
      );
    case 'sync status':
      return await runLoad(
        steps(() => reading(target, 'sync')),
        seconds,
      );
    case 'one decision':
      return await runLoad(
        steps((users) => deciding(target, users)),
        seconds,
      );
    case '100 decisions':
      return await runLoad(
        steps((users) => decidingMany(target, users)),
        seconds,
      );
    case 'sign-in':
      return await signIns(order);
  }
}
