// Links in mails that open an account: the secret is stored as a hash only, and a link works once.
import * as z from 'zod';
import type { Tables } from '../ports/tables.ts';
import { documentWrite, type Found, readDocument } from './document.ts';

export const tokenPurposes = ['invitation', 'passwordReset'] as const;
export type TokenPurpose = (typeof tokenPurposes)[number];

export interface AccountToken {
  readonly companyId: string;
  readonly objectId: string;
  readonly purpose: TokenPurpose;
  /** Where the mail with the link went. */
  readonly address: string;
  readonly secretHash: string;
  readonly expiresAt: string;
}

const schema: z.ZodType<AccountToken> = z.object({
  companyId: z.string(),
  objectId: z.string(),
  purpose: z.enum(tokenPurposes),
  address: z.string(),
  secretHash: z.string(),
  expiresAt: z.string(),
});

export const accountTokenPartition = 'account-token';
const partition = accountTokenPartition;

export async function insertToken(tables: Pick<Tables, 'access'>, tokenId: string, token: AccountToken): Promise<void> {
  await tables.access.write(partition, [documentWrite.insert(tokenId, token)]);
}

export async function readToken(tables: Pick<Tables, 'access'>, tokenId: string): Promise<Found<AccountToken> | undefined> {
  return await readDocument(tables.access, { partition, row: tokenId }, schema);
}

/** Once it was used. What it opened says itself that it is used up, so a token that stays behind after a crash opens nothing. */
export async function forgetToken(tables: Pick<Tables, 'access'>, tokenId: string): Promise<void> {
  await tables.access.write(partition, [{ kind: 'remove', row: tokenId }]);
}
