// A manager's own switch for the weekly reminder: turned by an admin, by the manager, or by the link in the mail.
import { displayNameOf, shortLine } from '../domain/person-text.ts';
import type { User } from '../domain/user.ts';
import type { ReminderOverride } from '../domain/weekly-reminder.ts';
import type { Ports } from '../ports/ports.ts';
import { noAccount, readAccount, writeAccount } from '../storage/manager-accounts.ts';
import { type EffectPorts, withEffects } from './effects.ts';

export interface ReminderChange {
  readonly companyId: string;
  readonly user: Pick<User, 'objectId' | 'fields'>;
  readonly setting: ReminderOverride;
  readonly by: string;
}

const attempts = 8;
const words: Readonly<Record<ReminderOverride, string>> = {
  inherit: 'as the company has them',
  on: 'on',
  off: 'off',
};

/** Sets the switch; somebody without an account gets it for the day there is one. Repeating it changes nothing more. */
export async function changeReminders(
  ports: EffectPorts & Pick<Ports, 'ids'>,
  { companyId, user, setting, by }: ReminderChange,
): Promise<void> {
  const { objectId } = user;
  await withEffects(ports, companyId, [{ table: 'managers', partition: companyId }], async () => {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const found = await readAccount(ports.tables, companyId, objectId);
      const account = found?.value ?? noAccount(objectId);
      if (account.reminders === setting) return;
      const entry = {
        auditId: ports.ids.newId(),
        companyId,
        at: ports.clock.now().toISOString(),
        by,
        action: 'remindersChanged',
        summary: `Set the weekly reminders of ${shortLine(displayNameOf(user.fields), 80)}: ${words[setting]}.`,
        reason: null,
        objectIds: [objectId],
      } as const;
      const change = {
        account: { ...account, reminders: setting },
        etag: found?.etag ?? null,
        effects: [{ kind: 'audit', entry }],
      } as const;
      if ((await writeAccount(ports.tables, companyId, change)) === 'done') return;
    }
    throw new Error('The account was changed by others too often.');
  });
}
