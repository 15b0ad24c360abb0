// The quota of the mail service, shared by all senders: who may send now, and when the others come back. When it is short, mails about
// accounts go first, then invitations, notices, reminders and digests; none of the last three waits for ever.
import type { MailLane, OutgoingMail } from './message.ts';

/** Sends of the last hour, counted by minute. */
export interface QuotaWindow {
  /** After a 429 everybody waits: single retries would eat the quota with refusals (they count too). */
  readonly pausedUntil: string | null;
  /** Minute since 1970 → sends, all of them and by lane. */
  readonly minutes: readonly { readonly minute: number; readonly sent: number; readonly lanes: LaneCounts }[];
  /** When the last mail of each line is to be sent; a line that is over is none. */
  readonly lines: Readonly<Record<string, string>>;
}

type LaneCounts = Readonly<Partial<Record<MailLane, number>>>;

export const emptyWindow: QuotaWindow = { pausedUntil: null, minutes: [], lines: {} };

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
  notice: { reserve: 0.2, minimum: 0.04 },
  reminder: { reserve: 0.22, minimum: 0.03 },
  digest: { reserve: 0.25, minimum: 0.03 },
};
const lanesWithMinimum = ['notice', 'reminder', 'digest'] as const satisfies readonly MailLane[];

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

/** How far apart mails of a lane wait: a minute more than the window, which moves by whole minutes, or some would come a second early. */
const apart = (lane: MailLane, quota: Quota) => ((windowMinutes + 1) * minuteMs) / limitOf(lane, quota);

/**
 * The line in which a mail waits; none for mails about accounts, which are few and take the next room there is. Where one company can ask
 * for thousands at once it has a line of its own, so that nobody else's stand behind them: at its place each line meets the others, and
 * whoever finds no room takes another place.
 */
function lineOf({ lane, companyId }: Sender): string | null {
  if (lane === 'account') return null;
  return lane === 'invitation' || lane === 'reminder' ? `${lane}~${companyId}` : lane;
}

/** Whose mail it is. */
export type Sender = Pick<OutgoingMail, 'lane' | 'companyId'>;

/**
 * When so many digests that have no place in line yet will have been sent, as far as can be told: what the hour still takes goes minute by
 * minute, and the others take places behind the line.
 */
export function estimateEnd({ lines, minutes }: Pick<QuotaWindow, 'lines' | 'minutes'>, quota: Quota, waiting: number, now: Date): Date {
  const end = lines['digest'];
  const lineEnd = end !== undefined && Date.parse(end) > now.getTime() ? end : null;
  const minute = Math.floor(now.getTime() / minuteMs);
  const recent = minutes.filter((each) => each.minute > minute - windowMinutes);
  const room = lineEnd === null ? Math.max(0, limitOf('digest', quota) - sum(recent, ({ sent }) => sent)) : 0;
  const behind = Math.max(0, waiting - room);
  if (behind === 0) return new Date(now.getTime() + Math.ceil(waiting / quota.perMinute) * minuteMs);
  // The line begins when the first mails of this hour leave the window.
  const free = (Math.min(minute, ...recent.map((each) => each.minute)) + windowMinutes) * minuteMs;
  const from = lineEnd === null ? free : Math.max(now.getTime(), Date.parse(lineEnd));
  return new Date(from + behind * apart('digest', quota));
}

/**
 * When to come back. Mails get places in a line as far apart as the quota lets them go, so that ten thousand of them do not come back all
 * together every hour; whoever finds no room at his place takes another one at the end.
 */
function waitForHour(window: QuotaWindow, recent: Minutes, now: Date, quota: Quota, sender: Sender): Slot {
  const oldest = Math.min(...recent.map(({ minute }) => minute));
  const free = (oldest + windowMinutes) * minuteMs;
  const line = lineOf(sender);
  if (line === null) return { kind: 'wait', until: new Date(free), window: null };
  const end = window.lines[line];
  const behind = end === undefined ? 0 : Date.parse(end) + apart(sender.lane, quota);
  const until = new Date(Math.max(free, now.getTime(), behind));
  const open = Object.entries(window.lines).filter(([, lineEnd]) => Date.parse(lineEnd) > now.getTime());
  return { kind: 'wait', until, window: { ...window, lines: { ...Object.fromEntries(open), [line]: until.toISOString() } } };
}

/** Takes one send from the quota for a mail, or says when to come back. */
export function takeSlot(window: QuotaWindow, now: Date, quota: Quota, sender: Sender): Slot {
  const { lane } = sender;
  const wait = (until: Date): Slot => ({ kind: 'wait', until, window: null });
  if (window.pausedUntil !== null && Date.parse(window.pausedUntil) > now.getTime()) return wait(new Date(window.pausedUntil));
  const minute = Math.floor(now.getTime() / minuteMs);
  const recent = window.minutes.filter((each) => each.minute > minute - windowMinutes);
  if (!hasRoom(recent, quota, lane)) return waitForHour(window, recent, now, quota, sender);
  const present = recent.find((each) => each.minute === minute) ?? { minute, sent: 0, lanes: {} };
  const before = recent.find((each) => each.minute === minute - 1)?.sent ?? 0;
  if (present.sent >= quota.perMinute) return wait(new Date((minute + 2) * minuteMs));
  if (present.sent + before >= quota.perMinute) return wait(new Date((minute + 1) * minuteMs));
  const others = recent.filter((each) => each.minute !== minute);
  const taken = { minute, sent: present.sent + 1, lanes: { ...present.lanes, [lane]: (present.lanes[lane] ?? 0) + 1 } };
  return { kind: 'go', window: { ...window, pausedUntil: null, minutes: [...others, taken] } };
}
