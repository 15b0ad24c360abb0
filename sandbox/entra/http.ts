// Requests and answers as plain data, so that the endpoints are functions and one server file deals with sockets.

import { randomUUID } from 'node:crypto';
import type { EntraContext } from './context.ts';
import type { Refusal } from './refusals.ts';

export interface EntraRequest {
  readonly method: string;
  readonly path: string;
  /** Query as sent, without `?`: what must come back byte for byte is cut out of this. */
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Form fields of the body; empty for other bodies. */
  readonly form: URLSearchParams;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(value),
  };
}

export function pageAnswer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      // No form-action: browsers apply it to the redirect that follows the form, which leads to the app.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      ...headers,
    },
    body,
  };
}

/**
 * Redirects to `redirectUri` with `fields` added; `rawState` (as it stood in the request's query, still encoded) goes last and unchanged.
 */
export function redirectAnswer(
  redirectUri: string,
  fields: Readonly<Record<string, string>>,
  rawState: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const query = new URLSearchParams(fields).toString() + (rawState === undefined ? '' : `&state=${rawState}`);
  const location = `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}`;
  return { status: 302, headers: { location, 'cache-control': 'no-store', ...headers }, body: '' };
}

/** The value of a query parameter exactly as sent, still encoded. */
export function rawParameter(rawQuery: string, name: string): string | undefined {
  return rawQuery
    .split('&')
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** Entra's JSON error body (docs/graph.md §9 item 2): one sentence with trace fields at its end, and the same fields on their own. */
export function refusalAnswer(context: EntraContext, refusal: Refusal): Answer {
  const traceId = randomUUID();
  const correlationId = randomUUID();
  const timestamp = `${new Date(context.clock.now()).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return jsonAnswer(refusal.status, {
    error: refusal.error,
    error_description: `${describe(refusal)} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [refusal.code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `${context.authority}/error?code=${refusal.code}`,
  });
}

/** `AADSTS<number>: <sentence>`, the form in which people search for it. */
export function describe(refusal: Refusal): string {
  return `AADSTS${refusal.code}: ${refusal.message}`;
}
