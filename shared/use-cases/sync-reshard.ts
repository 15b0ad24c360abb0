// The reshard phase: a company that has outgrown its shards is moved to more of them, while people go on deciding
// (docs/decisions/0022). Rounds of a company never overlap, so decisions are all that changes users meanwhile.
import { headcount } from '../domain/counts.ts';
import pLimit from 'p-limit';
import { generationOf, outgrown, removableGeneration, type Reshard, switched } from '../domain/resharding.ts';
import type { SyncState } from '../domain/sync-round.ts';
import { type CopyTarget, copyAgain, copyInOrder, readNewShards, readOldRows } from '../storage/shard-copy.ts';
import { announceMove, type MoveOutcome, readMoved, sealShard } from '../storage/shard-moves.ts';
import { removeGeneration } from '../storage/shard-removal.ts';
import type { UserScope } from '../storage/users.ts';
import {
  beforeWriting,
  checkpoint,
  type RoundContext,
  type RoundResult,
  stage,
  stageState,
  totalsOf,
  writeState,
} from './round-context.ts';

const parallelShards = 8;
const more: RoundResult = { kind: 'more' };
const stale: RoundResult = { kind: 'stale' };

/** Everybody stored; without a call when this round has changed nobody, and with one for each unknown shard otherwise. */
async function peopleOf(context: RoundContext): Promise<number> {
  return context.state.heads === null ? headcount(await totalsOf(context)) : context.state.people;
}

/** The phase after removals: most rounds have nothing to move and nothing to clear away. */
export async function phaseAfterRemovals(context: RoundContext): Promise<'reshard' | 'finish'> {
  const { state, ports } = context;
  if (removableGeneration(state, ports.clock.now())) return 'reshard';
  return outgrown(await peopleOf(context), state.shards) === null ? 'finish' : 'reshard';
}

/** One step of the phase, from where the sync row says it stands. */
export async function reshard(context: RoundContext): Promise<RoundResult> {
  // What follows changes the row by exact compare-and-swap, with nothing of this stretch laid over it.
  if ((await checkpoint(context)) === 'stale') return stale;
  const { state, fence, ports } = context;
  const removable = removableGeneration(state, ports.clock.now());
  if (removable) return await clearAway(context, { ...context.scope, ...removable });
  if (state.generation === generationOf(fence)) return leave(context);
  const move = state.reshard?.generation === generationOf(fence) ? state.reshard : null;
  if (move === null) return await begin(context);
  switch (move.stage) {
    case 'announce':
      return await announce(context, move);
    case 'copy':
      return await copy(context, move);
    case 'seal':
      return await sealAndSwitch(context, move);
    case 'givenUp':
      return leave(context);
  }
}

function leave(context: RoundContext): RoundResult {
  stage(context, { phase: 'finish', failures: 0 });
  return more;
}

const sameMove = (one: Reshard | null, other: Reshard | null) =>
  one?.generation === other?.generation &&
  one?.stage === other?.stage &&
  one?.copied.shard === other?.copied.shard &&
  one?.copied.after === other?.copied.after;

/** Moves on in the sync row, from exactly where this stretch found it; `overtaken` by another copy or by whoever gave the move up. */
async function moveOn(
  context: RoundContext,
  from: Reshard | null,
  change: (state: SyncState) => SyncState,
): Promise<'done' | 'overtaken' | 'stale'> {
  let outcome: 'done' | 'overtaken' = 'done';
  const written = await writeState(context, async (present) => {
    const next = change(present);
    // The row of a write whose answer got lost is found as it should be.
    const isOwn = present.generation === next.generation && sameMove(present.reshard, next.reshard);
    outcome = isOwn || sameMove(present.reshard, from) ? 'done' : 'overtaken';
    return { next: isOwn || outcome === 'overtaken' ? present : next };
  });
  return written === 'stale' ? 'stale' : outcome;
}

/** A move that was given up goes on with the round's next phase; a copy of this stretch that is ahead goes on alone. */
function after(context: RoundContext, outcome: 'done' | 'overtaken' | 'stale'): RoundResult {
  if (outcome === 'done') return more;
  return outcome === 'overtaken' && context.state.reshard?.stage === 'givenUp' ? leave(context) : stale;
}

/** Notes the new generation before anything is written to it, so that whatever becomes of it is cleared away some day. */
async function begin(context: RoundContext): Promise<RoundResult> {
  const { ports, fence, state } = context;
  const shards = outgrown(await peopleOf(context), state.shards);
  if (shards === null) return leave(context);
  if ((await beforeWriting(context)) === 'stale') return stale;
  const next: Reshard = { generation: generationOf(fence), shards, stage: 'announce', copied: { shard: 0, after: '' } };
  const target = { generation: next.generation, shards, at: ports.clock.now().toISOString() };
  const change = (present: SyncState): SyncState => ({ ...present, reshard: next, retired: [...present.retired, target] });
  return after(context, await moveOn(context, state.reshard, change));
}

/** Does the same with every shard of the present generation. */
async function withEachShard(context: RoundContext, work: (shard: number) => Promise<MoveOutcome>): Promise<MoveOutcome> {
  const limit = pLimit(parallelShards);
  const shards = Array.from({ length: context.scope.shards }, (_, shard) => limit(async () => await work(shard)));
  return (await Promise.all(shards)).includes('stale') ? 'stale' : 'done';
}

async function announce(context: RoundContext, move: Reshard): Promise<RoundResult> {
  const { ports, scope, fence } = context;
  const mover = { to: move.generation, fence };
  const announced = await withEachShard(context, async (shard) => await announceMove(ports.tables.users, scope, shard, mover));
  if (announced === 'stale') return stale;
  return after(context, await moveOn(context, move, (present) => ({ ...present, reshard: { ...move, stage: 'copy' } })));
}

const newScope = (context: RoundContext, { generation, shards }: Reshard): UserScope => ({ ...context.scope, generation, shards });

/**
 * Reads the new shards and then confirms that the company is still where it was: whoever writes to them later, a decision after the
 * switch above all, makes the writes of this stretch fail.
 */
async function openTarget(context: RoundContext, move: Reshard): Promise<CopyTarget | 'overtaken' | 'stale'> {
  const scope = newScope(context, move);
  const shards = await readNewShards(context.ports.tables.users, scope);
  const confirmed = await moveOn(context, move, (present) => ({ ...present, reshard: move }));
  return confirmed === 'done' ? { scope, fence: context.fence, shards } : confirmed;
}

/** Users held in memory at a time: enough to fill the transactions of many new shards. */
const batchOf = (shards: number) => Math.min(10_000, Math.max(1_000, shards * 80));
const attempts = 5;

/** Copies everybody in the order of the old shards, batch by batch. */
async function copy(context: RoundContext, found: Reshard): Promise<RoundResult> {
  const { ports, scope, deadline } = context;
  const table = ports.tables.users;
  let move = found;
  let target = await openTarget(context, move);
  for (let failed = 0; failed < attempts; ) {
    if (typeof target === 'string') return after(context, target);
    const { rows, next } = await readOldRows(table, scope, move.copied, batchOf(move.shards));
    if ((await copyInOrder(table, target, rows)) === 'changed') {
      failed += 1;
      target = await openTarget(context, move);
      continue;
    }
    failed = 0;
    const moved: Reshard = next === null ? { ...move, stage: 'seal' } : { ...move, copied: next };
    const outcome = await moveOn(context, move, (present) => ({ ...present, reshard: moved }));
    if (outcome !== 'done' || next === null || ports.clock.now().getTime() >= deadline) return after(context, outcome);
    move = moved;
  }
  throw new Error('Somebody else kept writing to the new shards.');
}

/** So few may be left when the shards are sealed: whoever decides then waits for their copying. */
const fewLeft = 100;
/** Somebody who decides on and on must not keep the move from ending. */
const mostPasses = 10;

interface CatchingUp {
  target: CopyTarget;
  /** By old shard: the newest commit that was looked at. */
  readonly since: Map<number, number>;
}

/** Copies whom the old shards name as changed since the last time. @returns how many they were */
async function catchUp(context: RoundContext, move: Reshard, work: CatchingUp): Promise<number | 'overtaken' | 'stale'> {
  const { ports, scope } = context;
  const table = ports.tables.users;
  const changed = new Set<string>();
  await withEachShard(context, async (shard) => {
    const moved = await readMoved(table, scope, { shard, to: move.generation, since: work.since.get(shard) ?? 0 });
    work.since.set(shard, moved.commits);
    for (const objectId of moved.objectIds) changed.add(objectId);
    return 'done';
  });
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if ((await copyAgain(table, scope, work.target, [...changed])) === 'done') return changed.size;
    const target = await openTarget(context, move);
    if (typeof target === 'string') return target;
    work.target = target;
  }
  throw new Error('Somebody else kept writing to the new shards.');
}

/** Copies whom decisions have changed, until few are left; seals the shards; copies those few; and makes the new generation the company's. */
async function sealAndSwitch(context: RoundContext, move: Reshard): Promise<RoundResult> {
  const { ports, scope, fence } = context;
  const target = await openTarget(context, move);
  if (typeof target === 'string') return after(context, target);
  const work: CatchingUp = { target, since: new Map() };
  let left = await catchUp(context, move, work);
  for (let pass = 1; typeof left === 'number' && left > fewLeft && pass < mostPasses; pass += 1) left = await catchUp(context, move, work);
  if (typeof left === 'string') return after(context, left);

  const mover = { to: move.generation, fence };
  const sealed = await withEachShard(context, async (shard) => await sealShard(ports.tables.users, scope, shard, mover));
  // A shard has forgotten the move: it was told that the move is given up.
  if (sealed === 'stale') return after(context, await giveUpMove(context, move));
  const rest = await catchUp(context, move, work);
  if (typeof rest === 'string') return after(context, rest);
  const at = ports.clock.now().toISOString();
  const outcome = await moveOn(context, move, (present) => switched(present, move, at));
  if (outcome !== 'done') return after(context, outcome);
  stageState(context, { generation: move.generation, shards: move.shards });
  // Each use of them is checked by ETag; whoever decides from now on is counted there.
  context.memory.heads = new Map([...work.target.shards].map(([shard, { counts, etag }]) => [shard, { counts, etag, fence }]));
  context.memory.known = undefined;
  return more;
}

/** A shard that knows nothing of the move any more: it cannot be completed, and the next round begins another. */
async function giveUpMove(context: RoundContext, move: Reshard): Promise<'done' | 'overtaken' | 'stale'> {
  return await moveOn(context, move, (present) => ({ ...present, reshard: { ...move, stage: 'givenUp' } }));
}

/** Removes a generation that nobody uses any more. */
async function clearAway(context: RoundContext, scope: UserScope): Promise<RoundResult> {
  const { ports, deadline } = context;
  const goOn = () => ports.clock.now().getTime() < deadline;
  if ((await removeGeneration(ports.tables.users, scope, goOn)) === 'more') return more;
  const forgotten = await writeState(context, async (present) => ({
    next: { ...present, retired: present.retired.filter(({ generation }) => generation !== scope.generation) },
  }));
  return forgotten === 'stale' ? stale : more;
}
