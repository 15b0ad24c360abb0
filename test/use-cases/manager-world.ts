// A company with a team: Mona leads Ada, Bo and Cy; Gus is a guest who leads Dee; everybody arrives pending.
import { personFields, tenantId } from '../builders.ts';
import { buildCompany } from '../builders.ts';
import { readCompanyState } from '../../shared/storage/company-state.ts';
import { inviteManagers, type InvitationItem, type InvitationRequest } from '../../shared/use-cases/manager-access.ts';
import { linkSecret } from '../../shared/use-cases/link-secrets.ts';
import { joinToken } from '../../shared/domain/secrets.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

export const userIdOf = (objectId: string) => `${tenantId}_${objectId}`;
export const goodPassword = 'stout heron ladder mosaic';

export interface ManagerWorld extends SyncWorld {
  readonly invite: (objectIds: readonly string[], change?: Partial<InvitationRequest>) => Promise<readonly InvitationItem[]>;
  /** Tokens of the links in all invitations sent so far, oldest first. */
  readonly links: () => Promise<readonly string[]>;
}

export async function makeManagerWorld(): Promise<ManagerWorld> {
  const world = await makeSyncWorld({ pageSize: 50 });
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
  await world.sync();
  return {
    ...world,
    invite: async (objectIds, change = {}) => {
      const state = await readCompanyState(ports.tables, companyId);
      const request = { companyId, companyName: buildCompany().name, by: 'Avery Admin', kind: 'invite', state, ...change } as const;
      return await inviteManagers(
        ports,
        request,
        objectIds.map((objectId) => ({ userId: userIdOf(objectId), mail: null })),
      );
    },
    links: async () =>
      (await world.mails()).flatMap((mail) =>
        mail.kind === 'managerInvited' ? [joinToken(mail.tokenId, linkSecret(ports.operation, mail.tokenId))] : [],
      ),
  };
}
