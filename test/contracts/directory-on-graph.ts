// Puts the Graph adapter under the directory contract, over https against the sandbox's Graph with small, awkward pages.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { makeAuthority } from '../../sandbox/ca.ts';
import { makeSandboxClock } from '../../sandbox/clock.ts';
import type { Authenticate } from '../../sandbox/graph/authenticate.ts';
import { plainSettings } from '../../sandbox/graph/settings.ts';
import { startGraph } from '../../sandbox/graph/start-graph.ts';
import { loadExport } from '../../sandbox/world/load-export.ts';
import type { Json } from '../../sandbox/world/directory-object.ts';
import { makeWorld } from '../../sandbox/world/world.ts';
import { makeOpenDirectory } from '../../shared/adapters/graph.ts';
import type { DirectoryImplementation, StatedFields } from './directory-under-test.ts';

const tenantId = '30000000-0000-4000-8000-000000000003';
const otherTenantId = '40000000-0000-4000-8000-000000000004';
const month = 31 * 86_400_000;

/** Everybody comes, but in pages of two or three, with empty pages between, repeated, and with managers on entries of their own. */
const awkwardPages = {
  ...plainSettings,
  smallestPage: 2,
  largestPage: 3,
  emptyPageShare: 0.3,
  tombstoneShare: 0.2,
  repeatShare: 0.3,
  separateManagerShare: 0.5,
  largestExpandedPage: 2,
};

export const directoryOnGraph: DirectoryImplementation = {
  name: 'behind Microsoft Graph',
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'muster-directory-'));
    const authority = await makeAuthority(folder);
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, authority.ca]);
    const clock = makeSandboxClock();
    const world = makeWorld({ clock, directories: [tenantId, otherTenantId].map(noUsers) });
    let roles = ['User.Read.All'];
    /** The bearer is the tenant's id: signing in is not what this contract is about. */
    const authenticate: Authenticate = async (authorization) => ({
      kind: 'caller',
      tenantId: authorization?.replace('Bearer ', '') ?? '',
      appId: 'c0000000-0000-4000-8000-00000000000c',
      roles,
    });
    const graph = await startGraph({ clock, world, authenticate, tls: authority, settings: awkwardPages });
    const open = makeOpenDirectory({
      baseUrl: graph.baseUrl,
      credentialFor: (tenant) => ({ getToken: async () => ({ token: tenant, expiresOnTimestamp: 0 }) }),
      clock: { now: () => new Date(clock.now()) },
    });
    const deeds = world.deeds(tenantId);
    let hired = 0;
    return {
      directory: open(tenantId),
      stranger: open(otherTenantId),
      hire: (fields, managerId) => {
        hired += 1;
        return deeds.hire({ displayName: fields.displayName, alias: `person${hired}`, managerId, fields: asGraph(fields) });
      },
      change: (objectId, fields) => deeds.change(objectId, asGraph(fields)),
      setManager: deeds.changeManager,
      softDelete: deeds.leave,
      purge: deeds.purge,
      restore: deeds.restore,
      outdateTokens: () => clock.advance(month),
      throttleNext: (seconds) => graph.faults.next(tenantId, { respond: '429', retryAfter: seconds }),
      revoke: () => {
        roles = [];
      },
      refuseFilters: () => {
        graph.settings(tenantId).listFilters = 'unsupported';
      },
      endChangeTracking: () => {
        graph.settings(tenantId).changeTracking = false;
      },
      stop: async () => {
        await graph.stop();
        setDefaultCACertificates(trusted);
        await rm(folder, { recursive: true });
      },
    };
  },
};

const noUsers = (tenant: string) => loadExport('{ "value": [] }', { tenantId: tenant, domain: 'contoso.example', displayName: 'Contoso' });

function asGraph(fields: StatedFields): Record<string, Json> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
