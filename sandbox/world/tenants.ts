// Who exists in the sandbox's Entra: the operator's own tenant, one MSP and its three customers, each with the accounts one can sign in as.

/** Directory role template ids as they appear in the `wids` claim (Microsoft's published built-in role ids). */
export const directoryRoles = {
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  privilegedRoleAdministrator: 'e8611ab8-c189-46e8-94e1-60213ab1f814',
} as const;

/** An account of a tenant that can be chosen on the sandbox's sign-in page. */
export interface SignInAccount {
  readonly objectId: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  /** Role template ids, sent as `wids`. */
  readonly directoryRoles: readonly string[];
  /** App roles assigned in this tenant, sent as `roles`. */
  readonly appRoles: readonly string[];
}

export interface TenantProfile {
  readonly tenantId: string;
  readonly displayName: string;
  /** Default verified domain. */
  readonly domain: string;
  readonly accounts: readonly SignInAccount[];
  /** Size of the seeded directory behind Graph; 0 for tenants that nobody syncs. */
  readonly users: number;
}

const plainUser = { directoryRoles: [], appRoles: [] } as const;

export const homeTenant: TenantProfile = {
  tenantId: '10000000-0000-4000-8000-000000000001',
  displayName: 'Muster Operations',
  domain: 'muster.example',
  users: 0,
  accounts: [
    {
      objectId: '10000000-0000-4000-8000-0000000000a1',
      userPrincipalName: 'olivia.operator@muster.example',
      displayName: 'Olivia Operator',
      directoryRoles: [],
      appRoles: ['Muster.Operator'],
    },
  ],
};

export const mspTenant: TenantProfile = {
  tenantId: '20000000-0000-4000-8000-000000000002',
  displayName: 'Lighthouse Managed Services',
  domain: 'lighthouse.example',
  users: 0,
  accounts: [
    {
      objectId: '20000000-0000-4000-8000-0000000000a1',
      userPrincipalName: 'mira.msp@lighthouse.example',
      displayName: 'Mira Msp',
      ...plainUser,
    },
    {
      objectId: '20000000-0000-4000-8000-0000000000a2',
      userPrincipalName: 'tom.technician@lighthouse.example',
      displayName: 'Tom Technician',
      ...plainUser,
    },
  ],
};

function customer(number: number, displayName: string, domain: string, users: number): TenantProfile {
  const id = (last: string) => `${number}0000000-0000-4000-8000-${last.padStart(12, '0')}`;
  return {
    tenantId: id(String(number)),
    displayName,
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
      { objectId: id('a2'), userPrincipalName: `rob.reader@${domain}`, displayName: 'Rob Reader', ...plainUser },
    ],
  };
}

export const customerTenants: readonly TenantProfile[] = [
  customer(3, 'Alpine Dental', 'alpinedental.example', 25),
  customer(4, 'Brightwater Logistics', 'brightwater.example', 400),
  customer(5, 'Castellan Engineering', 'castellan.example', 5000),
];

export const allTenants: readonly TenantProfile[] = [homeTenant, mspTenant, ...customerTenants];
