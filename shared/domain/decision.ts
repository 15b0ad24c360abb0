// What an admin's approve, deny or reopen does to a user, as data: the next user and what the audit log has to say about it.
import type { AuditAction } from './audit.ts';
import type { ErrorCode } from './errors.ts';
import type { Decision, User } from './user.ts';

export const decisionCommands = ['approve', 'deny', 'reopen'] as const;
export type DecisionCommand = (typeof decisionCommands)[number];

export const decisionTransitions = {
  pending: { approve: 'approved', deny: 'denied', reopen: 'unchanged' },
  approved: { approve: 'unchanged', deny: 'denied', reopen: 'pending' },
  denied: { approve: 'approved', deny: 'unchanged', reopen: 'pending' },
} as const satisfies Record<Decision, Record<DecisionCommand, Decision | 'unchanged'>>;

export interface DecisionDetails {
  /** Who decides, as shown to other admins. */
  readonly by: string;
  /** ISO 8601 UTC instant. */
  readonly at: string;
  readonly reason?: string;
  /** The `decisionRevision` the admin saw (If-Match); without it the decision is made on whatever is stored. */
  readonly expectedRevision?: number;
}

/** What the audit log has to say about one user's decision; a bulk command joins them into one entry. */
export interface DecisionAudit {
  readonly action: Extract<AuditAction, 'usersApproved' | 'usersDenied' | 'usersReopened'>;
  readonly tenantId: string;
  readonly objectId: string;
  readonly from: Decision;
  readonly to: Decision;
  readonly by: string;
  readonly at: string;
  readonly reason: string | null;
  /** The revision this decision made. */
  readonly decisionRevision: number;
}

export type DecisionRefusal = Extract<ErrorCode, 'user-removed' | 'already-decided'>;

export type DecisionOutcome =
  | { readonly kind: 'decided'; readonly user: User; readonly audit: DecisionAudit }
  /** The user already stands where the command leads; nothing is stored. */
  | { readonly kind: 'unchanged'; readonly sentence: string }
  | { readonly kind: 'refused'; readonly code: DecisionRefusal; readonly sentence: string };

const auditActions = {
  approve: 'usersApproved',
  deny: 'usersDenied',
  reopen: 'usersReopened',
} as const satisfies Record<DecisionCommand, DecisionAudit['action']>;

/**
 * Decides. A removed user cannot be approved (nobody would be there to take part) but can be denied or reopened, which counts when
 * the user returns. Asking for what is already so is `unchanged`, even with an outdated revision, so that a repeated request is
 * harmless; any other outdated revision is refused as `already-decided`.
 */
export function decide(user: User, command: DecisionCommand, details: DecisionDetails): DecisionOutcome {
  if (command === 'approve' && user.presence === 'removed') {
    return { kind: 'refused', code: 'user-removed', sentence: 'This user is no longer in the directory and cannot be approved.' };
  }
  const next = decisionTransitions[user.decision][command];
  if (next === 'unchanged') return { kind: 'unchanged', sentence: standingDecision(user) };
  if (details.expectedRevision !== undefined && details.expectedRevision !== user.decisionRevision) {
    return { kind: 'refused', code: 'already-decided', sentence: standingDecision(user) };
  }
  return decided(user, next, auditActions[command], details);
}

/** What somebody who came too late is told, for example "Already denied by Ada at 2026-03-02 09:15 UTC." */
export function standingDecision(user: Pick<User, 'decision' | 'decidedBy' | 'decidedAt'>): string {
  const by = user.decidedBy === null ? '' : ` by ${user.decidedBy}`;
  const at = user.decidedAt === null ? '' : ` at ${user.decidedAt.slice(0, 16).replace('T', ' ')} UTC`;
  // A pending user who carries a decider was reopened; one who carries none has simply not been decided.
  if (user.decision === 'pending') return by + at === '' ? 'Still pending.' : `Already reopened${by}${at}.`;
  return `Already ${user.decision}${by}${at}.`;
}

function decided(user: User, next: Decision, action: DecisionAudit['action'], { by, at, reason = '' }: DecisionDetails): DecisionOutcome {
  const decisionRevision = user.decisionRevision + 1;
  const decisionReason = reason.trim() === '' ? null : reason.trim();
  return {
    kind: 'decided',
    user: { ...user, decision: next, decisionRevision, decidedAt: at, decidedBy: by, decisionReason },
    audit: {
      action,
      tenantId: user.tenantId,
      objectId: user.objectId,
      from: user.decision,
      to: next,
      by,
      at,
      reason: decisionReason,
      decisionRevision,
    },
  };
}
