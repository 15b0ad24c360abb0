// The claims of every kind of token the stand-in issues. Claim names and meanings: Microsoft's access token and ID token claims references.

import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { type EntraContext, nowInSeconds } from './context.ts';
import type { Member } from './directory.ts';
import { graphResource } from './options.ts';

const idTokenSeconds = 3_600;
/** Managed identity tokens live for a day (Microsoft's managed identities FAQ). */
const managedIdentityTokenSeconds = 86_400;
/** Graph as `aud` of the token that comes along with a sign-in asking for no other API. */
const graphAppId = '00000003-0000-0000-c000-000000000000';

/** How the client proved itself: `0` public, `1` secret, `2` assertion; sent as `azpacr` or `appidacr`. */
export type ClientProof = '0' | '1' | '2';

export function issuerOf(context: EntraContext, tenantId: string): string {
  return `${context.authority}/${tenantId}/v2.0`;
}

function times(context: EntraContext, seconds: number): { readonly iat: number; readonly nbf: number; readonly exp: number } {
  const iat = nowInSeconds(context);
  return { iat, nbf: iat, exp: iat + seconds };
}

/** Entra leaves the claim out instead of sending an empty list. */
function rolesClaim(roles: readonly string[]): { readonly roles?: readonly string[] } {
  return roles.length === 0 ? {} : { roles };
}

/** Pairwise: another app sees another `sub` for the same person; people are identified by `tid` and `oid`. */
function subjectOf(context: EntraContext, objectId: string): string {
  return createHash('sha256').update(`${context.app.clientId}/${objectId}`).digest('base64url');
}

interface ServiceCaller {
  readonly tenantId: string;
  readonly clientId: string;
  /** Object id of the service principal in that tenant. */
  readonly objectId: string;
  readonly roles: readonly string[];
  readonly proof: ClientProof;
}

/** An app-only token for Graph: version 1.0, as Graph asks for, so `appid` and the v1 issuer. */
export function graphClaims(context: EntraContext, caller: ServiceCaller): JWTPayload {
  return {
    iss: `${context.authority}/${caller.tenantId}/`,
    aud: graphResource,
    ...times(context, context.settings.accessTokenSeconds),
    appid: caller.clientId,
    appidacr: caller.proof,
    idtyp: 'app',
    oid: caller.objectId,
    sub: caller.objectId,
    tid: caller.tenantId,
    ...rolesClaim(caller.roles),
    ver: '1.0',
  };
}

/** An app-only token for the API. Without `idtyp`, which is an optional claim: what tells it from a person's token is the missing `scp`. */
export function programClaims(context: EntraContext, caller: ServiceCaller): JWTPayload {
  return {
    iss: issuerOf(context, caller.tenantId),
    aud: context.app.clientId,
    ...times(context, context.settings.accessTokenSeconds),
    azp: caller.clientId,
    azpacr: caller.proof,
    oid: caller.objectId,
    sub: caller.objectId,
    tid: caller.tenantId,
    ...rolesClaim(caller.roles),
    ver: '2.0',
  };
}

/** A person's access token for the API. */
export function apiClaims(context: EntraContext, { tenant, account }: Member, proof: ClientProof): JWTPayload {
  return {
    iss: issuerOf(context, tenant.tenantId),
    aud: context.app.clientId,
    ...times(context, context.settings.accessTokenSeconds),
    azp: context.app.clientId,
    azpacr: proof,
    name: account.displayName,
    oid: account.objectId,
    preferred_username: account.userPrincipalName,
    ...rolesClaim(account.appRoles),
    scp: scopeName(context),
    sub: subjectOf(context, account.objectId),
    tid: tenant.tenantId,
    ver: '2.0',
  };
}

/** What a sign-in that asked for no API gets: a token for Graph that allows nothing but reading the own profile. */
export function profileClaims(context: EntraContext, { tenant, account }: Member, scope: string): JWTPayload {
  return {
    iss: `${context.authority}/${tenant.tenantId}/`,
    aud: graphAppId,
    ...times(context, context.settings.accessTokenSeconds),
    appid: context.app.clientId,
    idtyp: 'user',
    oid: account.objectId,
    scp: scope,
    sub: subjectOf(context, account.objectId),
    tid: tenant.tenantId,
    ver: '1.0',
  };
}

export function idTokenClaims(context: EntraContext, { tenant, account }: Member, nonce: string | undefined): JWTPayload {
  return {
    iss: issuerOf(context, tenant.tenantId),
    aud: context.app.clientId,
    ...times(context, idTokenSeconds),
    name: account.displayName,
    ...(nonce === undefined ? {} : { nonce }),
    oid: account.objectId,
    preferred_username: account.userPrincipalName,
    ...rolesClaim(account.appRoles),
    sub: subjectOf(context, account.objectId),
    tid: tenant.tenantId,
    ver: '2.0',
    wids: account.directoryRoles,
  };
}

export function managedIdentityClaims(context: EntraContext, resource: string): JWTPayload {
  const { tenantId, clientId, principalId } = context.managedIdentity;
  return {
    iss: issuerOf(context, tenantId),
    aud: resource,
    ...times(context, managedIdentityTokenSeconds),
    azp: clientId,
    idtyp: 'app',
    oid: principalId,
    sub: principalId,
    tid: tenantId,
    ver: '2.0',
  };
}

/** `scp` carries the last part of the scope's name: `access_as_user` for `api://…/access_as_user`. */
function scopeName(context: EntraContext): string {
  return context.app.apiScope.slice(context.app.apiScope.lastIndexOf('/') + 1);
}

/** The API's resource identifier: the scope's name without its last part. */
export function apiResource(context: EntraContext): string {
  return context.app.apiScope.slice(0, context.app.apiScope.lastIndexOf('/'));
}
