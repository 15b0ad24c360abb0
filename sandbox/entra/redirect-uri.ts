// Which address a person may be sent back to: sign-in and consent share the check, and nobody is redirected before it.

import type { EntraContext } from './context.ts';
import type { EntraRequest } from './http.ts';
import { type Refusal, refusals } from './refusals.ts';

/** The request's redirect address, if the app has registered exactly that. */
export function registeredRedirectUri(context: EntraContext, tenantName: string, { query }: EntraRequest): string | Refusal {
  const clientId = query.get('client_id');
  if (clientId === null) return refusals.parameterMissing('client_id');
  if (clientId !== context.app.clientId) return refusals.applicationUnknown(clientId, tenantName);
  const redirectUri = query.get('redirect_uri');
  if (redirectUri === null) return refusals.parameterMissing('redirect_uri');
  return context.app.redirectUris.includes(redirectUri) ? redirectUri : refusals.redirectUriUnknown(redirectUri, clientId);
}
