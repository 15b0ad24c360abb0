// Tenants, their accounts, and the app's service principal in each: what consent creates and what an admin can take away again.

import { randomUUID } from 'node:crypto';
import type { SandboxClock } from '../clock.ts';
import type { SignInAccount, TenantProfile } from '../world/tenants.ts';
import type { KeptState, ServicePrincipal } from './state.ts';

/** Paths that stand for "whichever work tenant the person belongs to". */
export const anyTenantNames: readonly string[] = ['organizations', 'common'];

/** What one tenant has agreed to. */
export type ConsentState =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'consented';
      /** False when an admin has disabled the enterprise application. */
      readonly enabled: boolean;
      readonly servicePrincipalId: string;
      readonly roles: readonly string[];
      /** The roles a token issued now would carry; lags behind `roles` after a consent. */
      readonly rolesInEffect: readonly string[];
    };

export interface Member {
  readonly tenant: TenantProfile;
  readonly account: SignInAccount;
}

export interface Directory {
  readonly tenants: () => readonly TenantProfile[];
  /** Finds a tenant by id or default domain, as Entra's paths allow both. */
  readonly find: (tenantIdOrDomain: string) => TenantProfile | undefined;
  readonly member: (objectId: string) => Member | undefined;
  readonly add: (profile: TenantProfile) => void;
  readonly consentState: (tenantId: string) => ConsentState;
  /** Replaces whatever was granted before: a smaller set takes roles away (docs/graph.md §9 item 7). */
  readonly consent: (tenantId: string, roles: readonly string[]) => void;
  /** Deletes the service principal; a later consent makes another one with a new object id. */
  readonly revokeConsent: (tenantId: string) => void;
  readonly removeRole: (tenantId: string, role: string) => void;
  readonly setEnabled: (tenantId: string, enabled: boolean) => void;
}

interface DirectoryOptions {
  readonly clock: SandboxClock;
  readonly tenants: readonly TenantProfile[];
  readonly state: KeptState;
  readonly rolesDelayMs: number;
}

export function makeDirectory({ clock, tenants, state, rolesDelayMs }: DirectoryOptions): Directory {
  const profiles = new Map(tenants.map((tenant) => [tenant.tenantId, tenant]));
  const existingServicePrincipal = (tenantId: string): ServicePrincipal => {
    const existing = state.servicePrincipal(tenantId);
    if (existing === undefined) throw new Error(`Tenant ${tenantId} has not consented, so there is nothing to change.`);
    return existing;
  };
  // A sandbox clock may start again at an earlier time: a kept grant from beyond any possible delay is an old one, not a new one.
  const isInEffect = (effectiveFrom: number): boolean => effectiveFrom <= clock.now() || effectiveFrom > clock.now() + rolesDelayMs;
  return {
    tenants: () => [...profiles.values()],
    find: (tenantIdOrDomain) => {
      const wanted = tenantIdOrDomain.toLowerCase();
      return profiles.get(wanted) ?? profiles.values().find((tenant) => tenant.domain === wanted);
    },
    member: (objectId) => {
      for (const tenant of profiles.values()) {
        const account = tenant.accounts.find((candidate) => candidate.objectId === objectId);
        if (account !== undefined) return { tenant, account };
      }
      return undefined;
    },
    add: (profile) => {
      profiles.set(profile.tenantId, profile);
    },
    consentState: (tenantId) => {
      const existing = state.servicePrincipal(tenantId);
      if (existing === undefined) return { kind: 'none' };
      return {
        kind: 'consented',
        enabled: existing.enabled,
        servicePrincipalId: existing.objectId,
        roles: existing.grants.map(({ role }) => role),
        rolesInEffect: existing.grants.filter(({ effectiveFrom }) => isInEffect(effectiveFrom)).map(({ role }) => role),
      };
    },
    consent: (tenantId, roles) => {
      const existing = state.servicePrincipal(tenantId);
      const effectiveFrom = clock.now() + rolesDelayMs;
      state.keepServicePrincipal(tenantId, {
        objectId: existing?.objectId ?? randomUUID(),
        enabled: existing?.enabled ?? true,
        grants: roles.map((role) => existing?.grants.find((grant) => grant.role === role) ?? { role, effectiveFrom }),
      });
    },
    revokeConsent: (tenantId) => state.dropServicePrincipal(tenantId),
    removeRole: (tenantId, role) => {
      const existing = existingServicePrincipal(tenantId);
      state.keepServicePrincipal(tenantId, { ...existing, grants: existing.grants.filter((grant) => grant.role !== role) });
    },
    setEnabled: (tenantId, enabled) => state.keepServicePrincipal(tenantId, { ...existingServicePrincipal(tenantId), enabled }),
  };
}
