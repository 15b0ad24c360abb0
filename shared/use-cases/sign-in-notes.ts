// What is kept of sign-ins to the User Portal: a line in the audit log for each, and a mail to the owner when the browser is a new one.
import { displayNameOf } from '../domain/person-text.ts';
import type { Ports } from '../ports/ports.ts';
import { readCompany } from '../storage/companies.ts';
import type { Effect } from '../storage/outbox.ts';
import { accountAudit, changeAccount } from './account-change.ts';
import { hashSecret } from './hashing.ts';
import { managerOfSession } from './manager-session.ts';
import { mailsTo } from './notices.ts';

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
  const { companyId, settings } = manager;
  const { user } = manager.facts;
  const name = displayNameOf(user.fields);
  const company = await readCompany(ports.tables, companyId);
  const audit = accountAudit(ports, {
    companyId,
    user,
    by: name,
    action: 'managerSignedIn',
    summary: (person) => `${person} signed in to the User Portal.`,
  });
  const notice: readonly Effect[] = mailsTo(
    ports,
    companyId,
    [{ address: user.fields.mail ?? '', name }],
    {
      kind: 'accountNotice',
      companyName: company?.name ?? '',
      name,
      what: 'signedInElsewhere',
      at: ports.clock.now().toISOString(),
      timeZone: settings.timeZone,
      resetUrl: `${ports.operation.publicUrl}/account/forgotten`,
    },
    'account',
  );
  let kept = fresh;
  await changeAccount(ports, companyId, user.objectId, (account) => {
    const isKnown = device !== null && account.devices.includes(hashSecret(device));
    kept = isKnown ? device : fresh;
    const others = account.devices.filter((hash) => hash !== hashSecret(kept));
    const isNews = !isKnown && account.devices.length > 0 && (user.fields.mail ?? '') !== '';
    return {
      account: { ...account, devices: [...others, hashSecret(kept)].slice(-devicesKept) },
      effects: isNews ? [audit, ...notice] : [audit],
    };
  });
  return kept;
}
