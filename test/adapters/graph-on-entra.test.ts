// Credentials and Graph adapter together against the sandbox's Entra and Graph: consent, its delay, and every way of losing it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Authority, makeAuthority } from '../../sandbox/ca.ts';
import { makeSandboxClock, type SandboxClock } from '../../sandbox/clock.ts';
import { makeAuthenticate } from '../../sandbox/entra/graph-authenticator.ts';
import { type EntraStandIn, startEntra } from '../../sandbox/entra/start.ts';
import { type GraphStandIn, startGraph } from '../../sandbox/graph/start-graph.ts';
import { seedDirectory } from '../../sandbox/world/seed.ts';
import { allTenants } from '../../sandbox/world/tenants.ts';
import { makeWorld } from '../../sandbox/world/world.ts';
import { makeCredentialFor } from '../../shared/adapters/entra-credentials.ts';
import { makeOpenDirectory } from '../../shared/adapters/graph.ts';
import type { Directory, OpenDirectory } from '../../shared/ports/directory.ts';
import { apply, readManagers, readRound, valueOf } from '../contracts/directory-reading.ts';

const tenantId = '40000000-0000-4000-8000-000000000004';
const users = 400;
const app = {
  clientId: '0a000000-0000-4000-8000-000000000001',
  clientSecret: 'the secret',
  redirectUris: [],
  roles: ['User.Read.All'],
  apiScope: 'api://muster/access',
};

let folder: string;
let authority: Authority;
let trusted: string[];
let clock: SandboxClock;
let entra: EntraStandIn;
let graph: GraphStandIn;
let open: OpenDirectory;
let directory: Directory;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-access-'));
  authority = await makeAuthority(folder);
  trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, authority.ca]);
});
beforeEach(async () => {
  clock = makeSandboxClock();
  const seeded = seedDirectory({ tenantId, domain: 'brightwater.example', users, seed: 1 });
  // One signing key for all tests: making it is the slowest part of starting.
  const stateFile = join(folder, 'entra.json');
  entra = await startEntra({ clock, tenants: allTenants, tls: authority, app, stateFile, settings: { rolesDelayMs: 30_000 } });
  const world = makeWorld({ clock, directories: [seeded] });
  graph = await startGraph({ clock, world, authenticate: makeAuthenticate(entra), tls: authority });
  const credentialFor = makeCredentialFor({ clientId: app.clientId, clientSecret: app.clientSecret, authorityHost: entra.urls.authority });
  open = makeOpenDirectory({
    baseUrl: graph.baseUrl,
    credentialFor,
    clock: { now: () => new Date(clock.now()) },
    sleep: async () => undefined,
  });
  directory = open(tenantId);
});
afterEach(async () => {
  if (entra.consentState(tenantId).kind === 'consented') entra.revokeConsent(tenantId);
  await Promise.all([entra.stop(), graph.stop()]);
});
afterAll(async () => {
  setDefaultCACertificates(trusted);
  await rm(folder, { recursive: true });
});

const settledConsent = () => {
  entra.consent(tenantId);
  clock.advance(31_000);
};
const lost = (owner: string, code: string) => ({ ok: false, failure: { kind: 'accessLost', owner, detail: { code } } });

describe('with a settled consent', () => {
  it('reads a seeded tenant whole, surprises and all', async () => {
    settledConsent();
    const known = apply(new Map(), (await readRound(directory, null)).entries);
    const count = valueOf(await directory.countUsers());
    expect(known.size).toBe(count);
    const managers = await readManagers(directory);
    expect(managers.size).toBe(count);
    // The feed leaves managers out; those it names are in the list too, unless the manager is somebody who was deleted.
    const named = [...known].filter(([, { managerId }]) => managerId !== null && known.has(managerId));
    expect(named.filter(([objectId, { managerId }]) => managers.get(objectId) !== managerId)).toEqual([]);
    expect(named).not.toEqual([]);
    expect(entra.tokenRequests(tenantId)).toBe(1);
  });

  it.each(['reset', 'truncated', 'html', '500', '502', '504', '408', '429', '503'] as const)('gets over a passing %s', async (fault) => {
    settledConsent();
    graph.faults.next(tenantId, { respond: fault });
    expect((await directory.deltaPage(null)).ok).toBe(true);
    expect(directory.usage()).toMatchObject({ requests: 2, retries: 1 });
  });

  it('waits for a new token when the old one is refused', async () => {
    settledConsent();
    graph.faults.next(tenantId, { respond: '401' });
    expect((await directory.deltaPage(null)).ok).toBe(true);
    expect(entra.tokenRequests(tenantId)).toBe(2);
  });

  it.each(['syncStateNotFound', 'olderThan30Days', 'gone', 'resyncRequired'] as const)(
    'takes %s for a refused token',
    async (tokenRefusal) => {
      settledConsent();
      const { deltaLink } = await readRound(directory, null);
      graph.settings(tenantId).tokenRefusal = tokenRefusal;
      clock.advance(8 * 86_400_000);
      // A week later the bearer is too old as well; it is renewed on the way.
      expect(await directory.deltaPage(deltaLink)).toMatchObject({ ok: false, failure: { kind: 'tokenRefused' } });
    },
  );

  it('goes back when a page token has aged out', async () => {
    settledConsent();
    const first = valueOf(await directory.managerPage(null));
    graph.faults.next(tenantId, { respond: 'expiredPageToken' });
    expect(await directory.managerPage(first.nextLink ?? `${graph.baseUrl}/v1.0/users?$skiptoken=x`)).toMatchObject({
      failure: { kind: 'pageTokenExpired' },
    });
  });
});

describe('a consent', () => {
  it('that was never given is theirs to give', async () => {
    expect(await directory.probe()).toMatchObject(lost('theirs', 'AADSTS7000229'));
  });

  it('that has not reached every replica is proved by asking again later', async () => {
    entra.consent(tenantId);
    expect(await directory.probe()).toMatchObject(lost('theirs', 'noRoles'));
    clock.advance(31_000);
    expect(await directory.probe()).toEqual({ ok: true, value: null });
    // The token without permissions was replaced, not only passed over.
    expect((await open(tenantId).deltaPage(null)).ok).toBe(true);
  });

  it('that was withdrawn is noticed although the token is still good', async () => {
    settledConsent();
    await directory.probe();
    entra.revokeConsent(tenantId);
    expect(await directory.deltaPage(null)).toMatchObject(lost('theirs', 'Authorization_IdentityNotFound'));
    expect(await directory.probe()).toMatchObject(lost('theirs', 'AADSTS7000229'));
  });

  it('whose permission was taken away is lost with the next token', async () => {
    settledConsent();
    expect(await directory.probe()).toEqual({ ok: true, value: null });
    entra.removeRole(tenantId, 'User.Read.All');
    expect((await directory.deltaPage(null)).ok).toBe(true);
    expect(await directory.probe()).toMatchObject(lost('theirs', 'noRoles'));
    expect(await directory.deltaPage(null)).toMatchObject(lost('theirs', 'Authorization_RequestDenied'));
  });

  it('of a disabled application is lost with the next token', async () => {
    settledConsent();
    entra.disable(tenantId);
    expect(await directory.probe()).toMatchObject(lost('theirs', 'AADSTS7000112'));
  });
});

describe('the cause', () => {
  it('of an expired secret is ours', async () => {
    settledConsent();
    entra.expireSecret();
    expect(await directory.probe()).toMatchObject(lost('ours', 'AADSTS7000222'));
  });

  it('of a tenant that is no more is that it is gone', async () => {
    expect(await open('99999999-0000-4000-8000-000000000009').probe()).toMatchObject(lost('gone', 'AADSTS90002'));
  });
});
