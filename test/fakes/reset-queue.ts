// A queue of requests for new passwords in memory, held to the same contract as the real adapter (test/contracts/reset-queue.test.ts).
import type { ResetQueue, ResetRequest } from '../../shared/ports/ports.ts';

export interface FakeResetQueue extends ResetQueue {
  /** What was taken, oldest first. */
  readonly requests: readonly ResetRequest[];
  /** While true, nothing is taken and every `enqueue` rejects. */
  isAway: boolean;
}

/** Remembers ids for ever; the real queue forgets them after its duplicate window. */
export function makeFakeResetQueue(): FakeResetQueue {
  const requests: ResetRequest[] = [];
  const fake: FakeResetQueue = {
    requests,
    isAway: false,
    enqueue: async (request) => {
      if (fake.isAway) throw new Error('The queue of requests is away.');
      if (requests.every(({ requestId }) => requestId !== request.requestId)) requests.push(request);
    },
  };
  return fake;
}
