// One request as it goes over the wire, with whatever is wrong about it; the exchange is held against the OpenAPI document.
import { expect } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { checkExchange } from './exchange.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
}

export interface Wire {
  readonly method: string;
  /** From the root, with its query. */
  readonly path: string;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string or bytes are sent as they are. */
  readonly body?: unknown;
  /** The request is to an address that is no route, so there is nothing to hold the answer against. */
  readonly undescribed?: boolean;
}

const encode = (body: unknown): string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' ? body : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);

/** Sends a request to the API. */
export async function send(
  { url }: Pick<Sandbox, 'url'>,
  { method, path, token, headers = {}, body, undescribed = false }: Wire,
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: encode(body) }),
  });
  const text = await response.text();
  const contentType = response.headers.get('content-type') ?? '';
  const answer: unknown = contentType.includes('json') && text !== '' ? JSON.parse(text) : text;
  if (!undescribed) {
    checkExchange({ method, path, requestBody: body, status: response.status, contentType, body: answer, headers: response.headers });
  }
  return { status: response.status, headers: response.headers, body: answer };
}

/** Expects a problem document with this code, and returns the fields it names. */
export function expectProblem(answer: Answer, code: string): readonly string[] {
  expect(answer.headers.get('content-type'), JSON.stringify(answer.body)).toBe('application/problem+json');
  const problem = answer.body as { readonly code: string; readonly errors?: readonly { readonly pointer: string }[] };
  expect(problem.code, JSON.stringify(answer.body)).toBe(code);
  return (problem.errors ?? []).map((error) => error.pointer);
}
