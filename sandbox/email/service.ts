// The two operations of the mail service: take a mail over, and say what became of it.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxClock } from '../clock.ts';
import { answerError, answerJson, type ServiceError } from './answer.ts';
import { type DeliveryReport, reportsOf } from './delivery-reports.ts';
import type { Mailbox, Operation } from './mailbox.ts';
import { readSendRequest } from './send-request.ts';
import type { EmailSettings } from './settings.ts';
import type { SlidingWindow } from './sliding-window.ts';

/** Everything one running stand-in consists of. */
export interface Service {
  readonly clock: SandboxClock;
  readonly accessKey: string;
  readonly settings: EmailSettings;
  readonly mailbox: Mailbox;
  readonly sends: SlidingWindow;
  readonly statuses: SlidingWindow;
  /** Where reports go that Event Grid would deliver. */
  readonly report: (report: DeliveryReport) => Promise<void>;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** One send: the request, where to answer, and what was already read of it. */
export interface SendExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly body: Buffer;
}

/** `POST /emails:send`: 202 with where to ask for the status, or the service's error. */
export async function answerSend(service: Service, { request, response, url, body }: SendExchange): Promise<void> {
  const { settings, mailbox, clock } = service;
  const parsed = readSendRequest(body, settings.linkedDomains);
  if ('status' in parsed) return answerError(response, parsed);
  const operationId = request.headers['operation-id'] ?? randomUUID();
  if (typeof operationId !== 'string' || !uuid.test(operationId)) {
    return answerError(response, { status: 400, code: 'BadRequest', message: 'Operation-Id must be a UUID.' });
  }
  const now = clock.now();
  const quota = { perMinute: settings.sendPerMinute, perHour: settings.sendPerHour, refusedAttemptsCount: settings.refusedAttemptsCount };
  const wait = service.sends.attempt(now, quota);
  if (wait !== null) return answerError(response, throttled(wait, settings));
  const fault = settings.sendFaults.shift();
  if (fault === 'unavailable') {
    return answerError(response, { status: 503, code: 'ServiceUnavailable', message: 'The service is temporarily unavailable.' });
  }
  if (fault === 'serverError') return answerError(response, { status: 500, code: 'InternalServerError', message: 'An error occurred.' });
  if (fault === 'dropBeforeAccepting') return cutConnection(response);
  const known = settings.deduplicateOperationIds ? mailbox.operation(operationId) : undefined;
  const operation = known ?? mailbox.accept(operationId, parsed, now, settings.recipientFaults);
  // Before the answer, so that nothing is on its way to the queue unseen when the sender has its answer; it may be told first, then.
  if (known === undefined) {
    for (const report of reportsOf(operation, parsed, settings.recipientFaults)) await service.report(report);
  }
  if (fault === 'dropAfterAccepting') return cutConnection(response);
  if (fault === 'neverAnswer') return;
  const location = `http://${request.headers.host}/emails/operations/${operation.id}?api-version=${url.searchParams.get('api-version')}`;
  answerJson(response, 202, { id: operation.id, status: 'Running' }, { 'operation-location': location, 'retry-after': '1' });
}

/** `GET /emails/operations/{id}`. */
export function answerStatus(service: Service, response: ServerResponse, operationId: string): void {
  const { settings, mailbox, clock } = service;
  const now = clock.now();
  const quota = {
    perMinute: settings.statusPerMinute,
    perHour: settings.statusPerHour,
    refusedAttemptsCount: settings.refusedAttemptsCount,
  };
  const wait = service.statuses.attempt(now, quota);
  if (wait !== null) return answerError(response, throttled(wait, settings));
  const operation = mailbox.operation(operationId);
  if (operation === undefined) {
    return answerError(response, { status: 404, code: 'NotFound', message: 'The requested operation was not found.' });
  }
  if (now < operation.at + settings.settleSeconds * 1000) {
    return answerJson(response, 200, { id: operation.id, status: 'Running' }, { 'retry-after': '1' });
  }
  answerJson(response, 200, finalStatus(operation));
}

function finalStatus(operation: Operation): unknown {
  if (operation.error === null) return { id: operation.id, status: 'Succeeded', error: null };
  return { id: operation.id, status: 'Failed', error: operation.error };
}

function throttled(waitMs: number, settings: EmailSettings): ServiceError {
  return {
    status: 429,
    code: 'TooManyRequests',
    message: 'The number of requests has exceeded the limit.',
    retryAfterSeconds: settings.retryAfterSeconds ?? Math.max(1, Math.ceil(waitMs / 1000)),
  };
}

function cutConnection(response: ServerResponse): void {
  response.socket?.destroy();
}
