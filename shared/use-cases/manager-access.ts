// Manager Access: invitations to the User Portal, one or many, each answered for on its own.
import pLimit from 'p-limit';
import { isLinked } from '../domain/integration.ts';
import { displayNameOf } from '../domain/person-text.ts';
import { localDay } from '../domain/local-time.ts';
import {
  explainInvitation,
  type InvitationRefusal,
  invitationEnd,
  isLinkDead,
  nextAccountState,
  whyNotInvited,
} from '../domain/manager-account.ts';
import { mailKey } from '../domain/user-lists.ts';
import type { MailContent } from '../domain/mail-content.ts';
import type { Ports } from '../ports/ports.ts';
import type { CompanyState } from '../storage/company-state.ts';
import { type ManagerAccount, noAccount, readAccount, writeAccount } from '../storage/manager-accounts.ts';
import type { Effect } from '../storage/outbox.ts';
import { accountAudit } from './account-change.ts';
import { issueLink } from './account-links.ts';
import { readAddressProblem } from './address-problems.ts';
import { objectIdOf, requireUsers, userIdOf } from './company-users.ts';
import { withEffects } from './effects.ts';
import { type ManagerFacts, readManagerFacts } from './manager-facts.ts';
import { mailsTo } from './notices.ts';
import { reviewEffect } from './review-effects.ts';

export interface InvitationRequest {
  readonly companyId: string;
  readonly companyName: string;
  readonly by: string;
  /** `resend` replaces an open invitation, whose link then is dead. */
  readonly kind: 'invite' | 'resend';
  readonly state: CompanyState;
}

export interface Invitee {
  readonly userId: string;
  /** Where the admin saw that the mail will go; `null` when many are invited at once. */
  readonly mail: string | null;
}

export type InvitationReason = InvitationRefusal | 'addressDiffers';

/** What became of one: `skipped` needs nothing to be done, `refused` does. */
export interface InvitationItem {
  readonly userId: string;
  readonly outcome: 'sent' | 'skipped' | 'refused';
  readonly reason: InvitationReason | null;
  readonly detail: string | null;
}

const attempts = 8;
const parallelInvitations = 4;

function withInvitation(account: ManagerAccount, invitation: NonNullable<ManagerAccount['invitation']>): ManagerAccount {
  return { ...account, state: 'invited', stateSince: invitation.sentAt, endedBecause: null, invitation, knownAddress: invitation.address };
}

/** The mail with the way in: a link that works once, or the sign-in with Microsoft, which knows by itself who comes. */
async function invitationMail(
  ports: Ports,
  { companyId, companyName, state }: InvitationRequest,
  { user, reports }: Pick<ManagerFacts, 'user' | 'reports'>,
  { tokenId, expiresAt }: { readonly tokenId: string; readonly expiresAt: Date },
): Promise<readonly Effect[]> {
  const { managerSignIn, timeZone } = state.settings;
  const { publicUrl } = ports.operation;
  const byPassword = managerSignIn === 'password';
  const { objectId } = user;
  const address = user.fields.mail ?? '';
  if (byPassword)
    await issueLink(ports, tokenId, { companyId, objectId, purpose: 'invitation', address, expiresAt: expiresAt.toISOString() });
  const name = displayNameOf(user.fields);
  const content: MailContent = {
    kind: 'managerInvited',
    companyName,
    managerName: name,
    teamSize: reports.present,
    acceptUrl: byPassword ? `${publicUrl}/account/invitation` : `${publicUrl}/account/sign-in/microsoft?company=${companyId}`,
    tokenId: byPassword ? tokenId : null,
    expiresOn: localDay(expiresAt, timeZone),
  };
  return mailsTo(ports, companyId, [{ address, name }], content, 'invitation', objectId);
}

/**
 * Invites one person on the facts as they are now; decided anew when somebody else changes the account meanwhile.
 * @param isNamed whether an admin named this person's address: only then, and when asked to send again, an address is tried that mail came
 * back from. Many such tries at once would harm the sender's reputation.
 */
async function inviteOne(
  ports: Ports,
  request: InvitationRequest,
  { user, reports }: ManagerFacts,
  isNamed: boolean,
): Promise<InvitationReason | null> {
  const { companyId, by, kind, state } = request;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const found = await readAccount(ports.tables, companyId, user.objectId);
    const account = found?.value ?? noAccount(user.objectId);
    const now = ports.clock.now();
    const hasExpired = account.invitation !== null && isLinkDead(account.invitation, user.fields.mail, now);
    const triesAnyway = isNamed && kind === 'resend';
    const addressRefused = !triesAnyway && (await readAddressProblem(ports, companyId, user.fields.mail)) !== null;
    const refusal = whyNotInvited({
      isLinked: isLinked(state.integration),
      user,
      reports,
      state: account.state,
      hasExpired: hasExpired || kind === 'resend',
      addressRefused,
    });
    if (refusal !== null) return refusal;
    const next = nextAccountState(account.state, account.state === 'invited' ? 'resend' : 'invite');
    if (next === 'refused') throw new Error(`Nobody is invited whose account is ${account.state}.`);
    const expiresAt = invitationEnd(now, state.settings.invitationDays);
    const address = user.fields.mail ?? '';
    const tokenId = ports.ids.newId();
    const effects: readonly Effect[] = [
      ...(await invitationMail(ports, request, { user, reports }, { tokenId, expiresAt })),
      accountAudit(ports, { companyId, user, by, action: 'managerInvited', summary: (person) => `Invited ${person} to the User Portal.` }),
      // Whoever is denied or loses the team at this moment is noted by nobody else, as long as there is no account.
      reviewEffect(ports, companyId, [{ managerId: user.objectId, reportId: null, gained: false }]),
    ];
    const invitation = { tokenId, sentAt: now.toISOString(), expiresAt: expiresAt.toISOString(), by, address };
    const change = { account: withInvitation(account, invitation), etag: found?.etag ?? null, effects };
    if ((await writeAccount(ports.tables, companyId, change)) === 'done') return null;
  }
  throw new Error('The account was changed by others too often.');
}

const skips: ReadonlySet<InvitationReason> = new Set(['alreadyActive', 'invitationOpen']);

function itemOf(userId: string, reason: InvitationReason | null): InvitationItem {
  if (reason === null) return { userId, outcome: 'sent', reason, detail: null };
  const detail =
    reason === 'addressDiffers' ? 'The directory has another mail address for this person now; look again.' : explainInvitation(reason);
  return { userId, outcome: skips.has(reason) ? 'skipped' : 'refused', reason, detail };
}

/**
 * Invites managers; what became of each, in their order. One that is refused keeps no other from being invited.
 * @throws Refusal `not-found` before the company's first sync
 */
export async function inviteManagers(
  ports: Ports,
  request: InvitationRequest,
  invitees: readonly Invitee[],
): Promise<readonly InvitationItem[]> {
  const opened = await requireUsers(ports, request.companyId, request.state);
  const limit = pLimit(parallelInvitations);
  const invite = async ({ userId, mail }: Invitee): Promise<InvitationItem> => {
    const objectId = objectIdOf(opened.scope, userId);
    // Read for each one in turn: whoever is denied while a thousand others are invited must get no mail.
    const known = objectId === undefined ? undefined : (await readManagerFacts(ports, opened, [objectId])).get(objectId);
    if (known === undefined) return itemOf(userId, 'unknown');
    const differs = mail !== null && mailKey(mail) !== mailKey(known.user.fields.mail);
    return itemOf(userIdOf(known.user), differs ? 'addressDiffers' : await inviteOne(ports, request, known, mail !== null));
  };
  const place = { table: 'managers', partition: request.companyId } as const;
  return await withEffects(
    ports,
    request.companyId,
    [place],
    async () => await Promise.all(invitees.map((invitee) => limit(invite, invitee))),
  );
}
