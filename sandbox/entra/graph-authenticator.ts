// Lets the Graph stand-in check tokens of the Entra stand-in the way Graph does: the token itself, then whether its owner still exists.

import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import * as z from 'zod';
import type { Authenticate, GraphDenial } from '../graph/authenticate.ts';
import { graphResource } from './options.ts';
import type { EntraStandIn } from './start.ts';

const callerSchema = z.object({
  iss: z.string(),
  tid: z.string(),
  appid: z.string(),
  oid: z.string(),
  idtyp: z.literal('app'),
  roles: z.array(z.string()).default([]),
});

/**
 * Makes the check. Roles are read from the token, not looked up: a token issued before a role was removed or the app was disabled works
 * until it expires; only a deleted service principal ends it at once (docs/graph.md §5.4 and §9 item 4).
 */
export function makeAuthenticate(entra: EntraStandIn): Authenticate {
  const keys = createLocalJWKSet(entra.publicKeys);
  return async (authorization) => {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return invalid('Access token is empty.');
    let payload: JWTPayload;
    try {
      const options = { audience: graphResource, algorithms: ['RS256'], currentDate: new Date(entra.clock.now()) };
      payload = (await jwtVerify(token, keys, options)).payload;
    } catch (error) {
      return invalid(sentenceFor(error));
    }
    const { data: caller } = callerSchema.safeParse(payload);
    if (caller === undefined) return invalid('Access token validation failure.');
    if (caller.iss !== `${entra.urls.authority}/${caller.tid}/`) return invalid('Access token validation failure. Invalid issuer.');
    if (!entra.servicePrincipalExists(caller.tid, caller.oid)) return { kind: 'identityNotFound' };
    return { kind: 'caller', tenantId: caller.tid, appId: caller.appid, roles: caller.roles };
  };
}

function invalid(message: string): GraphDenial {
  return { kind: 'invalidToken', message };
}

/** Graph's own sentences for the usual cases. */
function sentenceFor(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'Lifetime validation failed, the token is expired.';
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud')
    return 'Access token validation failure. Invalid audience.';
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid)
    return 'CompactToken parsing failed with error code: 80049217';
  return 'Access token validation failure.';
}
