// What the Graph tests share: a stand-in over TLS with a throw-away certificate, a clock that stands still, and callers who say who they are.
import { Agent, request } from 'node:https';
import { generate } from 'selfsigned';
import { seedDirectory } from '../world/seed.ts';
import { makeWorld, type World } from '../world/world.ts';
import type { Authenticate } from './authenticate.ts';
import { plainSettings, type GraphSettings } from './settings.ts';
import { type GraphStandIn, startGraph } from './start-graph.ts';

export const tenantA = '30000000-0000-4000-8000-000000000003';
export const tenantB = '40000000-0000-4000-8000-000000000004';
const allRoles = ['User.Read.All', 'MailboxSettings.Read', 'Organization.Read.All'];

/** A reply as received; `json` is undefined when the body is not JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface GraphFixture {
  readonly graph: GraphStandIn;
  readonly world: World;
  readonly certificate: string;
  readonly clock: { readonly now: () => number; readonly advance: (milliseconds: number) => void };
  /** A bearer header for the fixture's `authenticate`. */
  readonly bearer: (tenantId?: string, roles?: readonly string[], appId?: string) => string;
  /** Sends a request to a target below `/v1.0`, or to a whole link. */
  readonly get: (target: string, options?: RequestOptions) => Promise<Reply>;
  readonly stop: () => Promise<void>;
}

interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly tenantId?: string;
  readonly body?: unknown;
}

/** Reads `Bearer <tenant>;<app>;<role role …>`, with two words for callers who are turned away. */
const authenticate: Authenticate = (authorization) => {
  const [scheme, token = ''] = (authorization ?? '').split(' ', 2);
  if (scheme !== 'Bearer' || token === 'expired') {
    return Promise.resolve({ kind: 'invalidToken', message: 'Access token is empty or expired.' });
  }
  if (token === 'deleted') return Promise.resolve({ kind: 'identityNotFound' });
  const [tenantId = '', appId = '', roles = ''] = token.split(';');
  return Promise.resolve({ kind: 'caller', tenantId, appId, roles: roles.split('+') });
};

/** Starts a stand-in with two tenants, the first with `users` users. Settings start plain: nothing random unless asked for. */
export async function startFixture(
  options: { readonly users?: number; readonly settings?: Partial<GraphSettings>; readonly seed?: number } = {},
): Promise<GraphFixture> {
  let time = Date.UTC(2026, 0, 5, 9);
  const clock = { now: () => time, advance: (milliseconds: number) => void (time += milliseconds) };
  const seed = options.seed ?? 1;
  const directories = [
    seedDirectory({ tenantId: tenantA, domain: 'alpine.example', companyName: 'Alpine', users: options.users ?? 25, seed }),
    seedDirectory({ tenantId: tenantB, domain: 'bright.example', companyName: 'Bright', users: 30, seed }),
  ];
  const world = makeWorld({ clock, directories });
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const graph = await startGraph({ clock, world, authenticate, tls: { key, cert }, settings: { ...plainSettings, ...options.settings } });
  const bearer = (tenantId = tenantA, roles: readonly string[] = allRoles, appId = 'app-1') =>
    `Bearer ${tenantId};${appId};${roles.join('+')}`;
  const agent = new Agent({ ca: cert, keepAlive: true });
  const get = (target: string, { headers, tenantId, body }: RequestOptions = {}): Promise<Reply> =>
    send(
      target.startsWith('https:') ? target : `${graph.baseUrl}/v1.0${target}`,
      agent,
      { authorization: bearer(tenantId), ...headers },
      body,
    );
  const stop = async () => {
    agent.destroy();
    await graph.stop();
  };
  return { graph, world, certificate: cert, clock, bearer, get, stop };
}

function send(url: string, agent: Agent, headers: Readonly<Record<string, string>>, body: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const outgoing = request(url, { headers, method, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        const flat = Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join() : value]),
        );
        resolve({ status, headers: flat, text, json: asObject(text) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function asObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

/** The code of an error reply. */
export function errorCode(reply: Reply): string {
  const { error } = reply.json as { readonly error?: { readonly code?: string } };
  return error?.code ?? '';
}

/** A user entry of a page. */
export type Entry = Readonly<Record<string, unknown>> & { readonly id: string };

export function entriesOf(reply: Reply): readonly Entry[] {
  return (reply.json['value'] ?? []) as readonly Entry[];
}

export function linkOf(reply: Reply, kind: 'nextLink' | 'deltaLink'): string | undefined {
  const link = reply.json[`@odata.${kind}`];
  return typeof link === 'string' ? link : undefined;
}

/** Follows a feed from a target to its deltaLink. */
export async function readRound(
  fixture: GraphFixture,
  target: string,
  options?: RequestOptions,
): Promise<{ readonly pages: readonly Reply[]; readonly entries: readonly Entry[]; readonly deltaLink: string }> {
  const pages: Reply[] = [];
  for (let link: string | undefined = target; link !== undefined; ) {
    const page: Reply = await fixture.get(link, pages.length === 0 ? options : { ...options, headers: {} });
    if (page.status !== 200) throw new Error(`The feed stopped with ${page.status}: ${page.text}`);
    pages.push(page);
    link = linkOf(page, 'nextLink');
  }
  const last = pages.at(-1);
  const deltaLink = last === undefined ? undefined : linkOf(last, 'deltaLink');
  if (deltaLink === undefined) throw new Error('The feed ended without a deltaLink.');
  return { pages, entries: pages.flatMap(entriesOf), deltaLink };
}
