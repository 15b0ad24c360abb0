// `npm run demo`: the main job from end to end without a browser, on free ports and in a folder that is thrown away.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildApp } from '../scripts/build.mjs';
import { accountKinds } from '../shared/domain/user.ts';
import type { Api, UserView } from './api.ts';
import { bar, type Console, makeConsole, table } from './console.ts';
import { changeTheTenant } from './demo-change.ts';
import { checkDecisions, differences, expectedManagers } from './demo-compare.ts';
import { accountOf, apiOf } from './people.ts';
import { freePorts } from './ports.ts';
import { startSandbox } from './sandbox.ts';
import { seedCompanies } from './seed.ts';
import type { Directory } from './world/directory.ts';
import { loadExportFile } from './world/load-export.ts';
import { seedDirectory } from './world/seed.ts';
import { allTenants, customerTenants, mspTenant } from './world/tenants.ts';

const tenant = customerTenants[0];
if (!tenant) throw new Error('The sandbox has no customer.');

interface DemoOptions {
  readonly users: number;
  readonly input: string | null;
  readonly latencyMs: number;
}

/** The document `--json` prints. */
interface DemoReport {
  verified: boolean;
  directory: { users: number };
  users: { found: number; pending: number; approved: number; denied: number; removed: number };
  kinds: Record<(typeof accountKinds)[number], number>;
  managers: number;
  mails: { to: string; subject: string }[];
  rounds: { kind: string; users: number; ms: number; graphCalls: number; storageCalls: number; rowsWritten: number }[];
  peakMemoryMb: number;
}

/** The directory to sync: a user's own export, or a made-up tenant. */
async function openDirectory({ users, input }: DemoOptions): Promise<Directory> {
  const { tenantId, domain, displayName, accounts } = tenant as (typeof customerTenants)[number];
  if (input !== null) return await loadExportFile(input, { tenantId, displayName });
  return seedDirectory({ tenantId, domain, companyName: displayName, users, seed: 'demo', accounts });
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

async function runDemo(
  options: DemoOptions,
  folder: string,
  screen: Console,
): Promise<{ readonly report: DemoReport; readonly problems: readonly string[] }> {
  const directory = await openDirectory(options);
  const appFile = join(folder, 'app', 'main.cjs');
  await buildApp(appFile);
  screen.line('Starting Muster with stand-ins for Microsoft 365, Service Bus and mail …');
  const sandbox = await startSandbox({
    folder,
    ports: await freePorts(),
    tenants: allTenants,
    directories: [directory],
    appFile,
    keepTables: false,
    entra: { rolesDelayMs: 0 },
    graph: { latencyMs: options.latencyMs },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.stop().finally(() => process.exit(130)));
  try {
    const [company] = await seedCompanies(sandbox, [tenant as (typeof customerTenants)[number]]);
    if (!company) throw new Error('No company was created.');
    const { companyId } = company;
    const api = await apiOf(sandbox, mspTenant, accountOf(mspTenant, 'mira'));
    const directoryUsers = directory.liveCount();
    screen.line(`\nConnected ${tenant?.displayName}. First sync of ${directoryUsers.toLocaleString('en')} users:`);
    await watchRound(api, companyId, null, screen);

    const pending = await api.allUsers(companyId);
    const { byKind } = await api.counts(companyId);
    screen.line('\nPending for Approval, by kind:');
    for (const row of table(
      accountKinds.filter((kind) => byKind[kind] > 0).map((kind) => [`  ${kind}`, byKind[kind], exampleOf(pending, kind)]),
    ))
      screen.line(row);

    const people = pending.filter((user) => user.kind === 'person');
    const others = pending.filter((user) => user.kind !== 'person');
    const approvedCount = await decideAll(api, companyId, 'approve', people);
    const deniedCount = await decideAll(api, companyId, 'deny', others);
    screen.line(`\nApproved ${approvedCount.toLocaleString('en')} people, denied ${deniedCount.toLocaleString('en')} others.`);
    const decided = await api.counts(companyId);
    const managers = await countManagers(api, companyId);
    const problems: string[] = [...differences(directory, pending)];
    const approvedIds = new Set(people.map((user) => user.objectId));
    const deniedIds = new Set(others.map((user) => user.objectId));
    const shouldManage = expectedManagers(directory, approvedIds);
    if (managers !== shouldManage) problems.push(`${managers} managers were found, ${shouldManage} were expected.`);

    await sandbox.settle();
    screen.line('\nThe mail that told the admin:');
    for (const mail of sandbox.email.mails()) {
      screen.line(`  To: ${mail.to.join(', ')}\n  Subject: ${mail.subject}\n`);
      for (const line of (mail.plainText ?? '').split('\n')) screen.line(`    ${line}`);
    }

    screen.line('Then, in the tenant:');
    for (const sentence of changeTheTenant(sandbox, directory, people)) screen.line(`  ${sentence}`);
    screen.line('\nSync Now:');
    const { lastRoundAt } = await api.sync(companyId);
    await api.syncNow(companyId);
    await watchRound(api, companyId, lastRoundAt, screen);
    const after = await api.counts(companyId);
    screen.line(`  Now ${after.pending} pending, ${after.approved} approved, ${after.denied} denied, ${after.removed} removed.`);
    const stored = await everybody(api, companyId);
    problems.push(...differences(directory, stored), ...checkDecisions(directory, stored, approvedIds, deniedIds));
    await sandbox.settle();

    const report: DemoReport = {
      verified: problems.length === 0,
      directory: { users: directoryUsers },
      users: {
        found: decided.found,
        pending: decided.pending,
        approved: decided.approved,
        denied: decided.denied,
        removed: decided.removed,
      },
      kinds: Object.fromEntries(accountKinds.map((kind) => [kind, decided.byKind[kind]])) as DemoReport['kinds'],
      managers,
      mails: sandbox.email.mails().map((mail) => ({ to: mail.to.join(', '), subject: mail.subject })),
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
    return { report, problems };
  } finally {
    await sandbox.stop();
  }
}

const exampleOf = (users: readonly UserView[], kind: string) => {
  const example = users.find((user) => user.kind === kind);
  return example ? `e.g. ${example.displayName}: ${example.kindReasons[0] ?? ''}` : '';
};

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '400' },
    input: { type: 'string' },
    latency: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
});

function wholeNumber(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < low || value > high)
    throw new Error(`--${name} takes a whole number from ${low} to ${high}, not "${text}".`);
  return value;
}

// With --json stdout is one document and nothing else; people may still watch on stderr.
const screen = makeConsole(values.json ? process.stderr : process.stdout);
const quiet: Console = { line: () => {}, progress: () => {} };
const folder = await mkdtemp(join(tmpdir(), 'muster-demo-'));
try {
  const options: DemoOptions = {
    users: wholeNumber('users', values.users, 25, 300_000),
    input: values.input ?? null,
    latencyMs: wholeNumber('latency', values.latency, 0, 60_000),
  };
  const { report, problems } = await runDemo(options, folder, values.json && !process.stderr.isTTY ? quiet : screen);
  if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  for (const problem of problems.slice(0, 50)) process.stderr.write(`differs: ${problem}\n`);
  if (problems.length > 50) process.stderr.write(`… and ${problems.length - 50} more differences\n`);
  if (!values.json)
    screen.line(
      problems.length === 0 ? '\nVerified: the list is exactly the directory, user by user.' : '\nNot verified; what differs is above.',
    );
  process.exitCode = problems.length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`muster: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
