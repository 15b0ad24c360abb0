// The one place that believes a token of Entra: ID tokens of a sign-in and bearer tokens of the API pass the same checks here.
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { Refusal } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';

/** Claims of a token that is genuine, in time, for this application, and from the tenant it names. */
export interface EntraClaims extends JWTPayload {
  /** Lower case, as are all ids here: they become table keys, where case matters. */
  readonly tid: string;
  readonly oid: string;
}

interface TokenCheckSettings {
  /** Without a slash at its end. */
  readonly authorityHost: string;
  /** The expected audience. */
  readonly clientId: string;
  readonly clock: Clock;
}

/**
 * Answers the claims, or undefined when the token is not acceptable for any reason.
 * @throws Refusal `upstream-unavailable` when Entra's signing keys cannot be read.
 */
type TokenCheck = (token: string) => Promise<EntraClaims | undefined>;

/** Far above what Entra issues, and what fits into a request header; longer ones are not worth decoding. */
const longestToken = 16_384;
const toleranceInSeconds = 60;
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isGuid(value: unknown): value is string {
  return typeof value === 'string' && guid.test(value);
}

/** What a caller is told when Entra cannot be asked; the cause is for the log. */
export function entraUnavailable(cause: unknown): Refusal {
  return Object.assign(new Refusal('upstream-unavailable', { detail: 'Microsoft Entra does not answer; try again shortly.' }), { cause });
}

/**
 * Makes the check. Tokens are version 2.0, signed with RS256 by a published key, and issued by the very tenant their `tid` names
 * (docs/graph.md §5.5; learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens). Keys are read on first use and kept for
 * ten minutes; an unknown key id makes them be read again, at most twice a minute.
 */
export function makeTokenCheck({ authorityHost, clientId, clock }: TokenCheckSettings): TokenCheck {
  const keys = explainMissingKeys(createRemoteJWKSet(new URL(`${authorityHost}/common/discovery/v2.0/keys`)));
  return async (token) => {
    if (token.length > longestToken) return undefined;
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['RS256'],
        audience: clientId,
        requiredClaims: ['exp', 'iat', 'sub'],
        clockTolerance: toleranceInSeconds,
        currentDate: clock.now(),
      });
      return acceptClaims(payload, authorityHost);
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  };
}

function acceptClaims(claims: JWTPayload, authorityHost: string): EntraClaims | undefined {
  const { tid, oid, iss, aud, ver } = claims;
  // A list of audiences would be a token that others may present as well.
  if (typeof aud !== 'string' || ver !== '2.0' || !isGuid(tid) || !isGuid(oid)) return undefined;
  if (iss !== `${authorityHost}/${tid}/v2.0`) return undefined;
  return { ...claims, tid: tid.toLowerCase(), oid: oid.toLowerCase() };
}

/** Keeps apart "this token names no key of Entra's" (the token's fault) and "the keys could not be read" (not the token's fault). */
function explainMissingKeys(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      const isTokensFault =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported;
      throw isTokensFault ? error : entraUnavailable(error);
    }
  };
}
