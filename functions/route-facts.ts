// What follows from a route's definition: who may use it and which errors it can answer. Read by the API's description and by its tests.
import { actions, type Role } from '../shared/domain/access.ts';
import { errorCodes, type ErrorCode } from '../shared/domain/errors.ts';
import type { Route } from './route.ts';

/** The roles that may use a route; `null` when every valid token may. */
export function rolesFor(route: Pick<Route, 'action'>): readonly Role[] | null {
  return route.action === 'signedIn' ? null : actions[route.action];
}

/** True when the route speaks of one MSP or company, which is hidden from everybody who has no role there. */
export function isScoped(route: Pick<Route, 'path'>): boolean {
  return route.path.includes('{mspId}') || route.path.includes('{companyId}');
}

/** Every error code a route can answer, in the order of the table of codes. */
export function errorsFor(route: Route): readonly ErrorCode[] {
  const when = (condition: boolean, ...codes: readonly ErrorCode[]) => (condition ? codes : []);
  const found = new Set<ErrorCode>([
    'invalid-request',
    'not-signed-in',
    'upstream-unavailable',
    'internal',
    ...when(route.action !== 'signedIn', 'forbidden'),
    ...when(route.method !== 'GET', 'cross-site'),
    ...when(isScoped(route), 'not-found'),
    ...when(route.body !== undefined, 'too-large', 'unsupported-media-type'),
    ...when(route.needsIfMatch === true, 'precondition-required'),
    ...when(route.takesIdempotencyKey === true, 'idempotency-mismatch'),
    ...(route.errors ?? []),
  ]);
  return (Object.keys(errorCodes) as ErrorCode[]).filter((code) => found.has(code));
}
