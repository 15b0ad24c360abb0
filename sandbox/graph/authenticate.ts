// How the Graph stand-in learns who is calling. The Entra stand-in supplies the real one; the Graph conformance tests supply their own.

/** A caller whose token was issued for one tenant. */
export interface GraphCaller {
  readonly kind: 'caller';
  readonly tenantId: string;
  readonly appId: string;
  /** Application permissions in the token, such as `User.Read.All`. */
  readonly roles: readonly string[];
}

export type GraphDenial =
  /** Missing, malformed, foreign or expired token → 401 `InvalidAuthenticationToken`. */
  | { readonly kind: 'invalidToken'; readonly message: string }
  /** A good token whose service principal is gone → 401 `Authorization_IdentityNotFound` (docs/graph.md §5.4). */
  | { readonly kind: 'identityNotFound' };

/** Checks the `authorization` header of a request. */
export type Authenticate = (authorization: string | undefined) => Promise<GraphCaller | GraphDenial>;
