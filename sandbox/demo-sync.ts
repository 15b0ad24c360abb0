// The demo's first story: sync a tenant, decide about everybody, change the tenant, sync again, and compare with the directory.
import { setTimeout as pause } from 'node:timers/promises';
import { accountKinds } from '../shared/domain/user.ts';
import type { Api, UserView } from './api.ts';
import { bar, type Console, table } from './console.ts';
import { changeTheTenant } from './demo-change.ts';
import { checkDecisions, differences, expectedManagers } from './demo-compare.ts';
import { showMail } from './demo-mails.ts';
import type { DemoCompany } from './demo-managers.ts';
import { giveCourses } from './give-courses.ts';
import type { Directory } from './world/directory.ts';

export interface SyncStory {
  /** After everybody was decided about. */
  readonly decided: Awaited<ReturnType<Api['counts']>>;
  readonly managers: number;
  /** Came later, is pending, and leads a team when the directory has enough people. */
  readonly newcomer: UserView | undefined;
  readonly problems: readonly string[];
}

const pollMs = 150;

/** Waits for a round to end, showing its progress. */
async function watchRound(api: Api, companyId: string, former: string | null, screen: Console): Promise<void> {
  for (;;) {
    const { running, lastRoundAt } = await api.sync(companyId);
    if (running) {
      const rate = running.usersPerSecond === null ? '' : `  ${Math.round(running.usersPerSecond).toLocaleString('en')}/s`;
      const left = running.secondsLeft === null ? '' : `  ${running.secondsLeft} s left`;
      screen.progress(`  ${bar(running.users, running.expected)}  ${running.phase}${rate}${left}`);
    }
    if (running === null && lastRoundAt !== former) break;
    await pause(pollMs);
  }
  const [run] = await api.runs(companyId);
  if (!run) throw new Error('The round left no record.');
  const { users, rowsWritten, graphCalls } = run.counts;
  screen.progress(
    `  ${run.kind} round: ${users.toLocaleString('en')} users in ${((run.milliseconds ?? 0) / 1000).toFixed(1)} s, ${graphCalls} requests to Graph, ${rowsWritten.toLocaleString('en')} rows written${run.problem === null ? '' : ` — ${run.problem}`}`,
    true,
  );
}

const idsPerDecision = 1000;

async function decideAll(api: Api, companyId: string, command: 'approve' | 'deny', users: readonly UserView[]): Promise<number> {
  let decided = 0;
  for (let start = 0; start < users.length; start += idsPerDecision) {
    const ids = users.slice(start, start + idsPerDecision).map((user) => user.userId);
    decided += (await api.decideMany(companyId, command, ids)).decided;
  }
  return decided;
}

async function countManagers(api: Api, companyId: string): Promise<number> {
  let managers = 0;
  let page: string | undefined;
  do {
    const answer = await api.managers(companyId, page);
    managers += answer.managers.length;
    page = answer.nextPage ?? undefined;
  } while (page !== undefined);
  return managers;
}

const everybody = async (api: Api, companyId: string): Promise<readonly UserView[]> =>
  (await Promise.all(['pending', 'approved', 'denied'].map(async (status) => await api.allUsers(companyId, { status })))).flat();

const exampleOf = (users: readonly UserView[], kind: string) => {
  const example = users.find((user) => user.kind === kind);
  return example ? `e.g. ${example.displayName}: ${example.kindReasons[0] ?? ''}` : '';
};

/** What waits for a decision, by kind. */
async function showPending({ api, companyId, screen }: DemoCompany): Promise<readonly UserView[]> {
  const pending = await api.allUsers(companyId);
  const { byKind } = await api.counts(companyId);
  screen.line('\nPending for Approval, by kind:');
  for (const row of table(
    accountKinds.filter((kind) => byKind[kind] > 0).map((kind) => [`  ${kind}`, byKind[kind], exampleOf(pending, kind)]),
  ))
    screen.line(row);
  return pending;
}

/** Courses go to so many people of the list at most: a large tenant's take minutes and show nothing more. */
const mostWithCourses = 1_000;

async function showCourses({ sandbox, companyId, screen }: DemoCompany, people: readonly UserView[]): Promise<void> {
  const learners = people.slice(0, mostWithCourses);
  const courses = await giveCourses(sandbox, companyId, learners);
  screen.line(`The training platform gave ${courses.toLocaleString('en')} courses to ${learners.length.toLocaleString('en')} of them.`);
}

/** Everything up to the comparison; the list is exactly the directory when there are no problems. */
export async function showSync(company: DemoCompany, directory: Directory): Promise<SyncStory> {
  const { sandbox, api, companyId, screen } = company;
  await watchRound(api, companyId, null, screen);
  const pending = await showPending(company);
  const people = pending.filter((user) => user.kind === 'person');
  const others = pending.filter((user) => user.kind !== 'person');
  const approvedCount = await decideAll(api, companyId, 'approve', people);
  const deniedCount = await decideAll(api, companyId, 'deny', others);
  screen.line(`\nApproved ${approvedCount.toLocaleString('en')} people, denied ${deniedCount.toLocaleString('en')} others.`);
  await showCourses(company, people);
  const decided = await api.counts(companyId);
  const managers = await countManagers(api, companyId);
  const problems: string[] = [...differences(directory, pending)];
  const approvedIds = new Set(people.map((user) => user.objectId));
  const deniedIds = new Set(others.map((user) => user.objectId));
  const shouldManage = expectedManagers(directory, approvedIds);
  if (managers !== shouldManage) problems.push(`${managers} managers were found, ${shouldManage} were expected.`);

  await sandbox.settle();
  for (const mail of sandbox.email.mails()) showMail(screen, 'The mail that told the admin', mail);

  const { told, newcomerId } = changeTheTenant(sandbox, directory, people);
  screen.line('\nThen, in the tenant:');
  for (const sentence of told) screen.line(`  ${sentence}`);
  screen.line('\nSync Now:');
  const { lastRoundAt } = await api.sync(companyId);
  await api.syncNow(companyId);
  await watchRound(api, companyId, lastRoundAt, screen);
  const after = await api.counts(companyId);
  screen.line(`  Now ${after.pending} pending, ${after.approved} approved, ${after.denied} denied, ${after.removed} removed.`);
  const stored = await everybody(api, companyId);
  problems.push(...differences(directory, stored), ...checkDecisions(directory, stored, approvedIds, deniedIds));
  await sandbox.settle();
  return { decided, managers, newcomer: stored.find(({ objectId }) => objectId === newcomerId), problems };
}
