// Authorization codes between sign-in and token endpoint: bound to their request, good for ten minutes, and for one redemption.

import { createHash, randomBytes } from 'node:crypto';
import type { SandboxClock } from '../clock.ts';
import type { Member } from './directory.ts';
import { type Refusal, refusals } from './refusals.ts';

/** What a person agreed to at the authorize endpoint. */
interface CodeGrant {
  readonly member: Member;
  readonly redirectUri: string;
  readonly scope: string;
  readonly nonce: string | undefined;
  /** PKCE challenge, method S256. */
  readonly codeChallenge: string;
}

interface Redemption {
  readonly code: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
  /** Tenant named in the path; undefined for `organizations` and `common`. */
  readonly tenantId: string | undefined;
}

export interface AuthorizationCodes {
  readonly issue: (grant: CodeGrant) => string;
  readonly redeem: (redemption: Redemption) => { readonly kind: 'redeemed'; readonly grant: CodeGrant } | Refusal;
}

const lifetimeInMilliseconds = 600_000;

export function makeAuthorizationCodes(clock: SandboxClock): AuthorizationCodes {
  const issued = new Map<string, { readonly grant: CodeGrant; readonly expires: number; redeemed: boolean }>();
  return {
    issue: (grant) => {
      const code = randomBytes(32).toString('base64url');
      issued.set(code, { grant, expires: clock.now() + lifetimeInMilliseconds, redeemed: false });
      return code;
    },
    redeem: ({ code, redirectUri, codeVerifier, tenantId }) => {
      const entry = issued.get(code);
      if (entry === undefined) return refusals.codeUnknown();
      if (entry.redeemed) return refusals.codeRedeemed();
      const { grant } = entry;
      if (tenantId !== undefined && tenantId !== grant.member.tenant.tenantId) return refusals.codeOfOtherTenant();
      // Spent by any attempt of the right tenant, so that nobody can try verifier after verifier.
      entry.redeemed = true;
      if (clock.now() >= entry.expires) return refusals.codeExpired();
      if (redirectUri !== grant.redirectUri) return refusals.replyAddressChanged(redirectUri, grant.redirectUri);
      if (challengeOf(codeVerifier) !== grant.codeChallenge) return refusals.codeVerifierWrong();
      return { kind: 'redeemed', grant };
    },
  };
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
