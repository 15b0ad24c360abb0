// A company whose managers all have accounts and something to be told: what the bench of the weekly reminders starts from.
import pLimit from 'p-limit';
import { type Api, makeApi, type UserView } from '../sandbox/api.ts';
import { accountOf } from '../sandbox/people.ts';
import { mspTenant, type TenantProfile } from '../sandbox/world/tenants.ts';
import { mostItems } from '../shared/contracts/assignments.ts';
import { noAccount, writeAccount } from '../shared/storage/manager-accounts.ts';
import type { Company, Msp } from './companies.ts';
import { whenOver } from './measure.ts';
import type { Product } from './product.ts';
import { timeFirstSync } from './rounds.ts';

const dayMs = 86_400_000;
const longestMs = 20 * 60_000;
const parallelWrites = 16;

export interface Clients {
  /** The MSP's admin; its token outlives what the clock is moved by. */
  readonly admin: Api;
  /** The training platform. */
  readonly platform: Api;
}

export async function openClients({ sandbox }: Product): Promise<Clients> {
  const expiresInSeconds = 100 * 86_400;
  const { objectId } = accountOf(mspTenant, 'mira');
  const token = await sandbox.entra.issueAccessToken({ tenantId: mspTenant.tenantId, objectId, expiresInSeconds });
  return {
    admin: makeApi({ url: sandbox.url, token }),
    platform: makeApi({ url: sandbox.url, token: await sandbox.entra.issueProgramToken({ expiresInSeconds }) }),
  };
}

async function approveEverybody({ admin }: Clients, companyId: string): Promise<void> {
  const { jobId } = await admin.startDecisionJob(companyId, { command: 'approve', filter: { status: 'pending' } });
  await whenOver(async () => (await admin.decisionJob(companyId, jobId)).endedAt !== null, longestMs, 'The decision job');
  const job = await admin.decisionJob(companyId, jobId);
  if (job.state !== 'done') throw new Error(`Not everybody was approved: ${job.problem ?? job.state}`);
}

interface Lead {
  readonly manager: UserView;
  /** Somebody of the team, who gets a course. */
  readonly member: UserView;
}

/** The first people of the list who have a mail address and lead somebody. */
function leadsOf(people: readonly UserView[], wanted: number): readonly Lead[] {
  const members = new Map<string, UserView>();
  for (const user of people) if (user.managerId !== null && user.managerId !== user.userId) members.set(user.managerId, user);
  const leads = people.flatMap((manager) => {
    const member = members.get(manager.userId);
    return member === undefined || (manager.mail ?? '') === '' ? [] : [{ manager, member }];
  });
  if (leads.length < wanted) throw new Error(`Only ${leads.length} of ${people.length} people lead a team, and ${wanted} are wanted.`);
  return leads.slice(0, wanted);
}

/** Accounts as if everybody had accepted an invitation a day ago: really accepting costs a slow hash each, which is measured nowhere here. */
async function giveAccounts({ tables, sandbox }: Product, companyId: string, leads: readonly Lead[]): Promise<void> {
  const activeSince = new Date(sandbox.clock.now() - dayMs).toISOString();
  const limit = pLimit(parallelWrites);
  const give = async ({ manager }: Lead) => {
    const [, objectId = ''] = manager.userId.split('_');
    const account = { ...noAccount(objectId), state: 'active', stateSince: activeSince, activeSince, passwordHash: 'of-nothing' } as const;
    if ((await writeAccount(tables, companyId, { account, etag: null })) !== 'done') throw new Error('There was an account already.');
  };
  await Promise.all(leads.map((lead) => limit(give, lead)));
}

/** One overdue course for one member of each team. */
async function assignCourses({ platform }: Clients, { sandbox }: Product, companyId: string, leads: readonly Lead[]): Promise<void> {
  const dayOf = (days: number) => new Date(sandbox.clock.now() + days * dayMs).toISOString().slice(0, 10);
  const course = { courseId: 'fire', version: 1, title: 'Fire safety', assignedOn: dayOf(-60), dueOn: dayOf(-3) };
  for (let start = 0; start < leads.length; start += mostItems) {
    const items = leads.slice(start, start + mostItems).map(({ member }) => ({ ...course, userId: member.userId }));
    const { totals } = await platform.stateAssignments(companyId, items);
    if (totals.created !== items.length) throw new Error(`Not every course was stored: ${JSON.stringify(totals)}`);
  }
}

export interface WeeklyCompany extends Company {
  readonly managers: number;
  readonly users: number;
}

/** Connects a company and brings it to the day before its reminders. `weekday`: 1 is Monday. */
export async function prepareCompany(
  product: Product,
  clients: Clients,
  msp: Msp,
  wish: { readonly tenant: TenantProfile; readonly managers: number; readonly weekday: number },
): Promise<WeeklyCompany> {
  const { tenant, managers, weekday } = wish;
  // No round is due while the clock is moved on by days.
  const settings = { syncEveryMinutes: 10_080, weeklyReminders: true, weeklyReminderDay: weekday };
  const company = await msp.connect(tenant, settings);
  const { companyId } = company;
  const { users } = await timeFirstSync(product, clients.admin, company, () => ({}));
  await approveEverybody(clients, companyId);
  const leads = leadsOf(await clients.admin.allUsers(companyId, { status: 'approved', kind: 'person' }), managers);
  await giveAccounts(product, companyId, leads);
  await assignCourses(clients, product, companyId, leads);
  return { ...company, managers, users };
}
