// One HTTP request of the portal and what can go wrong with it, told the way the API tells it: as problem details.

/** What an error says to an admin. `status` 0: no answer came at all. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string | null;
  readonly traceId: string | null;
}

/** A request that did not succeed. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

export interface ApiRequest {
  readonly path: string;
  readonly method?: 'POST' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** A whole ETag, quotes included. */
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
}

export interface ApiAnswer {
  readonly body: unknown;
  /** As the header had it, quotes included. */
  readonly etag: string | null;
}

/** Sends one request. @throws ApiError for every answer that is not a success, and for none. */
export type Send = (request: ApiRequest) => Promise<ApiAnswer>;

const unreachable: Problem = {
  status: 0,
  code: 'unreachable',
  title: 'Muster cannot be reached.',
  detail: 'Check your connection and try again. Nothing you see was lost.',
  traceId: null,
};

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);

/** Reads problem details (RFC 9457); an answer that is none, such as one of a proxy, is named by its status. */
export function readProblem(status: number, body: unknown): Problem {
  const fields: Readonly<Record<string, unknown>> = typeof body === 'object' && body !== null ? { ...body } : {};
  const title = text(fields['title']) ?? `The server answered with status ${status}.`;
  const detail = text(fields['detail']);
  return {
    status,
    code: text(fields['code']) ?? 'unknown',
    title,
    detail: detail === title ? null : detail,
    traceId: text(fields['traceId']),
  };
}

/** The problem behind anything that was thrown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return {
    status: 0,
    code: 'unexpected',
    title: 'Something went wrong on this page.',
    detail: 'Reload the page and try again.',
    traceId: null,
  };
}

function headersOf({ body, ifMatch, idempotencyKey }: ApiRequest): Record<string, string> {
  return {
    Accept: 'application/json',
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
    ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
  };
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

const longestWaitMs = 60_000;

/** `base` is put before each path: empty in the browser, where pages and API share an origin. */
export function makeSend(base: string): Send {
  return async (request) => {
    const query = new URLSearchParams(request.query).toString();
    let response: Response;
    try {
      response = await fetch(`${base}${request.path}${query === '' ? '' : `?${query}`}`, {
        method: request.method ?? 'GET',
        headers: headersOf(request),
        signal: AbortSignal.timeout(longestWaitMs),
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      });
    } catch {
      throw new ApiError(unreachable);
    }
    const body = response.status === 204 ? null : await readJson(response);
    if (!response.ok) throw new ApiError(readProblem(response.status, body));
    return { body, etag: response.headers.get('etag') };
  };
}
