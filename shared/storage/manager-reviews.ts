// People whose Manager Access has to be looked at again: one queue for all companies, so that nothing is searched when nothing waits.
import * as z from 'zod';
import type { ReviewSubject } from '../domain/manager-review.ts';
import type { Tables } from '../ports/tables.ts';
import { transactionLimit } from '../ports/tables.ts';
import { documentWrite, tryDecode } from './document.ts';

const partition = '~reviews';

export const subjectSchema: z.ZodType<ReviewSubject> = z.object({
  managerId: z.string(),
  reportId: z.string().nullable(),
  gained: z.boolean(),
});
const waitingSchema = z.object({ companyId: z.string(), subject: subjectSchema });

/** An approval is not forgotten over a change of the same person that says less. */
const own = ({ gained }: ReviewSubject) => (gained ? '+' : '-');
const rowOf = (companyId: string, subject: ReviewSubject) => `${companyId}~${subject.managerId}~${subject.reportId ?? own(subject)}`;

/** Puts people into the queue; what is said of one report later replaces what was said before. */
export async function queueReviews(
  { managers }: Pick<Tables, 'managers'>,
  companyId: string,
  subjects: readonly ReviewSubject[],
): Promise<void> {
  const byRow = new Map(subjects.map((subject) => [rowOf(companyId, subject), subject]));
  const writes = [...byRow].map(([row, subject]) => documentWrite.upsert(row, { companyId, subject }));
  for (let start = 0; start < writes.length; start += transactionLimit)
    await managers.write(partition, writes.slice(start, start + transactionLimit));
}

export interface WaitingReview {
  readonly companyId: string;
  readonly subject: ReviewSubject;
  readonly row: string;
  readonly etag: string;
}

/** Everything that waits, company by company and manager by manager. @param unreadable is told the key of a row that cannot be read */
export async function* waitingReviews(
  { managers }: Pick<Tables, 'managers'>,
  unreadable: (row: string) => void,
): AsyncIterable<WaitingReview> {
  for await (const { row, etag, properties } of managers.range({ partition })) {
    const waiting = tryDecode(waitingSchema, properties);
    if (waiting === undefined) unreadable(row);
    else yield { ...waiting, row, etag };
  }
}

/** Takes reviews out of the queue that were done; those that were asked for again meanwhile stay. */
export async function dropReviews({ managers }: Pick<Tables, 'managers'>, done: readonly WaitingReview[]): Promise<void> {
  for (const { row, etag } of done) await managers.write(partition, [{ kind: 'remove', row, etag }]);
}
