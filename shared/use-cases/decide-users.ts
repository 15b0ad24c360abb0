// Approving, denying and reopening: one with the revision the admin saw, or many by ids. Audit entries are stored with the decisions.
import type { AuditAction } from '../domain/audit.ts';
import { decide, type DecisionCommand, type DecisionOutcome } from '../domain/decision.ts';
import { Refusal } from '../domain/errors.ts';
import { displayNameOf, shortLine } from '../domain/person-text.ts';
import { newListEntries } from '../domain/user-lists.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { addListEntries } from '../storage/list-entries.ts';
import { withHistory } from '../storage/user-rows.ts';
import type { UserChange } from '../storage/users.ts';
import { type CompanyUsers, objectIdOf, requireUsers, userIdOf } from './company-users.ts';
import { leaveLists } from './list-upkeep.ts';
import { writeDecisions } from './write-decisions.ts';

export interface DecisionRequest {
  readonly companyId: string;
  readonly command: DecisionCommand;
  readonly by: string;
  readonly reason: string | null;
}

const auditActions: Readonly<Record<DecisionCommand, AuditAction>> = {
  approve: 'usersApproved',
  deny: 'usersDenied',
  reopen: 'usersReopened',
};
const pastTense: Readonly<Record<DecisionCommand, string>> = { approve: 'Approved', deny: 'Denied', reopen: 'Reopened' };

interface Applied {
  readonly changes: readonly UserChange[];
  readonly outcomes: ReadonlyMap<string, DecisionOutcome | 'absent'>;
  /** Where the users are now. */
  readonly opened: CompanyUsers;
}

/** Decides every object id on its live row and commits; the outcome of each id is the one of the last, winning attempt. */
async function apply(
  ports: Ports,
  opened: CompanyUsers,
  request: DecisionRequest,
  objectIds: readonly string[],
  expectedRevision?: number,
): Promise<Applied> {
  const { scope } = opened;
  const at = ports.clock.now().toISOString();
  const outcomes = new Map<string, DecisionOutcome | 'absent'>();
  const details = {
    by: request.by,
    at,
    ...(request.reason === null ? {} : { reason: request.reason }),
    ...(expectedRevision === undefined ? {} : { expectedRevision }),
  };
  const written = await writeDecisions(ports, {
    opened,
    objectIds,
    knownCounts: new Map(),
    decide: (objectId, present) => {
      const outcome = present ? decide(present.user, request.command, details) : 'absent';
      outcomes.set(objectId, outcome);
      if (!present || outcome === 'absent' || outcome.kind !== 'decided') return undefined;
      const line = { at, what: outcome.user.decision, by: request.by, why: request.reason };
      return { user: outcome.user, digest: present.digest, history: withHistory(present.history, line) };
    },
    before: async (changes) => {
      await addListEntries(
        ports,
        scope,
        changes.flatMap(({ before, after }) => newListEntries(before?.user, after.user)),
      );
    },
    effects: (changes) => [
      {
        kind: 'audit',
        entry: {
          auditId: ports.ids.newId(),
          companyId: request.companyId,
          at,
          by: request.by,
          action: auditActions[request.command],
          summary: summaryOf(request.command, changes),
          reason: request.reason,
          objectIds: changes.map(({ after }) => after.user.objectId),
        },
      },
    ],
  });
  await leaveLists(ports, scope, written.changes);
  return { ...written, outcomes };
}

function summaryOf(command: DecisionCommand, changes: readonly UserChange[]): string {
  const [only] = changes;
  const who = changes.length === 1 && only ? shortLine(displayNameOf(only.after.user.fields), 80) : `${changes.length} users`;
  return `${pastTense[command]} ${who}.`;
}

function alreadyDecided(user: User, sentence: string): Refusal {
  return new Refusal('already-decided', {
    detail: sentence,
    facts: { decision: user.decision, decidedBy: user.decidedBy, decidedAt: user.decidedAt, decisionRevision: user.decisionRevision },
  });
}

/**
 * Decides one user under If-Match.
 * @throws Refusal `not-found`, `user-removed`, or `already-decided` with who decided and when.
 */
export async function decideUser(
  ports: Ports,
  request: DecisionRequest & { readonly userId: string; readonly expectedRevision: number },
): Promise<User> {
  const opened = await requireUsers(ports, request.companyId);
  const objectId = objectIdOf(opened.scope, request.userId);
  if (objectId === undefined) throw new Refusal('not-found');
  const {
    outcomes,
    opened: { users },
  } = await apply(ports, opened, request, [objectId], request.expectedRevision);
  const outcome = outcomes.get(objectId);
  if (outcome === undefined || outcome === 'absent') throw new Refusal('not-found');
  if (outcome.kind === 'decided') return outcome.user;
  const stored = await users.read(objectId);
  if (!stored) throw new Refusal('not-found');
  if (outcome.kind === 'unchanged') return stored.user;
  if (outcome.code === 'already-decided') throw alreadyDecided(stored.user, outcome.sentence);
  throw new Refusal(outcome.code, { detail: outcome.sentence });
}

/** What became of each id of a bulk decision. */
export interface BulkItem {
  readonly userId: string;
  readonly outcome: 'decided' | 'unchanged' | 'refused' | 'notFound';
  readonly detail: string | null;
}

/** Decides many by ids; ids that cannot be decided are reported, the rest goes on. */
export async function decideUsers(
  ports: Ports,
  request: DecisionRequest & { readonly userIds: readonly string[] },
): Promise<readonly BulkItem[]> {
  const opened = await requireUsers(ports, request.companyId);
  const objectIds = new Map(request.userIds.map((userId) => [userId, objectIdOf(opened.scope, userId)]));
  const known = [...new Set([...objectIds.values()].filter((objectId) => objectId !== undefined))];
  const { outcomes } = await apply(ports, opened, request, known);
  return request.userIds.map((userId): BulkItem => {
    const objectId = objectIds.get(userId);
    const outcome = objectId === undefined ? 'absent' : (outcomes.get(objectId) ?? 'absent');
    if (outcome === 'absent') return { userId, outcome: 'notFound', detail: null };
    switch (outcome.kind) {
      case 'decided':
        return { userId: userIdOf(outcome.user), outcome: 'decided', detail: null };
      case 'unchanged':
        return { userId, outcome: 'unchanged', detail: outcome.sentence };
      case 'refused':
        return { userId, outcome: 'refused', detail: outcome.sentence };
    }
  });
}
