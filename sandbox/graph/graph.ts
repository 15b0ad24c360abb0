// The Graph stand-in as a request handler: who is calling, what was ordered to go wrong, how much quota is left, and then the routes.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxClock } from '../clock.ts';
import type { World } from '../world/world.ts';
import { type Answer, errorAnswer, type ExchangeIds, GraphError } from './answer.ts';
import type { Authenticate, GraphCaller } from './authenticate.ts';
import { answerBatch, type BatchPart } from './batch.ts';
import { type FaultOrder, type Faults, faultAnswer, isTransportFault, makeFaults, type TransportFault } from './faults.ts';
import { type GraphRequest, parseTarget } from './request.ts';
import { route } from './routes.ts';
import { defaultSettings, type GraphSettings } from './settings.ts';
import { makeTenantState, type TenantState } from './tenant-state.ts';
import { makeThrottle } from './throttle.ts';
import { exchangeIds, flatHeaders, readBody, sendAnswer } from './wire.ts';

export interface GraphOptions {
  readonly clock: Pick<SandboxClock, 'now'>;
  readonly world: World;
  readonly authenticate: Authenticate;
  /** What every tenant starts with, besides the defaults. */
  readonly settings?: Partial<GraphSettings>;
}

/** A Graph without a server of its own. */
export interface Graph {
  /** Answers a request whose path begins with `/v1.0`; others get 404. Never rejects. */
  readonly handle: (incoming: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** The switches of one tenant; change them as you like while it runs. */
  readonly settings: (tenantId: string) => GraphSettings;
  readonly faults: Faults;
  /** HTTP requests made with a token of this tenant (a batch is one). */
  readonly requestCount: (tenantId: string) => number;
}

const version = '/v1.0';

/** Makes a Graph that lives at `baseUrl()`, such as `https://localhost:8443`; its links point there. */
export function makeGraph(options: GraphOptions & { readonly baseUrl: () => string }): Graph {
  const { clock, world } = options;
  const tenants = new Map<string, TenantState>();
  const faults = makeFaults();
  const throttle = makeThrottle();
  const serviceRoot = () => `${options.baseUrl()}${version}`;
  const tenantOf = (tenantId: string): TenantState => {
    const known = tenants.get(tenantId) ?? makeTenantState({ ...defaultSettings, ...options.settings });
    tenants.set(tenantId, known);
    return known;
  };

  const answerOne = (request: GraphRequest, ids: ExchangeIds, fault: FaultOrder | undefined): Answer => {
    const { caller } = request;
    if (fault !== undefined) return faultAnswer(fault, { ...ids, serviceRoot: serviceRoot(), caller });
    const directory = world.directory(caller.tenantId);
    if (directory === undefined) return errorAnswer(identityNotFound(), ids);
    const tenant = tenantOf(caller.tenantId);
    const allowance = throttle.take(request, { users: directory.liveCount(), settings: tenant.settings, now: ids.now });
    const answer = refusalsAsAnswers(ids, () => {
      if (!allowance.allowed) throw new GraphError(429, 'TooManyRequests', 'Too many requests.');
      const keptFor = (selection: string) => tenant.keptFor(directory, selection);
      return route(request, { ...tenant, directory, keptFor, serviceRoot: serviceRoot(), now: ids.now });
    });
    return { ...answer, headers: { ...answer.headers, ...allowance.headers } };
  };

  const answerPart = (part: BatchPart, outer: GraphRequest, ids: ExchangeIds): Answer =>
    refusalsAsAnswers(ids, () => {
      const target = part.url.startsWith('/') ? part.url : `/${part.url}`;
      const headers = Object.fromEntries(Object.entries(part.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
      const request = { ...parseTarget(target), method: part.method.toUpperCase(), headers, body: '', caller: outer.caller };
      return answerOne(request, ids, faults.take(outer.caller.tenantId, `${request.method} ${target}`));
    });

  const answer = (request: GraphRequest, ids: ExchangeIds, fault: FaultOrder | undefined): Answer => {
    const batch = request.segments[0] === '$batch' && request.method === 'POST' && fault === undefined;
    if (!batch) return answerOne(request, ids, fault);
    return refusalsAsAnswers(ids, () => answerBatch(request.body, (part) => answerPart(part, request, ids), ids));
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const ids = exchangeIds(incoming, clock.now());
    const manner = { transport: undefined as TransportFault | undefined, latencyMs: 0, stallMs: 0 };
    let leave = () => {};
    let result: Answer;
    try {
      const caller = await authenticated(incoming, options.authenticate);
      const tenant = tenantOf(caller.tenantId);
      tenant.requests++;
      manner.latencyMs = tenant.settings.latencyMs;
      manner.stallMs = tenant.settings.stallMs;
      const request = await readRequest(incoming, caller);
      const fault = faults.take(caller.tenantId, `${request.method} ${targetOf(incoming)}`);
      if (fault !== undefined && isTransportFault(fault.respond)) manner.transport = fault.respond;
      leave = tenant.enterMailbox(request);
      result = answer(request, ids, manner.transport === undefined ? fault : undefined);
    } catch (error) {
      result = errorAnswer(error instanceof GraphError ? error : new GraphError(500, 'InternalServerError', String(error)), ids);
    }
    await sendAnswer(response, result, ids, manner);
    leave();
  };

  return {
    handle,
    settings: (tenantId) => tenantOf(tenantId).settings,
    faults,
    requestCount: (tenantId) => tenants.get(tenantId)?.requests ?? 0,
  };
}

async function authenticated(incoming: IncomingMessage, authenticate: Authenticate): Promise<GraphCaller> {
  const caller = await authenticate(incoming.headers.authorization);
  if (caller.kind === 'caller') return caller;
  if (caller.kind === 'identityNotFound') throw identityNotFound();
  throw new GraphError(401, 'InvalidAuthenticationToken', caller.message, { 'www-authenticate': 'Bearer realm="", error="invalid_token"' });
}

function identityNotFound(): GraphError {
  return new GraphError(401, 'Authorization_IdentityNotFound', 'The identity of the calling application could not be established.');
}

/** The target below the version. @throws GraphError 404 outside of it. */
function targetOf(incoming: IncomingMessage): string {
  const url = incoming.url ?? '';
  if (!url.startsWith(`${version}/`)) throw new GraphError(404, 'BadRequest', 'Invalid version.');
  return url.slice(version.length);
}

async function readRequest(incoming: IncomingMessage, caller: GraphCaller): Promise<GraphRequest> {
  const parsed = parseTarget(targetOf(incoming));
  return { ...parsed, method: incoming.method ?? 'GET', headers: flatHeaders(incoming), body: await readBody(incoming), caller };
}

function refusalsAsAnswers(ids: ExchangeIds, run: () => Answer): Answer {
  try {
    return run();
  } catch (error) {
    if (error instanceof GraphError) return errorAnswer(error, ids);
    throw error;
  }
}
