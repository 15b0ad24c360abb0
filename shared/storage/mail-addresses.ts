// What is known last of each address that a company's mail went to: one row an address, beside the effects of what it changes.
import * as z from 'zod';
import type { KnownAddress } from '../domain/mail-delivery.ts';
import type { Tables } from '../ports/tables.ts';
import { documentWrite, type Found, readDocument } from './document.ts';
import { deliverySchema } from './mails.ts';
import { type Effect, effectWrite } from './outbox.ts';

export interface MailAddress extends KnownAddress {
  readonly address: string;
}

const schema: z.ZodType<MailAddress> = z.object({ address: z.string(), last: deliverySchema, tryAgainFrom: z.string().optional() });

/** Where these rows and the effects stored beside them are. */
export const addressPlace = (companyId: string) => ({ table: 'mails', partition: `${companyId}~addresses` }) as const;

/** @param row a hash of the address, which may hold signs that a key may not */
export async function readMailAddress(
  tables: Pick<Tables, 'mails'>,
  companyId: string,
  row: string,
): Promise<Found<MailAddress> | undefined> {
  return await readDocument(tables.mails, { partition: addressPlace(companyId).partition, row }, schema);
}

/** Stores what is known now together with its effects, unless somebody else was faster. */
export async function writeMailAddress(
  tables: Pick<Tables, 'mails'>,
  companyId: string,
  row: string,
  {
    address,
    before,
    effects,
  }: { readonly address: MailAddress; readonly before: Found<MailAddress> | undefined; readonly effects: readonly Effect[] },
): Promise<'done' | 'changed'> {
  const write = before ? documentWrite.replace(row, address, before.etag) : documentWrite.insert(row, address);
  const outcome = await tables.mails.write(addressPlace(companyId).partition, [write, ...effects.map(effectWrite)]);
  return outcome.kind === 'done' ? 'done' : 'changed';
}
