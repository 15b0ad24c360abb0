// What an entry of the directory makes of a user: a new pending one, an updated one, one who came back, or nothing.
import type { ManagerStatement } from '../ports/directory.ts';
import { suggestKind } from './account-kind.ts';
import { fieldsDigest, mergeFields } from './directory-fields.ts';
import { applyManagerStatement } from './manager-statement.ts';
import { movePresence } from './presence.ts';
import type { DirectoryField, DirectoryFields, User } from './user.ts';

/** Everything one round's entries said about one user, in arrival order. */
export interface Sighting {
  readonly fields: DirectoryFields;
  readonly managers: readonly ManagerStatement[];
}

export interface SeenUser {
  readonly user: User;
  readonly digest: string;
}

/** Adds an entry that came later in the same round: its statements win (docs/graph.md §10 item 12). */
export function joinSightings(earlier: Sighting | undefined, later: Sighting): Sighting {
  if (!earlier) return later;
  return { fields: mergeFields(earlier.fields, later.fields), managers: [...earlier.managers, ...later.managers] };
}

/** The manager after what a round's entries said, in their order. */
export const managerAfter = (stored: string | null, { managers }: Sighting) =>
  managers.reduce<string | null>(applyManagerStatement, stored);

export interface Arrival {
  readonly tenantId: string;
  readonly objectId: string;
  readonly at: string;
  readonly recreatedFrom: string | null;
}

/** Somebody new: always pending, whatever the suggestion. */
export function arrive(sighting: Sighting, { tenantId, objectId, at, recreatedFrom }: Arrival): SeenUser {
  const fields = mergeFields({}, sighting.fields);
  const managerId = managerAfter(null, sighting);
  const { kind, reasons } = suggestKind(fields);
  const user: User = {
    tenantId,
    objectId,
    fields,
    managerId,
    decision: 'pending',
    presence: 'present',
    kind,
    kindReasons: reasons,
    decisionRevision: 0,
    decidedAt: null,
    decidedBy: null,
    decisionReason: null,
    arrivedAt: at,
    recreatedFrom,
    removedAt: null,
  };
  return { user, digest: fieldsDigest(fields, managerId) };
}

/** Somebody known, seen alive: fields and manager follow the directory, the decision stays. The same object when nothing changed. */
export function seeAgain(known: SeenUser, sighting: Sighting, at: string): SeenUser {
  const fields = mergeFields(known.user.fields, sighting.fields);
  const managerId = managerAfter(known.user.managerId, sighting);
  const digest = fieldsDigest(fields, managerId);
  const present = movePresence(known.user, 'seen', at);
  if (digest === known.digest) return present === known.user ? known : { user: present, digest };
  const { kind, reasons } = suggestKind(fields);
  return { user: { ...present, fields, managerId, kind, kindReasons: reasons }, digest };
}

const remembered = [
  'displayName',
  'mail',
  'userPrincipalName',
  'department',
  'accountEnabled',
] as const satisfies readonly DirectoryField[];
const quote = (value: string | boolean | null | undefined) =>
  typeof value === 'string' ? `"${value.slice(0, 100)}"` : String(value ?? 'nothing');

/** One line for the user's history about changes people ask about; `null` when there is nothing to tell. */
export function describeChange(before: User, after: User): string | null {
  const changes: string[] = [];
  for (const field of remembered) {
    const [old, now] = [before.fields[field], after.fields[field]];
    if ((old ?? null) !== (now ?? null)) changes.push(`${field} ${quote(old)} → ${quote(now)}`);
  }
  if (before.managerId !== after.managerId) changes.push('manager changed');
  if (before.presence !== after.presence) changes.push(after.presence === 'present' ? 'came back' : after.presence);
  return changes.length === 0 ? null : changes.join('; ');
}
