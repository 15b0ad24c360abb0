// Passwords that were forgotten or are changed. Whoever asks for a new one learns nothing; whoever gets one ends every session before it.
import { Refusal } from '../domain/errors.ts';
import { normalisePassword } from '../domain/password.ts';
import { displayNameOf } from '../domain/person-text.ts';
import type { Ports, ResetRequest } from '../ports/ports.ts';
import { forgetToken } from '../storage/account-tokens.ts';
import { readCompany, readSettings } from '../storage/companies.ts';
import type { ManagerAccount } from '../storage/manager-accounts.ts';
import { accountAudit, changeAccount, endingSessions, requireSameSessions } from './account-change.ts';
import { deadLink, issueLink, openLink } from './account-links.ts';
import { accountNotice, type AccountOwner, ownerOf } from './account-notice.ts';
import { candidateOf, mayEnter, type SignedInManager, startManagerSession } from './manager-session.ts';
import { mailsTo } from './notices.ts';
import { type LinkUse, requirePassword } from './open-account.ts';
import { accountGate, countAttempt, resetGates, signInGates } from './sign-in-gates.ts';

const validMinutes = 60;

export interface ForgottenPassword {
  readonly companyId: string;
  readonly mail: string;
  /** Where the request comes from. */
  readonly address: string;
}

/**
 * Takes a request for a new password. The answer and the work are the same whoever asks: who has an account is looked up later.
 * @throws Refusal `too-many-attempts`
 */
export async function requestPasswordReset(ports: Ports, { companyId, mail, address }: ForgottenPassword): Promise<void> {
  await countAttempt(ports, resetGates(companyId, mail, address));
  await ports.resetQueue.enqueue({ requestId: ports.ids.newId(), companyId, mail, askedAt: ports.clock.now().toISOString() });
}

/**
 * Sends the link for a new password to a manager with an account; to everybody else nothing. An account that was opened with Microsoft gets
 * its first password so, in a company that has changed over. A request that comes twice makes one link, and one that comes late is dropped:
 * whoever asked has asked again.
 */
export async function sendResetLink(ports: Ports, request: ResetRequest): Promise<void> {
  const { companyId, requestId, askedAt } = request;
  if (ports.clock.now().getTime() - Date.parse(askedAt) >= validMinutes * 60_000) {
    ports.log('warning', 'A request for a new password came too late and was dropped.', { companyId });
    return;
  }
  const candidate = await candidateOf(ports, request);
  if (candidate === undefined || !mayEnter(candidate) || candidate.settings.managerSignIn !== 'password') return;
  const { user } = candidate.facts;
  const companyName = (await readCompany(ports.tables, companyId))?.name ?? '';
  const expiresAt = new Date(ports.clock.now().getTime() + validMinutes * 60_000).toISOString();
  const address = user.fields.mail ?? '';
  await issueLink(ports, requestId, { companyId, objectId: user.objectId, purpose: 'passwordReset', address, expiresAt });
  const name = displayNameOf(user.fields);
  const resetUrl = `${ports.operation.publicUrl}/account/password`;
  const to = [{ address, name }];
  const content = { kind: 'passwordReset', companyName, name, resetUrl, tokenId: requestId, validMinutes } as const;
  await changeAccount(ports, companyId, user.objectId, (account) => {
    // Looked at again: a link stored in an account that was just closed would work once an admin enables it.
    if (account.state !== 'active' || account.passwordReset?.tokenId === requestId) return undefined;
    return { account: { ...account, passwordReset: { tokenId: requestId } }, effects: mailsTo(ports, companyId, to, content, 'account') };
  });
}

/** What follows from a new password: it is told to its owner and to the audit log, and all sessions end. */
async function newPassword(
  ports: Ports,
  owner: AccountOwner,
  passwordHash: string,
  mayChange: (account: ManagerAccount) => boolean,
): Promise<ManagerAccount | undefined> {
  const { companyId, user } = owner;
  const summary = (person: string) => `${person} chose a new password.`;
  const audit = accountAudit(ports, { companyId, user, by: displayNameOf(user.fields), action: 'managerPasswordChanged', summary });
  const effects = [...(await accountNotice(ports, owner, 'passwordChanged')), audit];
  return await changeAccount(ports, companyId, user.objectId, (account) =>
    mayChange(account) ? { account: { ...endingSessions(account), passwordHash, passwordReset: null }, effects } : undefined,
  );
}

/**
 * Sets a new password with the token of a link.
 * @throws Refusal `link-expired`, `password-refused`
 */
export async function resetPassword(ports: Ports, { token, password }: LinkUse): Promise<{ readonly companyId: string }> {
  const link = await openLink(ports, token, 'passwordReset');
  const isCurrent = ({ state, passwordReset }: ManagerAccount) => state === 'active' && passwordReset?.tokenId === link.tokenId;
  if (!isCurrent(link.account)) throw deadLink();
  const passwordHash = await requirePassword(ports, link, password);
  const { companyId, user } = link;
  const { timeZone, managerSignIn } = (await readSettings(ports.tables, companyId)).value;
  if (managerSignIn !== 'password') throw deadLink();
  if ((await newPassword(ports, { companyId, user, timeZone }, passwordHash, isCurrent)) === undefined) throw deadLink();
  await forgetToken(ports.tables, link.tokenId);
  return { companyId };
}

export interface PasswordChange {
  readonly current: string;
  readonly password: string;
  readonly address: string;
}

/**
 * Changes the password of whoever is signed in, who must know the present one; all sessions end and a new one begins.
 * @throws Refusal `wrong-sign-in`, `password-refused`, `too-many-attempts`
 */
export async function changePassword(
  ports: Ports,
  manager: SignedInManager,
  change: PasswordChange,
): Promise<{ readonly session: string }> {
  const { companyId, account } = manager;
  const { user } = manager.facts;
  const attempt = await countAttempt(ports, signInGates(accountGate(companyId, user.fields.mail ?? ''), change.address));
  const isRight = await ports.passwords.verify(normalisePassword(change.current), account.passwordHash);
  if (!isRight) throw new Refusal('wrong-sign-in');
  // Where there is a factor, whoever knows the password alone must not win new guesses at the code with it.
  await (account.secondFactor?.confirmed ? attempt.takeBack() : attempt.forgive());
  const passwordHash = await requirePassword(ports, { companyId, user }, change.password);
  const isSame = (present: ManagerAccount) => {
    requireSameSessions(account, present);
    return present.state === 'active' && present.passwordHash === account.passwordHash;
  };
  const changed = await newPassword(ports, ownerOf(manager), passwordHash, isSame);
  if (changed === undefined) throw new Refusal('wrong-sign-in');
  return await startManagerSession(ports, companyId, changed);
}

/** Ends every session of whoever is signed in, on whatever device. */
export async function signOutEverywhere(ports: Ports, { companyId, account }: SignedInManager): Promise<void> {
  await changeAccount(ports, companyId, account.objectId, (present) => ({ account: endingSessions(present), effects: [] }));
}
