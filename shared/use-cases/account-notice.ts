// What happened to an account is told to the person whose it is, where the directory has an address.
import type { AccountHappening } from '../domain/mail-content.ts';
import { displayNameOf } from '../domain/person-text.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { readCompany } from '../storage/companies.ts';
import type { Effect } from '../storage/outbox.ts';
import type { SignedInManager } from './manager-session.ts';
import { mailsTo } from './notices.ts';

/** Whose account it is, and what must be known to tell them. */
export interface AccountOwner {
  readonly companyId: string;
  readonly user: User;
  readonly timeZone: string;
}

export const ownerOf = ({ companyId, facts, settings }: Pick<SignedInManager, 'companyId' | 'facts' | 'settings'>): AccountOwner => ({
  companyId,
  user: facts.user,
  timeZone: settings.timeZone,
});

/** The mail, as an effect to store with what it tells of. */
export async function accountNotice(
  ports: Ports,
  { companyId, user, timeZone }: AccountOwner,
  what: AccountHappening,
): Promise<readonly Effect[]> {
  const address = user.fields.mail ?? '';
  if (address === '') return [];
  const name = displayNameOf(user.fields);
  const companyName = (await readCompany(ports.tables, companyId))?.name ?? '';
  const at = ports.clock.now().toISOString();
  const resetUrl = `${ports.operation.publicUrl}/account/forgotten`;
  return mailsTo(
    ports,
    companyId,
    [{ address, name }],
    { kind: 'accountNotice', companyName, name, what, at, timeZone, resetUrl },
    'account',
  );
}
