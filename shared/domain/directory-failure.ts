// What a refusal by Graph means for a sync: decided by status and codes alone, because message texts change (docs/graph.md §10 item 38).

/** A refusal with its consequence; the adapter adds what identifies the request. */
export type Refusal = { readonly sentence: string } & (
  | { readonly kind: 'throttled'; readonly scope: 'tenant' | 'application' }
  | { readonly kind: 'transient' | 'tokenRefused' | 'pageTokenExpired' | 'unsupported' | 'broken' }
  | {
      readonly kind: 'accessLost';
      readonly owner: 'ours' | 'theirs' | 'gone';
      /** True when a cached token could be the cause, so that asking once more with a new one is worth it. */
      readonly freshTokenMayHelp: boolean;
    }
);

export interface AnswerFacts {
  readonly status: number;
  /** `error.code` and the codes nested in it, outermost first. */
  readonly codes: readonly string[];
  /** Whether the request carried a delta or page token; the same code means something else without one (docs/graph.md §0 fact 6). */
  readonly carriedToken: boolean;
  /** Header `x-ms-throttle-scope`, if any. */
  readonly throttleScope: string | null;
}

const pageTokenCodes = ['directory_expiredpagetoken', 'directorypagetokennotfoundexception'];
const resetCodes = ['syncstatenotfound', 'resyncrequired'];

/** Reads an answer other than 200 from Graph. Sources: docs/graph.md §1.5, §3, §5.4 and §10 items 25–27, 34, 46. */
export function classifyAnswer(facts: AnswerFacts): Refusal {
  const { status } = facts;
  const codes = new Set(facts.codes.map((code) => code.toLowerCase()));
  const hasOneOf = (known: readonly string[]) => known.some((code) => codes.has(code));

  if (status === 429 || status === 503 || status === 509) return throttled(facts.throttleScope);
  if (status === 401) {
    // Asking again cannot help when Graph names the service principal as missing; any other 401 may come from an outdated token.
    return accessLost(
      'theirs',
      'Microsoft Graph did not accept our identity in this tenant.',
      !codes.has('authorization_identitynotfound'),
    );
  }
  // A token taken before the grant reached every replica carries no roles and stays cached for an hour (docs/graph.md §0 fact 12).
  if (status === 403) return accessLost('theirs', 'This tenant does not grant the permission to read users.', true);
  if (status === 408 || (status >= 500 && status !== 501)) return transient('Microsoft Graph had a temporary fault.');
  if (status === 410 || (status < 500 && hasOneOf(resetCodes))) {
    return facts.carriedToken ? tokenRefused() : broken('Microsoft Graph asked for a new start of a request that was one.');
  }
  if (status >= 400 && status < 500 && hasOneOf(pageTokenCodes)) {
    return facts.carriedToken ? pageTokenExpired() : broken('Microsoft Graph refused a page token that was never sent.');
  }
  if (status === 400 && codes.has('request_unsupportedquery')) {
    return facts.carriedToken ? tokenRefused() : unsupported();
  }
  if (status >= 300 && status < 400) return broken('Microsoft Graph sent a redirect, which is never followed.');
  return broken(`Microsoft Graph refused the request with status ${status}.`);
}

export interface TokenFailureFacts {
  /** Numbers of `AADSTS…` codes, the most specific first. */
  readonly numbers: readonly number[];
  /** OAuth 2.0 `error`, such as `invalid_client`. */
  readonly oauthError: string | null;
  /** HTTP status of the token endpoint, when known. */
  readonly status: number | null;
}

/** docs/graph.md §5.4; 70021 and 70021x say that no federated credential of our app matches the assertion we sent. */
const oursNumbers = [7000222, 7000215, 700027, 70021, 700211, 700212, 700213];
const theirsNumbers = [7000229, 700016, 7000112, 53003];
const goneNumbers = [90002, 90038];
/** A loop of identical calls, and tenant throttling (docs/graph.md §5.4). */
const throttleNumbers = [50196, 90055];
const oursErrors = ['invalid_client', 'invalid_request', 'invalid_scope'];
const theirsErrors = [
  'unauthorized_client',
  'access_denied',
  'invalid_grant',
  'invalid_resource',
  'consent_required',
  'interaction_required',
];

/**
 * Reads a failed token request. Numbers separate the owners; an unknown number falls back to the OAuth error, which Microsoft
 * promises to keep stable (docs/graph.md §5.4). Whatever names no cause is transient: nobody loses access over a network fault.
 */
export function classifyTokenFailure(facts: TokenFailureFacts): Refusal {
  const has = (known: readonly number[]) => facts.numbers.some((number) => known.includes(number));
  if (facts.status === 429 || has(throttleNumbers)) return throttled(null);
  if (facts.status !== null && facts.status >= 500) return transient('The token endpoint had a temporary fault.');
  if (has(oursNumbers)) return accessLost('ours', 'Microsoft Entra refused our own credential.', false);
  if (has(theirsNumbers)) return accessLost('theirs', 'This tenant no longer lets our application sign in.', false);
  if (has(goneNumbers)) return accessLost('gone', 'Microsoft Entra does not know this tenant.', false);
  if (facts.oauthError !== null && oursErrors.includes(facts.oauthError)) {
    return accessLost('ours', 'Microsoft Entra refused our own credential.', false);
  }
  if (facts.oauthError !== null && theirsErrors.includes(facts.oauthError)) {
    return accessLost('theirs', 'This tenant no longer lets our application sign in.', false);
  }
  return transient('No token could be obtained.');
}

/** The refusal of a token that grants nothing: Entra issues such tokens after consent and after a withdrawal (docs/graph.md §5.3). */
export function rolelessToken(): Refusal {
  return accessLost('theirs', 'The token for this tenant grants no permission.', false);
}

/** `error.code` and nested `innerError.code`s of a Graph error body; text that cannot be a code is left out. */
export function errorCodes(body: unknown): readonly string[] {
  const codes: string[] = [];
  let level = property(body, 'error');
  for (let depth = 0; depth < 8 && level !== undefined; depth += 1) {
    const code = property(level, 'code');
    if (typeof code === 'string' && /^[\w.-]{1,100}$/.test(code)) codes.push(code);
    level = property(level, 'innerError') ?? property(level, 'innererror');
  }
  return codes;
}

/**
 * Milliseconds to wait by a `Retry-After` header: whole or decimal seconds (Graph's own sample is 2.128) or an HTTP date.
 * `null` when the header is absent or unreadable.
 */
export function parseRetryAfter(header: string | null, now: Date): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  if (!/^[A-Za-z]{3,9}, /.test(text)) return null;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? null : Math.max(0, instant - now.getTime());
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function throttled(scopeHeader: string | null): Refusal {
  const scope = scopeHeader?.toLowerCase().startsWith('application/') === true ? 'application' : 'tenant';
  return { kind: 'throttled', scope, sentence: 'Microsoft asked us to slow down.' };
}

function transient(sentence: string): Refusal {
  return { kind: 'transient', sentence };
}

function tokenRefused(): Refusal {
  return { kind: 'tokenRefused', sentence: 'The stored position is no longer accepted; a full round is needed.' };
}

function pageTokenExpired(): Refusal {
  return { kind: 'pageTokenExpired', sentence: 'The position inside this round is no longer accepted.' };
}

function unsupported(): Refusal {
  return { kind: 'unsupported', sentence: 'This type of tenant has no change tracking for users.' };
}

function accessLost(owner: 'ours' | 'theirs' | 'gone', sentence: string, freshTokenMayHelp: boolean): Refusal {
  return { kind: 'accessLost', owner, sentence, freshTokenMayHelp };
}

function broken(sentence: string): Refusal {
  return { kind: 'broken', sentence };
}
