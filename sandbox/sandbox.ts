// The whole system on one machine: the stand-ins in this process, Azurite and the Functions host with the deployed bundle as children.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Azurite, startAzurite } from './azurite.ts';
import { makeAuthority } from './ca.ts';
import { makeSandboxClock, type SandboxClock } from './clock.ts';
import { openReportQueue, reportQueue } from './email/report-queue.ts';
import { type EmailStandIn, startEmail } from './email/server.ts';
import { makeAuthenticate } from './entra/graph-authenticator.ts';
import { type EntraStandIn, startEntra } from './entra/start.ts';
import type { EntraSettings } from './entra/options.ts';
import { type GraphStandIn, startGraph } from './graph/start-graph.ts';
import type { GraphSettings } from './graph/settings.ts';
import { type HostProcess, launchHost } from './host/launch.ts';
import type { SandboxPorts } from './ports.ts';
import { type ServiceBusStandIn, startServiceBus } from './service-bus/server.ts';
import type { Directory } from './world/directory.ts';
import { homeTenant, type TenantProfile } from './world/tenants.ts';
import { makeWorld, type World } from './world/world.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The app registration every part of the sandbox agrees on. */
export const clientId = '90000000-0000-4000-8000-00000000000c';
export const platformProgram = {
  clientId: '90000000-0000-4000-8000-00000000000d',
  secret: 'sandbox-platform-secret',
  tenantId: homeTenant.tenantId,
  objectId: '90000000-0000-4000-8000-0000000000da',
  roles: ['Muster.Platform'],
} as const;

export interface SandboxOptions {
  /** Everything that is kept lies in here. */
  readonly folder: string;
  readonly ports: SandboxPorts;
  readonly tenants: readonly TenantProfile[];
  readonly directories: readonly Directory[];
  /** The deployed bundle. */
  readonly appFile: string;
  /** Whether Azurite keeps its data in the folder; in memory otherwise. */
  readonly keepTables: boolean;
  readonly clock?: SandboxClock;
  readonly graph?: Partial<GraphSettings>;
  readonly entra?: Partial<EntraSettings>;
  /** Settings that replace those of the stand-ins: real services, quotas. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
}

export interface Sandbox {
  readonly url: string;
  readonly clock: SandboxClock;
  readonly world: World;
  readonly entra: EntraStandIn;
  readonly graph: GraphStandIn;
  readonly email: EmailStandIn;
  readonly serviceBus: ServiceBusStandIn;
  readonly host: HostProcess;
  /** Waits until nothing is left to do at the clock's present time, without moving it. */
  readonly settle: () => Promise<void>;
  /** Moves the clock in steps until `isDone`, settling at each. @throws Error when `within` milliseconds pass first. */
  readonly advanceUntil: (isDone: () => Promise<boolean>, within: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A secret that must survive restarts, made at the first start. */
async function keptSecret(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  if (existsSync(file)) return await readFile(file, 'utf8');
  const secret = randomBytes(48).toString('base64url');
  await writeFile(file, secret, { mode: 0o600 });
  return secret;
}

/** Identity-based settings, by the connection string they take the place of. */
const twins: Readonly<Record<string, string>> = {
  TABLES_CONNECTION__tableServiceUri: 'TABLES_CONNECTION',
  SERVICEBUS_CONNECTION__fullyQualifiedNamespace: 'SERVICEBUS_CONNECTION',
  EMAIL_CONNECTION__endpoint: 'EMAIL_CONNECTION',
  ENTRA_AUTHORITY_HOST: 'ENTRA_SIGN_IN_HOST',
};

/** The stand-ins' settings with those that were given instead; a given one also displaces what would win over it. */
function withGivenSettings(
  standIns: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const displaced = new Set(Object.keys(given).flatMap((name) => (name in twins ? [twins[name]] : [])));
  const left = Object.entries(standIns).filter(([name]) => !displaced.has(name));
  return { ...Object.fromEntries(left), ...given };
}

/**
 * As in infra/modules/function-app.bicep: collecting garbage before the heap has grown by 60 % keeps large syncs small, and unlike a limit
 * it ends no process that once needs more.
 */
export const workerArguments = '--heap-growing-percent=60 --max-semi-space-size=32';

const stepMs = 15_000;

/** Starts everything; waits for each part before the next needs it. Whatever was started is stopped again when something fails. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { folder, ports, tenants } = options;
  const clock = options.clock ?? makeSandboxClock();
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).toReversed()) await each();
  };
  const started = async <T extends { readonly stop: () => Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const part = await starting;
    stops.push(part.stop);
    return part;
  };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const authority = await makeAuthority(join(folder, 'pki'));
    const publicUrl = `http://localhost:${ports.app}`;
    const azurite: Azurite = await started(
      startAzurite({ services: options.keepTables ? 'all' : 'table', ...(options.keepTables ? { folder: join(folder, 'azurite') } : {}) }),
    );
    const serviceBus = await started(
      startServiceBus({
        clock,
        stateFile: join(folder, 'service-bus.sqlite'),
        port: ports.serviceBus,
        queues: [{ name: 'mail' }, { name: 'password-resets' }, { name: reportQueue, duplicateDetectionWindowMs: 0 }],
      }),
    );
    const reports = openReportQueue(serviceBus.connectionString);
    stops.push(reports.stop);
    const email = await started(
      startEmail({
        clock,
        port: ports.email,
        stateFile: join(folder, 'mail.jsonl'),
        accessKey: await keptSecret(folder, 'mail.key'),
        report: reports.send,
      }),
    );
    const entra = await started(
      startEntra({
        clock,
        tenants,
        tls: authority,
        port: ports.entra,
        browserPort: ports.signIn,
        stateFile: join(folder, 'entra.json'),
        app: {
          clientId,
          redirectUris: ['connect/consented', 'connect/signed-in', 'signed-in'].map((path) => `${publicUrl}/${path}`),
          roles: ['User.Read.All'],
          apiScope: `api://${clientId}/Muster.Access`,
          programs: [platformProgram],
        },
        ...(options.entra ? { settings: options.entra } : {}),
      }),
    );
    const world = makeWorld({ clock, directories: options.directories });
    const graph = await started(
      startGraph({
        clock,
        world,
        authenticate: makeAuthenticate(entra),
        tls: authority,
        port: ports.graph,
        ...(options.graph ? { settings: options.graph } : {}),
      }),
    );
    const host = await started(
      launchHost({
        appFile: options.appFile,
        stateFile: join(folder, 'host.sqlite'),
        hostJson: join(root, 'host.json'),
        port: ports.app,
        clock,
        restartOnCrash: true,
        ...(options.onLine ? { onLine: options.onLine } : {}),
        env: withGivenSettings(
          {
            GRAPH_BASE_URL: graph.baseUrl,
            ENTRA_AUTHORITY_HOST: entra.urls.authority,
            ENTRA_SIGN_IN_HOST: entra.urls.browser,
            ENTRA_CLIENT_ID: clientId,
            HOME_TENANT_ID: homeTenant.tenantId,
            MANAGED_IDENTITY_CLIENT_ID: entra.managedIdentity.clientId,
            IDENTITY_ENDPOINT: entra.urls.identityEndpoint,
            IDENTITY_HEADER: entra.managedIdentity.header,
            TABLES_CONNECTION: azurite.connectionString,
            AzureWebJobsStorage: azurite.connectionString,
            SERVICEBUS_CONNECTION: serviceBus.connectionString,
            EMAIL_CONNECTION: email.connectionString,
            MAIL_SENDER: 'muster@muster.example',
            OPERATOR_MAIL: 'operations@muster.example',
            PUBLIC_URL: publicUrl,
            TOKEN_SIGNING_KEY: await keptSecret(folder, 'tokens.key'),
            NODE_EXTRA_CA_CERTS: authority.caFile,
            languageWorkers__node__arguments: workerArguments,
          },
          options.settings ?? {},
        ),
      }),
    );
    const settle = async () => await host.settle();
    return {
      url: publicUrl,
      clock,
      world,
      entra,
      graph,
      email,
      serviceBus,
      host,
      settle,
      advanceUntil: async (isDone, within) => {
        for (let passed = 0; passed <= within; passed += stepMs) {
          await settle();
          if (await isDone()) return;
          clock.advance(stepMs);
        }
        throw new Error(`What was waited for did not happen within ${within / 1000} s of sandbox time.`);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
