// What every endpoint of the stand-in works with.

import type { SandboxClock } from '../clock.ts';
import type { AuthorizationCodes } from './authorization-codes.ts';
import type { Directory } from './directory.ts';
import type { AppRegistration, EntraSettings, ManagedIdentity } from './options.ts';
import type { SigningKey } from './signing-key.ts';

/** The state of the app's own credentials, which tests break to see what a failing credential looks like. */
export interface Credentials {
  secretExpired: boolean;
  federationTrusted: boolean;
}

export interface EntraContext {
  readonly clock: SandboxClock;
  readonly app: AppRegistration;
  readonly managedIdentity: ManagedIdentity;
  readonly settings: EntraSettings;
  readonly directory: Directory;
  readonly signingKey: SigningKey;
  readonly codes: AuthorizationCodes;
  readonly credentials: Credentials;
  /** The https origin, part of every issuer: `https://localhost:<port>`. */
  readonly authority: string;
  /** Counts a call of a tenant's token endpoint. */
  readonly countTokenRequest: (tenantId: string) => void;
}

/** The sandbox's present time in whole seconds, as tokens carry it. */
export function nowInSeconds(context: EntraContext): number {
  return Math.floor(context.clock.now() / 1000);
}

export function appDisplayName(context: EntraContext): string {
  return context.app.displayName ?? 'Muster';
}
