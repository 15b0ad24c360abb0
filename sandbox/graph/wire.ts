// Between the Graph stand-in and the socket: reading requests, writing answers with Graph's ids, and breaking connections on order.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, badRequest, type ExchangeIds } from './answer.ts';
import type { TransportFault } from './faults.ts';

const largestBody = 4 * 1024 * 1024;

export function exchangeIds(incoming: IncomingMessage, now: number): ExchangeIds {
  const requestId = randomUUID();
  const given = incoming.headers['client-request-id'];
  return { requestId, clientRequestId: typeof given === 'string' ? given : requestId, now };
}

/** Header values by lower-case name, repeated ones joined. */
export function flatHeaders(incoming: IncomingMessage): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join() : value]));
}

/** Reads a body as text. @throws GraphError 400 above 4 MB. */
export async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > largestBody) throw badRequest('The request body is too large.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}

/** Writes an answer after `latencyMs`, or breaks off as ordered. Resolves when nothing more will be written. */
export async function sendAnswer(
  response: ServerResponse,
  answer: Answer,
  ids: ExchangeIds,
  manner: { readonly transport: TransportFault | undefined; readonly latencyMs: number; readonly stallMs: number },
): Promise<void> {
  const { transport } = manner;
  await pause(manner.latencyMs + (transport === 'stall' ? manner.stallMs : 0), response);
  if (response.destroyed) return;
  const html = transport === 'html';
  const content = html ? '<!DOCTYPE html><html><body><h1>Service page</h1></body></html>' : answer.body;
  const body = typeof content === 'string' ? Buffer.from(content) : content;
  response.writeHead(html ? 200 : answer.status, {
    ...answer.headers,
    ...(html ? { 'content-type': 'text/html' } : {}),
    'cache-control': 'no-cache',
    'odata-version': '4.0',
    'request-id': ids.requestId,
    'client-request-id': ids.clientRequestId,
    date: new Date(ids.now).toUTCString(),
    'content-length': body.length,
  });
  if (transport === 'reset' || transport === 'truncated') {
    const sent = transport === 'reset' ? Buffer.alloc(0) : body.subarray(0, Math.ceil(body.length / 2));
    response.flushHeaders();
    response.write(sent, () => response.destroy());
    return;
  }
  response.end(body);
}

function pause(milliseconds: number, response: ServerResponse): Promise<void> {
  if (milliseconds <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
