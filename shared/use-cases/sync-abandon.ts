// A step failed again and again for a reason of ours (storage, a bug): the round ends, the cursor stays, the schedule tries again.
import type { Ports } from '../ports/ports.ts';
import { giveUp, openStep, type StepInput, type StepResult } from './sync-context.ts';

export async function abandonRound(ports: Ports, input: StepInput): Promise<StepResult> {
  const context = await openStep(ports, input);
  if (context === 'stale') return { kind: 'stale' };
  return await giveUp(context, context.round.lastProblem ?? 'A step failed several times in a row; see the log of this round.');
}
