// Which local day a company is in, and which of its days have ended: billing counts active users at 24:00 in the company's time zone.

/** The last day that had ended at an instant. */
export const lastEndedDay = (instant: Date, timeZone: string) => dayBefore(localDay(instant, timeZone));

/** `YYYY-MM-DD` of an instant in a zone. */
export function localDay(instant: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

/** The day before a local day. */
export function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

const mostDays = 62;

/** Days that have ended since `billedDay` and are not billed yet, oldest first. */
export function daysToBill(billedDay: string, now: Date, timeZone: string): readonly string[] {
  const last = lastEndedDay(now, timeZone);
  const days: string[] = [];
  for (let day = last; day > billedDay && days.length < mostDays; day = dayBefore(day)) days.push(day);
  return days.toReversed();
}
