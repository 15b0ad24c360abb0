// When lines are worth packing and a list is worth rewriting, so that all upkeep costs in proportion to what was changed.

const fewestWorthwhile = 400;
/** One change in this many lines makes a rewriting of all of them cost each change no more than this many lines. */
const linesPerChange = 25;
/** A run this long is worth its call a page until the next upkeep: a first load brings dozens of them. */
const alwaysPacked = 2_000;
/** Loose lines are counted by reading their keys, a thousand a call. */
const mostLooseEver = 4_000;

/** How many lines added at once become a packed run; fewer stay loose rows. */
export function fewestPacked(packed: number): number {
  return Math.min(Math.max(fewestWorthwhile, packed / linesPerChange), alwaysPacked);
}

/** How many loose lines a list with so many packed ones bears before it is rewritten. */
export function mostLooseBeside(packed: number): number {
  return Math.min(packed / linesPerChange, mostLooseEver);
}

/** From how many lines on it pays to ask which are true, when at most so many can be: the rest, a fifth at least, has gone stale. */
export function mostLinesFor(trueLines: number): number {
  return trueLines + Math.max(100, trueLines / 4);
}

/** So few users are stored by one batch, which makes of each list one run or few loose lines. */
const mostInOnePiece = 1_000;

/** Whether a first round leaves lists that are as short and as true as packing could make them. */
export const isPackedByBirth = (users: number) => users <= mostInOnePiece;

const fewestBetweenUpkeeps = 200;
const shareBetweenUpkeeps = 100;

/**
 * How many users may change before the lists are looked at again, which costs a few calls a list and one a shard. A change makes
 * two lines in a list at most, so the loose lines of a list never get far above what it bears.
 *
 * @param longest lines of the company's longest list
 */
export function changesBetweenUpkeeps(longest: number): number {
  return Math.max(fewestBetweenUpkeeps, Math.ceil(longest / shareBetweenUpkeeps));
}
