// Tenants for scenario tests: any number of them, each with an administrator and a plain account to sign in with.
import { createHash } from 'node:crypto';
import { directoryRoles, type TenantProfile } from '../../sandbox/world/tenants.ts';

/** A GUID that is the same whenever the name is. */
function guidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A tenant named after its company: "Alder Ltd" becomes `alder-ltd.example`. Ada may consent, Rob may not. */
export function makeTenant(displayName: string, users: number): TenantProfile {
  const domain = `${displayName.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.example`;
  return {
    tenantId: guidOf(displayName),
    displayName,
    domain,
    users,
    accounts: [
      {
        objectId: guidOf(`${displayName} ada`),
        userPrincipalName: `ada.admin@${domain}`,
        displayName: 'Ada Admin',
        directoryRoles: [directoryRoles.globalAdministrator],
        appRoles: [],
      },
      {
        objectId: guidOf(`${displayName} rob`),
        userPrincipalName: `rob.reader@${domain}`,
        displayName: 'Rob Reader',
        directoryRoles: [],
        appRoles: [],
      },
    ],
  };
}
