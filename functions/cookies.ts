// Cookies are host-only, secure and invisible to scripts; `Lax`, because people come back from Entra by a link.
import type { Cookie } from '@azure/functions';

const cookie = (name: string, lifeSeconds: number) => {
  const form = { name, path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const;
  return {
    name,
    set: (value: string): Cookie => ({ ...form, value, maxAge: lifeSeconds }),
    clear: (): Cookie => ({ ...form, value: '', maxAge: 0 }),
  };
};

/** Binds an attempt to join a tenant to the browser that started it. */
export const connectCookie = cookie('__Host-muster-connect', 15 * 60);
/** An admin's session in the portal. */
export const sessionCookie = cookie('__Host-muster-session', 12 * 3600);
/** A manager's session in the User Portal. */
export const managerCookie = cookie('__Host-muster-manager', 12 * 3600);
/** A manager's sign-in that waits for the second factor. It opens that step and nothing else, and ends before the cookie does. */
export const managerStepCookie = cookie('__Host-muster-manager-step', 15 * 60);
/** Tells a browser that a manager has used before from a new one; opens nothing. */
export const managerDeviceCookie = cookie('__Host-muster-device', 400 * 86_400);
/** Binds a sign-in to the browser that started it. */
export const signInCookie = cookie('__Host-muster-sign-in', 15 * 60);

/** The value of a cookie in a `Cookie` header. */
export function readCookie(header: string | null, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return value.join('=');
  }
  return null;
}
