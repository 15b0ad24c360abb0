// Accepting an invitation: an account with a password, or one that is opened with Microsoft.
import { explainPassword, normalisePassword, whyPasswordRefused } from '../domain/password.ts';
import { Refusal } from '../domain/errors.ts';
import { nextAccountState } from '../domain/manager-account.ts';
import { displayNameOf } from '../domain/person-text.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { forgetToken } from '../storage/account-tokens.ts';
import { readCompany, readSettings } from '../storage/companies.ts';
import type { ManagerAccount } from '../storage/manager-accounts.ts';
import { accountAudit, type AccountChange, changeAccount } from './account-change.ts';
import { deadLink, openLink } from './account-links.ts';
import { passwordContextOf } from './password-context.ts';

export interface LinkUse {
  readonly token: string;
  readonly password: string;
}

interface Invited {
  readonly companyId: string;
  readonly user: User;
}

/** @throws Refusal `password-refused` with the sentence that says why */
export async function requirePassword(ports: Ports, { companyId, user }: Invited, password: string): Promise<string> {
  const company = await readCompany(ports.tables, companyId);
  const problem = whyPasswordRefused(password, await passwordContextOf(user, company?.name ?? ''));
  if (problem !== null) throw new Refusal('password-refused', { detail: explainPassword(problem) });
  return await ports.passwords.hash(normalisePassword(password));
}

/** The account of whoever accepts, and its line in the audit log; `undefined` when its state does not allow it. */
export function accepting(
  ports: Pick<Ports, 'ids' | 'clock'>,
  { companyId, user }: Invited,
  account: ManagerAccount,
  how = '',
): AccountChange | undefined {
  const state = nextAccountState(account.state, 'accept');
  if (state === 'refused') return undefined;
  const at = ports.clock.now().toISOString();
  const knownAddress = user.fields.mail ?? account.knownAddress;
  const summary = (name: string) => `${name} accepted the invitation to the User Portal${how}.`;
  return {
    account: { ...account, state, stateSince: at, endedBecause: null, activeSince: at, knownAddress },
    effects: [accountAudit(ports, { companyId, user, by: displayNameOf(user.fields), action: 'managerAccepted', summary })],
  };
}

/**
 * Accepts an invitation: sets the password, and the account is active. Of two uses at the same moment the account takes one.
 * @throws Refusal `link-expired`, `password-refused`, `conflict` where managers sign in with Microsoft
 */
export async function acceptInvitation(ports: Ports, { token, password }: LinkUse): Promise<{ readonly companyId: string }> {
  const link = await openLink(ports, token, 'invitation');
  const { companyId, tokenId, user } = link;
  const acceptWith = (account: ManagerAccount): AccountChange => {
    const change = account.invitation?.tokenId === tokenId ? accepting(ports, link, account) : undefined;
    if (change === undefined) throw deadLink();
    return change;
  };
  const { managerSignIn } = (await readSettings(ports.tables, companyId)).value;
  if (managerSignIn !== 'password')
    throw new Refusal('conflict', { detail: 'Managers of this company sign in with Microsoft; do that instead.' });
  // Looked at before a hash is made, and again in the write.
  acceptWith(link.account);
  const passwordHash = await requirePassword(ports, link, password);
  await changeAccount(ports, companyId, user.objectId, (present) => {
    const { account, effects } = acceptWith(present);
    return { account: { ...account, passwordHash }, effects };
  });
  await forgetToken(ports.tables, tokenId);
  return { companyId };
}
