// Every error a caller can meet: a stable code, an HTTP status and a sentence that says what happened and what to do next.

export const errorCodes = {
  'invalid-request': { status: 400, title: 'The request is not valid.' },
  'invalid-page': { status: 400, title: 'The page token is not valid here or has expired; start again at the first page.' },
  'not-signed-in': { status: 401, title: 'Sign in first: send a valid bearer token.' },
  forbidden: { status: 403, title: 'You may not do this here.' },
  'cross-site': { status: 403, title: 'The request came from another site and was refused.' },
  'not-found': { status: 404, title: 'There is no such thing, or it is not yours to see.' },
  'method-not-allowed': { status: 405, title: 'This address does not take that method.' },
  conflict: { status: 409, title: 'Somebody else changed this at the same moment; read it again and repeat.' },
  'already-decided': { status: 412, title: 'Somebody decided this user since you looked.' },
  'user-removed': { status: 409, title: 'This user has left the tenant and cannot be approved.' },
  'decisions-running': { status: 409, title: 'Another decision about everybody who matches is running here; wait for it or cancel it.' },
  'more-match': { status: 409, title: 'More people match now than you saw; look at the list again. Nobody was decided.' },
  'last-admin': { status: 409, title: 'This is the last admin; add another one first.' },
  'not-connected': { status: 409, title: 'The company is not connected to a tenant yet.' },
  'tenant-already-linked': { status: 409, title: 'This tenant already belongs to another company.' },
  'company-has-other-tenant': { status: 409, title: "This company's people came from another tenant; it can only reconnect to that one." },
  'connect-refused': { status: 409, title: 'Consent was not given; nothing was changed.' },
  'connect-wrong-tenant': { status: 409, title: 'The sign-in belongs to another tenant than the consent; nothing was changed.' },
  'connect-not-admin': { status: 403, title: 'The account that signed in may not consent for this tenant; nothing was changed.' },
  'connect-expired': { status: 410, title: 'This link has been used or has expired; start "Integrate M365" again.' },
  'connect-other-browser': { status: 403, title: 'This was started in another browser or by somebody else; nothing was changed.' },
  'too-many-courses': { status: 409, title: 'This user has as many courses as there may be; take some away first.' },
  'link-expired': { status: 410, title: 'This link has been used, was replaced or has expired; ask for a new one.' },
  'password-refused': { status: 422, title: 'This password may not be used.' },
  'wrong-sign-in': { status: 401, title: 'Mail address and password do not fit together, or there is no access.' },
  'wrong-code': { status: 422, title: 'The code is not right, or was used before; take the next one.' },
  'sign-in-expired': { status: 401, title: 'This sign-in has expired or was finished; start again with the password.' },
  'no-second-factor': { status: 409, title: 'There is no second factor here, and none is being set up.' },
  'second-factor-required': { status: 409, title: 'The company requires a second factor; it can be replaced but not removed.' },
  'too-many-attempts': { status: 429, title: 'Too many attempts; wait before the next one.' },
  'precondition-required': { status: 428, title: 'Send If-Match with the ETag you read, so that no decision overwrites another.' },
  'idempotency-mismatch': { status: 422, title: 'This Idempotency-Key was used for a different request.' },
  'too-large': { status: 413, title: 'The request body is too large.' },
  'unsupported-media-type': { status: 415, title: 'Send JSON: Content-Type application/json.' },
  'sign-in-failed': { status: 400, title: 'The sign-in did not complete; try again.' },
  'upstream-unavailable': { status: 503, title: 'A service Muster depends on does not answer; try again shortly.' },
  internal: { status: 500, title: 'Something went wrong on our side; it has been logged under the given trace id.' },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** One field that is wrong, as a JSON pointer into the body or the name of a parameter. */
export interface FieldProblem {
  readonly pointer: string;
  readonly detail: string;
}

export interface ProblemDetails {
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
  /** Facts a program may use, such as who decided. */
  readonly facts?: Readonly<Record<string, string | number | null>>;
}

/** An expected refusal on its way to the one translation to HTTP. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly details: ProblemDetails;

  constructor(code: ErrorCode, details: ProblemDetails = {}) {
    super(details.detail ?? errorCodes[code].title);
    this.name = 'Refusal';
    this.code = code;
    this.details = details;
  }
}
