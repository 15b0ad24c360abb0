// Exchanges an authorization code for an ID token at Entra's token endpoint, with our secret or with our managed identity's word.
import {
  type ClientAuth,
  ClientSecretPost,
  Configuration,
  customFetch,
  genericGrantRequest,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { entraUnavailable } from './entra-tokens.ts';

/** How the application proves itself: a secret, or a source of assertions for its federated credential. */
export type ClientProof = { readonly clientSecret: string } | { readonly assertion: () => Promise<string> };

interface CodeExchange {
  readonly tenant: string;
  readonly redirectUri: string;
  readonly code: string;
  readonly codeVerifier: string;
}

type Exchanged =
  /** Not looked at yet: the token still has to be checked. */
  { readonly kind: 'idToken'; readonly idToken: string } | { readonly kind: 'refused'; readonly sentence: string };

/** @throws Refusal `upstream-unavailable` when Entra cannot be reached, is throttling, or answers nothing usable. */
type ExchangeCode = (exchange: CodeExchange) => Promise<Exchanged>;

const timeoutInSeconds = 10;

export function makeExchangeCode(authorityHost: string, clientId: string, proof: ClientProof): ExchangeCode {
  return async ({ tenant, redirectUri, code, codeVerifier }) => {
    const server = { issuer: `${authorityHost}/${tenant}/v2.0`, token_endpoint: `${authorityHost}/${tenant}/oauth2/v2.0/token` };
    const configuration = new Configuration(server, clientId, undefined, await authentication(clientId, proof));
    configuration.timeout = timeoutInSeconds;
    let idToken: unknown;
    // openid-client compares the issuer with one fixed text, and knows Entra's issuer-per-tenant at a single cloud's address only. So the
    // ID token is taken out of the answer and goes through our own check, the same for every cloud, for one tenant and for `organizations`.
    configuration[customFetch] = async (url, options) => {
      const response = await fetch(url, options as RequestInit);
      if (response.status !== 200) return response;
      const { id_token, access_token, ...rest } = (await response.json()) as Record<string, unknown>;
      idToken = id_token;
      // Nobody uses the access token, and an error about this answer would carry it into a log.
      return Response.json({ ...rest, access_token: typeof access_token === 'string' ? 'left out' : undefined });
    };
    try {
      await genericGrantRequest(configuration, 'authorization_code', { redirect_uri: redirectUri, code, code_verifier: codeVerifier });
    } catch (error) {
      return { kind: 'refused', sentence: refusalSentence(error) };
    }
    return typeof idToken === 'string' ? { kind: 'idToken', idToken } : { kind: 'refused', sentence: 'Microsoft sent no ID token.' };
  };
}

/** An assertion is asked for with every exchange, because it lives no longer than the identity's token (RFC 7523 §2.2). */
async function authentication(clientId: string, proof: ClientProof): Promise<ClientAuth> {
  if ('clientSecret' in proof) return ClientSecretPost(proof.clientSecret);
  const assertion = await proof.assertion().catch((cause: unknown) => {
    throw entraUnavailable(cause);
  });
  return (_server, _client, body) => {
    body.set('client_id', clientId);
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    body.set('client_assertion', assertion);
  };
}

/**
 * The sentence for a refusal by Entra. The OAuth `error` decides, the AADSTS number is only told: numbers change (docs/graph.md §5.4).
 * @throws Refusal `upstream-unavailable` for everything that is not an answer to the request.
 */
function refusalSentence(error: unknown): string {
  if (error instanceof WWWAuthenticateChallengeError) return ourFault;
  const isAnswer =
    error instanceof ResponseBodyError &&
    error.status < 500 &&
    error.status !== 429 &&
    !['temporarily_unavailable', 'server_error'].includes(error.error);
  if (!isAnswer) throw entraUnavailable(error);
  return `${sentences.get(error.error) ?? 'Microsoft refused the sign-in.'}${numberOf(error)}`;
}

const ourFault = "Microsoft did not accept this application's own credentials; whoever operates it has to renew them.";

const sentences: ReadonlyMap<string, string> = new Map([
  ['invalid_grant', 'The sign-in has been used already, has expired, or was not made for this request; start again.'],
  ['invalid_client', ourFault],
]);

function numberOf({ cause }: ResponseBodyError): string {
  const codes = cause['error_codes'];
  const number: unknown = Array.isArray(codes) ? codes[0] : undefined;
  return typeof number === 'number' ? ` (AADSTS${number})` : '';
}
