// The directories of the sandbox's own tenants, with the accounts one can sign in as among their people.
import type { Directory } from './directory.ts';
import { seedDirectory } from './seed.ts';
import type { TenantProfile } from './tenants.ts';

/** Seeds a directory for each tenant that has users; `tenantId` and `seed` decide everything in it. */
export function seedTenants(profiles: readonly TenantProfile[], seed: number | string): readonly Directory[] {
  return profiles
    .filter((profile) => profile.users > 0)
    .map(({ tenantId, domain, displayName, users, accounts }) =>
      seedDirectory({
        tenantId,
        domain,
        companyName: displayName,
        users,
        seed,
        accounts: accounts.map((account) => ({
          objectId: account.objectId,
          userPrincipalName: account.userPrincipalName,
          displayName: account.displayName,
        })),
      }),
    );
}
