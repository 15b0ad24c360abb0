// `/{tenant}/oauth2/v2.0/token`: client credentials for Graph and the API, and the second half of a sign-in.

import { type Client, authenticateClient } from './client-authentication.ts';
import { appDisplayName, type EntraContext } from './context.ts';
import { anyTenantNames } from './directory.ts';
import { type Answer, type EntraRequest, jsonAnswer, refusalAnswer } from './http.ts';
import { graphResource } from './options.ts';
import { type Refusal, refusals } from './refusals.ts';
import { apiClaims, apiResource, graphClaims, idTokenClaims, profileClaims, programClaims } from './tokens.ts';

interface Tokens {
  readonly kind: 'tokens';
  readonly body: Readonly<Record<string, string | number>>;
}

export async function answerTokenRequest(context: EntraContext, tenantName: string, request: EntraRequest): Promise<Answer> {
  const tenant = context.directory.find(tenantName);
  if (tenant !== undefined) context.countTokenRequest(tenant.tenantId);
  const outcome = await issueTokens(context, tenantName, request);
  return outcome.kind === 'tokens' ? jsonAnswer(200, outcome.body) : refusalAnswer(context, outcome);
}

async function issueTokens(context: EntraContext, tenantName: string, request: EntraRequest): Promise<Tokens | Refusal> {
  const tenantId = context.directory.find(tenantName)?.tenantId;
  if (tenantId === undefined && !anyTenantNames.includes(tenantName)) return refusals.tenantNotFound(tenantName);
  const grantType = request.form.get('grant_type');
  switch (grantType) {
    case null:
      return refusals.parameterMissing('grant_type');
    case 'client_credentials': {
      if (tenantId === undefined) return refusals.tenantNotNamed();
      const client = await authenticateClient(context, tenantName, request);
      return client.kind === 'refused' ? client : issueForClient(context, tenantId, client, request.form.get('scope'));
    }
    case 'authorization_code': {
      const client = await authenticateClient(context, tenantName, request);
      return client.kind === 'refused' ? client : redeemCode(context, tenantId, client, request.form);
    }
    default:
      return refusals.grantTypeUnsupported(grantType);
  }
}

async function issueForClient(context: EntraContext, tenantId: string, client: Client, scope: string | null): Promise<Tokens | Refusal> {
  if (scope === null) return refusals.parameterMissing('scope');
  if (!scope.endsWith('/.default')) return refusals.scopeNotDefault(scope);
  const resource = scope.slice(0, -'/.default'.length);
  const isForApi = resource === context.app.clientId || resource === apiResource(context);
  if (!isForApi && resource !== graphResource) return refusals.resourceUnknown(resource, tenantId);
  const identity = client.kind === 'app' ? identifyApp(context, tenantId) : { kind: 'identified' as const, ...client.program };
  if (identity.kind === 'refused') return identity;
  // Roles belong to one resource: the app's are Graph's, a program's are the API's.
  const roles = isForApi === (client.kind === 'program') ? identity.roles : [];
  const caller = { tenantId, clientId: identity.clientId, objectId: identity.objectId, roles, proof: client.proof };
  const claims = isForApi ? programClaims(context, caller) : graphClaims(context, caller);
  return tokens(context, await context.signingKey.sign(claims));
}

interface Identified {
  readonly kind: 'identified';
  readonly clientId: string;
  readonly objectId: string;
  readonly roles: readonly string[];
}

function identifyApp(context: EntraContext, tenantId: string): Identified | Refusal {
  const { clientId } = context.app;
  const consent = context.directory.consentState(tenantId);
  if (consent.kind === 'none') {
    return context.settings.missingServicePrincipal === 700016
      ? refusals.applicationUnknown(clientId, tenantId)
      : refusals.servicePrincipalMissing(clientId, tenantId);
  }
  if (!consent.enabled) return refusals.applicationDisabled(clientId, appDisplayName(context));
  return { kind: 'identified', clientId, objectId: consent.servicePrincipalId, roles: consent.rolesInEffect };
}

async function redeemCode(
  context: EntraContext,
  tenantId: string | undefined,
  client: Client,
  form: URLSearchParams,
): Promise<Tokens | Refusal> {
  const code = form.get('code');
  if (code === null) return refusals.parameterMissing('code');
  const redirectUri = form.get('redirect_uri');
  if (redirectUri === null) return refusals.parameterMissing('redirect_uri');
  const codeVerifier = form.get('code_verifier');
  if (codeVerifier === null) return refusals.parameterMissing('code_verifier');
  // Codes are issued to the app alone.
  if (client.kind === 'program') return refusals.codeUnknown();
  const redeemed = context.codes.redeem({ code, redirectUri, codeVerifier, tenantId });
  if (redeemed.kind === 'refused') return redeemed;
  const { member, scope, nonce } = redeemed.grant;
  const scopes = scope.split(' ');
  const accessClaims = scopes.includes(context.app.apiScope)
    ? apiClaims(context, member, client.proof)
    : profileClaims(context, member, scope);
  const accessToken = await context.signingKey.sign(accessClaims);
  const idToken = scopes.includes('openid') ? await context.signingKey.sign(idTokenClaims(context, member, nonce)) : undefined;
  return tokens(context, accessToken, { scope, ...(idToken === undefined ? {} : { id_token: idToken }) });
}

function tokens(context: EntraContext, accessToken: string, more: Readonly<Record<string, string>> = {}): Tokens {
  const seconds = context.settings.accessTokenSeconds;
  return {
    kind: 'tokens',
    body: { token_type: 'Bearer', expires_in: seconds, ext_expires_in: seconds, access_token: accessToken, ...more },
  };
}
