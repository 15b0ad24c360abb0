// The demo's last story: the weekly reminder goes to whoever accepted an invitation, and to nobody else.
import { longInstant } from '../shared/domain/local-time.ts';
import { isWeeklyReminder, showMail } from './demo-mails.ts';
import type { DemoCompany, InvitedManager, ManagerStory } from './demo-managers.ts';
import { timeZone } from './seed.ts';

/** More than deciding the reminders of a company takes. */
const mostMs = 30 * 60_000;

/** Moves the clock to the next reminder and lets it be decided. `freshly` signs the admin in again: tokens end while the clock moves. */
export async function showWeekly(
  company: DemoCompany,
  { leader, silent, reminded }: ManagerStory,
  freshly: () => Promise<DemoCompany['api']>,
): Promise<readonly string[]> {
  const { sandbox, companyId, screen } = company;
  if (leader === null) return [];
  // Paused, because the rounds of up to a week would follow the clock; of a large tenant they take minutes and show nothing new.
  await company.api.changeSettings(companyId, { weeklyReminders: true, syncPaused: true });
  const { nextDueAt } = await company.api.reminders(companyId);
  sandbox.clock.advance(Math.max(0, Date.parse(nextDueAt) - sandbox.clock.now()));
  screen.line(`\nWeekly reminders are switched on, and the clock moves to ${longInstant(nextDueAt, timeZone, 'en')}.`);
  const api = await freshly();
  const whyOf = async ({ userId }: InvitedManager) => await api.managerReminders(companyId, userId);
  await sandbox.advanceUntil(async () => (await whyOf(leader)).outcome !== 'undecided', mostMs);
  await sandbox.settle();
  const problems: string[] = [];
  for (const manager of [leader, ...(silent ? [silent] : [])]) {
    const { outcome, words } = await whyOf(manager);
    screen.line(`  ${manager.displayName}: ${words}`);
    const found = sandbox.email.mails(manager.mail).filter(isWeeklyReminder);
    const said = outcome === 'sent' ? 1 : 0;
    // What was due when the team was reminded is due or overdue still.
    if (manager === leader && reminded > 0 && said === 0) problems.push(`${manager.displayName} got no weekly reminder: ${words}`);
    if (found.length !== said) problems.push(`${found.length} weekly reminders reached ${manager.displayName}, ${said} were to.`);
  }
  const mail = sandbox.email.mails(leader.mail).find(isWeeklyReminder);
  if (mail) showMail(screen, 'The mail', mail);
  return problems;
}
