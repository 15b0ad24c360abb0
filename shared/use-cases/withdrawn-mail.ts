// Whether a mail that waited for the quota, maybe for days, may still go: what it says of a team must reach nobody who has lost the right to
// it meanwhile, nor somebody who wants no such mails any more; and nobody is invited whose invitation is over.
import { countStatuses } from '../domain/assignment.ts';
import { isLinked } from '../domain/integration.ts';
import type { OutgoingMail } from '../domain/message.ts';
import { explainRefusal, whyNotReminded } from '../domain/team-reminder.ts';
import { mailKey } from '../domain/user-lists.ts';
import type { User } from '../domain/user.ts';
import { decideReminder, explainSkip } from '../domain/weekly-reminder.ts';
import type { Ports } from '../ports/ports.ts';
import { type CompanyState, readCompanyState } from '../storage/company-state.ts';
import { noAccount, readAccount } from '../storage/manager-accounts.ts';
import { readAddressProblem } from './address-problems.ts';
import { userAssignments } from './assignments.ts';
import { openUsers, userIdOf } from './company-users.ts';
import { standingFacts } from './compose-reminder.ts';
import { readManagerFacts } from './manager-facts.ts';

type StandingPorts = Pick<Ports, 'tables' | 'index' | 'clock'>;
type ReadMail = OutgoingMail & { readonly readerId: string };

const movedOn = 'The directory has another mail address for this person now.';
const isElsewhere = ({ to }: OutgoingMail, user: User | undefined) =>
  !to.some(({ address }) => mailKey(address) === mailKey(user?.fields.mail));

async function whyNoWeekly(ports: StandingPorts, mail: ReadMail, state: CompanyState): Promise<string | null> {
  const { companyId, readerId, createdAt } = mail;
  const opened = await openUsers(ports, companyId, state);
  const manager = opened && (await readManagerFacts(ports, opened, [readerId])).get(readerId);
  const account = (await readAccount(ports.tables, companyId, readerId))?.value ?? noAccount(readerId);
  const decidedAt = new Date(createdAt);
  const decision = decideReminder(await standingFacts(ports, { companyId, state }, account, manager), { dueAt: decidedAt }, decidedAt);
  if (decision.kind === 'skip') return explainSkip(decision.reason);
  return isElsewhere(mail, manager?.user) ? movedOn : null;
}

async function whyNoReminder(ports: StandingPorts, mail: ReadMail, state: CompanyState): Promise<string | null> {
  const { companyId, readerId } = mail;
  const tenantId = state.integration.tenantId ?? '';
  const found = await userAssignments(ports, companyId, userIdOf({ tenantId, objectId: readerId }), state);
  if (found === undefined) return explainRefusal('notPresent');
  const { user, assignments } = found;
  const addressRefused = (await readAddressProblem(ports, companyId, user.fields.mail)) !== null;
  const counts = countStatuses(assignments.map(({ status }) => status));
  // Who asked for it was decided then, and that it was not one too many.
  const facts = { isLinked: isLinked(state.integration), managerId: user.managerId ?? '' };
  const { timeZone, teamRemindersPerDay: perDay } = state.settings;
  const rule = { ...facts, perDay, timeZone, now: ports.clock.now() };
  const refusal = whyNotReminded({ user, addressRefused, counts, remindedAt: [] }, rule);
  if (refusal !== null) return explainRefusal(refusal);
  return isElsewhere(mail, user) ? movedOn : null;
}

/** An invitation that was taken back, replaced or accepted meanwhile leads nowhere. */
async function whyNoInvitation(
  { tables }: StandingPorts,
  { companyId, readerId }: ReadMail,
  tokenId: string | null,
): Promise<string | null> {
  const account = (await readAccount(tables, companyId, readerId))?.value;
  const isOpen = account?.state === 'invited' && (tokenId === null || account.invitation?.tokenId === tokenId);
  return isOpen ? null : 'The invitation was taken back, replaced or accepted before it was sent.';
}

/** Why a mail is not sent any more, in words for an admin; `null` while it may go. */
export async function whyWithdrawn(ports: StandingPorts, mail: OutgoingMail): Promise<string | null> {
  const { companyId, readerId, content } = mail;
  if (readerId === undefined) return null;
  if (content.kind === 'managerInvited') return await whyNoInvitation(ports, { ...mail, readerId }, content.tokenId);
  const state = await readCompanyState(ports.tables, companyId);
  if (content.kind === 'weeklyReminder') return await whyNoWeekly(ports, { ...mail, readerId }, state);
  return content.kind === 'teamReminder' ? await whyNoReminder(ports, { ...mail, readerId }, state) : null;
}
