// The numbers and faults of the mail stand-in, changeable while it runs: tests and the sandbox's control page write to them directly.

/** What happens to the next send that is otherwise in order. */
export type SendFault =
  /** The mail is accepted and delivered, but the connection dies before the answer: the sender cannot know. */
  | 'dropAfterAccepting'
  /** The connection dies and nothing was accepted: to the sender it looks the same. */
  | 'dropBeforeAccepting'
  /** The mail is accepted and delivered, but no answer ever comes. */
  | 'neverAnswer'
  /** 503, nothing accepted. */
  | 'unavailable'
  /** 500, nothing accepted. */
  | 'serverError';

/**
 * What the service finds out about a recipient after it has accepted a mail, and reports. A mail that bounces was sent: its operation
 * succeeds. One that is suppressed or dropped for everybody fails.
 */
export type RecipientFault = 'bounced' | 'suppressed' | 'dropped';

export interface EmailSettings {
  /** Quotas in sliding windows. The defaults are those of a verified custom domain (Azure Communication Services, "Service limits"). */
  sendPerMinute: number;
  sendPerHour: number;
  statusPerMinute: number;
  statusPerHour: number;
  /** Whether attempts answered with 429 use up quota too; the service's documentation warns that they do. */
  refusedAttemptsCount: boolean;
  /** Whether a repeated `Operation-Id` is answered but not mailed again. The service promises neither, so both must be survived. */
  deduplicateOperationIds: boolean;
  /** A fixed `Retry-After` of 429 answers in seconds; null says when a slot really frees. */
  retryAfterSeconds: number | null;
  /** How long (sandbox time) an accepted mail stays `Running` before it is `Succeeded` or `Failed`. */
  settleSeconds: number;
  /** Domains that may send; null allows every one. */
  linkedDomains: readonly string[] | null;
  /** Faults by lower-case recipient address. */
  readonly recipientFaults: Map<string, RecipientFault>;
  /** Used up one per send, first in first out. */
  readonly sendFaults: SendFault[];
}

export function defaultEmailSettings(): EmailSettings {
  return {
    sendPerMinute: 30,
    sendPerHour: 100,
    statusPerMinute: 60,
    statusPerHour: 200,
    refusedAttemptsCount: true,
    deduplicateOperationIds: true,
    retryAfterSeconds: null,
    settleSeconds: 0,
    linkedDomains: null,
    recipientFaults: new Map(),
    sendFaults: [],
  };
}
