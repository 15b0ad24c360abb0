// Accounts of managers: one document each, in the company's partition of the table `managers`, beside the effects of its changes.
import * as z from 'zod';
import { accountStates, type AccountState } from '../domain/manager-account.ts';
import type { SecondFactor } from '../domain/second-factor.ts';
import { reminderOverrides, type ReminderOverride } from '../domain/weekly-reminder.ts';
import type { Tables, Write } from '../ports/tables.ts';
import { documentWrite, type Found, readDocument, tryDecode } from './document.ts';
import { type Effect, effectWrite } from './outbox.ts';

export interface Invitation {
  /** Names the link that is good; any other one is dead. */
  readonly tokenId: string;
  readonly sentAt: string;
  readonly expiresAt: string;
  readonly by: string;
  readonly address: string;
}

export interface ManagerAccount {
  readonly objectId: string;
  readonly state: AccountState;
  /** Why the account is suspended or was ended, in words; `null` while nothing ended it. */
  readonly endedBecause: string | null;
  /** When the state last changed. */
  readonly stateSince: string | null;
  /** An admin took an invitation back: nobody is invited by itself after that. */
  readonly wasRevoked: boolean;
  /** The open invitation, or the last one. */
  readonly invitation: Invitation | null;
  readonly activeSince: string | null;
  /** argon2id; `null` before a password is set, and for those who sign in with Microsoft. */
  readonly passwordHash: string | null;
  /** The link for a new password that is good; any other one is dead. */
  readonly passwordReset: { readonly tokenId: string } | null;
  /** Sessions of another number are over. */
  readonly sessionGeneration: number;
  readonly secondFactor: SecondFactor | null;
  /** Hashes of what browsers keep that were used to sign in, the last one used last. */
  readonly devices: readonly string[];
  readonly reminders: ReminderOverride;
  /** Where the last mail about the account itself went: who signs in with another address is told at both. */
  readonly knownAddress: string | null;
}

const schema: z.ZodType<ManagerAccount> = z.object({
  objectId: z.string(),
  state: z.enum(accountStates),
  endedBecause: z.string().nullable(),
  stateSince: z.string().nullable(),
  wasRevoked: z.boolean(),
  invitation: z.object({ tokenId: z.string(), sentAt: z.string(), expiresAt: z.string(), by: z.string(), address: z.string() }).nullable(),
  activeSince: z.string().nullable(),
  passwordHash: z.string().nullable(),
  passwordReset: z.object({ tokenId: z.string() }).nullable(),
  sessionGeneration: z.number(),
  secondFactor: z
    .object({
      confirmed: z
        .object({ sealedSecret: z.string(), confirmedAt: z.string(), lastStep: z.number(), recoveryHashes: z.array(z.string()) })
        .nullable(),
      offered: z.object({ sealedSecret: z.string(), offeredAt: z.string() }).nullable(),
    })
    .nullable(),
  devices: z.array(z.string()),
  reminders: z.enum(reminderOverrides),
  knownAddress: z.string().nullable(),
});

export const noAccount = (objectId: string): ManagerAccount => ({
  objectId,
  state: 'none',
  endedBecause: null,
  stateSince: null,
  wasRevoked: false,
  invitation: null,
  activeSince: null,
  passwordHash: null,
  passwordReset: null,
  sessionGeneration: 0,
  secondFactor: null,
  devices: [],
  reminders: 'inherit',
  knownAddress: null,
});

const prefix = 'account~';
const rowOf = (objectId: string) => `${prefix}${objectId}`;

export async function readAccount(
  tables: Pick<Tables, 'managers'>,
  companyId: string,
  objectId: string,
): Promise<Found<ManagerAccount> | undefined> {
  return await readDocument(tables.managers, { partition: companyId, row: rowOf(objectId) }, schema);
}

/** Whether anybody of a company has, or had, an account or an invitation. */
export async function hasAccounts(tables: Pick<Tables, 'managers'>, companyId: string): Promise<boolean> {
  for await (const row of tables.managers.range({ partition: companyId, from: prefix, below: `${prefix}~`, limit: 1 }))
    return row.row !== '';
  return false;
}

export interface ListedAccount {
  readonly objectId: string;
  /** `undefined` for one that cannot be read. */
  readonly account: ManagerAccount | undefined;
}

/** Accounts of a company by object id, all of them or those behind one. @param limit most rows, those that cannot be read as well */
export async function* listAccounts(
  tables: Pick<Tables, 'managers'>,
  companyId: string,
  after: string | null,
  limit?: number,
): AsyncIterable<ListedAccount> {
  const from = after === null ? prefix : `${rowOf(after)} `;
  const range = { partition: companyId, from, below: `${prefix}~`, ...(limit === undefined ? {} : { limit }) };
  for await (const { row, properties } of tables.managers.range(range))
    yield { objectId: row.slice(prefix.length), account: tryDecode(schema, properties) };
}

/** Stores an account with the effects of its change, unless somebody else was faster. */
export async function writeAccount(
  tables: Pick<Tables, 'managers'>,
  companyId: string,
  { account, etag, effects = [] }: { readonly account: ManagerAccount; readonly etag: string | null; readonly effects?: readonly Effect[] },
): Promise<'done' | 'changed'> {
  const row = rowOf(account.objectId);
  const write: Write = etag === null ? documentWrite.insert(row, account) : documentWrite.replace(row, account, etag);
  const outcome = await tables.managers.write(companyId, [write, ...effects.map(effectWrite)]);
  return outcome.kind === 'done' ? 'done' : 'changed';
}
