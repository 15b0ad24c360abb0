// Turns HTTP requests into calls of the app's HTTP functions and their results into answers.
import type { RegisteredFunction } from './core-module.ts';
import type { TypedData } from './core-types.ts';
import { setCookieHeader } from './cookies.ts';
import type { HostRequest, HostResponse } from './http-message.ts';
import { type Invoke, triggerOf } from './invoke.ts';
import { type Route, compareRoutes, compileRoute } from './routes.ts';
import { bytesOf } from './typed-data.ts';

interface HttpEndpoint {
  readonly target: RegisteredFunction;
  readonly route: Route;
  readonly methods: readonly string[];
}

/** Answers requests for the app's own routes. */
export type HttpFunctions = (request: HostRequest) => Promise<HostResponse>;

/** What `makeHttpFunctions` needs. */
export interface HttpFunctionsParts {
  readonly functions: readonly RegisteredFunction[];
  readonly invoke: Invoke;
  readonly routePrefix: string;
  readonly delivered: (name: string, trigger: string, outcome: string, failed: boolean, milliseconds: number) => void;
  /** An error a handler threw. */
  readonly failed: (name: string, error: unknown) => void;
}

/** Compiles the routes of all HTTP functions. @throws Error when a route or a method list is not understood. */
export function makeHttpFunctions(parts: HttpFunctionsParts): HttpFunctions {
  const endpoints = parts.functions
    .map((target) => endpointOf(target, parts.routePrefix))
    .toSorted((one, other) => compareRoutes(one.route, other.route));
  return async (request) => {
    const path = request.url.pathname.replaceAll(/^\/+|\/+$/g, '');
    const fitting = endpoints.flatMap((endpoint) => {
      const params = endpoint.route.match(path);
      return params === undefined ? [] : [{ endpoint, params }];
    });
    if (fitting.length === 0) return { status: 404 };
    const chosen = fitting.find(({ endpoint }) => endpoint.methods.includes(request.method));
    if (chosen === undefined) {
      const allowed = new Set(fitting.flatMap(({ endpoint }) => endpoint.methods));
      return { status: 405, headers: { allow: [...allowed].join(', ') } };
    }
    return answer(parts, chosen.endpoint.target, request, chosen.params);
  };
}

function endpointOf(target: RegisteredFunction, prefix: string): HttpEndpoint {
  const { binding } = triggerOf(target);
  const route = typeof binding['route'] === 'string' ? binding['route'] : target.metadata.name;
  const methods = Array.isArray(binding['methods']) ? binding['methods'].map((method) => String(method).toUpperCase()) : ['GET', 'POST'];
  return { target, route: compileRoute(`${prefix}/${route}`), methods };
}

async function answer(
  parts: HttpFunctionsParts,
  target: RegisteredFunction,
  request: HostRequest,
  params: Readonly<Record<string, string>>,
): Promise<HostResponse> {
  const { name } = target.metadata;
  const started = performance.now();
  const trigger = `${request.method} ${request.url.pathname}`;
  try {
    const result = await parts.invoke({ target, trigger: { http: httpDataOf(request, params) } });
    const response = responseOf(result);
    parts.delivered(name, trigger, String(response.status), response.status >= 500, performance.now() - started);
    return response;
  } catch (error) {
    parts.delivered(name, trigger, '500', true, performance.now() - started);
    parts.failed(name, error);
    return { status: 500 };
  }
}

function httpDataOf(request: HostRequest, params: Readonly<Record<string, string>>): NonNullable<TypedData['http']> {
  return {
    method: request.method,
    url: request.url.href,
    headers: request.headers,
    query: Object.fromEntries(request.url.searchParams),
    params,
    ...(request.body.length === 0 ? {} : { body: { bytes: request.body } }),
  };
}

/** No return value at all is 204, as in Azure. */
function responseOf(result: TypedData | null | undefined): HostResponse {
  const http = result?.http;
  if (http === undefined) return { status: 204 };
  const headers: Record<string, string | readonly string[]> = { ...http.headers };
  const cookies = (http.cookies ?? []).map(setCookieHeader);
  const own = headers['set-cookie'];
  if (cookies.length > 0) headers['set-cookie'] = [...(own === undefined ? [] : [own].flat()), ...cookies];
  return { status: Number(http.statusCode ?? 200), headers, body: bytesOf(http.body) };
}
