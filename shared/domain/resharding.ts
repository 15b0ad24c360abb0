// When a company has outgrown its shards, and the rules by which its users move to more of them while people go on deciding
// (docs/decisions/0022).
import { shardsFor, type SyncState } from './sync-round.ts';

/** A place in the order in which a generation's users are read: everybody up to this object id of this shard is behind it. */
export interface ShardPlace {
  readonly shard: number;
  readonly after: string;
}

/** A move of all users to a new generation. One round makes at most one, and it ends with its round. */
export interface Reshard {
  /** The round's fence and one: no other attempt ever has this number, so nothing of it can come into another one's. */
  readonly generation: number;
  readonly shards: number;
  readonly stage: 'announce' | 'copy' | 'seal' | 'givenUp';
  /** In the present generation: who was copied. */
  readonly copied: ShardPlace;
}

/** A generation that is not the present one and may hold rows: left behind, or never finished. */
export interface RetiredGeneration {
  readonly generation: number;
  readonly shards: number;
  readonly at: string;
}

/** What a shard's counts row says of a move. */
export interface ShardMove {
  /** The generation its users move to. */
  readonly to: number;
  /** Commits since the move was announced; each has left a row that names whom it changed. */
  readonly commits: number;
  /** Nobody writes here any more, unless the move was given up. */
  readonly sealed: boolean;
}

export const generationOf = (fence: number) => fence + 1;

/** Moving everybody pays when the shards are this many times too few; in between, larger shards only read a little slower. */
const timesTooFew = 4;

/** How many shards these people should move to; `null` when they stay. There are never fewer than before. */
export function outgrown(people: number, shards: number): number | null {
  const wanted = shardsFor(people);
  return wanted >= timesTooFew * shards ? wanted : null;
}

/**
 * Whether a move may still come to its end. When it may not, its seals are void: the row that would complete it is changed by
 * compare-and-swap, and a round that is over, a newer one, and whoever gave the move up have changed it first.
 */
export function isMoving({ round, fence, reshard }: Pick<SyncState, 'round' | 'fence' | 'reshard'>, to: number): boolean {
  return round !== null && generationOf(fence) === to && reshard?.generation === to && reshard.stage !== 'givenUp';
}

export interface CommitOnMove {
  /** Of the round that writes; `null` for decisions. */
  readonly fence: number | null;
  /** A move that the writer knows to be void. */
  readonly voidMove: number | undefined;
}

/**
 * What a commit to a shard makes of the move it finds announced there: goes along, forgets one that is over, or must not write.
 * A round knows by its own fence that the move of an older one is over; one that finds its own shards sealed is a late copy of itself.
 */
export function moveAfterCommit(
  move: ShardMove | undefined,
  { fence, voidMove }: CommitOnMove,
): ShardMove | 'sealed' | 'stale' | undefined {
  if (move === undefined || move.to === voidMove || (fence !== null && fence >= move.to)) return undefined;
  if (move.sealed) return fence === null ? 'sealed' : 'stale';
  return { ...move, commits: move.commits + 1 };
}

/** No request lives this long (function timeouts are shorter), so nobody reads or writes a generation that was left before. */
const restMs = 3_600_000;

/** A generation whose rows can be removed now, if any. */
export function removableGeneration(state: Pick<SyncState, 'generation' | 'fence' | 'retired'>, now: Date): RetiredGeneration | undefined {
  const inUse = [state.generation, generationOf(state.fence)];
  return state.retired.find(({ generation, at }) => !inUse.includes(generation) && now.getTime() - Date.parse(at) >= restMs);
}

/** The state in which the users of the new generation are the company's. */
export function switched(state: SyncState, { generation, shards }: Reshard, at: string): SyncState {
  const left: RetiredGeneration = { generation: state.generation, shards: state.shards, at };
  const retired = [...state.retired.filter((other) => other.generation !== generation), left];
  return { ...state, generation, shards, heads: null, reshard: null, retired };
}
