// Answers of the mail stand-in: JSON bodies, pages for people, and errors in the service's own form.
import type { ServerResponse } from 'node:http';

/** An error as the service words it: `{error: {code, message}}`, the code repeated in `x-ms-error-code`. */
export interface ServiceError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

export function answerJson(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}

export function answerError(response: ServerResponse, error: ServiceError): void {
  const retryAfter = error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) };
  const headers = { 'x-ms-error-code': error.code, ...retryAfter };
  answerJson(response, error.status, { error: { code: error.code, message: error.message } }, headers);
}

/** @param policy the page's content security policy */
export function answerPage(response: ServerResponse, markup: string, policy: string): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  response.end(markup);
}
