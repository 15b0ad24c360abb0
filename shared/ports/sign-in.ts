// What Muster asks of Entra when people sign in and admins consent: addresses to send a browser to, and proof of who came back.

export interface SignedIn {
  readonly tenantId: string;
  readonly objectId: string;
  readonly displayName: string;
  /** `preferred_username`: for showing, never for identifying. */
  readonly userName: string;
  /** Template ids of directory roles (`wids`). */
  readonly directoryRoles: readonly string[];
  /** App roles (`roles`). */
  readonly appRoles: readonly string[];
}

export type SignInOutcome =
  | { readonly kind: 'signedIn'; readonly account: SignedIn }
  /** The code or the ID token was not acceptable, or Entra said no. */
  | { readonly kind: 'refused'; readonly sentence: string };

export interface SignInStart {
  /** Where to send the browser. */
  readonly url: string;
  /** Kept on the server until the browser returns; never shown. */
  readonly codeVerifier: string;
  readonly nonce: string;
}

/** A validated bearer token of the API. */
export interface BearerClaims {
  readonly kind: 'person' | 'program';
  readonly tenantId: string;
  readonly objectId: string;
  readonly name: string;
  readonly appRoles: readonly string[];
}

export interface SignIn {
  /** Where an administrator of `tenant` (`organizations` when not known yet) consents to the application permissions. */
  readonly consentUrl: (request: { readonly tenant: string; readonly redirectUri: string; readonly state: string }) => string;
  /** Starts an authorization-code sign-in with PKCE at one tenant or at `organizations`. */
  readonly start: (request: {
    readonly tenant: string;
    readonly redirectUri: string;
    readonly state: string;
    readonly loginHint?: string;
    readonly chooseAccount?: boolean;
  }) => Promise<SignInStart>;
  /** Exchanges the code and validates the ID token: signature, issuer of the token's own tid, audience, nonce, expiry. */
  readonly finish: (request: {
    readonly tenant: string;
    readonly redirectUri: string;
    readonly code: string;
    readonly codeVerifier: string;
    readonly nonce: string;
  }) => Promise<SignInOutcome>;
  /** Validates an access token for this API; `undefined` when it is not acceptable for any reason. */
  readonly checkBearer: (token: string) => Promise<BearerClaims | undefined>;
}
