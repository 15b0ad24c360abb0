// What follows from a route's definition: who may use it and which errors it can answer. Read by the API's description and by its tests.
import { actions, type Role } from '../shared/domain/access.ts';
import { errorCodes, type ErrorCode } from '../shared/domain/errors.ts';
import type { Route } from './route.ts';

/** Whether a route belongs to the User Portal: no token opens it. */
export const isOfManagers = ({ action }: Pick<Route, 'action'>): boolean => action === 'manager' || action === 'anyone';

/** The roles that may use a route; `null` when every valid token may, or when no token counts. */
export function rolesFor({ action }: Pick<Route, 'action'>): readonly Role[] | null {
  return action === 'signedIn' || action === 'manager' || action === 'anyone' ? null : actions[action];
}

const roleNames: Readonly<Record<Role, string>> = {
  operator: 'operator',
  mspAdmin: 'MSP admin',
  companyAdmin: 'company admin',
  companyReader: 'company reader',
  platformProgram: 'the training platform',
};

/** Who may use a route, in words. */
export function callersOf(route: Pick<Route, 'action'>): string {
  if (route.action === 'manager') return 'managers who are signed in to the User Portal';
  if (route.action === 'anyone') return 'everybody; what is sent must prove enough';
  return (
    rolesFor(route)
      ?.map((role) => roleNames[role])
      .join(', ') ?? 'everybody with a valid token'
  );
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
    'upstream-unavailable',
    'internal',
    ...when(route.action !== 'anyone', 'not-signed-in'),
    ...when(route.action !== 'signedIn' && !isOfManagers(route), 'forbidden'),
    ...when(route.method !== 'GET' && route.fromAnywhere !== true, 'cross-site'),
    ...when(isScoped(route), 'not-found'),
    ...when(route.body !== undefined, 'too-large', 'unsupported-media-type'),
    ...when(route.needsIfMatch === true, 'precondition-required'),
    ...when(route.takesIdempotencyKey === true, 'idempotency-mismatch'),
    ...(route.errors ?? []),
  ]);
  return (Object.keys(errorCodes) as ErrorCode[]).filter((code) => found.has(code));
}
