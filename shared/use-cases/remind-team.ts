// A manager reminds members of the own team of courses that are overdue or due soon: at most so many mails a member a day, whoever asks.
import pLimit from 'p-limit';
import type { Settings } from '../domain/company.ts';
import { isLinked } from '../domain/integration.ts';
import type { CourseLine } from '../domain/mail-content.ts';
import { displayNameOf } from '../domain/person-text.ts';
import { explainRefusal, mostReminders, type ReminderRefusal, whyNotReminded } from '../domain/team-reminder.ts';
import type { Ports } from '../ports/ports.ts';
import { readCompany, readIntegration } from '../storage/companies.ts';
import { readReminded, reminderPlace, writeReminder } from '../storage/team-reminders.ts';
import { readAddressProblem } from './address-problems.ts';
import type { CurrentAssignment } from './assignments.ts';
import { userIdOf } from './company-users.ts';
import { withEffects } from './effects.ts';
import type { SignedInManager } from './manager-session.ts';
import { mailsTo } from './notices.ts';
import { readTeam, type TeamMember } from './own-team.ts';

export interface ReminderItem {
  readonly userId: string;
  readonly outcome: 'sent' | 'skipped';
  readonly reason: ReminderRefusal | null;
  readonly detail: string | null;
}

/** Courses that a mail lists; the others are counted. */
const mostCourses = 20;
const attempts = 8;
const parallelMembers = 4;

const isDue = ({ status }: CurrentAssignment) => status === 'overdue' || status === 'dueSoon';
const lineOf = ({ title, dueOn, status, link }: CurrentAssignment): CourseLine => ({ title, dueOn, isOverdue: status === 'overdue', link });

interface Asking {
  readonly ports: Ports;
  readonly manager: SignedInManager;
  readonly companyName: string;
  readonly settings: Settings;
  readonly isLinked: boolean;
}

/** Decides on what is stored about this member now, and again when somebody else reminded them meanwhile. */
async function remindOne(asking: Asking, member: TeamMember): Promise<ReminderRefusal | null> {
  const { ports, manager, companyName, settings } = asking;
  const { companyId } = manager;
  const { user, counts, assignments } = member;
  const { timeZone, teamRemindersPerDay: perDay } = settings;
  const addressRefused = (await readAddressProblem(ports, companyId, user.fields.mail)) !== null;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const before = await readReminded(ports.tables, companyId, user.objectId);
    const now = ports.clock.now();
    const remindedAt = (before?.value.at ?? []).map((at) => new Date(at));
    // Whoever is in the team by way of other managers counts as reporting to this one.
    const rule = { isLinked: asking.isLinked, managerId: user.managerId ?? '', perDay, timeZone, now };
    const refusal = whyNotReminded({ user, addressRefused, counts, remindedAt }, rule);
    if (refusal !== null) return refusal;
    const due = assignments.filter(isDue);
    const memberName = displayNameOf(user.fields);
    const managerName = displayNameOf(manager.facts.user.fields);
    const courses = due.slice(0, mostCourses).map(lineOf);
    const to = [{ address: user.fields.mail ?? '', name: memberName }];
    const more = due.length - courses.length;
    const content = { kind: 'teamReminder', companyName, memberName, managerName, courses, more } as const;
    const effects = mailsTo(ports, companyId, to, content, 'reminder', user.objectId);
    const note = { objectId: user.objectId, at: now.toISOString(), by: manager.account.objectId, before, effects };
    if ((await writeReminder(ports.tables, companyId, note)) === 'done') return null;
  }
  throw new Error('Reminders of this person were changed by others too often.');
}

/**
 * Reminds these members, or everybody with something due; says for each whether the mail is on its way, and why not. Strangers are told
 * apart from nobody: they are not in the team.
 */
export async function remindTeam(
  ports: Ports,
  manager: SignedInManager,
  userIds: readonly string[] | 'everybody',
): Promise<readonly ReminderItem[]> {
  const { companyId } = manager;
  const [company, integration, { members }] = await Promise.all([
    readCompany(ports.tables, companyId),
    readIntegration(ports.tables, companyId),
    readTeam(ports, manager),
  ]);
  const asking: Asking = { ports, manager, companyName: company?.name ?? '', settings: manager.settings, isLinked: isLinked(integration) };
  const byUserId = new Map(members.map((member) => [userIdOf(member.user), member]));
  const wanted =
    userIds === 'everybody'
      ? [...byUserId].filter(([, { assignments }]) => assignments.some(isDue))
      : [...new Set(userIds)].map((userId) => [userId, byUserId.get(userId)] as const);
  const limit = pLimit(parallelMembers);
  let places = mostReminders;
  const withinBounds = async (member: TeamMember): Promise<ReminderRefusal | null> => {
    if (places === 0) return 'tooMany';
    // Taken first, because several are reminded side by side.
    places -= 1;
    const reason = await remindOne(asking, member);
    if (reason !== null) places += 1;
    return reason;
  };
  const remind = async (userId: string, member: TeamMember | undefined): Promise<ReminderItem> => {
    const reason = member === undefined ? 'notInTeam' : await withinBounds(member);
    return { userId, outcome: reason === null ? 'sent' : 'skipped', reason, detail: reason === null ? null : explainRefusal(reason) };
  };
  return await withEffects(
    ports,
    companyId,
    [reminderPlace(companyId)],
    async () => await Promise.all(wanted.map(([userId, member]) => limit(remind, userId, member))),
  );
}
