// The exact set of a decision job: ids in slices, written once, and what became of each id beside them. Kept as long as the audit log.
import pLimit from 'p-limit';
import type { DecisionJob, JobOutcome } from '../domain/decision-job.ts';
import type { Tables, Write } from '../ports/tables.ts';
import { jobsPartition } from './decision-jobs.ts';
import { gather, spread } from './document.ts';

const parallelWrites = 4;
const letters: Readonly<Record<JobOutcome, string>> = { decided: 'd', unchanged: 'u', refused: 'r', dropped: 'x', notReached: 'n' };
const outcomeOf = new Map(Object.entries(letters).map(([outcome, letter]) => [letter, outcome as JobOutcome]));

type StoredSet = Pick<DecisionJob, 'companyId' | 'setId'>;

const rowOf = ({ setId }: Pick<DecisionJob, 'setId'>, slice: number) => `~set~${setId ?? ''}~${String(slice).padStart(6, '0')}`;
const outcomesRow = (job: Pick<DecisionJob, 'setId'>, slice: number) => `${rowOf(job, slice)}~outcomes`;

/** Stores the ids of all slices (at most 5,000 each, so that a row stays below 1 MiB); `setId` must be new, so that a set never changes. */
export async function storeSet(tables: Tables, set: StoredSet, slices: readonly (readonly string[])[]): Promise<void> {
  const limit = pLimit(parallelWrites);
  const store = async (ids: readonly string[], slice: number) =>
    await tables.companies.write(jobsPartition(set.companyId), [
      { kind: 'upsert', row: rowOf(set, slice), properties: spread('ids', ids.join(',')) },
    ]);
  await Promise.all(slices.map((ids, slice) => limit(async () => await store(ids, slice))));
}

/** The write that stores what became of a slice, in the order of its ids; for the transaction that moves the job's cursor. */
export function outcomesWrite(set: Pick<DecisionJob, 'setId'>, slice: number, outcomes: readonly JobOutcome[]): Write {
  return {
    kind: 'upsert',
    row: outcomesRow(set, slice),
    properties: spread('outcomes', outcomes.map((outcome) => letters[outcome]).join('')),
  };
}

export interface SetMember {
  readonly objectId: string;
  readonly outcome: JobOutcome;
}

/** One slice of the set; `notReached` where nothing was stored about an id yet. */
export async function readSlice(tables: Tables, set: StoredSet, slice: number): Promise<readonly SetMember[]> {
  const partition = jobsPartition(set.companyId);
  const [ids, outcomes] = await Promise.all([
    tables.companies.get({ partition, row: rowOf(set, slice) }),
    tables.companies.get({ partition, row: outcomesRow(set, slice) }),
  ]);
  const found = outcomes ? gather('outcomes', outcomes.properties) : '';
  const text = ids ? gather('ids', ids.properties) : '';
  if (text === '') throw new Error(`Slice ${slice} of the set ${set.setId ?? 'without a name'} is missing.`);
  return text.split(',').map((objectId, index) => ({ objectId, outcome: outcomeOf.get(found.charAt(index)) ?? 'notReached' }));
}
