// A company with a team: Mona leads Ada, Bo and Cy; Gus is a guest who leads Dee; everybody arrives pending.
import { personFields, tenantId } from '../builders.ts';
import { buildCompany } from '../builders.ts';
import type { AuditEntry } from '../../shared/domain/audit.ts';
import type { OutgoingMail } from '../../shared/domain/message.ts';
import type { RoundPhase } from '../../shared/domain/sync-round.ts';
import { listAudit } from '../../shared/storage/audit.ts';
import { readSettings, replaceSettings } from '../../shared/storage/companies.ts';
import { listSendRecords } from '../../shared/storage/mails.ts';
import type { Settings } from '../../shared/domain/company.ts';
import { type ManagerAccount, noAccount, readAccount } from '../../shared/storage/manager-accounts.ts';
import { recoverEffects } from '../../shared/use-cases/effects.ts';
import { acceptInvitation } from '../../shared/use-cases/open-account.ts';
import { reviewManagers } from '../../shared/use-cases/review-managers.ts';
import { readCompanyState } from '../../shared/storage/company-state.ts';
import { inviteManagers, type InvitationItem, type InvitationRequest } from '../../shared/use-cases/manager-access.ts';
import type { SignedIn } from '../../shared/ports/sign-in.ts';
import { linkSecret } from '../../shared/use-cases/link-secrets.ts';
import { joinToken } from '../../shared/domain/secrets.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

export const userIdOf = (objectId: string) => `${tenantId}_${objectId}`;
export const goodPassword = 'stout heron ladder mosaic';

export interface ManagerWorld extends SyncWorld {
  readonly invite: (objectIds: readonly string[], change?: Partial<InvitationRequest>) => Promise<readonly InvitationItem[]>;
  /** Tokens of the links in all invitations sent so far, oldest first. */
  readonly links: () => Promise<readonly string[]>;
  /** Invites somebody, who accepts with the good password. */
  readonly activate: (objectId: string) => Promise<void>;
  readonly account: (objectId: string) => Promise<ManagerAccount>;
  readonly outgoing: () => Promise<readonly OutgoingMail[]>;
  readonly lastAudit: (action: AuditEntry['action']) => Promise<AuditEntry | undefined>;
  readonly changeSettings: (change: Partial<Settings>) => Promise<void>;
  /** What the recovering timer does. */
  readonly recover: () => Promise<void>;
  /** What the reviewing timer does. */
  readonly review: () => Promise<void>;
}

interface Wishes {
  /** Acts between two stretches of the first round. */
  readonly before?: (phase: RoundPhase, world: SyncWorld) => Promise<void>;
  /** Who can sign in with Microsoft. */
  readonly accounts?: readonly SignedIn[];
  /** Entries per directory page. */
  readonly pageSize?: number;
}

export async function makeManagerWorld(
  settings: Partial<Settings> = {},
  { before, accounts = [], pageSize = 50 }: Wishes = {},
): Promise<ManagerWorld> {
  const world = await makeSyncWorld({ pageSize, settings, accounts });
  const { tenant, ports } = world;
  const put = (name: string, manager?: string, fields = {}) => {
    tenant.put(name, personFields(name, fields));
    if (manager !== undefined) tenant.setManager(name, manager);
  };
  put('mona');
  put('gus', undefined, { userType: 'Guest' });
  for (const name of ['ada', 'bo', 'cy']) put(name, 'mona');
  put('dee', 'gus');
  put('nomail', undefined, { mail: null });
  put('eve', 'nomail');
  await world.sync('delta', before ? { before: async (phase) => await before(phase, world) } : {});
  const links = async () =>
    (await world.mails()).flatMap((mail) =>
      mail.kind === 'managerInvited' && mail.tokenId !== null ? [joinToken(mail.tokenId, linkSecret(ports.operation, mail.tokenId))] : [],
    );
  const invite: ManagerWorld['invite'] = async (objectIds, change = {}) => {
    const state = await readCompanyState(ports.tables, companyId);
    const request = { companyId, companyName: buildCompany().name, by: 'Avery Admin', kind: 'invite', state, ...change } as const;
    return await inviteManagers(
      ports,
      request,
      objectIds.map((objectId) => ({ userId: userIdOf(objectId), mail: null })),
    );
  };
  return {
    ...world,
    invite,
    links,
    activate: async (objectId) => {
      const known = new Set(await links());
      await invite([objectId]);
      const token = (await links()).find((link) => !known.has(link)) ?? '';
      await acceptInvitation(ports, { token, password: goodPassword });
    },
    account: async (objectId) => (await readAccount(ports.tables, companyId, objectId))?.value ?? noAccount(objectId),
    outgoing: async () => (await listSendRecords(ports.tables, companyId, 1_000)).map(({ mail }) => mail),
    lastAudit: async (action) =>
      (await listAudit(ports.tables, companyId, { after: null, limit: 1_000 })).entries.find((entry) => entry.action === action),
    changeSettings: async (change) => {
      const { value, etag } = await readSettings(ports.tables, companyId);
      await replaceSettings(ports.tables, companyId, { settings: { ...value, ...change }, etag, effects: [] });
    },
    recover: async () => void (await recoverEffects(ports)),
    review: async () => await reviewManagers(ports),
  };
}
