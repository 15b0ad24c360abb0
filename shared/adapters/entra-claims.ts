// What the claims of a genuine token say: who signed in, and who calls the API.
import { personName } from '../domain/access.ts';
import type { BearerClaims, SignedIn } from '../ports/sign-in.ts';
import type { EntraClaims } from './entra-tokens.ts';

/** `wids` and `roles` are absent, not empty, when there is nothing to say (Microsoft's ID token claims reference). */
export function toSignedIn(claims: EntraClaims): SignedIn {
  return {
    tenantId: claims.tid,
    objectId: claims.oid,
    displayName: text(claims['name']),
    userName: text(claims['preferred_username']),
    directoryRoles: texts(claims['wids']),
    appRoles: texts(claims['roles']),
  };
}

/**
 * Reads an access token's claims; undefined when they allow nothing here. ID tokens have the same audience and may carry `roles`, so
 * neither of those makes a token one for the API.
 */
export function toBearerClaims(claims: EntraClaims, scopeName: string): BearerClaims | undefined {
  const kind = kindOf(claims, scopeName);
  if (kind === undefined) return undefined;
  const name = kind === 'person' ? personName(text(claims['name']), text(claims['preferred_username'])) : text(claims['azp']);
  return { kind, tenantId: claims.tid, objectId: claims.oid, name, appRoles: texts(claims['roles']) };
}

function kindOf(claims: EntraClaims, scopeName: string): BearerClaims['kind'] | undefined {
  const { scp, idtyp } = claims;
  if (scp !== undefined) {
    const isForUs = typeof scp === 'string' && scp.split(' ').includes(scopeName);
    return isForUs && (idtyp === undefined || idtyp === 'user') ? 'person' : undefined;
  }
  return texts(claims['roles']).length > 0 && isAppOnly(claims) ? 'program' : undefined;
}

/**
 * `idtyp` is an optional claim that an app registration must ask for. Without it, `oid` equal to `sub` says "app-only": a person's `sub`
 * is made for the application and never a GUID; and `azp` appears in access tokens alone (Microsoft's access token claims reference).
 */
function isAppOnly({ idtyp, azp, oid, sub }: EntraClaims): boolean {
  if (typeof azp !== 'string') return false;
  return idtyp === undefined ? sub?.toLowerCase() === oid : idtyp === 'app';
}

function text(claim: unknown): string {
  return typeof claim === 'string' ? claim : '';
}

function texts(claim: unknown): readonly string[] {
  return Array.isArray(claim) ? claim.filter((item) => typeof item === 'string') : [];
}
