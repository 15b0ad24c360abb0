// Every API request goes the same way: who → may they → parse → run → answer. Nothing else decides about access or errors.
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import { type Principal, type Role, rolesOf } from '../shared/domain/access.ts';
import { Refusal } from '../shared/domain/errors.ts';
import type { Ports } from '../shared/ports/ports.ts';
import { managerOfSession } from '../shared/use-cases/manager-session.ts';
import { authorise } from '../shared/use-cases/scopes.ts';
import { readCaller, requireSameSite } from './caller.ts';
import { managerCookie, managerDeviceCookie, managerStepCookie, readCookie } from './cookies.ts';
import { parseInput, refuseField, replyToError } from './problem.ts';
import type { Call, Reply, Route, Starter } from './route.ts';

/** Largest body of a route that says nothing else; a bulk decision of 1,000 ids has 80 KB. */
const usualBody = 1_000_000;

const securityHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
};

/** Turns a reply into what the Functions runtime sends; of several `Set-Cookie` headers it would send the last one only. */
export function toResponse({ status, body, headers, cookies, text }: Reply): HttpResponseInit {
  const all = new Headers({ ...securityHeaders, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers });
  if (text) all.set('Content-Type', text.contentType);
  return {
    status,
    headers: all,
    cookies: [...(cookies ?? [])],
    ...(text ? { body: text.content } : body === undefined ? {} : { body: JSON.stringify(body) }),
  };
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

type Entry = Pick<Call<unknown, unknown, unknown>, 'principal' | 'roles' | 'company' | 'state' | 'manager'>;

const nobody: Principal = { kind: 'person', tenantId: '', objectId: '', name: '', appRoles: [] };
const noAdmin = { principal: nobody, roles: new Set<Role>(), company: null, state: null };

/** Lets the caller in or refuses. Routes of the User Portal know managers only, and all others know nothing of those. */
async function enter(
  route: Route,
  ports: Ports,
  request: HttpRequest,
  session: string | null,
): Promise<(params: unknown) => Promise<Entry>> {
  if (route.action === 'anyone' || route.action === 'manager') {
    if (route.fromAnywhere !== true) requireSameSite(request, ports.operation.publicUrl);
    if (route.action === 'anyone') return async () => ({ ...noAdmin, manager: null });
    const manager = session === null ? undefined : await managerOfSession(ports, session);
    if (manager === undefined) throw new Refusal('not-signed-in');
    return async () => ({ ...noAdmin, manager });
  }
  const principal = await readCaller(ports, request);
  const { action } = route;
  if (action === 'signedIn') {
    const roles = rolesOf(principal, { msp: [], company: [] }, ports.operation.homeTenantId);
    return async () => ({ principal, roles, company: null, state: null, manager: null });
  }
  return async (params) => ({ principal, manager: null, ...(await authorise(ports, principal, action, targetSchema.parse(params))) });
}

/** The last hop is what the platform's front end saw; everything before it was said by the caller. */
function addressOf(request: HttpRequest): string {
  const hops = (request.headers.get('x-forwarded-for') ?? '').split(',');
  return (hops.at(-1) ?? '').trim() || 'unknown';
}

async function run(route: Route, ports: Ports, starter: Starter, request: HttpRequest): Promise<Reply> {
  const managerSession = readCookie(request.headers.get('cookie'), managerCookie.name);
  const managerStep = readCookie(request.headers.get('cookie'), managerStepCookie.name);
  const managerDevice = readCookie(request.headers.get('cookie'), managerDeviceCookie.name);
  const admit = await enter(route, ports, request, managerSession);
  const params = parseInput(route.params ?? noInput, request.params, 'path');
  const entry = await admit(params);
  const query = readQuery(request, route.query ?? noInput);
  const body = route.body ? await readBody(request, route.body, route.largestBody) : undefined;
  const ifMatch = route.needsIfMatch ? readIfMatch(request) : '';
  const idempotencyKey = route.takesIdempotencyKey ? readIdempotencyKey(request) : null;
  const address = addressOf(request);
  return await route.handle({
    ports,
    starter,
    ...entry,
    params,
    query,
    body,
    ifMatch,
    idempotencyKey,
    managerSession,
    managerStep,
    managerDevice,
    address,
  });
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
