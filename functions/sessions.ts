// Signing in to the portal with Microsoft, and out again.
import type { HttpRequest } from '@azure/functions';
import type { Ports } from '../shared/ports/ports.ts';
import { endSession, finishSignIn, startSignIn } from '../shared/use-cases/admin-session.ts';
import { requireSameSite } from './caller.ts';
import { readCookie, sessionCookie, signInCookie } from './cookies.ts';
import type { Reply } from './route.ts';

/** `GET /sign-in?return=/path`: sends the browser to Microsoft. */
export async function startAdminSignIn(request: HttpRequest, ports: Ports): Promise<Reply> {
  const { url, browserSecret } = await startSignIn(ports, request.query.get('return'));
  return { status: 302, headers: { Location: url }, cookies: [signInCookie.set(browserSecret)] };
}

/** Microsoft sent an admin's browser back. A new session replaces whatever was there. */
export async function finishAdminSignIn(request: HttpRequest, ports: Ports): Promise<Reply> {
  const browserSecret = readCookie(request.headers.get('cookie'), signInCookie.name);
  const { session, returnTo } = await finishSignIn(ports, {
    state: request.query.get('state'),
    code: request.query.get('code'),
    browserSecret,
  });
  const former = readCookie(request.headers.get('cookie'), sessionCookie.name);
  if (former !== null) await endSession(ports, former);
  return { status: 303, headers: { Location: returnTo }, cookies: [signInCookie.clear(), sessionCookie.set(session)] };
}

/** `POST /sign-out`: ends the session. */
export async function signOut(request: HttpRequest, ports: Ports): Promise<Reply> {
  requireSameSite(request, ports.operation.publicUrl);
  const session = readCookie(request.headers.get('cookie'), sessionCookie.name);
  if (session !== null) await endSession(ports, session);
  return { status: 303, headers: { Location: '/' }, cookies: [sessionCookie.clear()] };
}
