// A first load in parts, as data: which parts there are, how far each is, and which requests to make next. It is stored between steps, so
// a crash loses only what was under way.
import type { DirectoryFailure } from '../ports/directory.ts';
import { canBeCut, partsOf } from './load-prefixes.ts';

/** Why a load in parts cannot come to its end; the delta chain takes over. */
export type GivenUp =
  /** Many users are counted whose names begin with none of the characters. */
  | 'uncovered'
  /** The tenant does not answer such requests. */
  | 'refused'
  /** The same request failed again and again. */
  | 'failing'
  /** Pages without end. */
  | 'endless';

export interface LoadPlan {
  /** `/users/$count` when the load began. */
  readonly total: number;
  /** Requests at once, and so the most links the plan ever holds. */
  readonly parallel: number;
  /** By prefix (`''` is everybody): users expected, and the counts of its parts so far. When all are known, the parts take its place. */
  readonly splitting: Readonly<Record<string, { readonly expected: number; readonly counts: Readonly<Record<string, number>> }>>;
  /** Not begun: users expected by prefix. */
  readonly waiting: Readonly<Record<string, number>>;
  readonly reading: Readonly<Record<string, { readonly expected: number; readonly received: number; readonly link: string }>>;
  readonly done: readonly string[];
  /** Entries of the parts that are done; the same user may have come twice. */
  readonly received: number;
  readonly pages: number;
  /** Failures in a row of a request, by its prefix or the first of its parts. */
  readonly failures: Readonly<Record<string, number>>;
  /** How often a part was begun again; never reset, so that nothing loops. */
  readonly setbacks: number;
  readonly givenUp: GivenUp | null;
}

export type LoadRequest =
  /** `countByPrefix` for some parts of `prefix`. */
  | { readonly kind: 'count'; readonly prefix: string; readonly parts: readonly string[] }
  /** `usersPage`. */
  | { readonly kind: 'page'; readonly prefix: string; readonly link: string | null };

/** The largest page of `GET /users` (docs/graph.md §2). */
const usersPerPage = 999;
/** A page with `$expand` may be this small (docs/graph.md §2: the default size, which some were given whatever they asked for). */
const usersPerSmallPage = 100;
const countsPerRequest = 20;
const failuresPerRequest = 3;
const setbacksPerLoad = 12;
/** Keeps a stored plan small; further parts are read whole. */
const mostParts = 600;

/**
 * Begins a load.
 * @param total `/users/$count` of just now
 * @param parallel requests at once; beyond 8 nothing is gained, because one process then parses as fast as it can
 */
export function startPlan({ total, parallel = 8 }: { readonly total: number; readonly parallel?: number }): LoadPlan {
  const splitting = { '': { expected: total, counts: {} } };
  const nothing = { waiting: {}, reading: {}, done: [], received: 0, pages: 0, failures: {}, setbacks: 0, givenUp: null };
  return { total, parallel, splitting, ...nothing };
}

/** What to ask now, besides what is under way: counts first, then parts that were begun, then the largest of the others. */
export function nextRequests(plan: LoadPlan, underWay: readonly LoadRequest[]): readonly LoadRequest[] {
  if (plan.givenUp !== null) return [];
  const asked = new Set(underWay.flatMap((request) => (request.kind === 'count' ? request.parts : [request.prefix])));
  const counts = Object.entries(plan.splitting).flatMap(([prefix, { counts: known }]) => {
    const unknown = partsOf(prefix).filter((part) => !Object.hasOwn(known, part) && !asked.has(part));
    return inGroups(unknown).map((parts): LoadRequest => ({ kind: 'count', prefix, parts }));
  });
  const begun = Object.entries(plan.reading)
    .filter(([prefix]) => !asked.has(prefix))
    .toSorted(([, first], [, second]) => second.expected - second.received - (first.expected - first.received))
    .map(([prefix, { link }]): LoadRequest => ({ kind: 'page', prefix, link }));
  const others = Object.entries(plan.waiting)
    .filter(([prefix]) => !asked.has(prefix))
    .toSorted(([, first], [, second]) => second - first)
    .map(([prefix]): LoadRequest => ({ kind: 'page', prefix, link: null }));
  return [...counts, ...begun, ...others].slice(0, Math.max(0, plan.parallel - underWay.length));
}

/** Takes in counts; what a request left open is asked for again, and a request that brought none at all has failed. */
export function countsArrived(
  plan: LoadPlan,
  request: Extract<LoadRequest, { kind: 'count' }>,
  counts: ReadonlyMap<string, number>,
): LoadPlan {
  const { prefix, parts } = request;
  const split = own(plan.splitting, prefix);
  if (split === undefined) return plan;
  const found = [...counts].filter(([part]) => parts.includes(part));
  if (found.length === 0) return failedOnce(plan, request);
  const known = { ...split.counts, ...Object.fromEntries(found) };
  const failures = Object.fromEntries(Object.entries(plan.failures).filter(([name]) => !parts.includes(name)));
  const cleared = { ...plan, failures, splitting: { ...plan.splitting, [prefix]: { ...split, counts: known } } };
  return partsOf(prefix).every((part) => Object.hasOwn(known, part)) ? cut(cleared, prefix, split.expected, known) : cleared;
}

/**
 * Puts the parts in the place of a prefix; those that nobody is in are done. When they hold fewer users than it has, some name goes on with another character: then the
 * prefix is read whole. Everybody cannot be; a few users more or less may have come or gone while it was counted, and the count at the
 * end tells (`missedUsers`).
 */
function cut(plan: LoadPlan, prefix: string, expected: number, counts: Readonly<Record<string, number>>): LoadPlan {
  const splitting = without(plan.splitting, prefix);
  const missing = expected - Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (prefix === '' ? missing > expected / 1000 : missing > 0) {
    if (prefix === '') return { ...plan, givenUp: 'uncovered' };
    return { ...plan, splitting, waiting: { ...plan.waiting, [prefix]: expected } };
  }
  const large = Object.entries(counts).filter(([part, count]) => canBeCut(part) && count > longestChain(plan));
  const room = Math.floor((mostParts - partitions(plan).length - partsOf(prefix).length) / partsOf('a').length);
  const again = new Map(large.toSorted(([, first], [, second]) => second - first).slice(0, Math.max(0, room)));
  const rest = Object.entries(counts).filter(([part, count]) => count > 0 && !again.has(part));
  const empty = Object.keys(counts).filter((part) => counts[part] === 0);
  return {
    ...plan,
    done: [...plan.done, ...empty],
    splitting: { ...splitting, ...Object.fromEntries([...again].map(([part, count]) => [part, { expected: count, counts: {} }])) },
    waiting: { ...plan.waiting, ...Object.fromEntries(rest) },
  };
}

/**
 * The most users to read one page after another. The pages of one part follow each other, so a part holds up the whole load when it has
 * more pages than the whole takes side by side; cutting it costs the requests for its parts.
 */
function longestChain({ total, parallel }: LoadPlan): number {
  return usersPerPage * Math.max(5, Math.ceil((total / usersPerPage + partsOf('a').length) / parallel));
}

/** Takes in a page of a part. A part is done when there is no link, whatever was expected of it: counts may be old. */
export function pageArrived(
  plan: LoadPlan,
  prefix: string,
  { count, nextLink }: { readonly count: number; readonly nextLink: string | null },
): LoadPlan {
  const begun = own(plan.reading, prefix);
  const expected = begun?.expected ?? own(plan.waiting, prefix);
  if (expected === undefined) return plan;
  const received = (begun?.received ?? 0) + count;
  const read = { ...plan, pages: plan.pages + 1, failures: without(plan.failures, prefix), waiting: without(plan.waiting, prefix) };
  if (nextLink === null) {
    return { ...read, reading: without(plan.reading, prefix), done: [...plan.done, prefix], received: plan.received + received };
  }
  if (nextLink === begun?.link || read.pages > pageBudget(plan)) return { ...read, givenUp: 'endless' };
  return { ...read, reading: { ...plan.reading, [prefix]: { expected, received, link: nextLink } } };
}

/** Three times as many pages as the smallest ones would make, and some for each part. */
const pageBudget = ({ total }: LoadPlan): number => 3 * Math.ceil(total / usersPerSmallPage) + 3 * mostParts;

/**
 * Takes in a failure. A throttled request is simply made again (`slowDown` says when); a part whose link is no longer accepted begins
 * again; what the tenant refuses for good, or what failed three times in a row, ends the load in parts.
 */
export function requestFailed(plan: LoadPlan, request: LoadRequest, failure: DirectoryFailure): LoadPlan {
  switch (failure.kind) {
    case 'throttled':
      return plan;
    case 'transient':
      return failedOnce(plan, request);
    case 'pageTokenExpired':
    case 'tokenRefused':
      return begunAgain(plan, request);
    case 'broken':
      return isFinal(failure.detail.status) ? { ...plan, givenUp: 'refused' } : failedOnce(plan, request);
    case 'unsupported':
    case 'accessLost':
      return { ...plan, givenUp: 'refused' };
  }
}

/** A refusal that another try would meet again: of the request, or of a kind of request. */
const isFinal = (status: number | null): boolean => status !== null && ((status >= 400 && status < 500) || status === 501);

/** Several requests count the parts of one prefix side by side: what they all meet once is no failure three times in a row. */
const nameOf = (request: LoadRequest): string => (request.kind === 'count' ? (request.parts[0] ?? '') : request.prefix);

function failedOnce(plan: LoadPlan, request: LoadRequest): LoadPlan {
  const name = nameOf(request);
  const failures = (own(plan.failures, name) ?? 0) + 1;
  if (failures >= failuresPerRequest) return { ...plan, givenUp: 'failing' };
  return { ...plan, failures: { ...plan.failures, [name]: failures } };
}

function begunAgain(plan: LoadPlan, request: LoadRequest): LoadPlan {
  const { prefix } = request;
  const begun = own(plan.reading, prefix);
  if (begun === undefined) return failedOnce(plan, request);
  if (plan.setbacks >= setbacksPerLoad) return { ...plan, givenUp: 'failing' };
  const waiting = { ...plan.waiting, [prefix]: begun.expected };
  return { ...plan, waiting, reading: without(plan.reading, prefix), setbacks: plan.setbacks + 1 };
}

/** Whether every part was read to its end. */
export function isComplete(plan: LoadPlan): boolean {
  const open = [plan.splitting, plan.waiting, plan.reading].some((group) => Object.keys(group).length > 0);
  return plan.givenUp === null && !open;
}

/** The parts as they stand; nobody belongs to two of them. */
export function partitions(plan: LoadPlan): readonly string[] {
  return [...Object.keys(plan.splitting), ...Object.keys(plan.waiting), ...Object.keys(plan.reading), ...plan.done];
}

/** Requests still to make when pages are full, for an estimate of the time. */
export function expectedRequests(plan: LoadPlan): number {
  const pages = (users: number) => Math.max(1, Math.ceil(users / usersPerPage));
  const counts = Object.keys(plan.splitting).map((prefix) => inGroups(partsOf(prefix)).length);
  const cutLater = Object.values(plan.splitting).map(({ expected }) => pages(expected));
  const waiting = Object.values(plan.waiting).map(pages);
  const reading = Object.values(plan.reading).map(({ expected, received }) => pages(expected - received));
  return [...counts, ...cutLater, ...waiting, ...reading].reduce((sum, requests) => sum + requests, 0);
}

/** Entries so far, for progress. */
export function receivedSoFar({ received, reading }: LoadPlan): number {
  return Object.values(reading).reduce((sum, part) => sum + part.received, received);
}

/**
 * How many users a load has certainly missed, such as those whose names begin with an unknown character: more were counted before and
 * after it than are known now. The catch-up delta does not bring them, so the delta chain has to.
 */
export function missedUsers(known: number, counted: readonly number[]): number {
  return Math.max(0, Math.min(...counted) - known);
}

/** A name such as `__proto__` is a prefix like any other. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function without<T>(record: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

function inGroups(parts: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(parts.length / countsPerRequest) }, (_, group) =>
    parts.slice(group * countsPerRequest, (group + 1) * countsPerRequest),
  );
}
