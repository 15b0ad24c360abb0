// Send records of mails, and the quota all senders share.
import * as z from 'zod';
import type { MailContent } from '../domain/mail-content.ts';
import { type Delivery, deliveryOutcomes } from '../domain/mail-delivery.ts';
import { emptyWindow, type QuotaWindow } from '../domain/mail-quota.ts';
import { mailLanes, mailStates, type OutgoingMail, type SendRecord } from '../domain/message.ts';
import { invertedInstant } from '../domain/packed-position.ts';
import type { Tables } from '../ports/tables.ts';
import { changeDocument, decodeDocument, documentWrite, type Found, readDocument } from './document.ts';
import { removeRows } from './remove-rows.ts';

export const outgoingMailSchema: z.ZodType<OutgoingMail> = z.object({
  mailId: z.string(),
  operationId: z.string(),
  companyId: z.string(),
  lane: z.enum(mailLanes),
  to: z.array(z.object({ address: z.string(), name: z.string() })),
  content: z.custom<MailContent>((value) => typeof value === 'object' && value !== null && 'kind' in value),
  createdAt: z.string(),
  readerId: z.string().optional(),
});

export const deliverySchema: z.ZodType<Delivery> = z.object({
  outcome: z.enum(deliveryOutcomes),
  at: z.string(),
  detail: z.string().nullable(),
});

const recordSchema: z.ZodType<SendRecord> = z.object({
  mail: outgoingMailSchema,
  state: z.enum(mailStates),
  attempts: z.number(),
  notBefore: z.string().nullable(),
  finishedAt: z.string().nullable(),
  problem: z.string().nullable(),
  delivery: deliverySchema.optional(),
});

const windowSchema: z.ZodType<QuotaWindow> = z.object({
  pausedUntil: z.string().nullable(),
  minutes: z.array(z.object({ minute: z.number(), sent: z.number(), lanes: z.partialRecord(z.enum(mailLanes), z.number()).default({}) })),
  lines: z.record(z.string(), z.string()).default({}),
});
const windowKey = { partition: '~quota', row: 'window' };

/** Which mail an operation of the mail service is: reports name nothing else. */
export interface MailPlace {
  readonly companyId: string;
  readonly mailId: string;
}

const placeSchema: z.ZodType<MailPlace> = z.object({ companyId: z.string(), mailId: z.string() });

/** A partition each: they are read one by one, and never together. */
const operationKey = (operationId: string) => ({ partition: `~operation~${operationId.toLowerCase()}`, row: 'mail' });

/** The mail an operation sends; `undefined` when it is none of ours. */
export async function findMailOfOperation(tables: Pick<Tables, 'mails'>, operationId: string): Promise<MailPlace | undefined> {
  return (await readDocument(tables.mails, operationKey(operationId), placeSchema))?.value;
}

/**
 * Creates the record of a mail; a repeat finds it and changes nothing. Its operation becomes known first: a report may come as soon as the
 * mail is sent, and nothing sends it before its record is there.
 */
export async function createSendRecord(tables: Tables, record: SendRecord): Promise<void> {
  const { operationId, companyId, mailId } = record.mail;
  const { partition, row } = operationKey(operationId);
  await tables.mails.write(partition, [documentWrite.insert(row, { companyId, mailId })]);
  await tables.mails.write(record.mail.companyId, [documentWrite.insert(record.mail.mailId, record)]);
}

export async function readSendRecord(
  tables: Pick<Tables, 'mails'>,
  companyId: string,
  mailId: string,
): Promise<Found<SendRecord> | undefined> {
  return await readDocument(tables.mails, { partition: companyId, row: mailId }, recordSchema);
}

/** Replaces a record unless somebody else did; two consumers of one message never both claim. */
export async function replaceSendRecord(tables: Tables, record: SendRecord, etag: string): Promise<'done' | 'changed'> {
  const outcome = await tables.mails.write(record.mail.companyId, [documentWrite.replace(record.mail.mailId, record, etag)]);
  return outcome.kind === 'done' ? 'done' : 'changed';
}

/** Changes a record by compare-and-swap, whatever its sender does meanwhile; `undefined` leaves it as it is. */
export async function changeSendRecord(
  tables: Pick<Tables, 'mails'>,
  { companyId, mailId }: MailPlace,
  change: (record: SendRecord) => SendRecord | undefined,
): Promise<SendRecord | undefined> {
  return await changeDocument(tables.mails, { partition: companyId, row: mailId }, recordSchema, (present) => present && change(present));
}

export async function listSendRecords(tables: Tables, companyId: string, limit: number): Promise<readonly SendRecord[]> {
  const records: SendRecord[] = [];
  for await (const row of tables.mails.range({ partition: companyId })) {
    records.push(decodeDocument(recordSchema, row.properties));
    if (records.length === limit) break;
  }
  return records;
}

/** Records of mails made since an instant, newest first. */
export async function* recordsSince(tables: Pick<Tables, 'mails'>, companyId: string, since: string): AsyncIterable<SendRecord> {
  for await (const row of tables.mails.range({ partition: companyId, below: `${invertedInstant(since)}~` }))
    yield decodeDocument(recordSchema, row.properties);
}

/** Forgets mails that were made before an instant, and which operations sent them. @returns how many there were */
export async function dropMailsBefore({ mails }: Pick<Tables, 'mails'>, companyId: string, before: Date): Promise<number> {
  // Ids of a company's mails begin with digits.
  const range = { partition: companyId, from: `${invertedInstant(before.toISOString())}~`, below: ':' };
  for await (const { properties } of mails.range(range)) {
    const { partition, row } = operationKey(decodeDocument(recordSchema, properties).mail.operationId);
    await mails.write(partition, [{ kind: 'remove', row }]);
  }
  return await removeRows(mails, range);
}

/** Changes the shared quota window by compare-and-swap. */
export async function changeQuotaWindow(tables: Tables, change: (window: QuotaWindow) => QuotaWindow | undefined): Promise<void> {
  await changeDocument(tables.mails, windowKey, windowSchema, (present) => change(present ?? emptyWindow));
}

export async function readQuotaWindow(tables: Pick<Tables, 'mails'>): Promise<QuotaWindow> {
  return (await readDocument(tables.mails, windowKey, windowSchema))?.value ?? emptyWindow;
}
