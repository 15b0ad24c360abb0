// A company whose managers have accounts, and the driver of its weekly reminders: the timer, and the orchestration it starts.
import type { Assignment } from '../../shared/domain/assignment.ts';
import type { Settings } from '../../shared/domain/company.ts';
import type { MailContent } from '../../shared/domain/mail-content.ts';
import type { Ports } from '../../shared/ports/ports.ts';
import { readSettings } from '../../shared/storage/companies.ts';
import { listSendRecords } from '../../shared/storage/mails.ts';
import { type ManagerAccount, noAccount, readAccount, writeAccount } from '../../shared/storage/manager-accounts.ts';
import { ledgerPlace, readEntries, type ReminderEntry, readWeek } from '../../shared/storage/reminders.ts';
import { stateAssignments } from '../../shared/use-cases/assignments.ts';
import { changeSettings } from '../../shared/use-cases/manage-companies.ts';
import { decideReminders, findOpenReminders, readReminderPlan, type ReminderInput } from '../../shared/use-cases/weekly-reminders.ts';
import { personFields } from '../builders.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

/** Monday, an hour before the reminders of week 10 are due in UTC. */
export const beforeDue = new Date('2026-03-02T07:00:00.000Z');

export interface ReminderWorld extends SyncWorld {
  readonly setAccount: (objectId: string, change: Partial<ManagerAccount>) => Promise<void>;
  readonly change: (settings: Partial<Settings>) => Promise<void>;
  readonly assign: (objectId: string, course?: Partial<Assignment>) => Promise<void>;
  /** One run of the timer with all orchestrations it starts, each to its end. */
  readonly tick: (using?: Ports) => Promise<void>;
  readonly entry: (week: string, objectId: string) => Promise<ReminderEntry | undefined>;
  /** Everybody's decision of a week: `sent`, or the reason. */
  readonly ledger: (week: string) => Promise<Readonly<Record<string, string>>>;
  readonly week: (week: string) => ReturnType<typeof weekOf>;
  /** Reminders on their way or sent, oldest first. */
  readonly reminders: () => Promise<readonly Extract<MailContent, { kind: 'weeklyReminder' }>[]>;
}

const weekOf = async ({ ports }: SyncWorld, week: string) => (await readWeek(ports.tables, companyId, week))?.value;

/** Plays the orchestration of a week. */
export async function playWeek(ports: Ports, input: ReminderInput): Promise<void> {
  for (let steps = 0; steps < 100; steps += 1) if ((await decideReminders(ports, input)).kind === 'finished') return;
  throw new Error('The week has no end.');
}

/** A team of one each, the member named after the manager: `ann` leads `ann-1`. Everybody is approved, every manager active since January. */
export async function makeReminderWorld(
  managers: readonly string[],
  settings: Partial<Settings> = { weeklyReminders: true },
): Promise<ReminderWorld> {
  const world = await makeSyncWorld({ pageSize: 500, now: beforeDue, settings });
  const { tenant, ports } = world;
  for (const manager of managers) {
    tenant.put(manager, personFields(manager));
    tenant.put(`${manager}-1`, personFields(`${manager}-1`));
    tenant.setManager(`${manager}-1`, manager);
  }
  await world.sync();
  await world.decide('approve', ...managers, ...managers.map((manager) => `${manager}-1`));
  const setAccount: ReminderWorld['setAccount'] = async (objectId, change) => {
    const found = await readAccount(ports.tables, companyId, objectId);
    const account = { ...(found?.value ?? noAccount(objectId)), ...change };
    await writeAccount(ports.tables, companyId, { account, etag: found?.etag ?? null });
  };
  for (const manager of managers) await setAccount(manager, { state: 'active', activeSince: '2026-01-05T08:00:00.000Z' });
  let version = 0;
  return {
    ...world,
    setAccount,
    change: async (change) => {
      const { etag } = await readSettings(ports.tables, companyId);
      await changeSettings(ports, { companyId, change, etag, by: 'Avery' });
    },
    assign: async (objectId, course = {}) => {
      version += 1;
      const [courseId, assignedOn] = [course.courseId ?? 'fire', '2026-01-10'];
      const rest = { title: 'Fire safety', dueOn: '2026-02-01', progress: 0, completedAt: null, link: null };
      await stateAssignments(ports, companyId, [
        { user: { objectId }, courseId, version, assignment: { assignedOn, ...rest, ...course, courseId } },
      ]);
    },
    tick: async (using = ports) => {
      for (const planned of await readReminderPlan(using)) {
        const open = await findOpenReminders(using, planned);
        if (open !== undefined) await playWeek(using, open);
      }
    },
    entry: async (week, objectId) => (await readEntries(ports.tables, companyId, week, { after: null, last: objectId })).at(-1),
    ledger: async (week) => {
      const entries = await readEntries(ports.tables, companyId, week, { after: null, last: 'zzzz' });
      return Object.fromEntries(entries.map(({ objectId, reason }) => [objectId, reason ?? 'sent']));
    },
    week: async (week) => await weekOf(world, week),
    reminders: async () => {
      const records = (await listSendRecords(ports.tables, companyId, 10_000)).toReversed();
      return records.flatMap(({ mail: { content } }) => (content.kind === 'weeklyReminder' ? [content] : []));
    },
  };
}

/** Effects that wait in the ledger of a week. */
export async function waitingIn({ ports }: SyncWorld, week: string): Promise<number> {
  let count = 0;
  const { partition } = ledgerPlace(companyId, week);
  for await (const _ of ports.tables.managers.range({ partition, from: '~outbox~' })) count += 1;
  return count;
}
