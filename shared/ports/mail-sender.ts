// What Muster asks of a mail service. The Azure Communication Services adapter answers it; tests use a fake held to the same contract.

/** One recipient. `address` is a plain address (`ada@example.org`), without a name or angle brackets. */
export interface MailRecipient {
  readonly address: string;
  readonly displayName?: string;
}

/** One mail, ready to go. */
export interface OutgoingMail {
  /** A UUID made from the mail's own id, the same at every attempt, so that an attempt can be recognised and asked about afterwards. */
  readonly operationId: string;
  /** 1 to 50 recipients. They see each other: a mail to several people who must not is several mails. */
  readonly to: readonly MailRecipient[];
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Additional mail headers, for example `List-Unsubscribe`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What became of one attempt. Sentences are for people and hold no recipient and no key. */
export type SendOutcome =
  /** The service has taken the mail over. Delivery is reported later, elsewhere. */
  | { readonly kind: 'accepted'; readonly operationId: string }
  /** The quota is used up; nothing was accepted. Earlier attempts are refused too, and may prolong the wait. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number }
  /** This mail can never be accepted (a bad address, too large): do not repeat it. `code` is stable. */
  | { readonly kind: 'refused'; readonly code: string; readonly sentence: string }
  /** The connection died or the service stumbled: the mail may or may not be on its way. Ask `status` before any repeat. */
  | { readonly kind: 'unknown'; readonly sentence: string }
  /** Certainly not accepted, but nothing is wrong with the mail: the service is away, or our own set-up must be put right. Repeat later. */
  | { readonly kind: 'transient'; readonly retryAfterMs?: number; readonly sentence: string };

/**
 * What the service says about an earlier attempt: `accepted` (waiting, under way or done), `failed` (accepted, then given up: all recipients
 * suppressed, dropped), `notFound` (never heard of it), or `unknown` (no usable answer now; also when the quota for questions is used up).
 */
export type MailStatus = 'accepted' | 'failed' | 'notFound' | 'unknown';

export interface MailSender {
  /** Makes one attempt and returns at once; never waits, never repeats. @throws TypeError when `operationId` is no UUID. */
  readonly send: (mail: OutgoingMail) => Promise<SendOutcome>;
  readonly status: (operationId: string) => Promise<MailStatus>;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Stops a programming error before it reaches the service, which would answer it as if the mail were bad. @throws TypeError */
export function requireOperationId(operationId: string): void {
  if (!uuid.test(operationId)) throw new TypeError('The operation id of a mail must be a UUID.');
}
