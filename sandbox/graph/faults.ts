// Faults on order: a test or the admin page says what the next requests of a tenant shall meet (docs/graph.md §9 items 47, 50, 51).
import { type Answer, errorAnswer, type ExchangeIds, GraphError } from './answer.ts';
import type { GraphCaller } from './authenticate.ts';
import { throttleHeaders } from './throttle.ts';

const statusFaults = ['400', '401', '403', '404', '408', '410', '429', '500', '502', '503', '504', '509', 'expiredPageToken'] as const;
const transportFaults = ['reset', 'truncated', 'html', 'stall'] as const;
export type StatusFault = (typeof statusFaults)[number];
/** Connection cut after the headers; body cut in the middle; 200 with a page of HTML; an answer after `stallMs`. */
export type TransportFault = (typeof transportFaults)[number];
export const faultNames: readonly (StatusFault | TransportFault)[] = [...statusFaults, ...transportFaults];

export interface FaultOrder {
  /** Tested against `GET /users/delta?…`: method, blank, and the target below `/v1.0`. Left out: any request. */
  readonly match?: RegExp;
  /** How many matching requests meet the fault. Default 1. */
  readonly times?: number;
  /** How many matching requests are let through first. Default 0. */
  readonly after?: number;
  readonly respond: StatusFault | TransportFault;
  /**
   * For 429 and 503: seconds (a number may have a fraction), a text sent as it is, `date` for an HTTP date 5 s ahead,
   * `absent` for none. Default 1.
   */
  readonly retryAfter?: number | 'date' | 'absent' | (string & {});
}

export interface Faults {
  /** Orders a fault; orders are met in the order given. */
  readonly next: (tenantId: string, order: FaultOrder) => void;
  /** How many requests are still to meet a fault. */
  readonly pending: (tenantId: string) => number;
  /** Forgets what was ordered, for one tenant or all. */
  readonly clear: (tenantId?: string) => void;
  /** Takes the fault that a request meets, if any. */
  readonly take: (tenantId: string, requestLine: string) => FaultOrder | undefined;
}

export function makeFaults(): Faults {
  const orders = new Map<string, { readonly order: FaultOrder; pass: number; left: number }[]>();
  return {
    next: (tenantId, order) => {
      const known = (orders.get(tenantId) ?? []).filter((entry) => entry.left > 0);
      orders.set(tenantId, [...known, { order, pass: order.after ?? 0, left: order.times ?? 1 }]);
    },
    pending: (tenantId) => (orders.get(tenantId) ?? []).reduce((sum, { left }) => sum + left, 0),
    clear: (tenantId) => (tenantId === undefined ? orders.clear() : void orders.delete(tenantId)),
    take: (tenantId, requestLine) => {
      for (const entry of orders.get(tenantId) ?? []) {
        if (entry.left === 0 || (entry.order.match !== undefined && requestLine.search(entry.order.match) < 0)) continue;
        if (entry.pass > 0) {
          entry.pass--;
          continue;
        }
        entry.left--;
        return entry.order;
      }
      return undefined;
    },
  };
}

export function isTransportFault(fault: FaultOrder['respond']): fault is TransportFault {
  return transportFaults.some((name) => name === fault);
}

/** Status, code and message of the faults that are a plain error object (docs/graph.md §3, §9 item 51). */
const refusals: Readonly<Record<Exclude<StatusFault, '502'>, readonly [status: number, code: string, message: string]>> = {
  '400': [400, 'Request_BadRequest', 'The request was refused on order.'],
  '401': [401, 'InvalidAuthenticationToken', 'Access token has expired or is not yet valid.'],
  '403': [403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'],
  '404': [404, 'Request_ResourceNotFound', 'The resource was not found.'],
  '408': [408, 'requestTimeout', 'The request timed out.'],
  '410': [410, 'resyncRequired', 'Resync is required.'],
  '429': [429, 'TooManyRequests', 'Too many requests.'],
  '500': [500, 'InternalServerError', 'An internal error occurred.'],
  '503': [503, 'serviceNotAvailable', 'The service is temporarily unavailable.'],
  '504': [504, 'UnknownError', ''],
  '509': [509, 'bandwidthLimitExceeded', 'Your app has been throttled for exceeding the maximum bandwidth cap.'],
  expiredPageToken: [
    400,
    'Directory_ExpiredPageToken',
    'The specified page token value has expired and can no longer be included in your request.',
  ],
};

/** The answer of a fault; a batch part cannot lose its connection and is answered 500 instead. */
export function faultAnswer(order: FaultOrder, ids: ExchangeIds & { readonly serviceRoot: string; readonly caller: GraphCaller }): Answer {
  const { respond } = order;
  if (respond === '502')
    return { status: 502, headers: { 'content-type': 'text/html' }, body: '<html><head><title>502 Bad Gateway</title></head></html>' };
  const [status, code, message] = refusals[isTransportFault(respond) ? '500' : respond];
  const headers = {
    ...(respond === '429' || respond === '503' ? retryAfterHeader(order.retryAfter ?? 1, ids.now) : {}),
    ...(respond === '429' ? throttleHeaders(ids.caller, 'Tenant_Application') : {}),
    ...(respond === '410' ? { location: `${ids.serviceRoot}/users/delta?$deltatoken=` } : {}),
  };
  return errorAnswer(new GraphError(status, code, message, headers), ids);
}

function retryAfterHeader(value: NonNullable<FaultOrder['retryAfter']>, now: number): Readonly<Record<string, string>> {
  if (value === 'absent') return {};
  return { 'retry-after': value === 'date' ? new Date(now + 5_000).toUTCString() : String(value) };
}
