// Managers of a company that has chosen so sign in with Microsoft: at the company's own tenant, known by tenant id and object id. The same
// session follows as after a password.
import type { ManagerSignIn } from '../domain/company.ts';
import { Refusal } from '../domain/errors.ts';
import { hasRunOut, reviewAccess } from '../domain/manager-account.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { forgetToken } from '../storage/account-tokens.ts';
import { readCompanyState } from '../storage/company-state.ts';
import { type ManagerAccount, readAccount } from '../storage/manager-accounts.ts';
import { type AccountChange, changeAccount } from './account-change.ts';
import { openLinkedUsers } from './company-users.ts';
import { readManagerFacts } from './manager-facts.ts';
import { startManagerSession } from './manager-session.ts';
import { accepting } from './open-account.ts';
import { finishAttempt, type SignInRedirect, startAttempt } from './microsoft-attempts.ts';

/** One answer for whoever has no account, is no manager, or belongs to somebody else: Microsoft knows them, and we say nothing. */
const noAccess = () => new Refusal('sign-in-failed', { detail: 'This Microsoft account has no access to the User Portal.' });

/** How managers of a company sign in; a company that does not exist looks like most do. */
export async function managerSignInOf(ports: Ports, companyId: string): Promise<ManagerSignIn> {
  return (await readCompanyState(ports.tables, companyId)).settings.managerSignIn;
}

/** Sends the browser to the company's own tenant. @throws Refusal `sign-in-failed` where managers do not sign in so */
export async function startManagerSignIn(
  ports: Ports,
  companyId: string,
): Promise<{ readonly url: string; readonly browserSecret: string }> {
  const { settings, integration } = await readCompanyState(ports.tables, companyId);
  if (settings.managerSignIn !== 'microsoft' || integration.tenantId === null) throw new Refusal('sign-in-failed');
  return await startAttempt(ports, { who: 'manager', tenant: integration.tenantId, about: companyId });
}

function accepted(ports: Ports, companyId: string, user: User, account: ManagerAccount): AccountChange {
  // Somebody else came in by the same account at the same moment.
  if (account.state === 'active') return { account, effects: [] };
  const isOpen = account.invitation !== null && !hasRunOut(account.invitation, ports.clock.now());
  const change = isOpen ? accepting(ports, { companyId, user }, account, ' by signing in with Microsoft') : undefined;
  if (change === undefined) throw noAccess();
  return change;
}

/**
 * Finishes a sign-in with Microsoft; an open invitation is accepted by it. What the company wants and who is a manager is read now, and not
 * believed from when the browser left.
 * @throws Refusal `sign-in-failed`
 */
export async function finishManagerSignIn(ports: Ports, redirect: SignInRedirect): Promise<{ readonly session: string }> {
  const { account: signedIn, about: companyId } = await finishAttempt(ports, 'manager', redirect);
  const state = await readCompanyState(ports.tables, companyId);
  const opened = await openLinkedUsers(ports, companyId, state);
  if (state.settings.managerSignIn !== 'microsoft' || opened?.scope.tenantId !== signedIn.tenantId) throw noAccess();
  const { objectId } = signedIn;
  const [stored, facts] = await Promise.all([readAccount(ports.tables, companyId, objectId), readManagerFacts(ports, opened, [objectId])]);
  const known = facts.get(objectId);
  if (!stored || !known || reviewAccess(known.user, known.reports) === 'accessEnded') throw noAccess();
  if (stored.value.state === 'active') return await startManagerSession(ports, companyId, stored.value);
  const account = await changeAccount(ports, companyId, objectId, (present) => accepted(ports, companyId, known.user, present));
  if (stored.value.invitation !== null) await forgetToken(ports.tables, stored.value.invitation.tokenId);
  return await startManagerSession(ports, companyId, account);
}
