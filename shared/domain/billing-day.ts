// Which of a company's days have ended: billing counts active users at 24:00 in the company's time zone.
import { addDays, localDay } from './local-time.ts';

/** The last day that had ended at an instant. */
export const lastEndedDay = (instant: Date, timeZone: string) => addDays(localDay(instant, timeZone), -1);

const mostDays = 62;

/** Days that have ended since `billedDay` and are not billed yet, oldest first. */
export function daysToBill(billedDay: string, now: Date, timeZone: string): readonly string[] {
  const last = lastEndedDay(now, timeZone);
  const days: string[] = [];
  for (let day = last; day > billedDay && days.length < mostDays; day = addDays(day, -1)) days.push(day);
  return days.toReversed();
}
