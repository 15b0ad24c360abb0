// The whole product for one lap: a fresh Azurite, the stand-ins, and the deployed bundle in a host of its own; used through its API.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type Azurite, startAzurite } from '../sandbox/azurite.ts';
import type { GraphSettings } from '../sandbox/graph/settings.ts';
import { plainSettings } from '../sandbox/graph/settings.ts';
import { freePorts } from '../sandbox/ports.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { homeTenant, mspTenant, type TenantProfile } from '../sandbox/world/tenants.ts';
import type { Directory } from '../sandbox/world/directory.ts';
import { makeTables } from '../shared/adapters/tables.ts';
import type { Tables } from '../shared/ports/tables.ts';
import { stoppable } from './cleanup.ts';
import { findChild, startCosts } from './measure.ts';
import type { Figures } from './samples.ts';
import { type StorageRelay, startStorageRelay } from './storage-relay.ts';
import { directoryOf } from './tenants.ts';

export interface Product {
  readonly sandbox: Sandbox;
  /** The bench's own look into storage. */
  readonly tables: Tables;
  readonly tablesConnection: string;
  /** Counts the app's calls to storage, where it was asked for. */
  readonly relay: StorageRelay | null;
  readonly caFile: string;
  readonly directory: (tenantId: string) => Directory;
  /** Counts CPU and memory of the app and of Azurite from now on. */
  readonly startCosts: () => () => Figures;
  readonly stop: () => Promise<void>;
}

export interface ProductOptions {
  readonly appFile: string;
  readonly tenants: readonly TenantProfile[];
  readonly latencyMs: number;
  readonly graph?: Partial<GraphSettings>;
  /** How long after a consent tokens still lack their roles: what makes many companies wait for one moment. */
  readonly rolesDelayMs?: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** Puts a relay between the app and Azurite that counts calls. */
  readonly countCalls?: boolean;
}

const folders = async () => await mkdtemp(join(tmpdir(), 'muster-bench-'));

/** The table port is in Azurite's own command line, which tells it from every other. */
function azuritePid(connectionString: string): number | undefined {
  const port = /TableEndpoint=http:\/\/[^:]+:(\d+)/.exec(connectionString)?.[1] ?? '';
  return findChild(['--tablePort', port]);
}

/** An empty Azurite, and what it has cost since it started. */
export async function startFreshAzurite(): Promise<Azurite & { readonly costs: () => Figures }> {
  const azurite = await startAzurite({ services: 'table' });
  return { ...azurite, stop: stoppable(azurite.stop), costs: startCosts({ azurite: azuritePid(azurite.connectionString) }) };
}

/** Starts everything. Whatever was started is stopped again when something fails. */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const folder = await folders();
  const removeFolder = stoppable(async () => await rm(folder, { recursive: true, force: true }));
  const azurite = await startFreshAzurite();
  const relay = options.countCalls ? await startStorageRelay(azurite.connectionString) : null;
  const storage = relay?.connectionString ?? azurite.connectionString;
  try {
    const sandbox = await startSandbox({
      folder,
      ports: await freePorts(),
      tenants: [homeTenant, mspTenant, ...options.tenants],
      directories: options.tenants.map(directoryOf),
      appFile: options.appFile,
      keepTables: false,
      entra: { rolesDelayMs: options.rolesDelayMs ?? 0 },
      graph: { ...plainSettings, latencyMs: options.latencyMs, ...options.graph },
      // The bench looks into storage itself, so it has to know the account.
      settings: { TABLES_CONNECTION: storage, AzureWebJobsStorage: storage, ...options.settings },
    });
    const stopSandbox = stoppable(sandbox.stop);
    const caFile = join(folder, 'pki', 'ca.pem');
    setDefaultCACertificates([...getCACertificates('bundled'), await readFile(caFile, 'utf8')]);
    return {
      sandbox,
      relay,
      caFile,
      tables: makeTables({ kind: 'connectionString', connectionString: azurite.connectionString }),
      tablesConnection: azurite.connectionString,
      directory: (tenantId) => {
        const directory = sandbox.world.directory(tenantId);
        if (directory === undefined) throw new Error(`There is no tenant ${tenantId}.`);
        return directory;
      },
      startCosts: () => startCosts({ '': sandbox.host.pid, azurite: azuritePid(azurite.connectionString) }),
      stop: async () => {
        await stopSandbox();
        await relay?.stop();
        await azurite.stop();
        await removeFolder();
      },
    };
  } catch (error) {
    await relay?.stop();
    await azurite.stop();
    await removeFolder();
    throw error;
  }
}
