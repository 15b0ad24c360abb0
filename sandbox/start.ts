// `npm start`: the whole system on this machine, with three connected companies, until Ctrl+C. State lies in .muster and survives.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildApp } from '../scripts/build.mjs';
import { makeSandboxClock, type SandboxClock } from './clock.ts';
import { bar, makeConsole, table } from './console.ts';
import { type AdminAction, graphActions, makeAdmin } from './graph/admin.ts';
import { claimFolder } from './folder-lock.ts';
import { giveCourses } from './give-courses.ts';
import { readLocalSettings } from './local-settings.ts';
import { accountOf, apiOf } from './people.ts';
import { fixedPorts } from './ports.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { seedCompanies } from './seed.ts';
import { seedTenants } from './world/seed-tenants.ts';
import { allTenants, customerTenants, homeTenant, mspTenant } from './world/tenants.ts';
import { loadWorld, saveWorld } from './world/world-file.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({
  options: {
    reset: { type: 'boolean', default: false },
    port: { type: 'string', default: '7071' },
    verbose: { type: 'boolean', default: false },
  },
});
const folder = join(root, '.muster');
const screen = makeConsole(process.stdout);

/** The clock goes on from where it was moved to: what is stored lies in its time. */
function keptClock(state: string): SandboxClock {
  const file = join(state, 'clock.json');
  const kept = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const clock = makeSandboxClock(Number.isFinite(kept) ? kept : 0);
  clock.onAdvance(() => writeFileSync(file, String(clock.offset())));
  return clock;
}

const mailActions = ({ email: { settings } }: Sandbox): readonly AdminAction[] => [
  {
    name: 'bounce-mail',
    label: 'Let mail to an address come back',
    fields: ['address'],
    run: (_tenantId, { address }) => void settings.recipientFaults.set((address ?? '').toLowerCase(), 'bounced'),
  },
  {
    name: 'deliver-mail',
    label: 'Let mail to an address arrive again',
    fields: ['address'],
    run: (_tenantId, { address }) => void settings.recipientFaults.delete((address ?? '').toLowerCase()),
  },
];

const consentActions = (sandbox: Sandbox): readonly AdminAction[] => [
  { name: 'revoke-consent', label: 'Take consent away', fields: [], run: (tenantId) => sandbox.entra.revokeConsent(tenantId) },
  { name: 'give-consent', label: 'Give consent again', fields: [], run: (tenantId) => sandbox.entra.consent(tenantId) },
  {
    name: 'advance-clock',
    label: 'Move the clock of the whole sandbox forward',
    fields: ['minutes'],
    run: (_tenantId, { minutes }) => sandbox.clock.advance(Number(minutes) * 60_000),
  },
];

/** Serves the page on which things are made to happen, and keeps what happened. */
async function serveWorld(sandbox: Sandbox, port: number, worldFile: string): Promise<() => Promise<void>> {
  const handle = makeAdmin({
    world: sandbox.world,
    actions: [...graphActions(sandbox.graph), ...mailActions(sandbox), ...consentActions(sandbox)],
  });
  const server = createServer((request, response) => {
    response.once('finish', () => {
      if (request.method === 'POST') void saveWorld(worldFile, sandbox.world);
    });
    void handle(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  return async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
    await saveWorld(worldFile, sandbox.world);
  };
}

/** Shows the first syncs until every company has been read once. */
async function watchFirstSyncs(sandbox: Sandbox): Promise<void> {
  const api = await apiOf(sandbox, mspTenant, accountOf(mspTenant, 'mira'));
  for (const { companyId, name } of (await api.me()).companies) {
    for (;;) {
      const { running, lastRoundAt } = await api.sync(companyId);
      const done = lastRoundAt !== null && running === null;
      const shown = running ? `${bar(running.users, running.expected)} ${running.phase}` : done ? 'synced' : 'waiting for the permission';
      screen.progress(`  ${name.padEnd(24)} ${shown}`, done);
      if (done) break;
      await pause(200);
    }
  }
}

/** So many people of a company get courses: giving them to thousands would take longer than all else at the start. */
const learners = 500;

/** Without courses there is nothing that managers could see or be reminded of. */
async function giveFirstCourses(sandbox: Sandbox): Promise<void> {
  const api = await apiOf(sandbox, mspTenant, accountOf(mspTenant, 'mira'));
  for (const { companyId } of (await api.me()).companies)
    await giveCourses(sandbox, companyId, (await api.allUsers(companyId, { kind: 'person' })).slice(0, learners));
}

async function summary(sandbox: Sandbox, worldPort: number): Promise<void> {
  const api = await apiOf(sandbox, mspTenant, accountOf(mspTenant, 'mira'));
  const rows: (string | number)[][] = [['Company', 'Found', 'Pending', 'People', 'Others', 'Approved', 'Denied']];
  for (const { companyId, name } of (await api.me()).companies) {
    const { found, pending, byKind, approved, denied } = await api.counts(companyId);
    rows.push([name, found, pending, byKind.person, found - byKind.person, approved, denied]);
  }
  screen.line();
  for (const line of table(rows)) screen.line(`  ${line}`);
  screen.line();
  const places = [
    ['Portal', sandbox.url],
    ['API', `${sandbox.url}/docs`],
    ['Mail that was sent', sandbox.email.inboxUrl],
    ['Preview of all mails', sandbox.email.previewUrl],
    ['Make things happen', `http://localhost:${worldPort}/admin`],
  ];
  for (const line of table(places)) screen.line(`  ${line}`);
  screen.line();
  screen.line('  Sign in as (there are no passwords here; choose the account on the sign-in page)');
  const people = [
    ['Operator', accountOf(homeTenant, 'olivia').userPrincipalName],
    ['MSP admin', accountOf(mspTenant, 'mira').userPrincipalName],
    ...customerTenants.map((tenant) => [`Admin of ${tenant.displayName}`, accountOf(tenant, 'ada').userPrincipalName]),
  ];
  for (const line of table(people)) screen.line(`    ${line}`);
  screen.line();
  screen.line('  Everything here is made up and stays on this machine. Ctrl+C ends it; "npm start -- --reset" starts afresh.');
}

async function main(): Promise<void> {
  const basePort = Number(options.port);
  if (!Number.isInteger(basePort) || basePort < 1024 || basePort > 65_000)
    throw new Error(`--port takes a number from 1024 to 65000, not "${options.port}".`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const release = claimFolder(folder);
  if (options.reset) rmSync(join(folder, 'state'), { recursive: true, force: true });
  const state = join(folder, 'state');
  await mkdir(state, { recursive: true, mode: 0o700 });
  const ports = await fixedPorts(basePort);
  const appFile = join(root, 'dist', 'main.cjs');
  await buildApp(appFile);

  const worldFile = join(state, 'world.json');
  const directories = (await loadWorld(worldFile)) ?? seedTenants(customerTenants, 1);
  const settings = readLocalSettings(root, process.env);
  screen.line('Muster is starting: Azurite, Service Bus, mail, Entra and Graph stand-ins, then the app itself …');
  const sandbox = await startSandbox({
    folder: state,
    ports,
    tenants: allTenants,
    directories,
    appFile,
    keepTables: true,
    clock: keptClock(state),
    entra: { rolesDelayMs: 2_000 },
    settings,
    ...(options.verbose ? { onLine: (line: string) => screen.line(`  | ${line}`) } : {}),
  });
  const stopWorld = await serveWorld(sandbox, ports.world, worldFile);
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    screen.line('\nStopping …');
    await stopWorld();
    await sandbox.stop();
    release();
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());

  const real = Object.keys(settings);
  if (real.length > 0) {
    screen.line(`  These settings come from local.settings.json or the environment, not from a stand-in: ${real.join(', ')}.`);
    screen.line('  No companies are made up in this mode. This way of running could not be tried against the real services here.');
    screen.line(`  The app serves ${sandbox.url}; check each service with "npm run conformance".`);
    return;
  }
  const seeded = join(state, 'seeded');
  if (!existsSync(seeded)) {
    await seedCompanies(sandbox, customerTenants);
    writeFileSync(seeded, '');
  }
  await watchFirstSyncs(sandbox);
  const withCourses = join(state, 'courses-given');
  if (!existsSync(withCourses)) {
    await giveFirstCourses(sandbox);
    writeFileSync(withCourses, '');
  }
  await summary(sandbox, ports.world);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`muster: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
