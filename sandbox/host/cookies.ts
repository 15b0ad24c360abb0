// Writes Set-Cookie headers from the library's wire form, as the Azure host does for answers that do not stream.
import type { HttpCookie } from './core-types.ts';

const sameSites = { none: undefined, lax: 'Lax', strict: 'Strict', explicitNone: 'None' } as const;

/** One Set-Cookie value. The cookie's value goes out percent-encoded, as ASP.NET Core does it. */
export function setCookieHeader(cookie: HttpCookie): string {
  const sameSite = sameSites[cookie.sameSite ?? 'none'];
  const expires = cookie.expires?.value.seconds;
  return [
    `${cookie.name}=${encodeURIComponent(cookie.value)}`,
    ...(expires === undefined ? [] : [`Expires=${new Date(expires * 1000).toUTCString()}`]),
    ...(cookie.maxAge === undefined ? [] : [`Max-Age=${Math.trunc(cookie.maxAge.value)}`]),
    ...(cookie.domain === undefined ? [] : [`Domain=${cookie.domain.value}`]),
    ...(cookie.path === undefined ? [] : [`Path=${cookie.path.value}`]),
    ...(cookie.secure?.value === true ? ['Secure'] : []),
    ...(cookie.httpOnly?.value === true ? ['HttpOnly'] : []),
    ...(sameSite === undefined ? [] : [`SameSite=${sameSite}`]),
  ].join('; ');
}
