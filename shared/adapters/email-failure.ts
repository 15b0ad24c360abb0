// Reads the SDK's errors of a failed send: was the mail certainly not accepted, may it be repeated, and when.
import type { SendOutcome } from '../ports/mail-sender.ts';

/** What is read of the SDK's `RestError`; without a status no answer came, and `code` is then the network's. */
interface RequestFailure extends Error {
  readonly statusCode?: number;
  readonly code?: string;
  readonly response?: { readonly headers: { readonly get: (name: string) => string | undefined } };
}

/** The connection was never made, so nothing was sent. */
const notConnectedCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** A 400 that is about our set-up, not about the mail: the sender name is not registered with the domain. */
const setUpCodes = new Set(['InvalidSenderUserName']);
const usualWaitMs = 60_000;

/**
 * What a failed `beginSend` means for the mail. Sentences name status and code only, because the service's messages may repeat an address.
 * @throws the error itself when it is not about the request: that is a fault in the program.
 */
export function classifySendFailure(error: unknown): SendOutcome {
  if (!(error instanceof Error)) throw error;
  if (/Authentication|Credential/.test(error.name)) return { kind: 'transient', sentence: 'No token for the mail service could be had.' };
  if (error.name === 'AbortError') return { kind: 'unknown', sentence: 'The mail service did not answer in time.' };
  if (error.name !== 'RestError') throw error;
  const { statusCode, code = 'none', response } = error as RequestFailure;
  const answered = `The mail service answered ${statusCode} (${code}).`;
  const retryAfterMs = readRetryAfter(response);
  switch (statusCode) {
    case undefined:
      return notConnectedCodes.has(code)
        ? { kind: 'transient', sentence: `The mail service could not be reached (${code}).` }
        : { kind: 'unknown', sentence: `The connection to the mail service broke off (${code}).` };
    case 429:
      return { kind: 'throttled', retryAfterMs: retryAfterMs ?? usualWaitMs };
    case 400:
    case 413:
    case 422:
      return setUpCodes.has(code) ? { kind: 'transient', sentence: answered } : { kind: 'refused', code, sentence: answered };
    case 401:
    case 403:
    case 404:
    case 503:
      // A wrong key, a missing role or a domain that is not linked is our fault: the mail must wait until it is put right, not be lost.
      return { kind: 'transient', sentence: answered, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    default:
      return { kind: 'unknown', sentence: answered };
  }
}

/** Seconds, or a date, which is measured against the answer's own date so that no clock is needed. */
function readRetryAfter(response: RequestFailure['response']): number | undefined {
  const value = response?.headers.get('retry-after');
  if (value === undefined) return undefined;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.parse(response?.headers.get('date') ?? '');
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}
