// One stretch of a round: its phases in their order, one after the other in one activity, until it ends, must wait, or time is up.
import type { RoundPhase } from '../domain/sync-round.ts';
import type { Ports } from '../ports/ports.ts';
import { changeFleet } from '../storage/fleet.ts';
import { checkpoint, openRound, type RoundContext, type RoundInput, type RoundResult } from './round-context.ts';
import { giveUp, stageUsage } from './sync-failure.ts';
import { finish } from './sync-finish.ts';
import { loadInParts } from './sync-load.ts';
import { checkManagers } from './sync-managers.ts';
import { begin, pullUsers } from './sync-pull.ts';
import { settleRemovals } from './sync-removals.ts';
import { reshard } from './sync-reshard.ts';

const phases: Readonly<Record<RoundPhase, (context: RoundContext) => Promise<RoundResult>>> = {
  begin,
  load: loadInParts,
  users: pullUsers,
  managers: checkManagers,
  removals: settleRemovals,
  reshard,
  finish,
};

/** Well below the function timeout (host.json) and the five minutes after which Durable Functions shows an activity to another worker. */
const stretchMs = 240_000;

/** Shorter waits are over before the schedule looks. */
const worthTelling = 30_000;

/**
 * Works on a round from where its row says it stands. Whatever ends the stretch, a crash included, another one goes on from the last
 * checkpoint. It does nothing when a newer round has taken over, and gives the round up when the company was disconnected meanwhile:
 * its tenant must not be asked any more.
 * @param longestMs how long a stretch may go on; 0 works on one phase
 */
export async function runRound(ports: Ports, input: RoundInput, longestMs: number = stretchMs): Promise<RoundResult> {
  return await inRound(ports, input, longestMs, async (context) => {
    if (context.integration.state === 'disconnected') return await giveUp(context, 'The company was disconnected from its tenant.');
    const result = await goThroughPhases(context);
    if (result.kind === 'ended' || result.kind === 'stale') return result;
    stageUsage(context);
    if ((await checkpoint(context)) === 'stale') return { kind: 'stale' };
    if (result.kind === 'wait' && result.milliseconds >= worthTelling) {
      const waitingUntil = new Date(ports.clock.now().getTime() + result.milliseconds).toISOString();
      await changeFleet(ports.tables, context.companyId, { waitingUntil });
    }
    return result;
  });
}

async function goThroughPhases(context: RoundContext): Promise<RoundResult> {
  try {
    let result: RoundResult;
    do result = await phases[context.round.phase](context);
    while (result.kind === 'more' && context.ports.clock.now().getTime() < context.deadline);
    return result;
  } finally {
    // Whatever ended the stretch, nothing is left at work behind it.
    await context.memory.managersAhead;
  }
}

/** A stretch failed again and again for a reason of ours (storage, a bug): the round ends, the cursor stays, the schedule tries again. */
export async function abandonRound(ports: Ports, input: RoundInput): Promise<RoundResult> {
  return await inRound(
    ports,
    input,
    0,
    async (context) =>
      await giveUp(context, context.round.lastProblem ?? 'A step failed several times in a row; see the log of this round.'),
  );
}

async function inRound(
  ports: Ports,
  input: RoundInput,
  longestMs: number,
  work: (context: RoundContext) => Promise<RoundResult>,
): Promise<RoundResult> {
  const { value } = await ports.storageMeter(async (storageCalls): Promise<RoundResult> => {
    const context = await openRound(ports, input, { longestMs, storageCalls });
    return context === 'stale' ? { kind: 'stale' } : await work(context);
  });
  return value;
}
