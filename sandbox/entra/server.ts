// The sockets of the stand-in: the same endpoints over https (for the Azure SDKs) and plain http (for people's browsers).

import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { answerAdminConsent } from './admin-consent.ts';
import { answerAuthorize } from './authorize.ts';
import type { EntraContext } from './context.ts';
import { type Answer, type EntraRequest, jsonAnswer } from './http.ts';
import { answerManagedIdentity, managedIdentityPath } from './managed-identity.ts';
import { answerKeys, answerMetadata } from './metadata.ts';
import { answerTokenRequest } from './token-endpoint.ts';

const maximumBodyBytes = 65_536;

interface Sockets {
  readonly port: number;
  readonly browserPort: number;
  /** Starts answering; the context needs the ports, so it comes second. */
  readonly serve: (context: EntraContext) => void;
  readonly close: () => Promise<void>;
}

/** Listens on 127.0.0.1; port 0 or none takes a free one. */
export async function openSockets(
  tls: { readonly key: string; readonly cert: string },
  port: number,
  browserPort: number,
): Promise<Sockets> {
  const secure = createHttpsServer({ key: tls.key, cert: tls.cert });
  const plain = createHttpServer();
  const close = async (): Promise<void> => {
    await Promise.all([closeServer(secure), closeServer(plain)]);
  };
  try {
    const securePort = await listen(secure, port);
    const plainPort = await listen(plain, browserPort);
    const serveBoth = (context: EntraContext): void => {
      for (const server of [secure, plain]) serve(server, context);
    };
    return { port: securePort, browserPort: plainPort, serve: serveBoth, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}

function serve(server: Server, context: EntraContext): void {
  server.on('request', (message: IncomingMessage, response: ServerResponse) => {
    readRequest(message)
      .then((request) => (request === 'tooLarge' ? jsonAnswer(413, { error: 'invalid_request' }) : route(context, request)))
      .catch((error: unknown) => jsonAnswer(500, { error: 'server_error', error_description: String(error) }))
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
      // The connection is gone: nobody is left to tell.
      .catch(() => response.destroy());
  });
}

async function readRequest(message: IncomingMessage): Promise<EntraRequest | 'tooLarge'> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maximumBodyBytes) return 'tooLarge';
    chunks.push(chunk);
  }
  const target = message.url ?? '/';
  const mark = target.indexOf('?');
  const rawQuery = mark === -1 ? '' : target.slice(mark + 1);
  const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return {
    method: message.method ?? 'GET',
    path: mark === -1 ? target : target.slice(0, mark),
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers,
    form: new URLSearchParams(isForm ? Buffer.concat(chunks).toString('utf8') : ''),
  };
}

async function route(context: EntraContext, request: EntraRequest): Promise<Answer> {
  const { method, path } = request;
  const [, tenantName = '', ...rest] = path.split('/');
  const isPage = method === 'GET' || method === 'POST';
  const endpoint = rest.join('/');
  if (method === 'GET' && path === managedIdentityPath) return answerManagedIdentity(context, request);
  if (method === 'GET' && endpoint === 'v2.0/.well-known/openid-configuration') return answerMetadata(context, tenantName);
  if (method === 'GET' && endpoint === 'discovery/v2.0/keys') return answerKeys(context, tenantName);
  if (method === 'POST' && endpoint === 'oauth2/v2.0/token') return answerTokenRequest(context, tenantName, request);
  if (isPage && endpoint === 'oauth2/v2.0/authorize') return answerAuthorize(context, tenantName, request);
  if (isPage && endpoint === 'v2.0/adminconsent') return answerAdminConsent(context, 'v2', tenantName, request);
  if (isPage && endpoint === 'adminconsent') return answerAdminConsent(context, 'v1', tenantName, request);
  return jsonAnswer(404, { error: 'not_found', error_description: `The Entra stand-in has no ${method} ${path}.` });
}
