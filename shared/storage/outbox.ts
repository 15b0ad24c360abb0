// Effects that must follow a state change are stored in the same transaction, in the same partition, and delivered afterwards.
// A mark made before the transaction names the partitions to look at, so that recovery never scans everybody.
import * as z from 'zod';
import type { AuditEntry } from '../domain/audit.ts';
import type { ReviewSubject } from '../domain/manager-review.ts';
import type { OutgoingMail } from '../domain/message.ts';
import type { Table, TableName, Tables, Write } from '../ports/tables.ts';
import { documentWrite, tryDecode } from './document.ts';
import { auditSchema } from './audit.ts';
import { outgoingMailSchema } from './mails.ts';
import { subjectSchema } from './manager-reviews.ts';

export type Effect =
  | { readonly kind: 'audit'; readonly entry: AuditEntry }
  | { readonly kind: 'mail'; readonly mail: OutgoingMail }
  /** Managers whose access has to be looked at again. */
  | { readonly kind: 'review'; readonly reviewId: string; readonly companyId: string; readonly subjects: readonly ReviewSubject[] };

const effectSchema: z.ZodType<Effect> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('audit'), entry: auditSchema }),
  z.object({ kind: z.literal('mail'), mail: outgoingMailSchema }),
  z.object({ kind: z.literal('review'), reviewId: z.string(), companyId: z.string(), subjects: z.array(subjectSchema) }),
]);

const prefix = '~outbox~';
const marks = '~marks';

function idOf(effect: Effect): string {
  switch (effect.kind) {
    case 'audit':
      return effect.entry.auditId;
    case 'mail':
      return effect.mail.mailId;
    case 'review':
      return effect.reviewId;
  }
}

/** The write that stores an effect beside the change that causes it. The row key is the effect's own id: storing it twice is storing it once. */
export function effectWrite(effect: Effect): Write {
  return documentWrite.upsert(`${prefix}${idOf(effect)}`, effect);
}

/** Where effects may wait, and since when. */
export interface OutboxMark {
  readonly companyId: string;
  readonly at: string;
  readonly places: readonly { readonly table: 'companies' | 'users' | 'managers' | 'mails'; readonly partition: string }[];
}

const markSchema: z.ZodType<OutboxMark> = z.object({
  companyId: z.string(),
  at: z.string(),
  places: z.array(z.object({ table: z.enum(['companies', 'users', 'managers', 'mails']), partition: z.string() })),
});

/** Must be stored before the transactions it speaks of. */
export async function markOutbox(tables: Tables, markId: string, mark: OutboxMark): Promise<void> {
  await tables.companies.write(marks, [documentWrite.upsert(markId, mark)]);
}

/** Must be called only after everything at the marked places was delivered. */
export async function clearMark(tables: Tables, markId: string): Promise<void> {
  await tables.companies.write(marks, [{ kind: 'remove', row: markId }]);
}

/** Marks left by operations that did not finish, oldest first is not promised. `undefined` for one that cannot be read. */
export async function* openMarks(tables: Tables): AsyncIterable<{ readonly markId: string; readonly mark: OutboxMark | undefined }> {
  for await (const { row, properties } of tables.companies.range({ partition: marks }))
    yield { markId: row, mark: tryDecode(markSchema, properties) };
}

export interface Drained {
  readonly delivered: number;
  /** Effects that could not be read; they stay, since a newer version may have written them. */
  readonly unreadable: number;
}

/** Delivers each waiting effect of a place and then forgets it. `deliver` must be repeatable. One that cannot be read holds up no other. */
export async function drainPlace(
  tables: Tables,
  place: { readonly table: TableName; readonly partition: string },
  deliver: (effect: Effect) => Promise<void>,
): Promise<Drained> {
  const table: Table = tables[place.table];
  let [delivered, unreadable] = [0, 0];
  for await (const row of table.range({ partition: place.partition, from: prefix, below: `${prefix}~` })) {
    const effect = tryDecode(effectSchema, row.properties);
    if (effect === undefined) {
      unreadable += 1;
      continue;
    }
    await deliver(effect);
    await table.write(place.partition, [{ kind: 'remove', row: row.row }]);
    delivered += 1;
  }
  return { delivered, unreadable };
}
