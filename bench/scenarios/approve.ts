// Bulk approval by a decision job: everybody of one department.
import type { Api } from '../../sandbox/api.ts';
import type { Product } from '../product.ts';
import { whenOver } from '../measure.ts';

const longestJobMs = 10 * 60_000;

/** Puts these people into a department of their own, so that a filter finds exactly them. */
export function formWave({ sandbox }: Product, tenantId: string, department: string, objectIds: readonly string[]): void {
  const deeds = sandbox.world.deeds(tenantId);
  for (const id of objectIds) deeds.change(id, { department });
}

/**
 * Approves everybody pending in a department, from the request to the end of the job as the API tells it.
 * @returns milliseconds @throws Error when not exactly `expected` people were approved
 */
export async function approveWave(api: Api, companyId: string, department: string, expected: number): Promise<number> {
  const start = performance.now();
  const { jobId } = await api.startDecisionJob(companyId, { command: 'approve', filter: { status: 'pending', department } });
  const end = await whenOver(async () => (await api.decisionJob(companyId, jobId)).endedAt !== null, longestJobMs, 'A decision job');
  const job = await api.decisionJob(companyId, jobId);
  if (job.state !== 'done' || job.decided !== expected)
    throw new Error(`${job.decided} of ${expected} were approved: ${job.problem ?? job.state}`);
  return end - start;
}
