// A user of a company's list: what the directory says, what an admin decided, and whether the person is still there.

export const decisions = ['pending', 'approved', 'denied'] as const;
export type Decision = (typeof decisions)[number];

export const presences = ['present', 'missing', 'held', 'removed'] as const;
export type Presence = (typeof presences)[number];

export const accountKinds = [
  'person',
  'sharedMailbox',
  'room',
  'equipment',
  'serviceAccount',
  'resourceAccount',
  'guest',
  'unknown',
] as const;
export type AccountKind = (typeof accountKinds)[number];

/**
 * What Muster keeps of a Graph `user`. A field that is absent was never stated; `null` was stated as empty.
 * Names and types are Graph's own (resource type `user`, v1.0), but licences are kept as their SKU ids only.
 */
export interface DirectoryFields {
  readonly displayName?: string | null;
  readonly givenName?: string | null;
  readonly surname?: string | null;
  readonly mail?: string | null;
  readonly userPrincipalName?: string | null;
  readonly jobTitle?: string | null;
  readonly department?: string | null;
  readonly companyName?: string | null;
  readonly officeLocation?: string | null;
  readonly city?: string | null;
  readonly country?: string | null;
  readonly mobilePhone?: string | null;
  readonly businessPhones?: readonly string[] | null;
  readonly preferredLanguage?: string | null;
  readonly employeeId?: string | null;
  readonly employeeType?: string | null;
  readonly accountEnabled?: boolean | null;
  readonly userType?: string | null;
  readonly creationType?: string | null;
  readonly externalUserState?: string | null;
  readonly onPremisesSyncEnabled?: boolean | null;
  readonly showInAddressList?: boolean | null;
  readonly createdDateTime?: string | null;
  /** SKU ids of `assignedLicenses`. */
  readonly assignedLicenses?: readonly string[] | null;
  readonly proxyAddresses?: readonly string[] | null;
}

export type DirectoryField = keyof DirectoryFields;

/** Why a rule suggests an account kind, in words an admin can read. */
export interface KindSuggestion {
  readonly kind: AccountKind;
  /** At least one sentence, most decisive first. */
  readonly reasons: readonly string[];
}

/**
 * One user as stored. Identity is (tenant id, object id), never mail.
 * Times are ISO 8601 UTC instants.
 */
export interface User {
  readonly tenantId: string;
  readonly objectId: string;
  readonly fields: DirectoryFields;
  /** Object id of the stored manager; may be unknown to us (a guest, a contact, somebody who comes later). */
  readonly managerId: string | null;
  readonly decision: Decision;
  readonly presence: Presence;
  readonly kind: AccountKind;
  readonly kindReasons: readonly string[];
  /** Rises with each decision and with nothing else: the ETag an admin's If-Match names. */
  readonly decisionRevision: number;
  readonly decidedAt: string | null;
  /** Who decided, as shown to other admins. */
  readonly decidedBy: string | null;
  readonly decisionReason: string | null;
  /** When the user was first seen by a sync. */
  readonly arrivedAt: string;
  /** Object id of an earlier user of this company that had the same mail: this one was re-created, not returned. */
  readonly recreatedFrom: string | null;
  readonly removedAt: string | null;
}

/** True for people who take part in anything: campaigns, billing, mail. Held people stay active until somebody decides. */
export function isActive(user: Pick<User, 'decision' | 'presence'>): boolean {
  return user.decision === 'approved' && (user.presence === 'present' || user.presence === 'held');
}
