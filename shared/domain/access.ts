// Who may do what: the one place that decides. Routes name an action; grants and app roles say which roles a principal has.

export const roles = ['operator', 'mspAdmin', 'companyAdmin', 'companyReader', 'platformProgram'] as const;
export type Role = (typeof roles)[number];

/** Whoever calls, as proven by a validated token or a session. */
export interface Principal {
  readonly kind: 'person' | 'program';
  readonly tenantId: string;
  readonly objectId: string;
  /** As shown to others: `Ada Admin (ada@contoso.com)`. */
  readonly name: string;
  /** App roles of the token, believed only from the operator's own tenant. */
  readonly appRoles: readonly string[];
}

/** What others are shown of a person: a display name alone says too little, since every tenant may have its own Ada Admin. */
export function personName(displayName: string, userName: string): string {
  if (displayName === '' || userName === '') return displayName || userName;
  return `${displayName} (${userName})`;
}

export type Scope =
  | { readonly kind: 'system' }
  | { readonly kind: 'msp'; readonly mspId: string }
  | { readonly kind: 'company'; readonly companyId: string; readonly mspId: string };

/** A role somebody was given for one MSP or one company. */
export interface Grant {
  readonly tenantId: string;
  readonly objectId: string;
  readonly role: 'mspAdmin' | 'companyAdmin' | 'companyReader';
  readonly name: string;
  /** Where mail to this admin goes; none means no mail. */
  readonly mail: string | null;
  readonly addedAt: string;
  readonly addedBy: string;
}

const admins = ['mspAdmin', 'companyAdmin'] as const;
const readers = [...admins, 'companyReader'] as const;

/** Every action with the roles that may do it. The operator sees no personal data (docs/decisions/0007). */
export const actions = {
  manageMsps: ['operator'],
  readMsp: ['operator', 'mspAdmin'],
  manageMspAdmins: ['operator', 'mspAdmin'],
  manageCompanies: ['mspAdmin'],
  readCompany: readers,
  changeSettings: admins,
  manageCompanyAdmins: admins,
  connect: admins,
  sync: admins,
  readUsers: readers,
  decide: admins,
  readAudit: admins,
  inviteManagers: admins,
  readReminders: admins,
  changeReminders: admins,
  readAudience: [...readers, 'platformProgram'],
  readBilling: [...admins, 'platformProgram'],
  readAssignments: [...readers, 'platformProgram'],
  writeAssignments: ['platformProgram'],
} as const satisfies Record<string, readonly Role[]>;

export type Action = keyof typeof actions;

export interface Roster {
  /** Grants on the MSP of the scope, and on the company where the scope is one. */
  readonly msp: readonly Grant[];
  readonly company: readonly Grant[];
}

const isHolder = (principal: Principal) => (grant: Grant) => grant.tenantId === principal.tenantId && grant.objectId === principal.objectId;

/** The roles a principal has in a scope. People get theirs from grants; the operator and programs from app roles of the operator's tenant. */
export function rolesOf(principal: Principal, roster: Roster, homeTenantId: string): ReadonlySet<Role> {
  const found = new Set<Role>();
  if (principal.tenantId === homeTenantId) {
    if (principal.kind === 'person' && principal.appRoles.includes('Muster.Operator')) found.add('operator');
    if (principal.kind === 'program' && principal.appRoles.includes('Muster.Platform')) found.add('platformProgram');
  }
  if (principal.kind === 'program') return found;
  for (const grant of [...roster.msp, ...roster.company].filter(isHolder(principal))) found.add(grant.role);
  return found;
}

/** True when one of the roles may do the action. */
export function mayDo(action: Action, held: ReadonlySet<Role>): boolean {
  return actions[action].some((role) => held.has(role));
}

/** The id of a grant in URLs. */
export function grantId(grant: Pick<Grant, 'tenantId' | 'objectId'>): string {
  return `${grant.tenantId}_${grant.objectId}`;
}

/** Adds or replaces a grant; a person has one role per scope. */
export function withGrant(grants: readonly Grant[], grant: Grant): readonly Grant[] {
  return [...grants.filter((each) => grantId(each) !== grantId(grant)), grant];
}

const isAdmin = (grant: Grant) => grant.role !== 'companyReader';

/** Takes a grant away; `lastAdmin` when nobody would be left to administer the scope. */
export function withoutGrant(grants: readonly Grant[], id: string): readonly Grant[] | 'absent' | 'lastAdmin' {
  const removed = grants.find((grant) => grantId(grant) === id);
  if (!removed) return 'absent';
  const left = grants.filter((grant) => grant !== removed);
  return isAdmin(removed) && !left.some(isAdmin) ? 'lastAdmin' : left;
}
