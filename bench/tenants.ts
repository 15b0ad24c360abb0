// Tenants of any size for the bench, each with the two accounts that connect and administer it.
import type { Directory } from '../sandbox/world/directory.ts';
import { seedDirectory } from '../sandbox/world/seed.ts';
import { directoryRoles, type TenantProfile } from '../sandbox/world/tenants.ts';

/** A tenant that exists nowhere else. `number` tells tenants apart, from 0. */
export function makeTenant(number: number, users: number): TenantProfile {
  const group = number.toString(16).padStart(4, '0');
  const id = (last: string) => `b0000000-${group}-4000-8000-${last.padStart(12, '0')}`;
  const domain = `tenant${number}.example`;
  return {
    tenantId: id('1'),
    displayName: `Tenant ${number}`,
    domain,
    users,
    accounts: [
      {
        objectId: id('a1'),
        userPrincipalName: `ada.admin@${domain}`,
        displayName: 'Ada Admin',
        directoryRoles: [directoryRoles.globalAdministrator],
        appRoles: [],
      },
      { objectId: id('a2'), userPrincipalName: `rob.reader@${domain}`, displayName: 'Rob Reader', directoryRoles: [], appRoles: [] },
    ],
  };
}

/** The same directory for the same tenant, every time. */
export function directoryOf({ tenantId, domain, displayName, accounts, users }: TenantProfile): Directory {
  return seedDirectory({ tenantId, domain, companyName: displayName, users, seed: 'bench', accounts });
}

/** Object ids of `count` present users, spread evenly over the directory. `from` shifts the choice, so that repeats find other people. */
export function spreadIds(directory: Directory, count: number, from = 0): readonly string[] {
  const total = directory.objectCount();
  const step = Math.max(1, Math.floor(total / count));
  const found = new Set<string>();
  for (let index = 0; found.size < count && index < 2 * total; index += 1) {
    const ordinal = (from + index * step + Math.floor((index * step) / total)) % total;
    if (directory.state(ordinal) === 'live') found.add(directory.idAt(ordinal));
  }
  return [...found];
}
