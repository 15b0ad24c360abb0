// A stand-in for Azure Communication Services Email: the real SDK talks to it over HTTP, and what it "delivers" can be read in an inbox.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { SandboxClock } from '../clock.ts';
import { answerError, type ServiceError } from './answer.ts';
import type { DeliveryReport } from './delivery-reports.ts';
import { answerInbox } from './inbox-routes.ts';
import { openMailbox, type ReceivedMail } from './mailbox.ts';
import { answerPreview } from './preview-routes.ts';
import { greatestRequestBytes } from './send-request.ts';
import { answerSend, answerStatus, type Service } from './service.ts';
import { defaultEmailSettings, type EmailSettings } from './settings.ts';
import { findSignatureFault } from './signature.ts';
import { makeSlidingWindow } from './sliding-window.ts';

export interface EmailStandIn {
  readonly port: number;
  /** For `EmailClient`; it names an http endpoint, so the client must be allowed insecure connections. */
  readonly connectionString: string;
  readonly inboxUrl: string;
  /** Every kind of mail in every language, with made-up content. */
  readonly previewUrl: string;
  /** Delivered mails, oldest first; only those to one address when one is given. */
  readonly mails: (to?: string) => readonly ReceivedMail[];
  /** Empties the inbox; operations and quotas stay. */
  readonly clear: () => void;
  /** Quotas and faults; changes apply from the next request on. */
  readonly settings: EmailSettings;
  readonly stop: () => Promise<void>;
}

export interface EmailOptions {
  readonly clock: SandboxClock;
  /** A free one when absent. */
  readonly port?: number;
  /** A journal (JSON lines) that carries operations, mails and the send quota over a restart. In memory only when absent. */
  readonly stateFile?: string;
  /** Base64; a random one when absent. Give one when the connection string must outlive a restart. */
  readonly accessKey?: string;
  readonly settings?: Partial<EmailSettings>;
  /** Takes the delivery reports; without it there are none. What it throws is a fault of the sandbox, and cuts the sender's connection. */
  readonly report?: (report: DeliveryReport) => Promise<void>;
}

const apiVersions = ['2023-03-31', '2025-09-01'];

/** Starts the stand-in on 127.0.0.1. @throws when the port is taken or the state file cannot be read. */
export async function startEmail(options: EmailOptions): Promise<EmailStandIn> {
  const mailbox = openMailbox(options.stateFile);
  const accessKey = options.accessKey ?? randomBytes(32).toString('base64');
  const settings: EmailSettings = { ...defaultEmailSettings(), ...options.settings };
  const service: Service = {
    clock: options.clock,
    accessKey,
    settings,
    mailbox,
    sends: makeSlidingWindow(mailbox.sendTimes()),
    statuses: makeSlidingWindow(),
    report: options.report ?? (async () => {}),
  };
  const server = createServer((request, response) => {
    answer(service, request, response).catch((cause: unknown) => response.destroy(cause instanceof Error ? cause : undefined));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The mail stand-in has no port.');
  return {
    port: address.port,
    connectionString: `endpoint=http://127.0.0.1:${address.port}/;accesskey=${accessKey}`,
    inboxUrl: `http://127.0.0.1:${address.port}/inbox`,
    previewUrl: `http://127.0.0.1:${address.port}/mail/preview`,
    mails: mailbox.mails,
    clear: mailbox.clear,
    settings,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (answerInbox(service.mailbox, url, request, response) || answerPreview(url, request, response)) return;
  const body = await readBody(request);
  if (body === null) {
    request.resume();
    return answerError(response, { status: 413, code: 'RequestEntityTooLarge', message: 'The request is larger than 10 MB.' });
  }
  const fault = findSignatureFault(request, body, { accessKey: service.accessKey, now: service.clock.now() }) ?? findVersionFault(url);
  if (fault !== null) return answerError(response, fault);
  if (request.method === 'POST' && url.pathname === '/emails:send') return await answerSend(service, { request, response, url, body });
  const operationId = /^\/emails\/operations\/([^/]+)$/.exec(url.pathname)?.[1];
  if (request.method === 'GET' && operationId !== undefined) return answerStatus(service, response, operationId);
  answerError(response, { status: 404, code: 'NotFound', message: 'The requested resource was not found.' });
}

/** The whole body, or null when it is larger than the service allows. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > greatestRequestBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function findVersionFault(url: URL): ServiceError | null {
  const version = url.searchParams.get('api-version');
  if (version === null) return { status: 400, code: 'MissingApiVersionParameter', message: 'The api-version query parameter is required.' };
  if (apiVersions.includes(version)) return null;
  return { status: 400, code: 'UnsupportedApiVersion', message: `The api-version ${version} is not supported.` };
}
