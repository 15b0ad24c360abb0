// What changes a second factor, whoever asks: showing a new secret, taking the first code of it, using codes up, and telling its owner.
import { Refusal } from '../domain/errors.ts';
import { displayNameOf } from '../domain/person-text.ts';
import { nextFactorState, openOffer, useCode } from '../domain/second-factor.ts';
import type { Ports } from '../ports/ports.ts';
import type { ManagerAccount } from '../storage/manager-accounts.ts';
import type { Effect } from '../storage/outbox.ts';
import { type AccountAudit, accountAudit, type AccountChange, changeAccount, endingSessions } from './account-change.ts';
import { accountNotice, type AccountOwner } from './account-notice.ts';
import { judgeCode, newRecoveryCodes, newSecret, type NewSecret } from './one-time-codes.ts';

const holderOf = ({ companyId, user }: AccountOwner) => ({ companyId, objectId: user.objectId });

type FactorEvent = Pick<AccountAudit, 'by' | 'action' | 'summary'>;

/** An audit entry, and a mail to the one whose factor it is. */
export async function factorEffects(ports: Ports, owner: AccountOwner, event: FactorEvent): Promise<readonly Effect[]> {
  return [...(await accountNotice(ports, owner, 'secondFactorChanged')), accountAudit(ports, { ...owner, ...event })];
}

/** Shows a new secret; what was confirmed before counts until a code of the new one was right. `before` checks or uses up what must be. */
export async function offerFactor(
  ports: Ports,
  owner: AccountOwner,
  before: (account: ManagerAccount) => AccountChange,
): Promise<Pick<NewSecret, 'secret' | 'uri'>> {
  const { mail, userPrincipalName } = owner.user.fields;
  const { secret, uri, sealedSecret } = newSecret(ports, holderOf(owner), mail ?? userPrincipalName ?? owner.user.objectId);
  const offered = { sealedSecret, offeredAt: ports.clock.now().toISOString() };
  await changeAccount(ports, owner.companyId, owner.user.objectId, (present) => {
    const { account, effects } = before(present);
    return { account: { ...account, secondFactor: { confirmed: account.secondFactor?.confirmed ?? null, offered } }, effects };
  });
  return { secret, uri };
}

/**
 * Takes the first code of the secret that was shown. Sessions from before end.
 * @returns the account as it is then, and the recovery codes, which are shown now and never again
 * @throws Refusal `no-second-factor` when none was offered, `wrong-code`
 */
export async function confirmFactor(
  ports: Ports,
  owner: AccountOwner,
  code: string,
  before: (account: ManagerAccount) => void,
): Promise<{ readonly account: ManagerAccount; readonly recoveryCodes: readonly string[] }> {
  const { codes, hashes } = newRecoveryCodes(ports);
  const name = displayNameOf(owner.user.fields);
  const summary = (person: string) => `${person} set up a second factor for the User Portal.`;
  const effects = await factorEffects(ports, owner, { action: 'secondFactorSet', by: name, summary });
  const account = await changeAccount(ports, owner.companyId, owner.user.objectId, (present) => {
    before(present);
    const now = ports.clock.now();
    const offer = openOffer(present.secondFactor, now);
    if (offer === null || nextFactorState(present.secondFactor, 'confirm', now) === 'refused') throw new Refusal('no-second-factor');
    const { sealedSecret } = offer;
    const { step } = judgeCode(ports, holderOf(owner), sealedSecret, code);
    if (step === null) throw new Refusal('wrong-code');
    const confirmed = { sealedSecret, confirmedAt: now.toISOString(), lastStep: step, recoveryHashes: hashes };
    return { account: endingSessions({ ...present, secondFactor: { confirmed, offered: null } }), effects };
  });
  return { account, recoveryCodes: codes };
}

/**
 * Uses a code of the confirmed factor up. Whatever is wrong with it, the answer is one.
 * @throws Refusal `wrong-code`
 */
export function spendCode(ports: Ports, owner: AccountOwner, account: ManagerAccount, code: string): AccountChange {
  const confirmed = account.secondFactor?.confirmed ?? null;
  const used = confirmed && useCode(confirmed, judgeCode(ports, holderOf(owner), confirmed.sealedSecret, code));
  if (used === null) throw new Refusal('wrong-code');
  const left = used.factor.recoveryHashes.length;
  const name = displayNameOf(owner.user.fields);
  const summary = (person: string) => `${person} used a recovery code; ${left} of them ${left === 1 ? 'is' : 'are'} left.`;
  return {
    account: { ...account, secondFactor: { confirmed: used.factor, offered: account.secondFactor?.offered ?? null } },
    effects: used.isRecovery ? [accountAudit(ports, { ...owner, by: name, action: 'recoveryCodeUsed', summary })] : [],
  };
}
