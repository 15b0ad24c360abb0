// Azurite as a child process: real table, blob and queue services on free or given ports, kept in a folder or in memory.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

/** The account that every Azurite has; its key is published in Azurite's own documentation. */
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

const installed = dirname(createRequire(import.meta.url).resolve('azurite/package.json'));
const programs = { all: join(installed, 'dist/src/azurite.js'), table: join(installed, 'dist/src/table/main.js') } as const;
/** Another program may take a free port before Azurite does. */
const mostAttempts = 3;

export interface Azurite {
  readonly connectionString: string;
  /** Ends it by SIGTERM: under kill -9 Azurite loses acknowledged writes (docs/decisions/0018). */
  readonly stop: () => Promise<void>;
}

export interface AzuriteOptions {
  /** Where data is kept; in memory when absent. */
  readonly folder?: string;
  /** All three services, or only tables, which start faster. */
  readonly services: keyof typeof programs;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The free port has no number.');
  return address.port;
}

/** Whether all services came up; `false` when it ended instead. */
async function isUp(child: ChildProcess, services: number): Promise<boolean> {
  if (child.stdout === null) throw new Error('Azurite has no standard output.');
  let started = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('successfully')) started += 1;
    if (started === services) {
      child.stdout.resume();
      return true;
    }
  }
  return false;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Starts Azurite (2 to 3 seconds). */
export async function startAzurite({ folder, services }: AzuriteOptions): Promise<Azurite> {
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const [table, blob, queue] = [await freePort(), await freePort(), await freePort()];
    const others =
      services === 'all' ? ['--blobHost', '127.0.0.1', '--blobPort', `${blob}`, '--queueHost', '127.0.0.1', '--queuePort', `${queue}`] : [];
    const place = folder === undefined ? ['--inMemoryPersistence'] : ['--location', folder];
    const options = [
      '--tableHost',
      '127.0.0.1',
      '--tablePort',
      `${table}`,
      ...others,
      ...place,
      '--skipApiVersionCheck',
      '--disableTelemetry',
    ];
    const child = spawn(process.execPath, [programs[services], ...options, '--silent'], {
      cwd: folder ?? tmpdir(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!(await isUp(child, services === 'all' ? 3 : 1))) continue;
    const at = (port: number) => `http://127.0.0.1:${port}/${account}`;
    const endpoints = services === 'all' ? `BlobEndpoint=${at(blob)};QueueEndpoint=${at(queue)};` : '';
    return {
      connectionString: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};${endpoints}TableEndpoint=${at(table)};`,
      stop: () => stop(child),
    };
  }
  throw new Error('Azurite did not start.');
}
