// The managed identity endpoint a Function App has: plain http, guarded by a header only the app's own process knows
// (Microsoft's App Service managed identity reference, api-version 2019-08-01).

import { decodeJwt } from 'jose';
import type { EntraContext } from './context.ts';
import { type Answer, type EntraRequest, jsonAnswer } from './http.ts';
import { managedIdentityClaims } from './tokens.ts';

export const managedIdentityPath = '/msi/token';

/** `GET ?api-version=2019-08-01&resource=…&client_id=…` with `X-IDENTITY-HEADER`; answers a token of the user-assigned identity. */
export async function answerManagedIdentity(context: EntraContext, request: EntraRequest): Promise<Answer> {
  const { clientId, header } = context.managedIdentity;
  if (request.headers['x-identity-header'] !== header) return jsonAnswer(401, { statusCode: 401, message: 'Unauthorized' });
  if (request.query.get('api-version') !== '2019-08-01') {
    return jsonAnswer(400, { statusCode: 400, message: 'The api-version is missing or not supported.' });
  }
  const resource = request.query.get('resource');
  if (resource === null) return jsonAnswer(400, { statusCode: 400, message: 'The parameter resource is missing.' });
  // There is no system-assigned identity, so a request that names none is refused as well.
  if (request.query.get('client_id') !== clientId) {
    return jsonAnswer(400, { statusCode: 400, message: 'No Managed Identity found for specified ClientId/ResourceId/PrincipalId.' });
  }
  const token = await context.signingKey.sign(managedIdentityClaims(context, resource));
  return jsonAnswer(200, {
    access_token: token,
    client_id: clientId,
    expires_on: String(decodeJwt(token).exp),
    resource,
    token_type: 'Bearer',
  });
}
