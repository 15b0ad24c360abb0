// A local https server that answers as a test scripts it, and a directory opened on it: the wire as the Graph adapter sees it.
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TokenCredential } from '@azure/identity';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type GraphSettings, makeOpenDirectory } from '../../shared/adapters/graph.ts';
import type { GraphLogLine } from '../../shared/adapters/graph-ask.ts';
import type { Directory } from '../../shared/ports/directory.ts';
import { makeAuthority } from '../../sandbox/ca.ts';

export const tenantId = '30000000-0000-4000-8000-000000000003';
export const testNow = new Date('2026-03-01T12:00:00Z');

export interface Received {
  readonly method: string;
  /** Path and query exactly as they stood in the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export type Reply =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly json?: unknown; readonly text?: string }
  | { readonly act: (response: ServerResponse) => void };

export interface GraphServer {
  /** `https://localhost:<port>` */
  readonly origin: () => string;
  /** Another https server under another port: nothing may ever arrive there. */
  readonly foreignOrigin: () => string;
  readonly received: Received[];
  readonly foreignReceived: Received[];
  /** Answers to the next requests, in order; a request beyond them gets 500. */
  readonly replies: Reply[];
}

/** Starts both servers for the tests of a file and empties the script before each of them. */
export function useGraphServer(): GraphServer {
  const received: Received[] = [];
  const foreignReceived: Received[] = [];
  const replies: Reply[] = [];
  const origins = { own: '', foreign: '' };
  const closers: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'muster-graph-'));
    closers.push(async () => rm(folder, { recursive: true }));
    const authority = await makeAuthority(folder);
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, authority.ca]);
    closers.push(async () => setDefaultCACertificates(trusted));
    const start = async (record: Received[], next: () => Reply | undefined): Promise<string> => {
      const server = createServer({ key: authority.key, cert: authority.cert }, (request, response) => {
        let body = '';
        request.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        request.on('end', () => {
          const { method = '', url = '', headers } = request;
          record.push({ method, target: url, headers, body });
          send(response, next() ?? { status: 500, json: {} });
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closers.push(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      });
      return `https://localhost:${(server.address() as AddressInfo).port}`;
    };
    origins.own = await start(received, () => replies.shift());
    origins.foreign = await start(foreignReceived, () => undefined);
  });
  beforeEach(() => {
    for (const list of [received, foreignReceived, replies]) list.length = 0;
  });
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });
  return { origin: () => origins.own, foreignOrigin: () => origins.foreign, received, foreignReceived, replies };
}

function send(response: ServerResponse, reply: Reply): void {
  if ('act' in reply) {
    reply.act(response);
    return;
  }
  response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', 'request-id': 'r-1', ...reply.headers });
  response.end(reply.text ?? JSON.stringify(reply.json ?? {}));
}

/** A credential that hands out these tokens, one for each `fresh`, and counts how often it is asked. */
export function scriptedCredential(tokens: readonly string[]): { readonly credentialFor: GraphSettings['credentialFor'] } {
  let made = 0;
  const credential = (token: string): TokenCredential => ({ getToken: async () => ({ token, expiresOnTimestamp: 0 }) });
  return {
    credentialFor: (_tenant, freshness) => {
      if (freshness === 'fresh') made += 1;
      return credential(tokens[Math.min(made, tokens.length - 1)] ?? '');
    },
  };
}

export interface Opened {
  readonly directory: Directory;
  /** Waits slept through, in milliseconds. */
  readonly waits: number[];
  readonly log: GraphLogLine[];
}

/** Opens a directory on the server with a clock that stands still and sleeps that only write down their length. */
export function openOn(server: GraphServer, settings: Partial<GraphSettings> = {}): Opened {
  const waits: number[] = [];
  const log: GraphLogLine[] = [];
  const open = makeOpenDirectory({
    baseUrl: server.origin(),
    clock: { now: () => testNow },
    ...scriptedCredential(['token-1', 'token-2', 'token-3']),
    log: (line) => log.push(line),
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
    },
    random: () => 1,
    ...settings,
  });
  return { directory: open(tenantId), waits, log };
}

/** An empty last page. */
export function lastPage(server: GraphServer, value: readonly unknown[] = []): Reply {
  return { json: { value, '@odata.deltaLink': `${server.origin()}/v1.0/users/delta?$deltatoken=d1` } };
}
