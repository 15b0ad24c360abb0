// A mail on its way: from the state change that caused it to the answer of the mail service. Transitions are total by type.
import type { MailContent } from './mail-content.ts';

/** Lower goes first when the quota is short. */
export const mailLanes = ['account', 'notice', 'digest'] as const;
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
}

export const mailStates = ['queued', 'claimed', 'accepted', 'refused'] as const;
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
}

/** What to do with a mail that was just taken from the queue. */
export type SendStep =
  /** Nothing: it was sent or refused before; the message is a repeat. */
  | { readonly kind: 'finished' }
  /** A former attempt died between claiming and hearing the answer: ask for the operation before any repeat. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'claim' };

const steps: Readonly<Record<MailState, SendStep>> = {
  queued: { kind: 'claim' },
  claimed: { kind: 'ask' },
  accepted: { kind: 'finished' },
  refused: { kind: 'finished' },
};

export const nextSendStep = (state: MailState): SendStep => steps[state];

/** Sends of the last hour, counted by minute. */
export interface QuotaWindow {
  /** After a 429 everybody waits: single retries would eat the quota with refusals (they count too). */
  readonly pausedUntil: string | null;
  /** Minute since 1970 → sends. */
  readonly minutes: readonly { readonly minute: number; readonly sent: number }[];
}

export interface Quota {
  readonly perMinute: number;
  readonly perHour: number;
}

const minuteMs = 60_000;

export type Slot = { readonly kind: 'go'; readonly window: QuotaWindow } | { readonly kind: 'wait'; readonly until: Date };

/**
 * Takes one send from the quota, or says when to come back. Counts by whole minutes and keeps the minute before as well, so that no
 * sliding minute or hour of the service ever sees more than it allows.
 */
export function takeSlot(window: QuotaWindow, now: Date, quota: Quota): Slot {
  if (window.pausedUntil !== null && Date.parse(window.pausedUntil) > now.getTime())
    return { kind: 'wait', until: new Date(window.pausedUntil) };
  const minute = Math.floor(now.getTime() / minuteMs);
  const recent = window.minutes.filter((each) => each.minute > minute - 61);
  const sentIn = (wanted: number) => recent.find((each) => each.minute === wanted)?.sent ?? 0;
  if (recent.reduce((sum, each) => sum + each.sent, 0) >= quota.perHour) {
    const oldest = Math.min(...recent.map((each) => each.minute));
    return { kind: 'wait', until: new Date((oldest + 61) * minuteMs) };
  }
  const sent = sentIn(minute);
  if (sent >= quota.perMinute) return { kind: 'wait', until: new Date((minute + 2) * minuteMs) };
  if (sent + sentIn(minute - 1) >= quota.perMinute) return { kind: 'wait', until: new Date((minute + 1) * minuteMs) };
  const others = recent.filter((each) => each.minute !== minute);
  return { kind: 'go', window: { pausedUntil: null, minutes: [...others, { minute, sent: sent + 1 }] } };
}
