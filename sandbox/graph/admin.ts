// A small page and JSON API to make things happen in the sandbox by hand: hire, rename, delete, throttle, slow down, take consent away.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DeedRefused } from '../world/deeds.ts';
import type { World } from '../world/world.ts';
import { doDeed, isDeedName } from './admin-deeds.ts';
import { tenantPage, worldPage } from './admin-pages.ts';
import { searchUsers, summaries } from './admin-view.ts';
import { faultNames } from './faults.ts';
import type { Graph } from './graph.ts';
import { readBody } from './wire.ts';

/** Something besides a deed that can be done to a tenant by a button. */
export interface AdminAction {
  /** In the address: `POST /admin/world/{tenantId}/{name}`. */
  readonly name: string;
  readonly label: string;
  /** Names of the text fields of its form. */
  readonly fields: readonly string[];
  /** @throws Error whose message is shown when it cannot be done. */
  readonly run: (tenantId: string, input: Readonly<Record<string, string>>) => void | Promise<void>;
}

export interface AdminOptions {
  readonly world: World;
  /** Such as those of `graphActions`, and giving or taking consent. */
  readonly actions?: readonly AdminAction[];
}

/** Throttling, faults and latency of a Graph stand-in as buttons. */
export function graphActions(graph: Pick<Graph, 'settings' | 'faults'>): readonly AdminAction[] {
  return [
    {
      name: 'throttle',
      label: 'Answer the next requests with 429',
      fields: ['times', 'retryAfter'],
      run: (tenantId, { times, retryAfter }) =>
        graph.faults.next(tenantId, {
          respond: '429',
          times: positive(times, 'times', 1),
          retryAfter: positive(retryAfter, 'retryAfter', 5),
        }),
    },
    {
      name: 'fault',
      label: `Let the next requests fail (${faultNames.join(', ')})`,
      fields: ['respond', 'times'],
      run: (tenantId, { respond, times }) => {
        const fault = faultNames.find((name) => name === respond);
        if (fault === undefined) throw new DeedRefused(`There is no fault "${respond ?? ''}".`);
        graph.faults.next(tenantId, { respond: fault, times: positive(times, 'times', 1) });
      },
    },
    {
      name: 'latency',
      label: 'Delay every answer',
      fields: ['milliseconds'],
      run: (tenantId, { milliseconds }) => {
        graph.settings(tenantId).latencyMs = positive(milliseconds, 'milliseconds', 0);
      },
    },
  ];
}

function positive(text: string | undefined, name: string, fallback: number): number {
  const value = text === undefined || text === '' ? fallback : Number(text);
  if (!Number.isFinite(value) || value < 0) throw new DeedRefused(`${name} must be a number of at least 0, not "${text}".`);
  return value;
}

/**
 * A request handler for `/admin…`, to be served on 127.0.0.1 only. Other hosts and pages of other origins are refused, so that no
 * web page can reach it through the browser. Never rejects.
 */
export function makeAdmin(options: AdminOptions): (incoming: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (incoming, response) => {
    try {
      await answer(incoming, response, options);
    } catch (error) {
      const refused = error instanceof DeedRefused || error instanceof SyntaxError;
      reply(
        response,
        refused ? 400 : 500,
        JSON.stringify({ error: error instanceof Error ? error.message : String(error) }),
        'application/json',
      );
    }
  };
}

async function answer(incoming: IncomingMessage, response: ServerResponse, { world, actions = [] }: AdminOptions): Promise<void> {
  if (!isLocal(incoming)) return reply(response, 403, 'The admin page answers on localhost only.', 'text/plain');
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const [, root, section, tenantId, deed, ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const json = (body: unknown, status = 200) => reply(response, status, JSON.stringify(body), 'application/json');
  const known = tenantId === undefined || world.directory(tenantId) !== undefined;
  if (root !== 'admin' || rest.length > 0 || !known) return json({ error: 'There is nothing here.' }, 404);

  if (incoming.method === 'GET') {
    const search = url.searchParams.get('search') ?? '';
    if (section === undefined || section === '') return html(response, worldPage(summaries(world)));
    if (tenantId === undefined) return section === 'world' ? json(summaries(world)) : json({ error: 'There is nothing here.' }, 404);
    const directory = world.directory(tenantId);
    if (directory === undefined || deed !== undefined) return json({ error: 'There is nothing here.' }, 404);
    const users = searchUsers(directory, search);
    return section === 'world'
      ? json(users)
      : html(response, tenantPage({ directory, search, users, actions, message: url.searchParams.get('message') ?? '' }));
  }
  if (incoming.method !== 'POST' || section !== 'world' || tenantId === undefined || deed === undefined)
    return json({ error: 'There is nothing here.' }, 404);

  const form = (incoming.headers['content-type'] ?? '').includes('application/x-www-form-urlencoded');
  const input = form ? Object.fromEntries(new URLSearchParams(await readBody(incoming))) : textValues(await readBody(incoming));
  const outcome = await perform(deed, tenantId, input, { world, actions });
  if (!form) return json(outcome);
  const message = `${deed} done${outcome.id === undefined ? '' : ` (${outcome.id})`}`;
  response.writeHead(303, { location: `/admin/tenants/${tenantId}?${new URLSearchParams({ message }).toString()}` });
  response.end();
}

async function perform(
  deed: string,
  tenantId: string,
  input: Readonly<Record<string, string>>,
  { world, actions }: Required<AdminOptions>,
): Promise<{ readonly id?: string }> {
  const action = actions.find(({ name }) => name === deed);
  if (action !== undefined) {
    await action.run(tenantId, input);
    return {};
  }
  if (!isDeedName(deed)) throw new DeedRefused(`There is no deed "${deed}".`);
  return doDeed(deed, world.deeds(tenantId), input);
}

function textValues(body: string): Readonly<Record<string, string>> {
  const parsed: unknown = body === '' ? {} : JSON.parse(body);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new DeedRefused('The body must be a JSON object.');
  return Object.fromEntries(
    Object.entries(parsed).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

function isLocal({ headers }: IncomingMessage): boolean {
  const local = /^(localhost|127\.0\.0\.1)(:\d+)?$/;
  const origin = headers.origin;
  return local.test(headers.host ?? '') && (origin === undefined || local.test(origin.replace(/^https?:\/\//, '')));
}

function html(response: ServerResponse, page: string): void {
  reply(response, 200, page, 'text/html; charset=utf-8');
}

function reply(response: ServerResponse, status: number, body: string, type: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
