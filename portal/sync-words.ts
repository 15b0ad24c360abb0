// A round's progress in words and as a bar, and how often to ask for it.
import type { SyncProgress } from './api.ts';
import { counted, type Format } from './format.ts';
import { phaseWords } from './words.ts';

type Running = NonNullable<SyncProgress['running']>;

/** What a `progress` element shows; without a value it only says that something is going on. */
export interface Bar {
  readonly value: number | null;
  readonly max: number;
}

export function barOf({ phase, users, expected }: Running): Bar {
  if (phase !== 'users' || expected === null || expected === 0) return { value: null, max: 1 };
  return { value: Math.min(users, expected), max: expected };
}

/** "Reading users · 1,204 of about 5,000 users · 310 a second · about 12 s left". */
export function progressSentence(format: Format, { phase, users, expected, usersPerSecond, secondsLeft }: Running): string {
  const seen = expected === null ? counted(format, users, 'user') : `${format.number(users)} of about ${counted(format, expected, 'user')}`;
  const reading = phase === 'users';
  return [
    phaseWords[phase],
    seen,
    reading && usersPerSecond !== null && usersPerSecond >= 1 ? `${format.number(Math.round(usersPerSecond))} a second` : '',
    reading && secondsLeft !== null ? `about ${format.duration(secondsLeft * 1000)} left` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

const runningMs = 1000;
const idleMs = 15_000;

/** Milliseconds until the next question: every second while something runs, seldom otherwise and after a failure. */
export function pollDelay(progress: SyncProgress | null): number {
  return progress !== null && (progress.running !== null || progress.willRunAgain) ? runningMs : idleMs;
}

/** When the next round comes, in words. */
export function nextRoundSentence(format: Format, { paused, nextRoundAt }: SyncProgress, now: Date): string {
  if (paused) return 'The schedule is paused; only Sync Now brings changes in.';
  if (nextRoundAt === null) return 'No round is planned.';
  return Date.parse(nextRoundAt) <= now.getTime() ? 'The next round is due now.' : `Next round ${format.distance(nextRoundAt, now)}.`;
}
