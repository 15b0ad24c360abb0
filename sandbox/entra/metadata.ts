// OpenID Connect discovery and the public keys. Everything named here is the https address, whichever way the question came.

import type { EntraContext } from './context.ts';
import { anyTenantNames } from './directory.ts';
import { type Answer, jsonAnswer, refusalAnswer } from './http.ts';
import { refusals } from './refusals.ts';

/** `/{tenant}/v2.0/.well-known/openid-configuration`; for `organizations` and `common` the issuer is Entra's template with `{tenantid}`. */
export function answerMetadata(context: EntraContext, tenantName: string): Answer {
  const isAnyTenant = anyTenantNames.includes(tenantName);
  const tenant = context.directory.find(tenantName);
  if (tenant === undefined && !isAnyTenant) return refusalAnswer(context, refusals.tenantNotFound(tenantName, 'invalid_tenant'));
  const base = `${context.authority}/${tenant?.tenantId ?? tenantName}`;
  return jsonAnswer(200, {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${context.authority}/${tenant?.tenantId ?? '{tenantid}'}/v2.0`,
    request_uri_parameter_supported: false,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    http_logout_supported: false,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'name', 'tid', 'oid', 'preferred_username', 'ver', 'wids', 'roles'],
    tenant_region_scope: null,
  });
}

/** `/{tenant}/discovery/v2.0/keys`; the same keys for every tenant. */
export function answerKeys(context: EntraContext, tenantName: string): Answer {
  const isKnown = anyTenantNames.includes(tenantName) || context.directory.find(tenantName) !== undefined;
  return isKnown
    ? jsonAnswer(200, context.signingKey.publicKeys)
    : refusalAnswer(context, refusals.tenantNotFound(tenantName, 'invalid_tenant'));
}
