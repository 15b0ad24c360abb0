// Local days, weeks and hours of a company's time zone, clock changes included.

const formatters = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError for a zone that does not exist */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(timeZone, formatter);
  return formatter;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What a clock on the wall shows, as if it were UTC. */
function wallClock(instant: number, timeZone: string): number {
  const parts = new Map(
    formatterOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** `YYYY-MM-DD` of an instant in a zone. */
export function localDay(instant: Date, timeZone: string): string {
  return new Date(wallClock(instant.getTime(), timeZone)).toISOString().slice(0, 10);
}

/** A local day in words, such as `Monday, 16 March 2026`. @param language BCP 47 tag */
export function longDay(day: string, language: string): string {
  const written = { dateStyle: 'full', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, written).format(new Date(`${day}T00:00:00Z`));
}

/** An instant in words, in a zone. @param instant UTC, ISO 8601 @param language BCP 47 tag */
export function longInstant(instant: string, timeZone: string, language: string): string {
  const written = { dateStyle: 'full', timeStyle: 'short', timeZone } as const;
  return `${new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, written).format(new Date(instant))} (${timeZone})`;
}

/** A local day so many days later, or earlier when negative. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** Whole days from one local day to another; negative when the other is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs);
}

/** Monday is 1, Sunday is 7 (ISO 8601). */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

/** The week of a local day, such as `2026-W09`: weeks begin on Monday, and week 1 has the year's first Thursday (ISO 8601). */
export function isoWeek(day: string): string {
  const thursday = addDays(day, 4 - weekdayOf(day));
  const year = thursday.slice(0, 4);
  const number = Math.floor(daysBetween(`${year}-01-01`, thursday) / 7) + 1;
  return `${year}-W${String(number).padStart(2, '0')}`;
}

/** Whether a year has this week: some have 52 and some 53, and the 28th of December is always in the last one. @param week such as `2026-W53` */
export function weekExists(week: string): boolean {
  return week.slice(5) >= 'W01' && week <= isoWeek(`${week.slice(0, 4)}-12-28`);
}

/**
 * When an hour of a local day begins. Of an hour that comes twice, the first one; an hour that is left out begins as much later as the
 * clocks are put forward.
 * @param hour 0 to 23
 */
export function instantOf(day: string, hour: number, timeZone: string): Date {
  const wall = Date.parse(`${day}T00:00:00Z`) + hour * hourMs;
  const offsets = [wall - dayMs, wall + dayMs].map((near) => wallClock(near, timeZone) - near);
  const candidates = offsets.map((offset) => wall - offset).toSorted((left, right) => left - right);
  const exact = candidates.find((candidate) => wallClock(candidate, timeZone) === wall);
  return new Date(exact ?? wall - (offsets[0] ?? 0));
}
