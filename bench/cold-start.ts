// What a cold start has to load: the size of the deployed bundle, where it comes from, and the time until its functions are registered.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { installCoreModule } from '../sandbox/host/core-module.ts';
import { buildApp } from '../scripts/build.mjs';

export interface PackageShare {
  readonly name: string;
  readonly bytes: number;
}

/** How long a load took, in milliseconds; `cpu` is less sensitive to what else the machine does. */
export interface LoadTime {
  readonly wall: number;
  readonly cpu: number;
}

export interface LoadSeries {
  readonly median: LoadTime;
  readonly runs: readonly LoadTime[];
}

export interface ColdStart {
  /** The bundle as it is deployed. */
  readonly bytes: number;
  readonly gzipBytes: number;
  readonly modules: number;
  /** Bytes in the bundle by package, largest first; the project's own code by folder. */
  readonly packages: readonly PackageShare[];
  /** Packages whose ES modules and CommonJS are both in the bundle, with the bytes of the smaller one. */
  readonly twice: readonly PackageShare[];
  /** From `require` to the last registration, in a fresh process each time. */
  readonly load: LoadSeries;
  /** The same with V8's code cache already on disk. */
  readonly cachedLoad: LoadSeries;
}

type Metafile = Awaited<ReturnType<typeof buildApp>>['metafile'];

/** Settings that satisfy the start; nothing is asked of these addresses while the app is loaded. */
const settings = {
  GRAPH_BASE_URL: 'https://localhost:1',
  ENTRA_AUTHORITY_HOST: 'https://localhost:1',
  ENTRA_SIGN_IN_HOST: 'https://localhost:1',
  ENTRA_CLIENT_ID: '90000000-0000-4000-8000-00000000000c',
  ENTRA_CLIENT_SECRET: 'not-a-secret',
  HOME_TENANT_ID: '10000000-0000-4000-8000-000000000001',
  TABLES_CONNECTION: 'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:1/a;',
  SERVICEBUS_CONNECTION: 'Endpoint=sb://localhost:1;SharedAccessKeyName=a;SharedAccessKey=a2V5',
  EMAIL_CONNECTION: 'endpoint=http://127.0.0.1:1;accesskey=a2V5',
  MAIL_SENDER: 'muster@muster.example',
  PUBLIC_URL: 'http://localhost:1',
  TOKEN_SIGNING_KEY: 'measured-but-never-used-for-anything',
};

/** Where a module comes from: its package, or the project's folder. */
function packageOf(path: string): string {
  const inPackages = [...path.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)];
  return inPackages.at(-1)?.[1] ?? path.split('/')[0] ?? path;
}

/** Size and origin of what esbuild wrote. @throws Error when there is no bundle among the outputs. */
export function describeBundle(metafile: Metafile): Pick<ColdStart, 'bytes' | 'modules' | 'packages' | 'twice'> {
  const output = Object.entries(metafile.outputs).find(([name]) => name.endsWith('main.cjs'))?.[1];
  if (!output) throw new Error('The build wrote no main.cjs.');
  const sums = new Map<string, { esm: number; cjs: number }>();
  for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
    if (bytesInOutput === 0) continue;
    const sum = sums.get(packageOf(path)) ?? { esm: 0, cjs: 0 };
    sum[metafile.inputs[path]?.format === 'esm' ? 'esm' : 'cjs'] += bytesInOutput;
    sums.set(packageOf(path), sum);
  }
  const sorted = (shares: readonly PackageShare[]) => shares.toSorted((left, right) => right.bytes - left.bytes);
  return {
    bytes: output.bytes,
    modules: Object.keys(output.inputs).length,
    packages: sorted([...sums].map(([name, { esm, cjs }]) => ({ name, bytes: esm + cjs }))),
    twice: sorted([...sums].map(([name, { esm, cjs }]) => ({ name, bytes: Math.min(esm, cjs) })).filter(({ bytes }) => bytes > 0)),
  };
}

async function loadOnce(appFile: string, more: Readonly<Record<string, string>>): Promise<LoadTime> {
  const env = { ...settings, ...more, PATH: process.env['PATH'] ?? '', MUSTER_COLD_START: appFile };
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url)], { env });
  return JSON.parse(stdout) as LoadTime;
}

function seriesOf(runs: readonly LoadTime[]): LoadSeries {
  const middle = (times: readonly number[]) => times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)] ?? 0;
  return { median: { wall: middle(runs.map(({ wall }) => wall)), cpu: middle(runs.map(({ cpu }) => cpu)) }, runs };
}

/** Builds the app and loads it `runs` times with and without a cache, in turns; the first load of each sort is not counted. */
export async function measureColdStart(runs = 5): Promise<ColdStart> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-cold-'));
  const appFile = join(folder, 'app', 'main.cjs');
  const cache = { NODE_COMPILE_CACHE: join(folder, 'cache') };
  try {
    const { metafile } = await buildApp(appFile);
    const plain: LoadTime[] = [];
    const cached: LoadTime[] = [];
    for (let run = 0; run <= runs; run += 1) {
      plain.push(await loadOnce(appFile, {}));
      cached.push(await loadOnce(appFile, cache));
    }
    return {
      ...describeBundle(metafile),
      gzipBytes: gzipSync(await readFile(appFile)).length,
      load: seriesOf(plain.slice(1)),
      cachedLoad: seriesOf(cached.slice(1)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The measured process: loads the app as the Functions worker does and prints how long it took. */
function loadHere(appFile: string): void {
  const registry = installCoreModule(() => {});
  const started = performance.now();
  const before = process.cpuUsage();
  createRequire(appFile)(appFile);
  const wall = Math.round(performance.now() - started);
  const { user, system } = process.cpuUsage(before);
  if (registry.functions.size === 0) throw new Error('The app registered no function.');
  process.stdout.write(JSON.stringify({ wall, cpu: Math.round((user + system) / 1000) } satisfies LoadTime));
  process.exit(0);
}

const measured = process.env['MUSTER_COLD_START'];
if (measured !== undefined) {
  loadHere(measured);
} else if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { bytes, gzipBytes, modules, packages, load, cachedLoad } = await measureColdStart();
  const shares = packages.slice(0, 20).map((share) => `  ${String(share.bytes).padStart(8)}  ${share.name}\n`);
  process.stdout.write(
    `${bytes} bytes (${gzipBytes} gzipped) from ${modules} modules; loads in ${load.median.wall} ms (${load.median.cpu} ms of CPU), ` +
      `with a compile cache in ${cachedLoad.median.wall} ms (${cachedLoad.median.cpu} ms)\n${shares.join('')}`,
  );
}
