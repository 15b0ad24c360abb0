// A company's sync: one round at a time, a cursor that only moves after what it covers is stored, and a fence against stale writers.
import type { DirectoryFailure } from '../ports/directory.ts';
import type { RoundCounts } from './round-counts.ts';
import type { GivenUp, LoadPlan } from './load-partitions.ts';
import type { Reshard, RetiredGeneration } from './resharding.ts';

export type RoundKind = 'full' | 'delta';
export const roundPhases = ['begin', 'load', 'users', 'managers', 'removals', 'reshard', 'finish'] as const;
export type RoundPhase = (typeof roundPhases)[number];
export const roundReasons = ['connected', 'scheduled', 'syncNow', 'runAgain', 'tokenRefused', 'restarted'] as const;
export type RoundReason = (typeof roundReasons)[number];

/** Whether a round's removals are applied or held; kept, so that a repeat after a crash decides alike. */
export interface Verdict {
  readonly kind: 'apply' | 'hold';
  readonly reason: string | null;
  /** How many removals it was given on; it does not cover more. */
  readonly removals: number;
}

/** How the first round of a large tenant reads everybody: in parts, as long as nothing speaks against it. */
export type Load =
  | { readonly kind: 'reading'; readonly plan: LoadPlan /** Taken before. */; readonly deltaLink: string }
  | { readonly kind: 'read' }
  /** The delta chain took over. */
  | { readonly kind: 'fellBack'; readonly why: GivenUp | 'countsDisagree' };

export interface Round {
  readonly runId: string;
  /** The orchestration that drives it. */
  readonly instanceId: string;
  readonly kind: RoundKind;
  readonly reason: RoundReason;
  readonly requestedBy: string;
  readonly phase: RoundPhase;
  readonly startedAt: string;
  /** True when nobody was stored before this round, so nothing needs to be read before writing. */
  readonly first: boolean;
  /** Next page of the current phase; `null` starts the phase. */
  readonly link: string | null;
  /** The link before it, to go back to when a page token ages out (docs/graph.md §1.5). */
  readonly previousLink: string | null;
  readonly linkSince: string;
  /** Failures in a row of the same link. */
  readonly failures: number;
  /** How often the round went back or started over; never reset, so that a feed that breaks off at the same place each time ends it. */
  readonly setbacks: number;
  /** Checkpoints so far; names the ledger row of the next one. */
  readonly chunk: number;
  /** The deltaLink this round ended its users phase with; becomes the company's when the round finishes. */
  readonly nextDeltaLink: string | null;
  readonly expected: number | null;
  readonly verdict: Verdict | null;
  /** `null` unless the round reads, or tried to read, in parts. */
  readonly load: Load | null;
  /** The last failure, in a sentence; cleared by success. */
  readonly lastProblem: string | null;
  readonly counts: RoundCounts;
}

/** The one row that says where a company's sync stands. */
export interface SyncState {
  /** Rises when a round starts; a writer with an older one is refused. */
  readonly fence: number;
  readonly round: Round | null;
  /** Asked for while a round runs, or left to do by one that failed. */
  readonly runAgain: RoundKind | null;
  readonly deltaLink: string | null;
  readonly deltaLinkAt: string | null;
  readonly fieldsVersion: number;
  readonly lastFullAt: string | null;
  /** After a load in parts: when a full round of the feed is to confirm it (docs/decisions/0021). */
  readonly fullDueAt: string | null;
  readonly lastRoundAt: string | null;
  /** Rounds in a row that failed. */
  readonly failedRounds: number;
  readonly generation: number;
  /** Shards of the users table for this generation. */
  readonly shards: number;
  /**
   * The newest move of the users to more shards, unless it came to its end. Beside the round and not in it, because it is changed by
   * exact compare-and-swap only: no stage of a round may bring back a move that was given up.
   */
  readonly reshard: Reshard | null;
  /** Generations that may hold rows beside the present one. */
  readonly retired: readonly RetiredGeneration[];
  /** Removals of the rolling window, for the removal hold. */
  readonly removals: readonly { readonly at: string; readonly count: number }[];
  /** Everybody stored when the last round finished, removed people included; whoever comes on top is news to the admins. */
  readonly people: number;
  /** New pending people nobody was told of yet. */
  readonly unannounced: number;
  readonly announcedAt: string | null;
  readonly connectionAnnounced: boolean;
  /**
   * Which stored copy of the shards' heads is true (storage/shard-heads.ts): `noHeads` before anybody was stored, `null` from the first
   * write of a round until its end.
   */
  readonly heads: string | null;
}

export const noHeads = 'none';

export const neverSynced: SyncState = {
  fence: 0,
  round: null,
  runAgain: null,
  deltaLink: null,
  deltaLinkAt: null,
  fieldsVersion: 0,
  lastFullAt: null,
  fullDueAt: null,
  lastRoundAt: null,
  failedRounds: 0,
  generation: 1,
  shards: 0,
  reshard: null,
  retired: [],
  removals: [],
  people: 0,
  unannounced: 0,
  announcedAt: null,
  connectionAnnounced: false,
  heads: noHeads,
};

/** Documented life of a delta token is 7 days (docs/graph.md §1.5); one day is kept in hand. */
const deltaLinkDays = 6;
const dayMs = 86_400_000;

/** Older than `days`, or never. */
function olderThan(at: string | null, days: number, now: Date): boolean {
  return at === null || now.getTime() - Date.parse(at) >= days * dayMs;
}

export interface RoundChoice {
  readonly now: Date;
  readonly wanted: RoundKind;
  readonly fieldsVersion: number;
  readonly fullRoundEveryDays: number;
}

/**
 * A full round when one is asked for or due, when the token would be refused, or when the selected fields changed
 * (docs/graph.md §10 items 17, 25).
 */
export function chooseRound(state: SyncState, { now, wanted, fieldsVersion, fullRoundEveryDays }: RoundChoice): RoundKind {
  if (wanted === 'full' || state.deltaLink === null || state.fieldsVersion !== fieldsVersion) return 'full';
  if (state.fullDueAt !== null && Date.parse(state.fullDueAt) <= now.getTime()) return 'full';
  if (olderThan(state.deltaLinkAt, deltaLinkDays, now) || olderThan(state.lastFullAt, fullRoundEveryDays, now)) return 'full';
  return 'delta';
}

/** What a failed request means for the round. */
export type FailureStep =
  | { readonly kind: 'wait'; readonly milliseconds: number }
  /** Go back to the previous stored link. */
  | { readonly kind: 'stepBack' }
  /** Start over as a full round; nobody is removed by what was read so far. */
  | { readonly kind: 'startFullRound' }
  | { readonly kind: 'giveUp' };

/** Failures of one link after which the round starts over (docs/graph.md §10 item 8). */
export const failuresPerLink = 3;
/** Failures in a row after which a round is given up and tried again on schedule. */
const failuresPerRound = 2 * failuresPerLink;
export const setbacksPerRound = 6;

/**
 * Leaves a link that does not work. A request without one cannot be improved by starting over, so it ends the round, and so do
 * setbacks without end: nothing loops (docs/graph.md §10 item 27). A broken list of managers is read again from its first page.
 */
function startOver({ link, phase, setbacks }: Round): FailureStep {
  if (link === null || setbacks >= setbacksPerRound) return { kind: 'giveUp' };
  return { kind: phase === 'users' ? 'startFullRound' : 'stepBack' };
}

/**
 * Decides by the kind of failure, never by its text. Errors keep the cursor; only a refused token leads to a full round
 * (docs/graph.md §10 items 25, 26).
 */
export function onFailure(round: Round, failure: DirectoryFailure): FailureStep {
  switch (failure.kind) {
    case 'throttled':
      return { kind: 'wait', milliseconds: Math.max(1000, failure.retryAfterMs) };
    case 'transient':
    case 'broken': {
      const failures = round.failures + 1;
      if (failures >= failuresPerRound) return { kind: 'giveUp' };
      if (failures === failuresPerLink && round.kind === 'full' && round.link !== null) return startOver(round);
      return { kind: 'wait', milliseconds: 1000 * 2 ** Math.min(failures, 6) };
    }
    case 'pageTokenExpired':
      if (round.previousLink !== null && round.failures === 0 && round.setbacks < setbacksPerRound) return { kind: 'stepBack' };
      return startOver(round);
    case 'tokenRefused':
      return startOver(round);
    case 'unsupported':
    case 'accessLost':
      return { kind: 'giveUp' };
  }
}

/** Half a million users at 150 a page, three times over. */
const pagesOfAnyDirectory = 10_000;

/**
 * Pages after which a round is taken for endless (docs/graph.md §10 item 4); a delta may bring everybody, so it has the budget of any
 * directory.
 */
export function pageBudget(expected: number | null): number {
  return expected === null ? pagesOfAnyDirectory : Math.max(200, 3 * Math.ceil(expected / 150));
}

/**
 * Users a shard. More shards make each of a few changes a transaction of its own; fewer make a read of one shard long. Measured on
 * Azurite 3.36 with 100,000 users: 32 shards write 10 % faster than 128, and a hundred changes are 32 transactions instead of 72. Azure
 * takes 2,000 rows a second into one partition and 20,000 into all, so ten shards would do there.
 */
const usersPerShard = 3_200;
/** More would make the transactions of a batch, which has to fit in memory, small: 22 users in each of 128. */
const mostShards = 64;

/** Shards for a company of this size: a power of two, 1 to 64. */
export function shardsFor(population: number): number {
  let shards = 1;
  while (shards < mostShards && shards * usersPerShard < population) shards *= 2;
  return shards;
}

/** The shard of an object id: its whole text hashed (FNV-1a), so that ids from any generator spread evenly. */
export function shardOf(objectId: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < objectId.length; index += 1) {
    hash ^= objectId.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return hash % shards;
}

/** The state when a round ends without having finished: the cursor stays, and a full round is still wanted. */
export function withoutRound(state: SyncState, round: Pick<Round, 'kind'>, at: string): SyncState {
  return { ...state, round: null, runAgain: round.kind === 'full' ? round.kind : state.runAgain, lastRoundAt: at };
}
