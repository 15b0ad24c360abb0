// How each kind of account looks in Graph (docs/graph.md §4.2): one function per kind, from a name to the properties Entra would show.
import type { Json, Snapshot, Truth, UserFields } from './directory-object.ts';

/** What every account of a tenant needs. */
interface AccountBase {
  readonly id: string;
  readonly domain: string;
  /** Local part of the user principal name. */
  readonly alias: string;
  readonly displayName: string;
  readonly created: string;
}

/** Microsoft's published product SKU ids. */
export const skus = {
  business: 'f245ecc8-75af-4f8e-b61f-27d8114de5f3',
  enterprise: '05e9a617-0261-4cee-bb44-138d3ef5d965',
  exchange: '4b9405b0-7788-4568-add1-99614e613b69',
  phoneResource: '440eaaa8-b3e0-484b-a8be-62870b9ba70a',
} as const;

const licences = new Map<string, readonly Json[]>();

/** The value of `assignedLicenses` for some SKUs; equal values share one array. */
export function licencesOf(...ids: readonly string[]): readonly Json[] {
  const key = ids.join();
  const known = licences.get(key);
  if (known !== undefined) return known;
  const made = ids.map((skuId) => ({ disabledPlans: [], skuId }));
  licences.set(key, made);
  return made;
}

/** The fields of an ordinary mail-enabled member; other kinds override some. */
export function memberFields(base: AccountBase): UserFields {
  const address = `${base.alias}@${base.domain}`;
  return {
    id: base.id,
    accountEnabled: true,
    assignedLicenses: licencesOf(),
    businessPhones: [],
    createdDateTime: base.created,
    displayName: base.displayName,
    mail: address,
    mailNickname: base.alias,
    proxyAddresses: [`SMTP:${address}`],
    userPrincipalName: address,
    userType: 'Member',
  };
}

function account(truth: Truth, fields: UserFields): Snapshot {
  return { truth, fields, manager: null, state: 'live' };
}

export function sharedMailbox(base: AccountBase, enabled: boolean): Snapshot {
  return account({ kind: 'sharedMailbox', purpose: 'shared' }, { ...memberFields(base), accountEnabled: enabled });
}

export function room(base: AccountBase, city: string): Snapshot {
  return account({ kind: 'room', purpose: 'room' }, { ...memberFields(base), accountEnabled: false, officeLocation: city, city });
}

export function equipment(base: AccountBase): Snapshot {
  return account({ kind: 'equipment', purpose: 'equipment' }, { ...memberFields(base), accountEnabled: false });
}

/** A Teams auto attendant or call queue: licensed, disabled, no mailbox, told by its department (docs/graph.md §4.2). */
export function resourceAccount(base: AccountBase): Snapshot {
  const { mail: _mail, proxyAddresses: _proxies, ...fields } = memberFields({ ...base, domain: onMicrosoft(base.domain) });
  return account(
    { kind: 'resourceAccount', purpose: 'none' },
    {
      ...fields,
      accountEnabled: false,
      assignedLicenses: licencesOf(skus.phoneResource),
      department: 'Microsoft Communication Application Instance',
      usageLocation: 'US',
    },
  );
}

/** An account for a program: no mailbox and no licence. */
export function serviceAccount(base: AccountBase): Snapshot {
  const { mail: _mail, proxyAddresses: _proxies, ...fields } = memberFields(base);
  return account({ kind: 'serviceAccount', purpose: 'none' }, { ...fields, showInAddressList: false });
}

/** The account Entra Connect uses in the cloud. */
export function syncAccount(base: Omit<AccountBase, 'alias' | 'displayName'>, host: string, digits: string): Snapshot {
  const displayName = 'On-Premises Directory Synchronization Service Account';
  return serviceAccount({ ...base, domain: onMicrosoft(base.domain), alias: `Sync_${host}_${digits}`, displayName });
}

/** A guest invited by mail. `userTypeStated: false` is the variant whose `userType` is null (docs/graph.md §4.2). */
export function guest(base: Omit<AccountBase, 'alias'>, address: string, userTypeStated: boolean): Snapshot {
  const alias = `${address.replace('@', '_')}#EXT#`;
  return account(
    { kind: 'guest', purpose: 'hidden' },
    {
      ...memberFields({ ...base, alias, domain: onMicrosoft(base.domain) }),
      creationType: 'Invitation',
      externalUserState: userTypeStated ? 'Accepted' : 'PendingAcceptance',
      mail: address,
      otherMails: [address],
      proxyAddresses: userTypeStated ? [`SMTP:${address}`] : [],
      showInAddressList: false,
      userType: userTypeStated ? 'Guest' : null,
    },
  );
}

/** The tenant's initial domain, such as `contoso.onmicrosoft.com` for `contoso.com`. */
export function onMicrosoft(domain: string): string {
  return `${domain.split('.')[0] ?? domain}.onmicrosoft.com`;
}
