// Tokens for tests of the API: what a sign-in or a program would have got, and tokens that are wrong in one chosen way.

import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { EntraContext } from './context.ts';
import type { Member } from './directory.ts';
import { apiClaims, programClaims } from './tokens.ts';

/** Ways to bend a token; every absent field leaves it as Entra would issue it. */
interface TokenChanges {
  readonly roles?: readonly string[];
  readonly audience?: string;
  readonly issuer?: string;
  /** Counted from the sandbox's now; zero or less is an expired token. */
  readonly expiresInSeconds?: number;
  /** Claims set last, over everything else; `undefined` takes a claim out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** `untrustedKey`: signed by a key nobody publishes, under the published key's id. `unknownKeyId`: the same, under an id of its own. */
  readonly signedBy?: 'publishedKey' | 'untrustedKey' | 'unknownKeyId';
}

export interface PersonTokenRequest extends TokenChanges {
  readonly tenantId: string;
  /** Default: the tenant's first account; an unknown id gets a token of a person without name. */
  readonly objectId?: string;
  readonly scp?: string;
}

export interface ProgramTokenRequest extends TokenChanges {
  /** Default: the first registered program. */
  readonly clientId?: string;
  readonly tenantId?: string;
  readonly objectId?: string;
}

/** @throws Error when the tenant is unknown to the stand-in. */
export async function issueAccessToken(context: EntraContext, request: PersonTokenRequest): Promise<string> {
  const member = findMember(context, request);
  const scope = request.scp === undefined ? {} : { scp: request.scp };
  return sign(context, { ...apiClaims(context, member, '2'), ...scope }, request);
}

/** @throws Error when no such program is registered. */
export async function issueProgramToken(context: EntraContext, request: ProgramTokenRequest): Promise<string> {
  const programs = context.app.programs ?? [];
  const program = request.clientId === undefined ? programs[0] : programs.find(({ clientId }) => clientId === request.clientId);
  if (program === undefined) throw new Error(`No program ${request.clientId ?? ''} is registered with the Entra stand-in.`);
  const caller = {
    tenantId: request.tenantId ?? program.tenantId,
    clientId: program.clientId,
    objectId: request.objectId ?? program.objectId,
    roles: program.roles,
    proof: '1',
  } as const;
  return sign(context, programClaims(context, caller), request);
}

function findMember(context: EntraContext, { tenantId, objectId }: PersonTokenRequest): Member {
  const tenant = context.directory.find(tenantId);
  if (tenant === undefined) throw new Error(`Tenant ${tenantId} does not exist in the Entra stand-in.`);
  const wanted = objectId ?? tenant.accounts[0]?.objectId ?? randomUUID();
  const account = tenant.accounts.find((candidate) => candidate.objectId === wanted);
  const stranger = { objectId: wanted, userPrincipalName: `${wanted}@${tenant.domain}`, displayName: wanted };
  return { tenant, account: account ?? { ...stranger, directoryRoles: [], appRoles: [] } };
}

function sign(context: EntraContext, claims: JWTPayload, changes: TokenChanges): Promise<string> {
  const { roles, audience, issuer, expiresInSeconds } = changes;
  const changed: JWTPayload = {
    ...claims,
    ...(roles === undefined ? {} : { roles }),
    ...(audience === undefined ? {} : { aud: audience }),
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(expiresInSeconds === undefined ? {} : { exp: (claims.iat ?? 0) + expiresInSeconds }),
    ...changes.claims,
  };
  const { signedBy = 'publishedKey' } = changes;
  if (signedBy === 'publishedKey') return context.signingKey.sign(changed);
  return context.signingKey.signUntrusted(changed, signedBy === 'untrustedKey' ? context.signingKey.keyId : randomUUID());
}
