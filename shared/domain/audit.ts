// What the audit log says: who did what to whom, when and why.

export const auditActions = [
  'mspCreated',
  'companyCreated',
  'adminAdded',
  'adminRemoved',
  'settingsChanged',
  'integrationLinked',
  'integrationConnected',
  'integrationFailed',
  'integrationAccessLost',
  'integrationAccessRestored',
  'integrationDisconnected',
  'usersApproved',
  'usersDenied',
  'usersReopened',
  'usersRemoved',
  'usersHeld',
  'usersReturned',
  'managerInvited',
  'managerAccepted',
  'managerSuspended',
  'managerRestored',
  'managerInvitationEnded',
  'managerDisabled',
  'managerEnabled',
  'managerAddressChanged',
  'managerPasswordChanged',
  'managerSignedIn',
  'managerSignInRefused',
  'remindersChanged',
  'secondFactorSet',
  'secondFactorRemoved',
  'secondFactorReset',
  'recoveryCodeUsed',
  'mailAddressMarked',
  'mailAddressCleared',
] as const;
export type AuditAction = (typeof auditActions)[number];

export interface AuditEntry {
  readonly auditId: string;
  readonly companyId: string;
  readonly at: string;
  /** Who: an admin, a program, or `Muster` itself. */
  readonly by: string;
  readonly action: AuditAction;
  /** One sentence for people. */
  readonly summary: string;
  readonly reason: string | null;
  /**
   * The exact set of object ids, where people are concerned; empty for a job, which keeps its set itself. Of a manager’s former team it may
   * be the first ones; the reason says so.
   */
  readonly objectIds: readonly string[];
  /** The decision job whose set this entry is about. */
  readonly jobId?: string | undefined;
}
