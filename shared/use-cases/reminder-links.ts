// What the links in a weekly reminder open, without an account: one ends the mails, one shows the team's status for a week.
import { countStatuses, type StatusCounts } from '../domain/assignment.ts';
import { isLinked } from '../domain/integration.ts';
import { displayNameOf } from '../domain/person-text.ts';
import { type ReminderLink, readReminderToken } from '../domain/reminder-token.ts';
import type { Ports } from '../ports/ports.ts';
import { readCompany } from '../storage/companies.ts';
import { readCompanyState } from '../storage/company-state.ts';
import { type ManagerAccount, readAccount } from '../storage/manager-accounts.ts';
import { deadLink } from './account-links.ts';
import { changeReminders } from './change-reminders.ts';
import { type CompanyUsers, openUsers } from './company-users.ts';
import { hashSecret, matchesHash } from './hashing.ts';
import { linkSecret } from './link-secrets.ts';
import { type ManagerFacts, readManagerFacts } from './manager-facts.ts';
import { mayEnter } from './manager-session.ts';
import { readTeam } from './own-team.ts';

interface OpenedLink<Link> {
  readonly link: Link;
  readonly opened: CompanyUsers;
  readonly account: ManagerAccount;
  readonly facts: ManagerFacts;
}

/** @throws Refusal `link-expired` */
async function openLink<Kind extends ReminderLink['kind']>(
  ports: Ports,
  token: string,
  kind: Kind,
): Promise<OpenedLink<Extract<ReminderLink, { kind: Kind }>>> {
  const shown = readReminderToken(token);
  if (shown === undefined || shown.link.kind !== kind) throw deadLink();
  if (!matchesHash(shown.secret, hashSecret(linkSecret(ports.operation, shown.tokenId)))) throw deadLink();
  const { companyId, objectId } = shown.link;
  const [account, opened] = await Promise.all([readAccount(ports.tables, companyId, objectId), openUsers(ports, companyId)]);
  const facts = opened && (await readManagerFacts(ports, opened, [objectId])).get(objectId);
  if (!account || !opened || !facts) throw deadLink();
  return { link: shown.link as Extract<ReminderLink, { kind: Kind }>, opened, account: account.value, facts };
}

/**
 * Ends the weekly reminders of the manager the mail went to; an admin or the manager can turn them on again.
 * @throws Refusal `link-expired`
 */
export async function unsubscribe(ports: Ports, token: string): Promise<void> {
  const { link, facts } = await openLink(ports, token, 'unsubscribe');
  const by = `${displayNameOf(facts.user.fields)}, by the link in the mail`;
  await changeReminders(ports, { companyId: link.companyId, user: facts.user, setting: 'off', by });
}

export interface TeamStatus {
  readonly companyName: string;
  readonly managerName: string;
  readonly asOf: string;
  readonly worksUntil: string;
  readonly counts: StatusCounts;
  readonly members: readonly { readonly displayName: string; readonly counts: StatusCounts }[];
}

/**
 * The team's status as it is now, for as long as the link works, the manager is one, and the company allows it and follows its directory.
 * @throws Refusal `link-expired`
 */
export async function readTeamStatus(ports: Ports, token: string): Promise<TeamStatus> {
  const { link, opened, account, facts } = await openLink(ports, token, 'teamStatus');
  const { companyId, until } = link;
  const now = ports.clock.now();
  const { settings, integration } = await readCompanyState(ports.tables, companyId);
  if (until <= now || !isLinked(integration) || !mayEnter({ account, facts }) || !settings.statusLinks) throw deadLink();
  const [company, { members }] = await Promise.all([
    readCompany(ports.tables, companyId),
    readTeam(ports, { companyId, opened, facts, settings }),
  ]);
  return {
    companyName: company?.name ?? '',
    managerName: displayNameOf(facts.user.fields),
    asOf: now.toISOString(),
    worksUntil: until.toISOString(),
    counts: countStatuses(members.flatMap(({ assignments }) => assignments.map(({ status }) => status))),
    members: members.map(({ user, counts }) => ({ displayName: displayNameOf(user.fields), counts })),
  };
}
