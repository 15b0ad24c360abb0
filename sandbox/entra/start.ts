// Starts the Entra stand-in: sign-in, consent and tokens at the wire level, so that the app runs with its production credentials code.

import { randomBytes } from 'node:crypto';
import type { JSONWebKeySet } from 'jose';
import type { SandboxClock } from '../clock.ts';
import type { TenantProfile } from '../world/tenants.ts';
import { makeAuthorizationCodes } from './authorization-codes.ts';
import type { Credentials, EntraContext } from './context.ts';
import { type ConsentState, makeDirectory } from './directory.ts';
import { issueAccessToken, issueProgramToken, type PersonTokenRequest, type ProgramTokenRequest } from './issue.ts';
import { managedIdentityPath } from './managed-identity.ts';
import { type AppRegistration, defaultSettings, type EntraOptions, type ManagedIdentity } from './options.ts';
import { openSockets } from './server.ts';
import { openSigningKey } from './signing-key.ts';
import { openState } from './state.ts';

export interface EntraStandIn {
  readonly urls: {
    /** `https://localhost:<port>`: authority host of credentials, and the origin in every issuer. */
    readonly authority: string;
    /** `http://localhost:<port>`: the same endpoints for people's browsers, without certificate warnings. */
    readonly browser: string;
    /** The value for `IDENTITY_ENDPOINT`. */
    readonly identityEndpoint: string;
  };
  readonly clock: SandboxClock;
  readonly app: AppRegistration;
  /** Its `clientId` and `header` (`IDENTITY_HEADER`) are what the app's process needs. */
  readonly managedIdentity: ManagedIdentity;
  readonly publicKeys: JSONWebKeySet;

  /** Grants roles (default: all the registration asks for) as if an admin had accepted; replaces an earlier grant. */
  readonly consent: (tenantId: string, roles?: readonly string[]) => void;
  /** Deletes the enterprise application in the tenant. */
  readonly revokeConsent: (tenantId: string) => void;
  readonly removeRole: (tenantId: string, role: string) => void;
  readonly disable: (tenantId: string) => void;
  readonly enable: (tenantId: string) => void;
  readonly consentState: (tenantId: string) => ConsentState;
  /** Whether a service principal (the app's or a program's) with this object id exists in the tenant now. */
  readonly servicePrincipalExists: (tenantId: string, objectId: string) => boolean;
  readonly tenants: () => readonly TenantProfile[];
  readonly addTenant: (profile: TenantProfile) => void;

  /** The app's own secret expires, for every tenant at once, until renewed. */
  readonly expireSecret: () => void;
  readonly renewSecret: () => void;
  /** The federated credential is taken off the app registration, until put back. */
  readonly removeFederatedCredential: () => void;
  readonly restoreFederatedCredential: () => void;

  /** Calls of this tenant's token endpoint since the start, refused ones included. */
  readonly tokenRequests: (tenantId: string) => number;
  /** A person's access token for the API, without the sign-in; good by default, bad where asked. */
  readonly issueAccessToken: (request: PersonTokenRequest) => Promise<string>;
  /** A program's access token for the API; of the first program by default. */
  readonly issueProgramToken: (request?: ProgramTokenRequest) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts listening on 127.0.0.1.
 * @throws Error when a port is taken, the state file is damaged, or neither a tenant nor a managed identity is given.
 */
export async function startEntra(options: EntraOptions): Promise<EntraStandIn> {
  const { clock, app } = options;
  const state = openState(options.stateFile);
  const settings = { ...defaultSettings, ...options.settings };
  const signingKey = await openSigningKey(state);
  const managedIdentity = options.managedIdentity ?? makeManagedIdentity(options.tenants);
  const directory = makeDirectory({ clock, tenants: options.tenants, state, rolesDelayMs: settings.rolesDelayMs });
  const credentials: Credentials = { secretExpired: false, federationTrusted: true };
  const requests = new Map<string, number>();
  const sockets = await openSockets(options.tls, options.port ?? 0, options.browserPort ?? 0);
  const browser = `http://localhost:${sockets.browserPort}`;
  const context: EntraContext = {
    clock,
    app,
    managedIdentity,
    settings,
    directory,
    signingKey,
    credentials,
    codes: makeAuthorizationCodes(clock),
    authority: `https://localhost:${sockets.port}`,
    countTokenRequest: (tenantId) => requests.set(tenantId, (requests.get(tenantId) ?? 0) + 1),
  };
  sockets.serve(context);
  return {
    urls: { authority: context.authority, browser, identityEndpoint: `${browser}${managedIdentityPath}` },
    clock,
    app,
    managedIdentity,
    publicKeys: signingKey.publicKeys,
    consent: (tenantId, roles = app.roles) => directory.consent(tenantId, roles),
    revokeConsent: directory.revokeConsent,
    removeRole: directory.removeRole,
    disable: (tenantId) => directory.setEnabled(tenantId, false),
    enable: (tenantId) => directory.setEnabled(tenantId, true),
    consentState: directory.consentState,
    servicePrincipalExists: (tenantId, objectId) => {
      const consent = directory.consentState(tenantId);
      if (consent.kind === 'consented' && consent.servicePrincipalId === objectId) return true;
      return (app.programs ?? []).some((program) => program.tenantId === tenantId && program.objectId === objectId);
    },
    tenants: directory.tenants,
    addTenant: directory.add,
    expireSecret: () => {
      credentials.secretExpired = true;
    },
    renewSecret: () => {
      credentials.secretExpired = false;
    },
    removeFederatedCredential: () => {
      credentials.federationTrusted = false;
    },
    restoreFederatedCredential: () => {
      credentials.federationTrusted = true;
    },
    tokenRequests: (tenantId) => requests.get(tenantId) ?? 0,
    issueAccessToken: (request) => issueAccessToken(context, request),
    issueProgramToken: (request = {}) => issueProgramToken(context, request),
    stop: sockets.close,
  };
}

function makeManagedIdentity(tenants: readonly TenantProfile[]): ManagedIdentity {
  const home = tenants[0];
  if (home === undefined) throw new Error('The Entra stand-in needs a tenant for its managed identity, or the identity itself.');
  return {
    tenantId: home.tenantId,
    // Fixed, so that what the app is configured with stays true over restarts.
    clientId: '0a000000-0000-4000-8000-00000000000c',
    principalId: '0a000000-0000-4000-8000-00000000000d',
    header: randomBytes(24).toString('base64url'),
  };
}
