// When lines are worth packing and a list is worth rewriting, so that all upkeep costs in proportion to what was changed.

const fewestWorthwhile = 400;
/** One change in this many lines makes a rewriting of all of them cost each change no more than this many lines. */
const linesPerChange = 25;
/** So many users changed at once are a load: it is more than a list of 100,000 bears without upkeep, which merges the runs it has left. */
const fewestOfLoad = 1_000;
/** A list's share of a load that is worth a run: a manifest and a leaf instead of a row a line, which would have to be packed later. */
const fewestPackedOfLoad = 50;
/** Loose lines are counted by reading their keys, a thousand a call. */
const mostLooseEver = 4_000;

/** Whether so many users changed at once are a load. */
export const isLoad = (users: number) => users >= fewestOfLoad;

/** How many lines added at once become a packed run; fewer stay loose rows. */
export function fewestPacked(packed: number, ofLoad: boolean): number {
  return ofLoad ? fewestPackedOfLoad : Math.max(fewestWorthwhile, packed / linesPerChange);
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
