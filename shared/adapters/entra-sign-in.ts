// Sign-in, consent addresses and bearer tokens with Microsoft Entra, for one multi-tenant app registration.
import { calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier } from 'openid-client';
import type { Clock } from '../ports/clock.ts';
import type { SignIn, SignInOutcome } from '../ports/sign-in.ts';
import { toBearerClaims, toSignedIn } from './entra-claims.ts';
import { type ClientProof, makeExchangeCode } from './entra-code.ts';
import { isGuid, makeTokenCheck } from './entra-tokens.ts';

export interface SignInSettings {
  /** `https://login.microsoftonline.com`, a national cloud's, or the sandbox's address; https only. */
  readonly authorityHost: string;
  /** Where people's browsers are sent; the same in Azure, and plain http on localhost in the sandbox. */
  readonly signInHost: string;
  readonly clientId: string;
  /** Null when the application proves itself by a federated credential. */
  readonly clientSecret: string | null;
  /** A token of our managed identity for `api://AzureADTokenExchange`; used when there is no secret. */
  readonly assertion?: () => Promise<string>;
  /** Last part of the API's delegated scope, which a person's bearer token must carry in `scp`. */
  readonly scopeName?: string;
  readonly clock: Clock;
}

/** Entra's codes are about 1,500 characters long; a longer one did not come from there. */
const longestCode = 8_192;

/**
 * Makes the port on Entra's v2.0 endpoints, which have the same form for every tenant and cloud
 * (learn.microsoft.com/entra/identity-platform/v2-protocols), so that starting a sign-in needs no network.
 *
 * `finish` and `checkBearer` throw Refusal `upstream-unavailable` when Entra does not answer; `start` and `consentUrl` throw RangeError for
 * a tenant that is neither a GUID nor `organizations`.
 * @throws RangeError for an address people's secrets must not travel to; TypeError without secret and assertion.
 */
export function makeSignIn(settings: SignInSettings): SignIn {
  const { clientId, clock, scopeName = 'Muster.Access' } = settings;
  const authorityHost = requireSafe(settings.authorityHost, ['https:']);
  const signInHost = requireSafe(settings.signInHost, ['https:', 'http:']);
  const checkToken = makeTokenCheck({ authorityHost, clientId, clock });
  const exchangeCode = makeExchangeCode(authorityHost, clientId, clientProof(settings));
  const browserUrl = (tenant: string, path: string, query: Readonly<Record<string, string>>): string =>
    `${signInHost}/${requireTenant(tenant)}/${path}?${new URLSearchParams({ client_id: clientId, ...query }).toString()}`;
  return {
    consentUrl: ({ tenant, redirectUri, state }) =>
      browserUrl(tenant, 'v2.0/adminconsent', { scope: 'https://graph.microsoft.com/.default', redirect_uri: redirectUri, state }),
    start: async ({ tenant, redirectUri, state, loginHint, chooseAccount }) => {
      const codeVerifier = randomPKCECodeVerifier();
      const nonce = randomNonce();
      const url = browserUrl(tenant, 'oauth2/v2.0/authorize', {
        response_type: 'code',
        response_mode: 'query',
        redirect_uri: redirectUri,
        scope: 'openid profile',
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        ...(loginHint === undefined ? {} : { login_hint: loginHint }),
        ...(chooseAccount === true ? { prompt: 'select_account' } : {}),
      });
      return { url, codeVerifier, nonce };
    },
    finish: async ({ tenant, redirectUri, code, codeVerifier, nonce }) => {
      if (!isTenant(tenant)) return refused('The sign-in names no tenant.');
      if (code.length > longestCode) return refused('The sign-in did not come from Microsoft.');
      const exchanged = await exchangeCode({ tenant, redirectUri, code, codeVerifier });
      if (exchanged.kind === 'refused') return exchanged;
      const claims = await checkToken(exchanged.idToken);
      if (claims === undefined) return refused('The ID token is not acceptable.');
      if (nonce === '' || claims['nonce'] !== nonce) return refused('The ID token was made for another sign-in; start again.');
      if (isGuid(tenant) && tenant.toLowerCase() !== claims.tid) return refused('The account belongs to another tenant.');
      return { kind: 'signedIn', account: toSignedIn(claims) };
    },
    checkBearer: async (token) => {
      const claims = await checkToken(token);
      return claims === undefined ? undefined : toBearerClaims(claims, scopeName);
    },
  };
}

function refused(sentence: string): SignInOutcome {
  return { kind: 'refused', sentence };
}

function clientProof({ clientSecret, assertion }: SignInSettings): ClientProof {
  if (clientSecret !== null) return { clientSecret };
  if (assertion === undefined) throw new TypeError('The application needs a client secret or an assertion to prove itself to Entra.');
  return { assertion };
}

/** Answers the origin alone, so that a slash at the end makes no difference to issuers. */
function requireSafe(host: string, protocols: readonly string[]): string {
  const { protocol, hostname, origin } = new URL(host);
  const isLocal = hostname === 'localhost' || hostname === '127.0.0.1';
  if (!protocols.includes(protocol) || (protocol === 'http:' && !isLocal)) throw new RangeError(`${host} is not an https address.`);
  return origin;
}

function isTenant(tenant: string): boolean {
  return tenant === 'organizations' || isGuid(tenant);
}

function requireTenant(tenant: string): string {
  if (!isTenant(tenant)) throw new RangeError('A tenant is named by its GUID, or it is organizations.');
  return tenant;
}
