// Reads the schedules of timer functions: NCRONTAB with six fields, or a time span between runs. Stricter than the cron library, like Azure.
import { Cron } from 'croner';

/** When a timer function runs next. Times are milliseconds since 1970. */
export interface Schedule {
  /** The first occurrence after `time`. */
  readonly next: (time: number) => number;
}

const spanPattern = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,7}))?$/;

/** Milliseconds of a .NET time span `[d.]hh:mm:ss[.fff]`; undefined when it is none. */
export function parseTimeSpan(text: string): number | undefined {
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = spanPattern.exec(text.trim()) ?? [];
  if (!spanPattern.test(text.trim()) || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  return (
    (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 +
    Math.floor(Number(`0.${fraction}`) * 1000)
  );
}

const number = String.raw`\d{1,2}`;
const monthName = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)';
const dayName = '(?:sun|mon|tue|wed|thu|fri|sat)';

function field(value: string): RegExp {
  const range = String.raw`(?:\*|${value}(?:-${value})?)(?:/\d{1,2})?`;
  return new RegExp(`^${range}(?:,${range})*$`, 'i');
}

/** What NCRONTAB takes in each field; names have three letters, day of week is 0–6 (the library alone would take more). */
const fields = [
  { name: 'second', pattern: field(number), greatest: 59 },
  { name: 'minute', pattern: field(number), greatest: 59 },
  { name: 'hour', pattern: field(number), greatest: 23 },
  { name: 'day', pattern: field(number), greatest: 31 },
  { name: 'month', pattern: field(`(?:${number}|${monthName})`), greatest: 12 },
  { name: 'day of week', pattern: field(`(?:${number}|${dayName})`), greatest: 6 },
] as const;

/**
 * Reads a schedule; `timeZone` is an IANA name (Azure: WEBSITE_TIME_ZONE, UTC when absent).
 * @throws Error saying what is wrong, also for anything Azure would refuse.
 */
export function parseSchedule(text: string, timeZone: string): Schedule {
  const span = parseTimeSpan(text);
  if (span !== undefined) {
    if (span === 0) throw new Error(`The schedule "${text}" never passes.`);
    return { next: (time) => time + span };
  }
  const parts = text.trim().split(/\s+/);
  if (parts.length !== fields.length) {
    throw new Error(`The schedule "${text}" has ${parts.length} fields; NCRONTAB has six: second minute hour day month day-of-week.`);
  }
  for (const [index, { name, pattern, greatest }] of fields.entries()) {
    const part = parts[index] ?? '';
    const numbers = part.split(/[,-]/).flatMap((piece) => piece.replace(/\/.*$/, '').match(/^\d+$/) ?? []);
    if (!pattern.test(part) || numbers.some((value) => Number(value) > greatest)) {
      throw new Error(`The schedule "${text}" has a ${name} NCRONTAB does not take: "${part}".`);
    }
  }
  const cron = new Cron(parts.join(' '), { mode: '6-part', domAndDow: true, sloppyRanges: true, timezone: timeZone, paused: true });
  return {
    next: (time) => {
      const next = cron.nextRun(new Date(time));
      if (next === null) throw new Error(`The schedule "${text}" has no further occurrence.`);
      return next.getTime();
    },
  };
}
