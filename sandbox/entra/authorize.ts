// `/{tenant|organizations|common}/oauth2/v2.0/authorize`: the sign-in page and the redirect with a code. PKCE with S256 is required.

import type { TenantProfile } from '../world/tenants.ts';
import { accountPage, readChoice, rememberMember, signedInMember, tenantsOf } from './account-choice.ts';
import { appDisplayName, type EntraContext } from './context.ts';
import type { Member } from './directory.ts';
import { type Answer, describe, type EntraRequest, pageAnswer, rawParameter, redirectAnswer } from './http.ts';
import { signInPage, stopAnswer } from './pages.ts';
import { registeredRedirectUri } from './redirect-uri.ts';
import { type Refusal, refusals } from './refusals.ts';

const openIdScopes: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];

interface SignInRequest {
  readonly kind: 'request';
  readonly scope: string;
  readonly codeChallenge: string;
}

export function answerAuthorize(context: EntraContext, tenantName: string, request: EntraRequest): Answer {
  const tenants = tenantsOf(context, tenantName);
  if ('kind' in tenants) return stopAnswer(tenants);
  // Until the address is known to be the app's own, nobody is sent to it.
  const redirectUri = registeredRedirectUri(context, tenantName, request);
  if (typeof redirectUri !== 'string') return stopAnswer(redirectUri);
  const rawState = rawParameter(request.rawQuery, 'state');
  const refuse = (refusal: Refusal): Answer =>
    redirectAnswer(redirectUri, { error: refusal.error, error_description: describe(refusal) }, rawState);

  const asked = readSignInRequest(context, request.query);
  if (asked.kind === 'refused') return refuse(asked);
  const send = (member: Member): Answer => {
    const consent = context.directory.consentState(member.tenant.tenantId);
    if (consent.kind === 'consented' && !consent.enabled) {
      return stopAnswer(refusals.applicationDisabled(context.app.clientId, appDisplayName(context)));
    }
    const { scope, codeChallenge } = asked;
    const nonce = request.query.get('nonce') ?? undefined;
    const code = context.codes.issue({ member, redirectUri, scope, codeChallenge, nonce });
    return redirectAnswer(redirectUri, { code }, rawState, rememberMember(member));
  };
  return answerChoice(context, tenants, request, { send, refuse });
}

interface Outcomes {
  readonly send: (member: Member) => Answer;
  readonly refuse: (refusal: Refusal) => Answer;
}

function answerChoice(context: EntraContext, tenants: readonly TenantProfile[], request: EntraRequest, outcomes: Outcomes): Answer {
  const choice = readChoice(context, tenants, request);
  if (choice.kind === 'accepted') return outcomes.send(choice.member);
  if (choice.kind === 'cancelled') return outcomes.refuse(refusals.signInDeclined());
  if (choice.kind === 'refused') return stopAnswer(choice);
  if (request.query.get('prompt') !== 'none') {
    return pageAnswer(200, signInPage(accountPage(context, tenants, request, appDisplayName(context))));
  }
  const member = signedInMember(context, tenants, request);
  return member === undefined ? outcomes.refuse(refusals.loginRequired()) : outcomes.send(member);
}

function readSignInRequest(context: EntraContext, query: URLSearchParams): SignInRequest | Refusal {
  const responseType = query.get('response_type');
  if (responseType === null) return refusals.parameterMissing('response_type');
  if (responseType !== 'code') return refusals.responseTypeUnsupported(responseType);
  const responseMode = query.get('response_mode') ?? 'query';
  if (responseMode !== 'query') return refusals.responseModeUnsupported(responseMode);
  const scope = query.get('scope')?.trim();
  if (scope === undefined || scope === '') return refusals.parameterMissing('scope');
  const unknown = scope.split(' ').find((name) => !openIdScopes.includes(name) && name !== context.app.apiScope);
  if (unknown !== undefined) return refusals.scopeUnknown(unknown);
  const codeChallenge = query.get('code_challenge') ?? '';
  // SHA-256 in base64url is 43 characters long.
  if (query.get('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(codeChallenge)) return refusals.codeChallengeInvalid();
  return { kind: 'request', scope, codeChallenge };
}
