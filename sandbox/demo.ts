// `npm run demo`: the main job from end to end without a browser, on free ports and in a folder that is thrown away.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from '../scripts/build.mjs';
import { type Console, makeConsole } from './console.ts';
import { type DemoCompany, showManagers } from './demo-managers.ts';
import { type DemoReport, makeReport } from './demo-report.ts';
import { showSync } from './demo-sync.ts';
import { showWeekly } from './demo-weekly.ts';
import { accountOf, apiOf } from './people.ts';
import { freePorts } from './ports.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { seedCompanies } from './seed.ts';
import type { Directory } from './world/directory.ts';
import { loadExportFile } from './world/load-export.ts';
import { seedDirectory } from './world/seed.ts';
import { allTenants, customerTenants, mspTenant, type TenantProfile } from './world/tenants.ts';

interface DemoOptions {
  readonly users: number;
  readonly input: string | null;
  readonly latencyMs: number;
}

interface DemoEnd {
  readonly report: DemoReport;
  readonly problems: readonly string[];
}

/** The directory to sync: a user's own export, or a made-up tenant. */
async function openDirectory({ tenantId, domain, displayName, accounts }: TenantProfile, options: DemoOptions): Promise<Directory> {
  if (options.input !== null) return await loadExportFile(options.input, { tenantId, displayName });
  return seedDirectory({ tenantId, domain, companyName: displayName, users: options.users, seed: 'demo', accounts });
}

async function tellStories(sandbox: Sandbox, tenant: TenantProfile, directory: Directory, screen: Console): Promise<DemoEnd> {
  const [seeded] = await seedCompanies(sandbox, [tenant]);
  if (!seeded) throw new Error('No company was created.');
  const signIn = async () => await apiOf(sandbox, mspTenant, accountOf(mspTenant, 'mira'));
  const company: DemoCompany = { sandbox, api: await signIn(), companyId: seeded.companyId, screen };
  const directoryUsers = directory.liveCount();
  screen.line(`\nConnected ${tenant.displayName}. First sync of ${directoryUsers.toLocaleString('en')} users:`);
  const synced = await showSync(company, directory);
  const problems = [...synced.problems];
  if (synced.newcomer) {
    const told = await showManagers(company, synced.newcomer);
    problems.push(...told.problems, ...(await showWeekly(company, told, signIn)));
  }
  const now: DemoCompany = { ...company, api: await signIn() };
  return { report: await makeReport(now, synced, { verified: problems.length === 0, directoryUsers }), problems };
}

async function runDemo(options: DemoOptions, folder: string, screen: Console): Promise<DemoEnd> {
  const [tenant] = customerTenants;
  if (!tenant) throw new Error('The sandbox has no customer.');
  const directory = await openDirectory(tenant, options);
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
    return await tellStories(sandbox, tenant, directory, screen);
  } finally {
    await sandbox.stop();
  }
}

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
