// The end of every sign-in to the User Portal: the session under a new id, what the browser had before ends, and the owner learns of it.
import type { Cookie } from '@azure/functions';
import type { Ports } from '../shared/ports/ports.ts';
import { endManagerSession } from '../shared/use-cases/manager-session.ts';
import { noteSignIn } from '../shared/use-cases/sign-in-notes.ts';
import { managerCookie, managerDeviceCookie, managerStepCookie } from './cookies.ts';

/** What the browser sent, whatever it is worth. */
export interface Browser {
  readonly managerSession: string | null;
  readonly managerDevice: string | null;
}

/** A session under a new id, for somebody who was in already; what the browser had before ends. */
export async function renewSession(
  ports: Ports,
  { managerSession }: Pick<Browser, 'managerSession'>,
  session: string,
): Promise<readonly Cookie[]> {
  if (managerSession !== null) await endManagerSession(ports, managerSession);
  return [managerCookie.set(session), managerStepCookie.clear()];
}

export async function enterPortal(ports: Ports, browser: Browser, session: string): Promise<readonly Cookie[]> {
  const cookies = await renewSession(ports, browser, session);
  return [...cookies, managerDeviceCookie.set(await noteSignIn(ports, session, browser.managerDevice))];
}
