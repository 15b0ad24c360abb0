// Numbers and times for people, in the reader's own language and time zone.

export interface Format {
  readonly number: (value: number) => string;
  /** "12 Mar 2026, 09:15". */
  readonly instant: (at: string) => string;
  /** "12 Mar 2026". */
  readonly day: (at: string) => string;
  /** "5 minutes ago", "in 2 hours"; under a minute "just now" or "in a moment". */
  readonly distance: (at: string, now: Date) => string;
  /** "850 ms", "12 s", "4 min 5 s", "2 h 10 min". */
  readonly duration: (milliseconds: number) => string;
}

const steps = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3600 },
  { unit: 'minute', seconds: 60 },
] as const;

function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `undefined` for either takes the browser's own. */
export function makeFormat(language: string | undefined, timeZone: string | undefined): Format {
  const numbers = new Intl.NumberFormat(language);
  const place = timeZone === undefined ? {} : { timeZone };
  const instants = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', ...place });
  const days = new Intl.DateTimeFormat(language, { dateStyle: 'medium', ...place });
  // Everything around it is English, so the words of a distance are too.
  const distances = new Intl.RelativeTimeFormat('en');
  return {
    number: (value) => numbers.format(value),
    instant: (at) => instants.format(new Date(at)),
    day: (at) => days.format(new Date(at)),
    distance: (at, now) => {
      const seconds = (Date.parse(at) - now.getTime()) / 1000;
      const step = steps.find((each) => Math.abs(seconds) >= each.seconds);
      if (step) return distances.format(Math.trunc(seconds / step.seconds), step.unit);
      return seconds > 0 ? 'in a moment' : 'just now';
    },
    duration,
  };
}

/** "1 user", "2 users". */
export function counted(format: Pick<Format, 'number'>, count: number, one: string, many = `${one}s`): string {
  return `${format.number(count)} ${count === 1 ? one : many}`;
}

/** "Every 15 minutes", "Every hour", "Every 2 hours", "Every day". */
export function everyMinutes(minutes: number): string {
  const step = steps.find(({ seconds }) => minutes * 60 >= seconds && (minutes * 60) % seconds === 0);
  if (!step) return `Every ${minutes} minutes`;
  const count = (minutes * 60) / step.seconds;
  return count === 1 ? `Every ${step.unit}` : `Every ${count} ${step.unit}s`;
}
