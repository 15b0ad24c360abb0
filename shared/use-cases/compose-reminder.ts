// One manager's weekly reminder: what it is decided on, and what it says. The team, whose reading costs most, is read last.
import { noAssignments } from '../domain/assignment.ts';
import type { MailContent, MemberLine } from '../domain/mail-content.ts';
import { reviewAccess } from '../domain/manager-account.ts';
import { isLinked } from '../domain/integration.ts';
import { displayNameOf } from '../domain/person-text.ts';
import { reminderTokenId } from '../domain/reminder-token.ts';
import { decideReminder, type ReminderFacts, type SkipReason } from '../domain/weekly-reminder.ts';
import type { Ports } from '../ports/ports.ts';
import type { CompanyState } from '../storage/company-state.ts';
import type { ManagerAccount } from '../storage/manager-accounts.ts';
import type { Effect } from '../storage/outbox.ts';
import type { ReminderEntry, ReminderWeek } from '../storage/reminders.ts';
import { readAddressProblem } from './address-problems.ts';
import type { CompanyUsers } from './company-users.ts';
import type { ManagerFacts } from './manager-facts.ts';
import { mailsTo } from './notices.ts';
import { readTeam, type TeamMember } from './own-team.ts';

/** What all reminders of a company and week share. */
export interface ReminderRun {
  readonly companyId: string;
  readonly companyName: string;
  readonly state: CompanyState;
  readonly opened: CompanyUsers | undefined;
  readonly week: Pick<ReminderWeek, 'dueAt' | 'since'>;
}

export interface DecidedReminder {
  readonly entry: ReminderEntry;
  readonly effects: readonly Effect[];
}

interface TeamSummary {
  readonly overdue: number;
  readonly dueSoon: number;
  readonly doneSinceLast: number;
  readonly members: readonly MemberLine[];
}

function summarise(members: readonly TeamMember[], { dueAt, since }: ReminderRun['week']): TeamSummary {
  const [from, to] = [Date.parse(since), Date.parse(dueAt)];
  const isNew = (completedAt: string | null) => completedAt !== null && Date.parse(completedAt) > from && Date.parse(completedAt) <= to;
  const sum = (count: (member: TeamMember) => number) => members.reduce((total, member) => total + count(member), 0);
  return {
    overdue: sum(({ counts }) => counts.overdue),
    dueSoon: sum(({ counts }) => counts.dueSoon),
    doneSinceLast: sum(({ assignments }) => assignments.filter(({ completedAt }) => isNew(completedAt)).length),
    members: members
      .filter(({ counts }) => counts.overdue + counts.dueSoon > 0)
      .map(({ user, counts }) => ({ name: displayNameOf(user.fields), overdue: counts.overdue, dueSoon: counts.dueSoon }))
      .toSorted((left, right) => right.overdue - left.overdue || right.dueSoon - left.dueSoon || left.name.localeCompare(right.name, 'en')),
  };
}

/** Members with something to do who are named in the mail. */
const mostMembers = 10;
/** How long a link to the status works: until the next reminder has come. */
const statusLinkMs = 7 * 86_400_000;

function contentOf(ports: Pick<Ports, 'operation' | 'clock'>, run: ReminderRun, manager: ManagerFacts, team: TeamSummary): MailContent {
  const { companyId } = run;
  const { objectId, fields } = manager.user;
  const { publicUrl } = ports.operation;
  const until = new Date(ports.clock.now().getTime() + statusLinkMs);
  const status = { url: `${publicUrl}/team-status`, tokenId: reminderTokenId({ kind: 'teamStatus', companyId, objectId, until }) };
  return {
    kind: 'weeklyReminder',
    companyName: run.companyName,
    managerName: displayNameOf(fields),
    overdue: team.overdue,
    dueSoon: team.dueSoon,
    doneSinceLast: team.doneSinceLast,
    members: team.members.slice(0, mostMembers),
    more: Math.max(0, team.members.length - mostMembers),
    teamUrl: `${publicUrl}/account/team`,
    status: run.state.settings.statusLinks ? status : null,
    unsubscribe: {
      url: `${publicUrl}/api/v1/reminders/unsubscribe`,
      tokenId: reminderTokenId({ kind: 'unsubscribe', companyId, objectId }),
    },
  };
}

/** Whoever is proven to be no manager any more counts as suspended, also before a sync has written it down. */
function standingOf(account: ManagerAccount, manager: ManagerFacts | undefined): ManagerAccount['state'] {
  if (account.state !== 'active') return account.state;
  return manager === undefined || reviewAccess(manager.user, manager.reports) === 'accessEnded' ? 'suspended' : 'active';
}

/** Something to say, for as long as the team has not been looked at. */
const somethingToSay = { ...noAssignments, overdue: 1 };

/** What is known of a manager without the team. */
export async function standingFacts(
  ports: Pick<Ports, 'tables'>,
  { companyId, state }: Pick<ReminderRun, 'companyId' | 'state'>,
  account: ManagerAccount,
  manager: ManagerFacts | undefined,
): Promise<ReminderFacts> {
  const { integration, settings } = state;
  return {
    isLinked: isLinked(integration),
    companyOn: settings.weeklyReminders,
    override: account.reminders,
    state: standingOf(account, manager),
    activeSince: account.activeSince === null ? null : new Date(account.activeSince),
    hasAddress: (manager?.user.fields.mail ?? '') !== '',
    addressRefused: (await readAddressProblem(ports, companyId, manager?.user.fields.mail)) !== null,
    team: somethingToSay,
    doneSinceLast: 0,
  };
}

/** Decides one manager's reminder on the facts as they are now, and writes its mail. */
export async function composeReminder(
  ports: Ports,
  run: ReminderRun,
  account: ManagerAccount,
  manager: ManagerFacts | undefined,
): Promise<DecidedReminder> {
  const now = ports.clock.now();
  const due = { dueAt: new Date(run.week.dueAt) };
  const facts = await standingFacts(ports, run, account, manager);
  const made = { objectId: account.objectId, dueAt: run.week.dueAt, decidedAt: now.toISOString() };
  const skipped = (reason: SkipReason, said = { overdue: 0, dueSoon: 0, doneSinceLast: 0 }): DecidedReminder => ({
    entry: { ...made, ...said, reason, mailId: null },
    effects: [],
  });
  const first = decideReminder(facts, due, now);
  if (first.kind === 'skip') return skipped(first.reason);
  // Nobody gets here without either.
  if (manager === undefined || run.opened === undefined) return skipped('suspended');

  const { members } = await readTeam(ports, { companyId: run.companyId, opened: run.opened, facts: manager, settings: run.state.settings });
  const team = summarise(members, run.week);
  const { overdue, dueSoon, doneSinceLast } = team;
  const said = { overdue, dueSoon, doneSinceLast };
  const decision = decideReminder({ ...facts, team: { ...noAssignments, overdue, dueSoon }, doneSinceLast }, due, now);
  if (decision.kind === 'skip') return skipped(decision.reason, said);
  const recipient = { address: manager.user.fields.mail ?? '', name: displayNameOf(manager.user.fields) };
  const effects = mailsTo(ports, run.companyId, [recipient], contentOf(ports, run, manager, team), 'digest', account.objectId);
  const [mailId = null] = effects.map((effect) => (effect.kind === 'mail' ? effect.mail.mailId : null));
  return { entry: { ...made, ...said, reason: null, mailId }, effects };
}
