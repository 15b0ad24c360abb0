// What the Entra stand-in is started with: the app registration under test, the programs beside it, and the switches of its behaviour.

import type { SandboxClock } from '../clock.ts';
import type { TenantProfile } from '../world/tenants.ts';

/** Another application that calls the API with its own secret, such as the training platform. */
export interface ProgramClient {
  readonly clientId: string;
  readonly secret: string;
  readonly tenantId: string;
  /** Object id of the program's service principal: `oid` and `sub` of its tokens. */
  readonly objectId: string;
  /** App roles of the API assigned to the program, such as `Muster.Platform`. */
  readonly roles: readonly string[];
}

/** The multi-tenant app registration under test. */
export interface AppRegistration {
  readonly clientId: string;
  /** Shown on the pages; default `Muster`. */
  readonly displayName?: string;
  /** Without a secret the app can only prove itself by its federated credential. */
  readonly clientSecret?: string;
  readonly redirectUris: readonly string[];
  /** Graph application permissions the registration asks for; what `.default` means on the consent page. */
  readonly roles: readonly string[];
  /** Full name of the API's delegated scope, such as `api://<clientId>/access_as_user`. */
  readonly apiScope: string;
  readonly programs?: readonly ProgramClient[];
}

/** The user-assigned managed identity the app's federated credential trusts. */
export interface ManagedIdentity {
  readonly tenantId: string;
  readonly clientId: string;
  /** Object id of the identity: the subject of the federated credential. */
  readonly principalId: string;
  /** Value expected in `X-IDENTITY-HEADER`, given to the app as `IDENTITY_HEADER`. */
  readonly header: string;
}

export interface EntraSettings {
  /** How long after a consent tokens still lack its roles, in milliseconds of the sandbox clock (docs/graph.md §9 item 3). */
  readonly rolesDelayMs: number;
  /** What a tenant that never consented answers; Entra has been seen with both (docs/graph.md §5.4). */
  readonly missingServicePrincipal: 7000229 | 700016;
  /** Life of access tokens for Graph and the API. */
  readonly accessTokenSeconds: number;
}

export interface EntraOptions {
  readonly clock: SandboxClock;
  readonly tenants: readonly TenantProfile[];
  /** PEM texts of a certificate valid for localhost. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** https port; a free one by default. */
  readonly port?: number;
  /** Plain http port for people's browsers; a free one by default. */
  readonly browserPort?: number;
  /** JSON file that keeps consents and the signing key over restarts; holds a private key, so it is written for its owner only. */
  readonly stateFile?: string;
  readonly app: AppRegistration;
  /** Default: an identity in the first tenant. */
  readonly managedIdentity?: ManagedIdentity;
  readonly settings?: Partial<EntraSettings>;
}

export const defaultSettings: EntraSettings = { rolesDelayMs: 30_000, missingServicePrincipal: 7000229, accessTokenSeconds: 3_599 };

export const graphResource = 'https://graph.microsoft.com';

/** The audience of federated credentials (Microsoft Entra workload identity federation). */
export const tokenExchangeAudience = 'api://AzureADTokenExchange';
