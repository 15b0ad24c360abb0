// The end of every sign-in to the User Portal: the session under a new id, what the browser had before ends, and the owner learns of it.
// And the way out.
import type { Cookie } from '@azure/functions';
import type { Ports } from '../shared/ports/ports.ts';
import { endManagerSession } from '../shared/use-cases/manager-session.ts';
import { endStep } from '../shared/use-cases/second-factor-sign-in.ts';
import { noteSignIn } from '../shared/use-cases/sign-in-notes.ts';
import { managerCookie, managerDeviceCookie, managerStepCookie } from './cookies.ts';

/** What the browser sent, whatever it is worth. */
export interface Browser {
  readonly managerSession: string | null;
  readonly managerStep: string | null;
  readonly managerDevice: string | null;
}

type Former = Pick<Browser, 'managerSession' | 'managerStep'>;

/** Ends what the browser had before: a session, and a sign-in that is half done. */
async function endFormer(ports: Ports, { managerSession, managerStep }: Former): Promise<void> {
  if (managerSession !== null) await endManagerSession(ports, managerSession);
  if (managerStep !== null) await endStep(ports, managerStep);
}

export async function leavePortal(ports: Ports, former: Former): Promise<readonly Cookie[]> {
  await endFormer(ports, former);
  return [managerCookie.clear(), managerStepCookie.clear()];
}

/** The password was right and a step must follow; until then nobody is in. */
export async function beginStep(ports: Ports, former: Former, step: string): Promise<readonly Cookie[]> {
  await endFormer(ports, former);
  return [managerCookie.clear(), managerStepCookie.set(step)];
}

/** A session under a new id, for somebody who was in already; what the browser had before ends. */
export async function renewSession(ports: Ports, former: Former, session: string): Promise<readonly Cookie[]> {
  await endFormer(ports, former);
  return [managerCookie.set(session), managerStepCookie.clear()];
}

export async function enterPortal(ports: Ports, browser: Browser, session: string): Promise<readonly Cookie[]> {
  const cookies = await renewSession(ports, browser, session);
  return [...cookies, managerDeviceCookie.set(await noteSignIn(ports, session, browser.managerDevice))];
}
