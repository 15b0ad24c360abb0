// One credential per customer tenant: our multi-tenant app signs in with a secret, or without any through its managed identity.
import {
  ClientAssertionCredential,
  type ClientAssertionCredentialOptions,
  ClientSecretCredential,
  CredentialUnavailableError,
  ManagedIdentityCredential,
  type TokenCredential,
} from '@azure/identity';

export interface EntraCredentialSettings {
  /** Client id of our multi-tenant app registration. */
  readonly clientId: string;
  /** `https://login.microsoftonline.com`, a national cloud's, or the sandbox's address; https only. */
  readonly authorityHost: string;
  /** Absent in Azure: the managed identity vouches for the app (federated credential), and there is no secret to renew. */
  readonly clientSecret?: string;
  /** Client id of the user-assigned managed identity; absent for the system-assigned one. */
  readonly managedIdentityClientId?: string;
  /** Credentials kept, least recently used dropped first; a dropped one costs one token request. */
  readonly cacheSize?: number;
}

export type CredentialFor = (tenantId: string, freshness?: 'cached' | 'fresh') => TokenCredential;

const tenantIdForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Makes the source of credentials. `fresh` replaces the cached credential by a new one without tokens: right after consent Entra may
 * have issued a token without permissions, and it would be kept for an hour (docs/graph.md §5.3).
 * @throws RangeError (from the returned function) for anything but a tenant GUID: app-only tokens never go through `common`.
 */
export function makeCredentialFor(settings: EntraCredentialSettings): CredentialFor {
  const make = credentialMaker(settings);
  const largest = settings.cacheSize ?? 500;
  // A Map keeps insertion order, so the first key is the least recently used one.
  const kept = new Map<string, TokenCredential>();
  return (tenantId, freshness = 'cached') => {
    if (!tenantIdForm.test(tenantId)) throw new RangeError('A tenant id must be a GUID.');
    const key = tenantId.toLowerCase();
    const known = freshness === 'cached' ? kept.get(key) : undefined;
    const credential = known ?? explainUnknownTenant(make(key), settings.authorityHost, key);
    kept.delete(key);
    kept.set(key, credential);
    const [oldest] = kept.keys();
    if (kept.size > largest && oldest !== undefined) kept.delete(oldest);
    return credential;
  };
}

function credentialMaker(settings: EntraCredentialSettings): (tenantId: string) => TokenCredential {
  const { clientId, clientSecret, authorityHost, managedIdentityClientId } = settings;
  const options: ClientAssertionCredentialOptions = {
    authorityHost,
    // The authority is configured, so it need not be looked up at the public cloud, which the sandbox could not reach.
    disableInstanceDiscovery: true,
    // Repeating is decided by the caller; the library would wait out a Retry-After of any length by itself.
    retryOptions: { maxRetries: 0 },
  };
  if (clientSecret !== undefined) return (tenantId) => new ClientSecretCredential(tenantId, clientId, clientSecret, options);
  const identity =
    managedIdentityClientId === undefined
      ? new ManagedIdentityCredential()
      : new ManagedIdentityCredential({ clientId: managedIdentityClientId });
  const assertion = async () => (await identity.getToken('api://AzureADTokenExchange/.default')).token;
  return (tenantId) => new ClientAssertionCredential(tenantId, clientId, assertion, options);
}

/**
 * For an authority the library has no built-in endpoints of, a tenant that does not exist fails exactly like a network fault
 * (`endpoints_resolution_error`, seen with @azure/identity 4.14.1). This asks the authority itself, so that "gone" (AADSTS90002, 90038)
 * and "try again" stay apart.
 */
function explainUnknownTenant(credential: TokenCredential, authorityHost: string, tenantId: string): TokenCredential {
  return {
    getToken: async (scopes, options) => {
      try {
        return await credential.getToken(scopes, options);
      } catch (error) {
        if (!(error instanceof CredentialUnavailableError)) throw error;
        const errorCodes = await authorityErrorCodes(authorityHost, tenantId);
        throw errorCodes.length === 0
          ? error
          : Object.assign(new Error(error.message, { cause: error }), { errorResponse: { errorCodes } });
      }
    },
  };
}

async function authorityErrorCodes(authorityHost: string, tenantId: string): Promise<readonly number[]> {
  const address = new URL(`/${tenantId}/v2.0/.well-known/openid-configuration`, authorityHost);
  try {
    const response = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(10_000) });
    const body: unknown = response.ok ? null : await response.json();
    const codes = typeof body === 'object' && body !== null && 'error_codes' in body ? body.error_codes : [];
    return Array.isArray(codes) ? codes.filter((code) => typeof code === 'number') : [];
  } catch {
    return [];
  }
}
