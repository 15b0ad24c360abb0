// The conformance command as a person runs it, against the sandbox's stand-ins: all is well, and each thing that can be wrong is named.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { TableClient } from '@azure/data-tables';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Azurite, startAzurite } from '../sandbox/azurite.ts';
import { makeAuthority } from '../sandbox/ca.ts';
import { makeSandboxClock } from '../sandbox/clock.ts';
import { type EmailStandIn, startEmail } from '../sandbox/email/server.ts';
import { makeAuthenticate } from '../sandbox/entra/graph-authenticator.ts';
import { type EntraStandIn, startEntra } from '../sandbox/entra/start.ts';
import { type GraphStandIn, startGraph } from '../sandbox/graph/start-graph.ts';
import { type ServiceBusStandIn, startServiceBus } from '../sandbox/service-bus/server.ts';
import { seedDirectory } from '../sandbox/world/seed.ts';
import { allTenants, customerTenants } from '../sandbox/world/tenants.ts';
import { makeWorld } from '../sandbox/world/world.ts';
import { tableNames } from '../shared/ports/tables.ts';

const program = join(dirname(fileURLToPath(import.meta.url)), '..', 'sandbox', 'conformance.ts');
const tenant = customerTenants.find(({ users }) => users === 400);
const tenantId = tenant?.tenantId ?? '';
const otherTenantId = '99999999-0000-4000-8000-000000000009';
const secret = 'the-secret-of-the-application';
const queues = ['queue.mail', 'queue.resets', 'queue.reports'] as const;
const tester = 'terry.tester@muster.example';

let folder: string;
let stops: (() => Promise<void>)[] = [];
let azurite: Azurite;
let serviceBus: ServiceBusStandIn;
let email: EmailStandIn;
let entra: EntraStandIn;
let graph: GraphStandIn;
let settings: Readonly<Record<string, string>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-conformance-'));
  const clock = makeSandboxClock();
  const authority = await makeAuthority(folder);
  azurite = await startAzurite({ services: 'table' });
  stops.push(azurite.stop);
  serviceBus = await startServiceBus({ clock, queues: [{ name: 'mail' }, { name: 'password-resets' }, { name: 'mail-reports' }] });
  stops.push(serviceBus.stop);
  email = await startEmail({ clock });
  stops.push(email.stop);
  const clientId = '0a000000-0000-4000-8000-000000000001';
  const app = { clientId, clientSecret: secret, redirectUris: [], roles: ['User.Read.All'], apiScope: 'api://muster/access' };
  entra = await startEntra({ clock, tenants: allTenants, tls: authority, app, settings: { rolesDelayMs: 0 } });
  stops.push(entra.stop);
  const directory = seedDirectory({ tenantId, domain: tenant?.domain ?? '', users: 400, seed: 1 });
  const world = makeWorld({ clock, directories: [directory] });
  graph = await startGraph({ clock, world, authenticate: makeAuthenticate(entra), tls: authority });
  stops.push(graph.stop);
  settings = {
    NODE_EXTRA_CA_CERTS: authority.caFile,
    GRAPH_BASE_URL: graph.baseUrl,
    ENTRA_AUTHORITY_HOST: entra.urls.authority,
    ENTRA_CLIENT_ID: clientId,
    ENTRA_CLIENT_SECRET: secret,
    TABLES_CONNECTION: azurite.connectionString,
    SERVICEBUS_CONNECTION: serviceBus.connectionString,
    EMAIL_CONNECTION: email.connectionString,
    MAIL_SENDER: 'muster@muster.example',
  };
  entra.consent(tenantId);
});
afterEach(() => {
  entra.consent(tenantId);
  entra.renewSecret();
});
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
  stops = [];
  await rm(folder, { recursive: true, force: true });
});

const documentSchema = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  steps: z.array(z.object({ id: z.string(), state: z.string(), sentence: z.string(), next: z.string().optional() })),
});

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command with these settings alone: neither this project's local.settings.json nor this process's environment. */
async function run(environment: Readonly<Record<string, string>>, ...words: string[]): Promise<Run> {
  const args = [program, ...(words.includes('--settings') ? [] : ['--settings', folder]), ...words];
  const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: Number(code), out, err };
}

async function runAsJson(environment: Readonly<Record<string, string>>, ...words: string[]) {
  const { code, out } = await run(environment, '--json', ...words);
  const { steps, ...counts } = documentSchema.parse(JSON.parse(out));
  return {
    code,
    counts,
    out,
    step: (id: string) => steps.find((each) => each.id === id),
    ids: (state: string) => steps.filter((each) => each.state === state).map(({ id }) => id),
  };
}

const withBroken = (name: string, value: string) => ({ ...settings, [name]: value });

/** One service alone, so that a run is short. */
const only = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, settings[name] ?? '']));
const entraNames = ['NODE_EXTRA_CA_CERTS', 'GRAPH_BASE_URL', 'ENTRA_AUTHORITY_HOST', 'ENTRA_CLIENT_ID', 'ENTRA_CLIENT_SECRET'] as const;

describe('with everything configured', () => {
  it('passes every step, sends the one mail asked for, leaves nothing behind and prints nothing personal or secret', async () => {
    const { code, out, err } = await run(settings, '--tenant', tenantId, '--mail', tester);
    expect(err).toBe('');
    expect(out.split('\n').filter((line) => /✗|→/.test(line))).toEqual([]);
    expect(out).toMatch(/\n\d{2} passed, 0 failed, 1 skipped\n$/);
    expect(out).toMatch(/– sending, schedules and duplicate detection: Not tried/);
    expect(code).toBe(0);
    expect(email.mails(tester)).toHaveLength(1);
    email.clear();
    expect(serviceBus.stats()['mail']).toMatchObject({ active: 0, scheduled: 0, deadLettered: 0 });
    for (const name of tableNames) {
      const client = TableClient.fromConnectionString(azurite.connectionString, name, { allowInsecureConnection: true });
      for await (const row of client.listEntities()) expect(row, name).toBeUndefined();
    }
    const keys = [azurite, serviceBus, email].flatMap(({ connectionString }) => /key=([^;]+)/i.exec(connectionString)?.[1] ?? []);
    expect(keys).toHaveLength(3);
    for (const hidden of [secret, ...keys, tenantId, tenant?.domain ?? '', '@', 'eyJ', 'https://']) expect(out).not.toContain(hidden);
  });

  it('says the same as one JSON document', async () => {
    const { code, counts, ids, step } = await runAsJson(settings, '--tenant', tenantId);
    expect(code).toBe(0);
    expect(ids('failed')).toEqual([]);
    expect(ids('skipped')).toEqual(['queue.send', 'mail.send']);
    expect(counts).toEqual({ passed: ids('passed').length, failed: 0, skipped: 2 });
    expect(step('graph.count')?.sentence).toMatch(/^\d{3} users\.$/);
    expect(step('mail.send')).toMatchObject({ state: 'skipped', sentence: expect.stringContaining('--mail') });
    expect(email.mails()).toEqual([]);
  });

  it('works with the managed identity in place of a secret', async () => {
    const { ENTRA_CLIENT_SECRET: _, ...others } = only(...entraNames);
    const identity = {
      MANAGED_IDENTITY_CLIENT_ID: entra.managedIdentity.clientId,
      IDENTITY_ENDPOINT: entra.urls.identityEndpoint,
      IDENTITY_HEADER: entra.managedIdentity.header,
    };
    const { code, step } = await runAsJson({ ...others, ...identity }, '--tenant', tenantId);
    expect(step('entra.token')?.sentence).toContain('managed identity');
    expect(code).toBe(0);
  });
});

describe('with less configured', () => {
  it('tries nothing without settings and says what to set', async () => {
    const { code, out, err } = await run({});
    expect(code).toBe(2);
    expect(out).toBe('');
    for (const name of ['TABLES_CONNECTION', 'SERVICEBUS_CONNECTION', 'ENTRA_CLIENT_ID', 'EMAIL_CONNECTION', 'MAIL_SENDER'])
      expect(err).toContain(name);
  });

  it('takes the sample file, as it is, for no settings', async () => {
    const sample = await mkdtemp(join(folder, 'sample-'));
    await copyFile(join(dirname(program), '..', 'local.settings.sample.json'), join(sample, 'local.settings.json'));
    expect(await run({}, '--settings', sample)).toMatchObject({ code: 2, out: '' });
  });

  it('tries only the service that is configured', async () => {
    const { code, ids } = await runAsJson(only('TABLES_CONNECTION'));
    expect(code).toBe(0);
    expect(ids('passed').map((id) => id.split('.')[0])).toEqual(['settings', ...Array.from({ length: 7 }, () => 'storage')]);
  });

  it('reads no tenant that was not named', async () => {
    const before = entra.tokenRequests(tenantId);
    const { code, step } = await runAsJson(only(...entraNames));
    expect(code).toBe(0);
    expect(step('entra.keys')?.state).toBe('passed');
    expect(step('graph.probe')).toMatchObject({ state: 'skipped', sentence: expect.stringContaining('--tenant') });
    expect(entra.tokenRequests(tenantId)).toBe(before);
  });

  it('names a setting of the wrong form, without its value, and tries nothing else', async () => {
    const { code, counts, out, step } = await runAsJson(withBroken('ENTRA_CLIENT_ID', 'not-a-guid'));
    expect({ code, counts }).toEqual({ code: 1, counts: { passed: 0, failed: 1, skipped: 0 } });
    expect(step('settings.read')?.sentence).toContain('ENTRA_CLIENT_ID must be a GUID');
    expect(out).not.toContain('not-a-guid');
  });

  it('shows nothing of a settings file that is damaged', async () => {
    const damaged = await mkdtemp(join(folder, 'damaged-'));
    await writeFile(join(damaged, 'local.settings.json'), `{"Values": {"ENTRA_CLIENT_SECRET": "${secret}"`);
    const { code, out, err } = await run({}, '--settings', damaged);
    expect(code).toBe(1);
    expect(out).toContain('not valid JSON');
    expect(out + err).not.toContain(secret);
  });

  it('refuses a tenant that is no GUID', async () => {
    expect(await run(settings, '--tenant', 'contoso')).toMatchObject({ code: 2, err: expect.stringContaining('--tenant') });
  });
});

describe('with something broken', () => {
  it('sends a withdrawn consent to the administrator of the tenant', async () => {
    entra.revokeConsent(tenantId);
    const { code, step, ids } = await runAsJson(only(...entraNames), '--tenant', tenantId);
    expect(code).toBe(1);
    expect(step('entra.token')).toMatchObject({
      state: 'failed',
      next: expect.stringMatching(/administrator of that tenant consent again/),
    });
    expect(step('entra.token')?.sentence).toContain('AADSTS7000229');
    expect(ids('failed')).toEqual(['entra.token', 'graph.probe']);
    expect(step('graph.delta')?.state).toBe('skipped');
  });

  it('sends an expired secret to ourselves', async () => {
    entra.expireSecret();
    const { code, step } = await runAsJson(only(...entraNames), '--tenant', tenantId);
    expect(code).toBe(1);
    expect(step('entra.token')?.next).toContain('Renew ENTRA_CLIENT_SECRET');
    expect(step('entra.keys')?.state).toBe('passed');
  });

  it('doubts the tenant id when Entra does not know it', async () => {
    const { code, step } = await runAsJson(only(...entraNames), '--tenant', otherTenantId);
    expect(code).toBe(1);
    expect(step('entra.token')?.next).toContain('tenant id');
  });

  it('names a missing permission, and one too many', async () => {
    entra.consent(tenantId, ['Group.Read.All']);
    const missing = await runAsJson(only(...entraNames), '--tenant', tenantId);
    expect(missing.step('entra.permission')).toMatchObject({ state: 'failed', next: expect.stringContaining('User.Read.All') });
    entra.consent(tenantId, ['User.Read.All', 'Mail.Read']);
    const tooMany = await runAsJson(only(...entraNames), '--tenant', tenantId);
    expect(tooMany.step('entra.least')).toMatchObject({ state: 'failed', sentence: 'Also granted: Mail.Read.' });
    expect(tooMany.step('graph.probe')?.state).toBe('passed');
    expect([missing.code, tooMany.code]).toEqual([1, 1]);
  });

  it('blames the keys for wrong keys', async () => {
    const wrongKey = Buffer.from('a key that opens nothing at all').toString('base64');
    const names = ['TABLES_CONNECTION', 'SERVICEBUS_CONNECTION', 'EMAIL_CONNECTION'] as const;
    const broken = names.map((name) => [
      name,
      (settings[name] ?? '').replace(/(AccountKey|SharedAccessKey|accesskey)=[^;]+/, `$1=${wrongKey}`),
    ]);
    const { code, out, step } = await runAsJson({ ...only('MAIL_SENDER'), ...Object.fromEntries(broken) });
    expect(code).toBe(1);
    for (const [id, name] of [
      ['storage.tables', names[0]],
      ...queues.map((queue) => [queue, names[1]] as const),
      ['mail.status', names[2]],
    ] as const) {
      expect(step(id)).toMatchObject({ state: 'failed', next: expect.stringMatching(new RegExp(`${name} again: its key is wrong`)) });
    }
    expect(out).not.toContain(wrongKey);
  });

  it('blames the form of what is no connection string, and tries everything else', async () => {
    const nonsense = 'once;upon=a-time';
    const broken = { TABLES_CONNECTION: nonsense, SERVICEBUS_CONNECTION: nonsense, EMAIL_CONNECTION: nonsense };
    const { code, out, ids, step } = await runAsJson({ ...settings, ...broken }, '--tenant', tenantId);
    expect(code).toBe(1);
    expect(ids('failed')).toEqual(['storage.tables', ...queues, 'mail.status']);
    for (const [id, name] of [
      ['storage.tables', 'TABLES'],
      ...queues.map((queue) => [queue, 'SERVICEBUS'] as const),
      ['mail.status', 'EMAIL'],
    ] as const) {
      expect(step(id)?.next).toContain(`Look at the form of ${name}_CONNECTION`);
    }
    expect(step('graph.lookUp')?.state).toBe('passed');
    expect(out).not.toContain('a-time');
  });

  it('misses a queue of another name', async () => {
    const other = await startServiceBus({ clock: makeSandboxClock(), queues: [{ name: 'mail' }, { name: 'post' }] });
    try {
      const { code, ids, step } = await runAsJson({ SERVICEBUS_CONNECTION: other.connectionString });
      expect(code).toBe(1);
      expect(ids('failed')).toEqual(['queue.resets', 'queue.reports']);
      expect(step('queue.resets')?.sentence).toContain('does not know');
    } finally {
      await other.stop();
    }
  });

  it('says when a service cannot be reached', async () => {
    const { code, step } = await runAsJson({
      EMAIL_CONNECTION: 'endpoint=http://127.0.0.1:9/;accesskey=a2V5',
      MAIL_SENDER: 'muster@muster.example',
    });
    expect(code).toBe(1);
    expect(step('mail.status')?.next).toContain('Check the address in EMAIL_CONNECTION');
  });
});
