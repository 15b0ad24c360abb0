// The host's one HTTP server: reads requests, finds out whose they are and writes the answers.
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HostRequest, HostResponse } from './http-message.ts';

/** Azure Functions' default `maxRequestBodySize`, in bytes. */
const largestBody = 100 * 1024 * 1024;

/** A listening server. */
export interface HttpServer {
  readonly port: number;
  /** Stops accepting and waits for open requests. */
  readonly stop: () => Promise<void>;
}

/**
 * Listens on 127.0.0.1 (`port` 0 = a free one) and gives every request to `answer`.
 * @throws Error naming the port when it is in use.
 */
export async function listen(port: number, answer: (request: HostRequest) => Promise<HostResponse>): Promise<HttpServer> {
  // Longer than any client keeps an idle connection, so that none is closed under a request.
  const server = createServer({ keepAliveTimeout: 120_000 }, (incoming, outgoing) => {
    void serve(incoming, outgoing, answer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is already in use on 127.0.0.1; choose another or stop what runs there.`)
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return { port: (server.address() as AddressInfo).port, stop: () => stop(server) };
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: (request: HostRequest) => Promise<HostResponse>,
): Promise<void> {
  let request: HostRequest | undefined;
  try {
    const body = await readBody(incoming);
    request = body === undefined ? undefined : requestOf(incoming, body);
  } catch {
    // The caller hung up in the middle, or sent an address no URL can be made of.
    if (incoming.complete) write(outgoing, incoming, { status: 400 });
    return;
  }
  // What is left of too large a body is not read, so the connection cannot be used again.
  const response = request === undefined ? { status: 413, headers: { connection: 'close' } } : await answer(request);
  try {
    write(outgoing, incoming, response);
  } catch {
    // A status or header the app made up that HTTP does not allow; nothing has been written yet.
    for (const name of outgoing.getHeaderNames()) outgoing.removeHeader(name);
    outgoing.writeHead(500).end();
  }
}

function requestOf(incoming: IncomingMessage, body: Buffer): HostRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headersDistinct)) headers[name] = (value ?? []).join(name === 'cookie' ? '; ' : ', ');
  const host = headers['host'] ?? '127.0.0.1';
  return { method: (incoming.method ?? 'GET').toUpperCase(), url: new URL(`http://${host}${incoming.url ?? '/'}`), headers, body };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > largestBody) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > largestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function write(outgoing: ServerResponse, incoming: IncomingMessage, { status, headers = {}, body = '' }: HostResponse): void {
  const bytes = Buffer.from(body);
  const bare = status === 204 || status === 304;
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, typeof value === 'string' ? value : [...value]);
  if (!bare) outgoing.setHeader('content-length', bytes.length);
  outgoing.writeHead(status);
  outgoing.end(bare || incoming.method === 'HEAD' ? undefined : bytes);
}

async function stop(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
