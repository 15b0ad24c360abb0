// Reads the exact set of a decision job page by page, with what became of everybody in it.
import type { DecisionJob } from '../domain/decision-job.ts';
import type { Ports } from '../ports/ports.ts';
import { readSlice, type SetMember } from '../storage/decision-sets.ts';

export interface JobUserPage {
  readonly members: readonly SetMember[];
  /** Where to go on; `null` at the end. */
  readonly cursor: string | null;
}

/** One page: the rest of one slice, at most `limit`. The order is the one they are decided in. */
export async function listJobUsers(
  { tables }: Pick<Ports, 'tables'>,
  job: DecisionJob,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | null },
): Promise<JobUserPage> {
  const [slice = 0, start = 0] = (cursor ?? '0.0').split('.').map(Number);
  if (job.setId === null || slice >= job.slices) return { members: [], cursor: null };
  const members = await readSlice(tables, job, slice);
  const end = start + limit;
  const next = end < members.length ? `${slice}.${end}` : slice + 1 < job.slices ? `${slice + 1}.0` : null;
  return { members: members.slice(start, end).filter(({ outcome }) => outcome !== 'dropped'), cursor: next };
}
