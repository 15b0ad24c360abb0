// The document `npm run demo -- --json` prints. Everything in it was counted, in the app's answers or in the inbox.
import { accountKinds } from '../shared/domain/user.ts';
import type { Api } from './api.ts';
import { isTeamReminder, isWeeklyReminder } from './demo-mails.ts';
import type { DemoCompany } from './demo-managers.ts';
import type { SyncStory } from './demo-sync.ts';

export interface DemoReport {
  readonly verified: boolean;
  readonly directory: { readonly users: number };
  /** After everybody was decided about, before the tenant changed. */
  readonly users: Readonly<Record<'found' | 'pending' | 'approved' | 'denied' | 'removed', number>>;
  readonly kinds: Readonly<Record<(typeof accountKinds)[number], number>>;
  readonly managers: number;
  /** Accounts of managers as they are in the end: an open invitation, or a password. */
  readonly managerAccess: { readonly invited: number; readonly active: number };
  /** Mails of the inbox. */
  readonly teamReminders: number;
  readonly weeklyReminders: number;
  /** All of them, oldest first. */
  readonly mails: readonly { readonly to: string; readonly subject: string }[];
  readonly rounds: readonly Readonly<{ kind: string } & Record<'users' | 'ms' | 'graphCalls' | 'storageCalls' | 'rowsWritten', number>>[];
  readonly peakMemoryMb: number;
}

async function countAccess(api: Api, companyId: string): Promise<DemoReport['managerAccess']> {
  const { items } = await api.managerAccess(companyId);
  const count = (state: string) => items.filter((item) => item.state === state).length;
  return { invited: count('invited'), active: count('active') };
}

/** Reads what there is to read in the end. */
export async function makeReport(
  { sandbox, api, companyId }: DemoCompany,
  { decided, managers }: SyncStory,
  { verified, directoryUsers }: { readonly verified: boolean; readonly directoryUsers: number },
): Promise<DemoReport> {
  const { found, pending, approved, denied, removed, byKind } = decided;
  const mails = sandbox.email.mails();
  return {
    verified,
    directory: { users: directoryUsers },
    users: { found, pending, approved, denied, removed },
    kinds: Object.fromEntries(accountKinds.map((kind) => [kind, byKind[kind]])) as DemoReport['kinds'],
    managers,
    managerAccess: await countAccess(api, companyId),
    teamReminders: mails.filter(isTeamReminder).length,
    weeklyReminders: mails.filter(isWeeklyReminder).length,
    mails: mails.map(({ to, subject }) => ({ to: to.join(', '), subject })),
    rounds: (await api.runs(companyId)).toReversed().map(({ kind, milliseconds, counts }) => ({
      kind,
      users: counts.users,
      ms: milliseconds ?? 0,
      graphCalls: counts.graphCalls,
      storageCalls: counts.storageCalls,
      rowsWritten: counts.rowsWritten,
    })),
    peakMemoryMb: Math.round((await sandbox.host.peakResidentBytes()) / 1_048_576),
  };
}
