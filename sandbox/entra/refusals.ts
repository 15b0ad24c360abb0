// Entra's refusals by AADSTS number, with the OAuth code and status each travels with. Numbers and codes: Microsoft's error reference
// (learn.microsoft.com/entra/identity-platform/reference-error-codes) and responses seen in public issues (docs/graph.md §5.4).

/** One refusal: how it looks as JSON at the token endpoint, as a redirect, or as a page is up to who answers. */
export interface Refusal {
  readonly kind: 'refused';
  readonly status: number;
  /** OAuth 2.0 `error`. */
  readonly error: string;
  /** The number after AADSTS. */
  readonly code: number;
  readonly message: string;
}

function refusal(status: number, error: string, code: number, message: string): Refusal {
  return { kind: 'refused', status, error, code, message };
}

export const refusals = {
  tenantNotFound: (tenant: string, error: 'invalid_request' | 'invalid_tenant' = 'invalid_request') =>
    refusal(
      400,
      error,
      90002,
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
    ),
  tenantNotNamed: () =>
    refusal(
      400,
      'invalid_request',
      50059,
      'No tenant-identifying information found in either the request or implied by any provided credentials.',
    ),
  parameterMissing: (name: string) =>
    refusal(400, 'invalid_request', 900144, `The request body must contain the following parameter: '${name}'.`),
  grantTypeUnsupported: (grantType: string) =>
    refusal(400, 'unsupported_grant_type', 70003, `The app requested an unsupported grant type '${grantType}'.`),
  applicationUnknown: (clientId: string, tenant: string) =>
    refusal(400, 'unauthorized_client', 700016, `Application with identifier '${clientId}' was not found in the directory '${tenant}'.`),
  servicePrincipalMissing: (clientId: string, tenantId: string) =>
    refusal(
      401,
      'invalid_client',
      7000229,
      `The client application ${clientId} is missing service principal in the tenant ${tenantId}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119`,
    ),
  applicationDisabled: (clientId: string, displayName: string) =>
    refusal(400, 'unauthorized_client', 7000112, `Application '${clientId}'(${displayName}) is disabled.`),
  credentialMissing: () =>
    refusal(
      401,
      'invalid_client',
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
  secretWrong: (clientId: string) =>
    refusal(
      401,
      'invalid_client',
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
    ),
  secretExpired: (clientId: string) =>
    refusal(401, 'invalid_client', 7000222, `The provided client secret keys for app '${clientId}' are expired.`),
  assertionSignatureInvalid: () =>
    refusal(401, 'invalid_client', 700027, 'Client assertion failed signature validation. [Reason - The key was not found.]'),
  assertionOutOfTime: () => refusal(401, 'invalid_client', 700024, 'Client assertion is not within its valid time range.'),
  assertionIssuerUnknown: (issuer: string) =>
    refusal(401, 'invalid_client', 700211, `No matching federated identity record found for presented assertion issuer '${issuer}'.`),
  assertionAudienceUnknown: (audience: string) =>
    refusal(401, 'invalid_client', 700212, `No matching federated identity record found for presented assertion audience '${audience}'.`),
  assertionSubjectUnknown: (subject: string) =>
    refusal(401, 'invalid_client', 700213, `No matching federated identity record found for presented assertion subject '${subject}'.`),
  scopeNotDefault: (scope: string) =>
    refusal(
      400,
      'invalid_scope',
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    ),
  resourceUnknown: (resource: string, tenant: string) =>
    refusal(400, 'invalid_resource', 500011, `The resource principal named ${resource} was not found in the tenant named ${tenant}.`),
  scopeUnknown: (scope: string) =>
    refusal(400, 'invalid_client', 650053, `The application asked for scope '${scope}' that doesn't exist on the resource.`),
  redirectUriUnknown: (redirectUri: string, clientId: string) =>
    refusal(
      400,
      'invalid_request',
      50011,
      `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${clientId}'.`,
    ),
  responseTypeUnsupported: (responseType: string) =>
    refusal(400, 'unsupported_response_type', 70005, `The app requested an unsupported response type '${responseType}'.`),
  responseModeUnsupported: (responseMode: string) =>
    refusal(400, 'invalid_request', 70007, `'${responseMode}' is not a supported value of 'response_mode'.`),
  codeChallengeInvalid: () =>
    refusal(400, 'invalid_request', 50147, 'The size of the Code_Challenge parameter is invalid, or its method is not S256.'),
  codeUnknown: () => refusal(400, 'invalid_grant', 9002313, 'Invalid request. The authorization code is malformed or was never issued.'),
  codeRedeemed: () =>
    refusal(
      400,
      'invalid_grant',
      54005,
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
    ),
  codeExpired: () => refusal(400, 'invalid_grant', 70008, 'The provided authorization code or refresh token has expired.'),
  codeOfOtherTenant: () => refusal(400, 'invalid_grant', 700005, 'Provided Authorization Code is intended to use against other tenant.'),
  codeVerifierWrong: () =>
    refusal(
      400,
      'invalid_grant',
      501481,
      'The Code_Verifier does not match the code_challenge supplied in the authorization request for PKCE.',
    ),
  replyAddressChanged: (presented: string, requested: string) =>
    refusal(
      400,
      'invalid_grant',
      500112,
      `The reply address '${presented}' does not match the reply address '${requested}' provided when requesting Authorization code.`,
    ),
  signInDeclined: () => refusal(400, 'access_denied', 65004, 'User declined to consent to access the app.'),
  loginRequired: () => refusal(400, 'login_required', 50058, 'A silent sign-in request was sent but no user is signed in.'),
  accountOfOtherTenant: (userPrincipalName: string, tenant: string) =>
    refusal(400, 'invalid_request', 50020, `User account '${userPrincipalName}' does not exist in tenant '${tenant}'.`),
  accountUnknown: (objectId: string) =>
    refusal(400, 'invalid_request', 50034, `The user account '${objectId}' does not exist in any directory of this sandbox.`),
  consentDeclined: () => refusal(400, 'consent_required', 65004, 'User declined to consent to access the app.'),
  adminRequired: (displayName: string) =>
    refusal(
      403,
      'access_denied',
      90094,
      `${displayName} needs permission to access resources in your organization that only an admin can grant.`,
    ),
} as const;
