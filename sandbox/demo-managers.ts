// The demo's second story: somebody is approved as a manager, invited, signs in with a password, sees the team and reminds it.
import type { Api, UserView } from './api.ts';
import { type Console, table } from './console.ts';
import { isTeamReminder, showMail, tokenIn, waitForMails } from './demo-mails.ts';
import { makeManagerApi } from './manager-api.ts';
import type { Sandbox } from './sandbox.ts';

export interface DemoCompany {
  readonly sandbox: Sandbox;
  readonly api: Api;
  readonly companyId: string;
  readonly screen: Console;
}

/** A manager with the address that was shown before the invitation went out. */
export interface InvitedManager {
  readonly userId: string;
  readonly displayName: string;
  readonly mail: string;
}

const password = 'stout heron ladder mosaic';

type ManagerApi = ReturnType<typeof makeManagerApi>;
type TeamMember = Awaited<ReturnType<ManagerApi['team']>>['members'][number];

interface Reminded {
  readonly said: number;
  readonly found: number;
}

export interface ManagerStory {
  /** Has an account in the end; `null` when nobody could be invited. */
  readonly leader: InvitedManager | null;
  /** Was invited and did not answer. */
  readonly silent: InvitedManager | null;
  /** Members who had something overdue or due soon. */
  readonly reminded: number;
  readonly problems: readonly string[];
}

/** Invites one manager the way an admin's page does: look first, then confirm the address. @returns `null` with the reason shown */
async function invite({ api, companyId, screen }: DemoCompany, userId: string): Promise<InvitedManager | null> {
  const { displayName, mail, reports, invitationRefusedBecause } = await api.oneManagerAccess(companyId, userId);
  if (mail === null || invitationRefusedBecause !== null) {
    screen.line(`  ${displayName} cannot be invited: ${invitationRefusedBecause ?? 'There is no address.'}`);
    return null;
  }
  screen.line(`  ${displayName} leads ${reports} ${reports === 1 ? 'person' : 'people'}; the invitation will go to ${mail}.`);
  const { outcome, detail } = await api.inviteManager(companyId, userId, mail);
  if (outcome !== 'sent') throw new Error(`${displayName} was not invited: ${detail ?? outcome}`);
  return { userId, displayName, mail };
}

/** An established manager with a large team, who is invited too and does not answer. */
async function otherManager({ api, companyId }: DemoCompany, newcomer: UserView): Promise<string | undefined> {
  const others = (await api.managers(companyId)).managers.filter(({ userId, mail }) => userId !== newcomer.userId && mail !== null);
  return others.toSorted((left, right) => right.reports - left.reports)[0]?.userId;
}

/** Follows the link of the invitation to a password and a session. */
async function openAccount({ sandbox, companyId, screen }: DemoCompany, { displayName, mail }: InvitedManager): Promise<ManagerApi> {
  const [invitation] = await waitForMails(sandbox, ({ to }) => to.includes(mail), 1);
  if (!invitation) throw new Error('The invitation did not come.');
  showMail(screen, `The mail to ${displayName}`, invitation);
  const account = makeManagerApi(sandbox);
  await account.acceptInvitation({ token: tokenIn(invitation), password });
  await account.signIn({ companyId, mail, password });
  screen.line(`\n${displayName} follows the link, chooses a password and signs in. The team:`);
  return account;
}

async function showTeam(account: ManagerApi, screen: Console): Promise<readonly TeamMember[]> {
  const { members } = await account.team();
  const rows = members.map(({ displayName, counts }) => [displayName, counts.overdue, counts.dueSoon, counts.open, counts.done]);
  for (const row of table([['', 'Overdue', 'Due soon', 'Open', 'Done'], ...rows])) screen.line(`  ${row}`);
  return members;
}

/** Reminds everybody with something due; shows one of the mails. */
async function remindTeam(company: DemoCompany, account: ManagerApi, members: readonly TeamMember[]): Promise<Reminded> {
  const { sandbox, screen } = company;
  const { sent, items } = await account.remind();
  screen.line(`\nReminded ${sent} of ${members.length}.`);
  const nameOf = (userId: string) => members.find((member) => member.userId === userId)?.displayName ?? userId;
  for (const { userId, detail } of items) if (detail !== null) screen.line(`  ${nameOf(userId)}: ${detail}`);
  const mails = await waitForMails(sandbox, isTeamReminder, sent);
  const [first] = mails;
  if (first) showMail(screen, mails.length === 1 ? 'The mail' : `The first of ${mails.length} mails`, first);
  return { said: sent, found: mails.length };
}

/** Approves somebody who leads a team, invites them, and does in the User Portal what a manager does there. */
export async function showManagers(company: DemoCompany, newcomer: UserView): Promise<ManagerStory> {
  const { api, companyId, screen } = company;
  await api.decide(companyId, newcomer, 'approve');
  screen.line(`\nApproved ${newcomer.displayName}. Access to the User Portal:`);
  const leader = await invite(company, newcomer.userId);
  const other = await otherManager(company, newcomer);
  const silent = other === undefined ? null : await invite(company, other);
  if (leader === null) {
    const { displayName, reports } = await api.oneManagerAccess(companyId, newcomer.userId);
    return { leader, silent, reminded: 0, problems: reports === 0 ? [] : [`${displayName} leads a team and could not be invited.`] };
  }
  const account = await openAccount(company, leader);
  const members = await showTeam(account, screen);
  const { said, found } = await remindTeam(company, account, members);
  const problems = said === found ? [] : [`${said} reminders of courses were sent by the app, ${found} are in the inbox.`];
  return { leader, silent, reminded: said, problems };
}
