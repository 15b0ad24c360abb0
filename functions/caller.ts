// Who calls: a bearer token, or the session cookie of the portal. Cookies only count for requests from our own pages.
import type { HttpRequest } from '@azure/functions';
import type { Principal } from '../shared/domain/access.ts';
import { Refusal } from '../shared/domain/errors.ts';
import type { Ports } from '../shared/ports/ports.ts';
import { principalOfSession } from '../shared/use-cases/admin-session.ts';
import { readCookie, sessionCookie } from './cookies.ts';

const safeMethods = ['GET', 'HEAD'];

/**
 * Refuses a request that another site made a browser send. `Sec-Fetch-Site` decides where the browser sends it, `Origin` where not.
 * @throws Refusal `cross-site`.
 */
export function requireSameSite(request: Pick<HttpRequest, 'headers' | 'method'>, publicUrl: string): void {
  if (safeMethods.includes(request.method)) return;
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  const isOwn = site === null ? origin === null || origin === new URL(publicUrl).origin : site === 'same-origin';
  if (!isOwn) throw new Refusal('cross-site');
}

/** @throws Refusal `not-signed-in` or `cross-site`. */
export async function readCaller(ports: Ports, request: HttpRequest): Promise<Principal> {
  const authorization = request.headers.get('authorization');
  if (authorization !== null) {
    const token = /^Bearer ([\w.~+/=-]+)$/i.exec(authorization)?.[1];
    const claims = token === undefined ? undefined : await ports.signIn.checkBearer(token);
    if (!claims) throw new Refusal('not-signed-in');
    return claims;
  }
  const session = readCookie(request.headers.get('cookie'), sessionCookie.name);
  const principal = session === null ? undefined : await principalOfSession(ports, session);
  if (!principal) throw new Refusal('not-signed-in');
  requireSameSite(request, ports.operation.publicUrl);
  return principal;
}
