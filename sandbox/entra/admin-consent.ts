// `/{tenant|organizations}/v2.0/adminconsent` and its v1 forerunner `/{tenant|common}/adminconsent`
// (docs/graph.md §5.1 and §9 items 6–8).

import { directoryRoles, type SignInAccount, type TenantProfile } from '../world/tenants.ts';
import { accountPage, readChoice, rememberMember, tenantsOf } from './account-choice.ts';
import { appDisplayName, type EntraContext } from './context.ts';
import { type Answer, describe, type EntraRequest, pageAnswer, rawParameter, redirectAnswer } from './http.ts';
import { graphResource } from './options.ts';
import { consentPage, stopAnswer } from './pages.ts';
import { registeredRedirectUri } from './redirect-uri.ts';
import { type Refusal, refusals } from './refusals.ts';

type ConsentVersion = 'v1' | 'v2';

/** Only these may grant Graph application permissions; Application Administrators may not (docs/graph.md §5.1). */
const consentingRoles: readonly string[] = [directoryRoles.globalAdministrator, directoryRoles.privilegedRoleAdministrator];

interface ConsentRequest {
  readonly tenants: readonly TenantProfile[];
  readonly redirectUri: string;
  /** The `scope` parameter; absent in v1. */
  readonly scope: string | undefined;
}

export function answerAdminConsent(context: EntraContext, version: ConsentVersion, tenantName: string, request: EntraRequest): Answer {
  const asked = readConsentRequest(context, version, tenantName, request);
  if ('kind' in asked) return stopAnswer(asked);
  const { tenants, redirectUri, scope } = asked;
  const rawState = rawParameter(request.rawQuery, 'state');
  const roles = rolesAskedFor(context, scope);
  const choice = readChoice(context, tenants, request);
  if (choice.kind === 'refused') return stopAnswer(choice);
  if (choice.kind === 'cancelled') return declined(version, redirectUri, rawState);
  if (choice.kind === 'ask') {
    return pageAnswer(200, consentPage({ ...accountPage(context, tenants, request, appDisplayName(context)), roles }));
  }
  const { tenant, account } = choice.member;
  if (!mayConsent(account)) return stopAnswer(refusals.adminRequired(appDisplayName(context)));
  context.directory.consent(tenant.tenantId, roles);
  const granted = { admin_consent: 'True', tenant: tenant.tenantId, ...(scope === undefined ? {} : { scope }) };
  return redirectAnswer(redirectUri, granted, rawState, rememberMember(choice.member));
}

function readConsentRequest(
  context: EntraContext,
  version: ConsentVersion,
  tenantName: string,
  request: EntraRequest,
): ConsentRequest | Refusal {
  if (version === 'v2' && tenantName === 'common') return refusals.tenantNotNamed();
  const tenants = tenantsOf(context, tenantName);
  if ('kind' in tenants) return tenants;
  const scope = version === 'v2' ? (request.query.get('scope') ?? undefined) : undefined;
  if (version === 'v2' && scope === undefined) return refusals.parameterMissing('scope');
  const redirectUri = registeredRedirectUri(context, tenantName, request);
  return typeof redirectUri === 'string' ? { tenants, redirectUri, scope } : redirectUri;
}

/** Application permissions are asked for with `.default` and then are the registration's whole list; other scopes are delegated ones. */
function rolesAskedFor(context: EntraContext, scope: string | undefined): readonly string[] {
  const asksForRegisteredRoles = scope === undefined || scope.split(' ').includes(`${graphResource}/.default`);
  return asksForRegisteredRoles ? context.app.roles : [];
}

function mayConsent(account: SignInAccount): boolean {
  return account.directoryRoles.some((role) => consentingRoles.includes(role));
}

/** v2 says `admin_consent=True` even here; v1 leaves `state` out. Apps that look at either first are wrong, and find out. */
function declined(version: ConsentVersion, redirectUri: string, rawState: string | undefined): Answer {
  const description = describe(refusals.consentDeclined());
  return version === 'v1'
    ? redirectAnswer(redirectUri, { error: 'permission_denied', error_description: description }, undefined)
    : redirectAnswer(redirectUri, { admin_consent: 'True', error: 'consent_required', error_description: description }, rawState);
}
