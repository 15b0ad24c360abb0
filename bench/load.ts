// `node bench/load.ts`: the API under load, first on its own, then while another company's first sync runs in the same host.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { EventLoopDelay } from '../sandbox/host/event-loop.ts';
import { accountOf, apiOf } from '../sandbox/people.ts';
import { freePorts } from '../sandbox/ports.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { seedCompanies } from '../sandbox/seed.ts';
import { seedDirectory } from '../sandbox/world/seed.ts';
import { allTenants, customerTenants, mspTenant, type TenantProfile } from '../sandbox/world/tenants.ts';
import { buildApp } from '../scripts/build.mjs';
import type { LoadResult } from './load-client.ts';
import { type LoadRoute, loadRoutes, type LoadTarget } from './load-routes.ts';
import { startLoadWorker } from './load-worker.ts';
import type { Stall } from './load-stalls.ts';

export interface LoadOptions {
  /** Users of the company whose API is driven. */
  readonly users: number;
  /** Users of the company that is synced for the first time meanwhile; 0 leaves this part out. */
  readonly syncUsers: number;
  readonly connections: number;
  /** Seconds for each route. */
  readonly seconds: number;
  /** How much longer each answer of Graph takes, in milliseconds. */
  readonly latencyMs: number;
  /** Profiles the host and says what it did during each stall; slows it down by some percent. */
  readonly findStalls: boolean;
  readonly log: (line: string) => void;
}

export interface RouteLoad extends LoadResult {
  readonly route: LoadRoute;
  /** Whether the first sync ran all the time this route was driven. */
  readonly duringSync: boolean;
}

export interface LoadReport {
  readonly users: number;
  readonly syncUsers: number;
  readonly connections: number;
  readonly seconds: number;
  readonly alone: { readonly routes: readonly RouteLoad[]; readonly eventLoopDelay: EventLoopDelay };
  readonly beside: {
    readonly routes: readonly RouteLoad[];
    readonly eventLoopDelay: EventLoopDelay;
    readonly syncMilliseconds: number;
  } | null;
  /** The longest first; empty unless asked for. */
  readonly stalls: readonly Stall[];
}

export const defaultLoad: Omit<LoadOptions, 'log'> = {
  users: 10_000,
  syncUsers: 100_000,
  connections: 10,
  seconds: 5,
  latencyMs: 50,
  findStalls: false,
};

async function synced(sandbox: Sandbox, companyId: string): Promise<number> {
  const api = await apiOf(sandbox, mspTenant, accountOf(mspTenant, 'mira'));
  for (;;) {
    const { running, lastRoundAt } = await api.sync(companyId);
    if (running === null && lastRoundAt !== null) break;
    await pause(250);
  }
  return (await api.runs(companyId)).at(-1)?.milliseconds ?? 0;
}

async function targetOf(sandbox: Sandbox, companyId: string, connections: number): Promise<LoadTarget> {
  const mira = accountOf(mspTenant, 'mira');
  const api = await apiOf(sandbox, mspTenant, mira);
  const users: { userId: string; etag: string }[] = [];
  let page: string | undefined;
  do {
    const answer = await api.userPage(companyId, { limit: 200, page });
    users.push(...answer.users.map(({ userId, etag }) => ({ userId, etag })));
    page = answer.nextPage ?? undefined;
  } while (page !== undefined && users.length < connections * 200);
  return {
    url: sandbox.url,
    token: await sandbox.entra.issueAccessToken({ tenantId: mspTenant.tenantId, objectId: mira.objectId }),
    companyId,
    signInHost: sandbox.entra.urls.browser,
    account: mira.objectId,
    users,
  };
}

async function driveAll(
  { connections, seconds, log }: LoadOptions,
  target: LoadTarget,
  isSyncing: () => boolean,
): Promise<readonly RouteLoad[]> {
  const worker = startLoadWorker();
  const done: RouteLoad[] = [];
  for (const route of loadRoutes) {
    const result = await worker.drive({ target, route, connections, seconds });
    const driven = { route, duringSync: isSyncing(), ...result };
    done.push(driven);
    log(lineOf(driven));
  }
  await worker.stop();
  return done;
}

const lineOf = ({ route, perSecond, p50, p90, p99, max, refused, broken, duringSync }: RouteLoad) =>
  `  ${route.padEnd(16)}${[perSecond, p50, p90, p99, max, refused, broken].map((value) => String(value).padStart(9)).join('')}${duringSync ? '   syncing' : ''}`;
const heading = `  ${'route'.padEnd(16)}${['req/s', 'p50 ms', 'p90', 'p99', 'max', 'non-2xx', 'errors'].map((name) => name.padStart(9)).join('')}`;
const delayLine = ({ p50, p99, max }: EventLoopDelay) => `  event loop late by: p50 ${p50} ms, p99 ${p99} ms, at most ${max} ms`;

async function connected(sandbox: Sandbox, tenant: TenantProfile): Promise<string> {
  const [company] = await seedCompanies(sandbox, [tenant]);
  if (!company) throw new Error('No company was created.');
  return company.companyId;
}

/** Starts the whole system in a folder that is thrown away, drives the API and says how it fared. */
export async function measureLoad(options: LoadOptions): Promise<LoadReport> {
  const { users, syncUsers, connections, seconds, log } = options;
  const [driven, other] = customerTenants;
  if (!driven || !other) throw new Error('The sandbox has too few customers.');
  const folder = await mkdtemp(join(tmpdir(), 'muster-load-'));
  const stallFile = join(folder, 'stalls.json');
  const directoryOf = ({ tenantId, domain, displayName, accounts }: TenantProfile, size: number) =>
    seedDirectory({ tenantId, domain, companyName: displayName, users: size, seed: 'load', accounts });
  const appFile = join(folder, 'app', 'main.cjs');
  await buildApp(appFile);
  const sandbox = await startSandbox({
    folder,
    ports: await freePorts(),
    tenants: allTenants,
    directories: [directoryOf(driven, users), directoryOf(other, Math.max(25, syncUsers))],
    appFile,
    keepTables: false,
    entra: { rolesDelayMs: 0 },
    graph: { latencyMs: options.latencyMs },
    settings: options.findStalls
      ? { NODE_OPTIONS: `--import=${new URL('load-stalls.ts', import.meta.url).href}`, MUSTER_STALL_FILE: stallFile }
      : {},
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.stop().finally(() => process.exit(130)));
  let report: Omit<LoadReport, 'stalls'>;
  try {
    const companyId = await connected(sandbox, driven);
    log(`First sync of ${users} users took ${(await synced(sandbox, companyId)) / 1000} s.`);
    await sandbox.settle();
    const target = await targetOf(sandbox, companyId, connections);
    log(`\nAlone, ${connections} connections, ${seconds} s a route:\n${heading}`);
    await sandbox.host.resetEventLoopDelay();
    const alone = { routes: await driveAll(options, target, () => false), eventLoopDelay: await sandbox.host.eventLoopDelay() };
    log(delayLine(alone.eventLoopDelay));
    report = { users, syncUsers, connections, seconds, alone, beside: null };
    if (syncUsers > 0) {
      log(`\nWhile ${syncUsers} users of another company are synced for the first time:\n${heading}`);
      await sandbox.host.resetEventLoopDelay();
      let syncing = true;
      const syncEnd = synced(sandbox, await connected(sandbox, other)).finally(() => {
        syncing = false;
      });
      const routes = await driveAll(options, await targetOf(sandbox, companyId, connections), () => syncing);
      const syncMilliseconds = await syncEnd;
      const beside = { routes, eventLoopDelay: await sandbox.host.eventLoopDelay(), syncMilliseconds };
      log(`  the sync took ${syncMilliseconds / 1000} s\n${delayLine(beside.eventLoopDelay)}`);
      report = { ...report, beside };
    }
  } finally {
    await sandbox.stop();
  }
  const kept = options.findStalls ? await readFile(stallFile, 'utf8').catch(() => undefined) : '[]';
  if (kept === undefined) log('The host left no profile.');
  const stalls = JSON.parse(kept ?? '[]') as readonly Stall[];
  await rm(folder, { recursive: true, force: true });
  return { ...report, stalls };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      users: { type: 'string' },
      'sync-users': { type: 'string' },
      connections: { type: 'string' },
      seconds: { type: 'string' },
      latency: { type: 'string' },
      stalls: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const report = await measureLoad({
    users: Number(values.users ?? defaultLoad.users),
    syncUsers: Number(values['sync-users'] ?? defaultLoad.syncUsers),
    connections: Number(values.connections ?? defaultLoad.connections),
    seconds: Number(values.seconds ?? defaultLoad.seconds),
    latencyMs: Number(values.latency ?? defaultLoad.latencyMs),
    findStalls: values.stalls,
    log: (line) => process.stderr.write(`${line}\n`),
  });
  for (const stall of report.stalls.slice(0, 10)) {
    process.stderr.write(
      `\n  ${stall.milliseconds} ms (${stall.cpuMilliseconds} ms of it computing) at ${stall.at} ms: ${stall.places.map((place) => `\n    ${place.milliseconds} ms  ${place.place}`).join('')}\n`,
    );
  }
  if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}
