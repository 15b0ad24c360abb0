// A manager's own switch for the weekly reminder: turned by an admin, by the manager, or by the link in the mail.
import type { User } from '../domain/user.ts';
import type { ReminderOverride } from '../domain/weekly-reminder.ts';
import { accountAudit, changeAccount } from './account-change.ts';
import type { EffectPorts } from './effects.ts';

export interface ReminderChange {
  readonly companyId: string;
  readonly user: Pick<User, 'objectId' | 'fields'>;
  readonly setting: ReminderOverride;
  readonly by: string;
}

const words: Readonly<Record<ReminderOverride, string>> = {
  inherit: 'as the company has them',
  on: 'on',
  off: 'off',
};

/** Sets the switch; somebody without an account gets it for the day there is one. Repeating it changes nothing more. */
export async function changeReminders(ports: EffectPorts, { companyId, user, setting, by }: ReminderChange): Promise<void> {
  const summary = (name: string) => `Set the weekly reminders of ${name}: ${words[setting]}.`;
  await changeAccount(ports, companyId, user.objectId, (account) => {
    if (account.reminders === setting) return undefined;
    const audit = accountAudit(ports, { companyId, user, by, action: 'remindersChanged', summary });
    return { account: { ...account, reminders: setting }, effects: [audit] };
  });
}
