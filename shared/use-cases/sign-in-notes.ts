// What is kept of sign-ins to the User Portal: a line in the audit log for each, and a mail to the owner when the browser is a new one.
import { displayNameOf } from '../domain/person-text.ts';
import type { Ports } from '../ports/ports.ts';
import { accountAudit, changeAccount } from './account-change.ts';
import { accountNotice, ownerOf } from './account-notice.ts';
import { hashSecret } from './hashing.ts';
import { managerOfSession } from './manager-session.ts';

/** Browsers that are remembered for an account; the one that was not used for longest is forgotten first. */
const devicesKept = 10;

/**
 * Notes a sign-in. The first browser of an account is no news to its owner; every further one is told by mail.
 * @param device what the browser sent of an earlier sign-in
 * @returns what it is to keep for the next one
 */
export async function noteSignIn(ports: Ports, session: string, device: string | null): Promise<string> {
  const manager = await managerOfSession(ports, session);
  const fresh = ports.ids.newSecret();
  if (manager === undefined) return device ?? fresh;
  const { companyId } = manager;
  const { user } = manager.facts;
  const summary = (person: string) => `${person} signed in to the User Portal.`;
  const audit = accountAudit(ports, { companyId, user, by: displayNameOf(user.fields), action: 'managerSignedIn', summary });
  const notice = await accountNotice(ports, ownerOf(manager), 'signedInElsewhere');
  let kept = fresh;
  await changeAccount(ports, companyId, user.objectId, (account) => {
    const isKnown = device !== null && account.devices.includes(hashSecret(device));
    kept = isKnown ? device : fresh;
    const others = account.devices.filter((hash) => hash !== hashSecret(kept));
    const isNews = !isKnown && account.devices.length > 0;
    return {
      account: { ...account, devices: [...others, hashSecret(kept)].slice(-devicesKept) },
      effects: isNews ? [audit, ...notice] : [audit],
    };
  });
  return kept;
}
