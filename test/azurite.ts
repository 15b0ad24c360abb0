// A real Azurite table service for tests, in memory and on a free port, ended with the test that started it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

/** The account that every Azurite has; its key is published in Azurite's own documentation. */
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

const tableService = join(dirname(createRequire(import.meta.url).resolve('azurite/package.json')), 'dist/src/table/main.js');
/** Another program may take the free port before Azurite does. */
const mostAttempts = 3;

export interface RunningTables {
  /** For `TableClient.fromConnectionString(…, …, { allowInsecureConnection: true })`. */
  readonly connectionString: string;
  readonly stop: () => Promise<void>;
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

/** Whether the service came up; `false` when it ended instead. */
async function isUp(service: ChildProcess): Promise<boolean> {
  if (service.stdout === null) throw new Error('Azurite has no standard output.');
  for await (const line of createInterface({ input: service.stdout })) {
    if (line.includes('successfully started')) {
      service.stdout.resume();
      return true;
    }
  }
  return false;
}

async function stop(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null || service.signalCode !== null) return;
  const ended = once(service, 'exit');
  service.kill('SIGTERM');
  await ended;
}

/** Starts an empty table service (2 to 3 seconds). Nothing is left on disk. */
export async function startAzuriteTables(): Promise<RunningTables> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const port = await freePort();
    const options = [
      '--tableHost',
      '127.0.0.1',
      '--tablePort',
      String(port),
      '--inMemoryPersistence',
      '--skipApiVersionCheck',
      '--silent',
      '--disableTelemetry',
    ];
    const service = spawn(process.execPath, [tableService, ...options], { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'inherit'] });
    if (await isUp(service)) {
      const endpoint = `http://127.0.0.1:${port}/${account}`;
      const connectionString = `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};TableEndpoint=${endpoint};`;
      return { connectionString, stop: () => stop(service) };
    }
  }
  throw new Error('Azurite did not start.');
}
