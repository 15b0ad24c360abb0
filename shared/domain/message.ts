// A mail on its way: from the state change that caused it to the answer of the mail service. Transitions are total by type.
import type { MailContent } from './mail-content.ts';
import type { Delivery } from './mail-delivery.ts';

/** Who goes first when the quota is short, see mail-quota.ts. */
export const mailLanes = ['account', 'invitation', 'notice', 'reminder', 'digest'] as const;
export type MailLane = (typeof mailLanes)[number];

export interface OutgoingMail {
  readonly mailId: string;
  /** A GUID fixed when the mail is made, so that every attempt names the same operation to the mail service. */
  readonly operationId: string;
  readonly companyId: string;
  readonly lane: MailLane;
  readonly to: readonly { readonly address: string; readonly name: string }[];
  readonly content: MailContent;
  readonly createdAt: string;
  /** Object id of the reader, for mails that must not go out any more once the reader has lost the right to what they say. */
  readonly readerId?: string | undefined;
}

/** `withdrawn`: what allowed the mail was true no more when its turn came. */
export const mailStates = ['queued', 'claimed', 'accepted', 'refused', 'withdrawn'] as const;
export type MailState = (typeof mailStates)[number];

/** The send record: what makes "once" ours and not the mail service's. */
export interface SendRecord {
  readonly mail: OutgoingMail;
  readonly state: MailState;
  readonly attempts: number;
  /** Set while waiting for the quota or after a 429. */
  readonly notBefore: string | null;
  readonly finishedAt: string | null;
  readonly problem: string | null;
  /** What the service reported last; absent until it has. */
  readonly delivery?: Delivery | undefined;
}

/** What to do with a mail that was just taken from the queue. */
export type SendStep =
  /** Nothing: it was sent, refused or withdrawn before; the message is a repeat. */
  | { readonly kind: 'finished' }
  /** A former attempt died between claiming and hearing the answer: ask for the operation before any repeat. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'claim' };

const steps: Readonly<Record<MailState, SendStep>> = {
  queued: { kind: 'claim' },
  claimed: { kind: 'ask' },
  accepted: { kind: 'finished' },
  refused: { kind: 'finished' },
  withdrawn: { kind: 'finished' },
};

export const nextSendStep = (state: MailState): SendStep => steps[state];
