// A manager looks after the own second factor, and an admin takes one away whose phone and paper are lost.
import { Refusal } from '../domain/errors.ts';
import { displayNameOf } from '../domain/person-text.ts';
import { type FactorState, factorStateOf, nextFactorState } from '../domain/second-factor.ts';
import { normalisePassword } from '../domain/password.ts';
import type { Ports } from '../ports/ports.ts';
import type { ManagerAccount } from '../storage/manager-accounts.ts';
import { type AccountChange, changeAccount, endingSessions, requireSameSessions } from './account-change.ts';
import { type AccountOwner, ownerOf } from './account-notice.ts';
import { confirmFactor, factorEffects, offerFactor, spendCode } from './factor-changes.ts';
import { type OneManager, requireManagerFacts } from './manager-facts.ts';
import { type SignedInManager, startManagerSession } from './manager-session.ts';
import type { NewSecret } from './one-time-codes.ts';
import { accountGate, countAttempt, signInGates } from './sign-in-gates.ts';

export interface FactorView {
  readonly state: FactorState;
  readonly confirmedAt: string | null;
  readonly recoveryCodesLeft: number;
  /** The company requires one, so it cannot be removed. */
  readonly isRequired: boolean;
}

/** The own second factor, without anything that could open something. */
export function viewFactor(ports: Ports, { account, settings }: SignedInManager): FactorView {
  const confirmed = account.secondFactor?.confirmed ?? null;
  return {
    state: factorStateOf(account.secondFactor, ports.clock.now()),
    confirmedAt: confirmed?.confirmedAt ?? null,
    recoveryCodesLeft: confirmed?.recoveryHashes.length ?? 0,
    isRequired: settings.secondFactorRequired && settings.managerSignIn === 'password',
  };
}

/** Proof that it is still the manager who sits there: all that a sign-in would ask for. */
export interface Proof {
  readonly password: string;
  /** Of the present factor, where there is one. */
  readonly code: string | null;
  /** Where the request comes from. */
  readonly address: string;
}

const gatesOf = ({ companyId, facts }: SignedInManager, address: string) =>
  signInGates(accountGate(companyId, facts.user.fields.mail ?? ''), address);

/**
 * Checks a proof; guesses count as they do at a sign-in. The code is used up by whoever writes the account.
 * @throws Refusal `wrong-sign-in`, `wrong-code`, `too-many-attempts`
 */
async function withProof<T>(
  ports: Ports,
  manager: SignedInManager,
  { password, code, address }: Proof,
  work: (spend: (account: ManagerAccount) => AccountChange) => Promise<T>,
): Promise<T> {
  const attempt = await countAttempt(ports, gatesOf(manager, address));
  if (!(await ports.passwords.verify(normalisePassword(password), manager.account.passwordHash))) throw new Refusal('wrong-sign-in');
  const owner = ownerOf(manager);
  const result = await work((account) => {
    requireSameSessions(manager.account, account);
    // A password that was changed at this moment is not the one that was checked.
    if (account.passwordHash !== manager.account.passwordHash) throw new Refusal('wrong-sign-in');
    return account.secondFactor?.confirmed ? spendCode(ports, owner, account, code ?? '') : { account, effects: [] };
  });
  await attempt.forgive();
  return result;
}

/** Shows a secret for a first factor or for one that replaces it. */
export async function offerOwnFactor(ports: Ports, manager: SignedInManager, proof: Proof): Promise<Pick<NewSecret, 'secret' | 'uri'>> {
  return await withProof(ports, manager, proof, async (spend) => await offerFactor(ports, ownerOf(manager), spend));
}

/**
 * Takes the first code of the secret that was shown; all sessions end, and this one goes on under a new id.
 * @throws Refusal `no-second-factor`, `wrong-code`, `too-many-attempts`
 */
export async function confirmOwnFactor(
  ports: Ports,
  manager: SignedInManager,
  { code, address }: { readonly code: string; readonly address: string },
): Promise<{ readonly session: string; readonly recoveryCodes: readonly string[] }> {
  const attempt = await countAttempt(ports, gatesOf(manager, address));
  const { account, recoveryCodes } = await confirmFactor(ports, ownerOf(manager), code, (present) => {
    requireSameSessions(manager.account, present);
  });
  await attempt.forgive();
  return { ...(await startManagerSession(ports, manager.companyId, account)), recoveryCodes };
}

/** Without a factor and without the sessions it opened. */
function withoutFactor(ports: Ports, account: ManagerAccount, event: 'remove' | 'reset'): ManagerAccount {
  const next = nextFactorState(account.secondFactor, event, ports.clock.now());
  if (next === 'refused') throw new Refusal('no-second-factor');
  return endingSessions({ ...account, secondFactor: null });
}

/**
 * Removes the own factor; all sessions end, and this one goes on under a new id.
 * @throws Refusal `second-factor-required`, `no-second-factor` and those of a proof
 */
export async function removeOwnFactor(ports: Ports, manager: SignedInManager, proof: Proof): Promise<{ readonly session: string }> {
  if (viewFactor(ports, manager).isRequired) throw new Refusal('second-factor-required');
  const owner = ownerOf(manager);
  const summary = (person: string) => `${person} removed the own second factor.`;
  const effects = await factorEffects(ports, owner, { action: 'secondFactorRemoved', by: displayNameOf(owner.user.fields), summary });
  const { companyId } = manager;
  const left = await withProof(
    ports,
    manager,
    proof,
    async (spend) =>
      await changeAccount(ports, companyId, manager.account.objectId, (account) => {
        const spent = spend(account);
        return { account: withoutFactor(ports, spent.account, 'remove'), effects: [...spent.effects, ...effects] };
      }),
  );
  return await startManagerSession(ports, companyId, left);
}

export interface FactorReset extends OneManager {
  readonly by: string;
}

/**
 * An admin takes a manager's factor away, for somebody who has lost it; their sessions end.
 * @throws Refusal `not-found`, `no-second-factor`
 */
export async function resetFactor(ports: Ports, request: FactorReset): Promise<void> {
  const { companyId, by, state } = request;
  const { user } = await requireManagerFacts(ports, request);
  const owner: AccountOwner = { companyId, user, timeZone: state.settings.timeZone };
  const summary = (person: string) => `Reset the second factor of ${person}.`;
  const effects = await factorEffects(ports, owner, { action: 'secondFactorReset', by, summary });
  await changeAccount(ports, companyId, user.objectId, (account) => ({ account: withoutFactor(ports, account, 'reset'), effects }));
}
