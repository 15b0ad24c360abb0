// Takes app-only tokens for Graph and reads, from the layered errors of the identity library, why there is none.
import type { TokenCredential } from '@azure/identity';
import type { TokenFailureFacts } from '../domain/directory-failure.ts';

export type TokenResult = { readonly ok: true; readonly token: string } | { readonly ok: false; readonly facts: TokenFailureFacts };

/** Asks the credential for a token; waits at most `timeoutMs`, because the library has no limit of its own. Never rejects. */
export async function takeToken(credential: TokenCredential, scope: string, timeoutMs: number): Promise<TokenResult> {
  const none = { ok: false, facts: { numbers: [], oauthError: null, status: null } } as const;
  const abandoned = AbortSignal.timeout(timeoutMs);
  const tooLate = new Promise<TokenResult>((resolve) => {
    abandoned.addEventListener('abort', () => resolve(none), { once: true });
  });
  const asked = credential.getToken(scope, { abortSignal: abandoned }).then(
    (token): TokenResult => (token === null ? none : { ok: true, token: token.token }),
    (error: unknown): TokenResult => ({ ok: false, facts: readTokenError(error) }),
  );
  return Promise.race([asked, tooLate]);
}

/**
 * Collects numbers, OAuth error and status along the `cause` chain. @azure/identity 4.14.1 wraps MSAL's ServerError (`errorCode`,
 * `errorNo`, `status`); a managed identity throws AuthenticationError (`errorResponse`). MSAL repeats an earlier failure with the
 * numbers in `errorCode`, and some wrappers keep the number in the message alone, so the `AADSTS` code is looked for there as well.
 */
export function readTokenError(error: unknown): TokenFailureFacts {
  const numbers: number[] = [];
  let oauthError: string | null = null;
  let status: number | null = null;
  let level = error;
  for (let depth = 0; depth < 6 && typeof level === 'object' && level !== null; depth += 1) {
    const at = level as Readonly<Record<string, unknown>>;
    const response = (at['errorResponse'] ?? {}) as Readonly<Record<string, unknown>>;
    for (const source of [at['errorNo'], response['errorCodes'], at['errorCode'], aadstsIn(at['message'])])
      numbers.push(...wholeNumbers(source));
    for (const name of [at['errorCode'], response['error']]) {
      if (oauthError === null && typeof name === 'string' && /^[a-z_]+$/.test(name)) oauthError = name;
    }
    for (const number of [at['status'], at['statusCode']]) {
      if (status === null && typeof number === 'number') status = number;
    }
    level = at['cause'];
  }
  return { numbers: [...new Set(numbers)], oauthError, status };
}

/**
 * True when a token can be read and names no application permission. Only for diagnosis: Graph alone decides what a token may do,
 * so a token that cannot be read counts as good.
 */
export function grantsNothing(token: string): boolean {
  const payload = token.split('.')[1];
  if (payload === undefined) return false;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (typeof claims !== 'object' || claims === null) return false;
    const roles = (claims as { readonly roles?: unknown }).roles;
    return !Array.isArray(roles) || roles.length === 0;
  } catch {
    return false;
  }
}

function aadstsIn(message: unknown): readonly string[] {
  return typeof message === 'string' ? [...message.matchAll(/AADSTS(\d{4,9})/g)].map((match) => match[1] ?? '') : [];
}

function wholeNumbers(source: unknown): readonly number[] {
  const items: readonly unknown[] = Array.isArray(source) ? source : typeof source === 'string' ? source.split(' ') : [source];
  return items
    .map(String)
    .filter((item) => /^\d{4,9}$/.test(item))
    .map(Number);
}
