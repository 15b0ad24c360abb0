// The quota of the mail service, shared by all senders: who may send now, and when the others come back. When it is short, mails about
// accounts go first, then invitations, notices and digests; notices and digests never wait for ever.
import type { MailLane } from './message.ts';

/** Sends of the last hour, counted by minute. */
export interface QuotaWindow {
  /** After a 429 everybody waits: single retries would eat the quota with refusals (they count too). */
  readonly pausedUntil: string | null;
  /** Minute since 1970 → sends, all of them and by lane. */
  readonly minutes: readonly { readonly minute: number; readonly sent: number; readonly lanes: LaneCounts }[];
  /** When the last digest in line is to be sent; `null` while none had to wait. */
  readonly lineEnd: string | null;
}

type LaneCounts = Readonly<Partial<Record<MailLane, number>>>;

export const emptyWindow: QuotaWindow = { pausedUntil: null, minutes: [], lineEnd: null };

export interface Quota {
  readonly perMinute: number;
  readonly perHour: number;
}

/**
 * Shares of an hour. `reserve`: left to the lanes above, so that a password reset finds room in the middle of thousands of digests.
 * `minimum`: kept for a lane whatever the others send.
 */
const shares: Readonly<Record<MailLane, { readonly reserve: number; readonly minimum: number }>> = {
  account: { reserve: 0, minimum: 0 },
  // A thousand invitations at once leave room for somebody who waits for a new password.
  invitation: { reserve: 0.15, minimum: 0 },
  notice: { reserve: 0.2, minimum: 0.05 },
  digest: { reserve: 0.25, minimum: 0.05 },
};
const lanesWithMinimum = ['notice', 'digest'] as const satisfies readonly MailLane[];

const minimumOf = (lane: MailLane, { perHour }: Quota) => Math.floor(shares[lane].minimum * perHour);
/** Most mails of an hour after which a lane still sends. */
const limitOf = (lane: MailLane, { perHour }: Quota) => perHour - Math.floor(shares[lane].reserve * perHour);

const minuteMs = 60_000;
/** Whole minutes are counted, and the one before as well, so that no sliding hour sees more than it may. */
const windowMinutes = 61;

/** `window`: what to store, when it is not as it was. */
export type Slot =
  | { readonly kind: 'go'; readonly window: QuotaWindow }
  | { readonly kind: 'wait'; readonly until: Date; readonly window: QuotaWindow | null };

type Minutes = QuotaWindow['minutes'];
const sum = (minutes: Minutes, count: (minute: Minutes[number]) => number) => minutes.reduce((total, each) => total + count(each), 0);

function hasRoom(recent: Minutes, quota: Quota, lane: MailLane): boolean {
  const total = sum(recent, ({ sent }) => sent);
  const own = (which: MailLane) => sum(recent, ({ lanes }) => lanes[which] ?? 0);
  const keptForOthers = lanesWithMinimum
    .filter((other) => other !== lane)
    .reduce((kept, other) => kept + Math.max(0, minimumOf(other, quota) - own(other)), 0);
  if (total + keptForOthers >= quota.perHour) return false;
  return total < limitOf(lane, quota) || own(lane) < minimumOf(lane, quota);
}

/** How far apart digests wait: a minute more than the window, which moves by whole minutes, or some would come a second early. */
const digestsApart = (quota: Quota) => ((windowMinutes + 1) * minuteMs) / limitOf('digest', quota);

/**
 * When so many digests that have no place in line yet will have been sent, as far as can be told: what the hour still takes goes minute by
 * minute, and the others take places behind the line.
 */
export function estimateEnd(
  { lineEnd, minutes }: Pick<QuotaWindow, 'lineEnd' | 'minutes'>,
  quota: Quota,
  waiting: number,
  now: Date,
): Date {
  const minute = Math.floor(now.getTime() / minuteMs);
  const recent = minutes.filter((each) => each.minute > minute - windowMinutes);
  const room = lineEnd === null ? Math.max(0, limitOf('digest', quota) - sum(recent, ({ sent }) => sent)) : 0;
  const behind = Math.max(0, waiting - room);
  if (behind === 0) return new Date(now.getTime() + Math.ceil(waiting / quota.perMinute) * minuteMs);
  // The line begins when the first mails of this hour leave the window.
  const free = (Math.min(minute, ...recent.map((each) => each.minute)) + windowMinutes) * minuteMs;
  const from = lineEnd === null ? free : Math.max(now.getTime(), Date.parse(lineEnd));
  return new Date(from + behind * digestsApart(quota));
}

/**
 * When to come back. Digests get places in a line as far apart as the quota lets them go, so that ten thousand of them do not come back
 * all together every hour; whoever finds no room at his place takes another one at the end.
 */
function waitForHour(window: QuotaWindow, recent: Minutes, now: Date, quota: Quota, lane: MailLane): Slot {
  const oldest = Math.min(...recent.map(({ minute }) => minute));
  const free = (oldest + windowMinutes) * minuteMs;
  if (lane !== 'digest') return { kind: 'wait', until: new Date(free), window: null };
  const behind = window.lineEnd === null ? 0 : Date.parse(window.lineEnd) + digestsApart(quota);
  const until = new Date(Math.max(free, now.getTime(), behind));
  return { kind: 'wait', until, window: { ...window, lineEnd: until.toISOString() } };
}

/** Takes one send of a lane from the quota, or says when to come back. */
export function takeSlot(window: QuotaWindow, now: Date, quota: Quota, lane: MailLane): Slot {
  const wait = (until: Date): Slot => ({ kind: 'wait', until, window: null });
  if (window.pausedUntil !== null && Date.parse(window.pausedUntil) > now.getTime()) return wait(new Date(window.pausedUntil));
  const minute = Math.floor(now.getTime() / minuteMs);
  const recent = window.minutes.filter((each) => each.minute > minute - windowMinutes);
  if (!hasRoom(recent, quota, lane)) return waitForHour(window, recent, now, quota, lane);
  const present = recent.find((each) => each.minute === minute) ?? { minute, sent: 0, lanes: {} };
  const before = recent.find((each) => each.minute === minute - 1)?.sent ?? 0;
  if (present.sent >= quota.perMinute) return wait(new Date((minute + 2) * minuteMs));
  if (present.sent + before >= quota.perMinute) return wait(new Date((minute + 1) * minuteMs));
  const others = recent.filter((each) => each.minute !== minute);
  const taken = { minute, sent: present.sent + 1, lanes: { ...present.lanes, [lane]: (present.lanes[lane] ?? 0) + 1 } };
  return { kind: 'go', window: { ...window, pausedUntil: null, minutes: [...others, taken] } };
}
