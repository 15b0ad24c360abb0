// An admin has an address tried again that mail came back from: what was reported up to now speaks against it no more.
import { Refusal } from '../domain/errors.ts';
import { addressKey, explainRetry, isTriedAgain, tryAgain } from '../domain/mail-delivery.ts';
import type { CompanyState } from '../storage/company-state.ts';
import { addressAudit, changeAddress } from './address-change.ts';
import { objectIdOf, requireUsers } from './company-users.ts';
import type { EffectPorts } from './effects.ts';

export interface AddressRetry {
  readonly companyId: string;
  readonly state: CompanyState;
  readonly userId: string;
  /** Where the admin saw that mail will go. */
  readonly mail: string;
  readonly by: string;
}

export interface RetriedAddress {
  readonly mail: string;
  /** Mail to it came back, and it is tried again all the same; `false` when nothing spoke against it. */
  readonly triedAgain: boolean;
  /** In words, also what may keep mail from arriving. */
  readonly detail: string;
}

/**
 * Sends nothing by itself: the next mail there is for this person goes out. Repeating it changes nothing, until mail comes back anew.
 * @throws Refusal `not-found`, `conflict` when the directory has another address for this person
 */
export async function retryAddress(ports: EffectPorts, { companyId, state, userId, mail, by }: AddressRetry): Promise<RetriedAddress> {
  const { scope, users } = await requireUsers(ports, companyId, state);
  const objectId = objectIdOf(scope, userId);
  const stored = objectId === undefined ? undefined : await users.read(objectId);
  if (stored === undefined) throw new Refusal('not-found');
  const address = stored.user.fields.mail ?? '';
  if (addressKey(mail) !== addressKey(address))
    throw new Refusal('conflict', { detail: 'The directory has another mail address for this person, or none; look again.' });
  const known = await changeAddress(ports, companyId, address, (before) => {
    const after = tryAgain(before, ports.clock.now());
    if (before === undefined || after === undefined) return undefined;
    const about = { companyId, address, by, reason: null, objectIds: [stored.user.objectId] };
    const summary = (shown: string) => `Set aside that mail to ${shown} came back: it is tried again.`;
    return { address: { ...before, ...after }, effects: [addressAudit(ports, { ...about, action: 'mailAddressCleared', summary })] };
  });
  return { mail: address, triedAgain: isTriedAgain(known), detail: explainRetry(known) };
}
