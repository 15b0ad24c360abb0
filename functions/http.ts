// Every API request goes the same way: who → may they → parse → run → answer. Nothing else decides about access or errors.
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import { rolesOf } from '../shared/domain/access.ts';
import { Refusal } from '../shared/domain/errors.ts';
import type { Ports } from '../shared/ports/ports.ts';
import { authorise, type Authorised } from '../shared/use-cases/scopes.ts';
import { readCaller } from './caller.ts';
import { parseInput, refuseField, replyToError } from './problem.ts';
import type { Reply, Route, Starter } from './route.ts';

/** Largest body of a route that says nothing else; a bulk decision of 1,000 ids has 80 KB. */
const usualBody = 1_000_000;

const securityHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
};

/** Turns a reply into what the Functions runtime sends; `Set-Cookie` needs its own field there. */
export function toResponse({ status, body, headers, cookies, text }: Reply): HttpResponseInit {
  const all = new Headers({ ...securityHeaders, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers });
  if (text) all.set('Content-Type', text.contentType);
  for (const each of cookies ?? []) all.append('Set-Cookie', each);
  return { status, headers: all, ...(text ? { body: text.content } : body === undefined ? {} : { body: JSON.stringify(body) }) };
}

async function readBody(request: HttpRequest, schema: z.ZodType, largestBody = usualBody): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new Refusal('unsupported-media-type');
  if (Number(request.headers.get('content-length') ?? 0) > largestBody) throw new Refusal('too-large');
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > largestBody) throw new Refusal('too-large');
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Refusal('invalid-request', {
      detail: 'The body is not valid JSON in UTF-8.',
      errors: [{ pointer: '/', detail: 'Not valid JSON.' }],
    });
  }
  return parseInput(schema, body, 'body');
}

function readQuery(request: HttpRequest, schema: z.ZodType): unknown {
  const query = new Map<string, string>();
  // The host hands `request.query` over as one value a name; only the address still shows that a name came twice.
  for (const [name, value] of new URL(request.url).searchParams) {
    if (query.has(name)) throw refuseField(name.slice(0, 200), 'Send it once.');
    query.set(name, value);
  }
  return parseInput(schema, Object.fromEntries(query), 'query');
}

function readIfMatch(request: HttpRequest): string {
  const header = request.headers.get('if-match');
  if (header === null) throw new Refusal('precondition-required');
  const value = /^(?:W\/)?"([^"]{1,300})"$/.exec(header.trim())?.[1];
  if (value === undefined) throw refuseField('If-Match', 'Send one ETag as this API returned it, with its quotes.');
  return value;
}

function readIdempotencyKey(request: HttpRequest): string | null {
  const key = request.headers.get('idempotency-key');
  if (key === null) return null;
  if (!/^[\x21-\x7e]{1,128}$/.test(key)) throw refuseField('Idempotency-Key', 'Use 1 to 128 visible ASCII characters.');
  return key;
}

const noInput = z.strictObject({});
const targetSchema = z.looseObject({ mspId: z.string().optional(), companyId: z.string().optional() });

async function run(route: Route, ports: Ports, starter: Starter, request: HttpRequest): Promise<Reply> {
  const principal = await readCaller(ports, request);
  const params = parseInput(route.params ?? noInput, request.params, 'path');
  const own: Authorised = {
    scope: { kind: 'system' },
    roles: rolesOf(principal, { msp: [], company: [] }, ports.operation.homeTenantId),
    company: null,
    state: null,
  };
  const { roles, company, state } =
    route.action === 'signedIn' ? own : await authorise(ports, principal, route.action, targetSchema.parse(params));
  const query = readQuery(request, route.query ?? noInput);
  const body = route.body ? await readBody(request, route.body, route.largestBody) : undefined;
  const ifMatch = route.needsIfMatch ? readIfMatch(request) : '';
  const idempotencyKey = route.takesIdempotencyKey ? readIdempotencyKey(request) : null;
  return await route.handle({ ports, starter, principal, roles, company, state, params, query, body, ifMatch, idempotencyKey });
}

/** Handles one API request; never throws. */
export async function handleApi(
  route: Route,
  ports: Ports,
  starter: Starter,
  request: HttpRequest,
  traceId: string,
): Promise<HttpResponseInit> {
  try {
    return toResponse(await run(route, ports, starter, request));
  } catch (error) {
    return toResponse(replyToError(error, traceId, ports.log));
  }
}
