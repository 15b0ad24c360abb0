// Links in mails that open an account: made with an end, opened while they are good, and dead alike for whatever reason.
import { Refusal } from '../domain/errors.ts';
import { isSameAddress, reviewAccess } from '../domain/manager-account.ts';
import { splitToken } from '../domain/secrets.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { type AccountToken, insertToken, readToken, type TokenPurpose } from '../storage/account-tokens.ts';
import { type ManagerAccount, readAccount } from '../storage/manager-accounts.ts';
import { readCompanyState } from '../storage/company-state.ts';
import { openLinkedUsers } from './company-users.ts';
import { hashSecret, matchesHash } from './hashing.ts';
import { linkSecret } from './link-secrets.ts';
import { readManagerFacts } from './manager-facts.ts';

/** Unknown, used, replaced, expired and foreign links get one answer. */
export const deadLink = () => new Refusal('link-expired');

/** Makes a link; the same one when it is made twice. Until an account names it, it opens nothing. @param tokenId an id nobody can guess */
export async function issueLink(
  { tables, operation }: Pick<Ports, 'tables' | 'operation'>,
  tokenId: string,
  link: Omit<AccountToken, 'secretHash'>,
): Promise<void> {
  await insertToken(tables, tokenId, { ...link, secretHash: hashSecret(linkSecret(operation, tokenId)) });
}

export interface OpenedLink {
  readonly companyId: string;
  readonly tokenId: string;
  readonly account: ManagerAccount;
  readonly user: User;
}

/** What a link opens, if it is still good. @throws Refusal `link-expired` */
export async function openLink(ports: Ports, text: string, purpose: TokenPurpose): Promise<OpenedLink> {
  const shown = splitToken(text);
  const found = shown && (await readToken(ports.tables, shown.id));
  if (!shown || !found || found.value.purpose !== purpose || !matchesHash(shown.secret, found.value.secretHash)) throw deadLink();
  const { companyId, objectId, address, expiresAt } = found.value;
  if (Date.parse(expiresAt) <= ports.clock.now().getTime()) throw deadLink();
  const [stored, state] = await Promise.all([readAccount(ports.tables, companyId, objectId), readCompanyState(ports.tables, companyId)]);
  const opened = await openLinkedUsers(ports, companyId, state);
  const facts = opened && (await readManagerFacts(ports, opened, [objectId])).get(objectId);
  // Whoever is no manager any more must not come in by an old mail.
  if (!stored || !facts || reviewAccess(facts.user, facts.reports) === 'accessEnded') throw deadLink();
  // Addresses are given to others, while a mail waits to be sent and afterwards: who reads it now need not be the person.
  if (!isSameAddress(address, facts.user.fields.mail)) throw deadLink();
  return { companyId, tokenId: shown.id, account: stored.value, user: facts.user };
}
