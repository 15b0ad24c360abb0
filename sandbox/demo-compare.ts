// Compares what Muster has stored with the directory, user by user: the demo's proof and the scenario tests'.
import { displayNameOf } from '../shared/domain/person-text.ts';
import type { UserView } from './api.ts';
import type { Directory } from './world/directory.ts';
import type { Json, Snapshot, UserFields } from './world/directory-object.ts';

const comparedFields = [
  'mail',
  'userPrincipalName',
  'givenName',
  'surname',
  'jobTitle',
  'department',
  'officeLocation',
  'mobilePhone',
  'preferredLanguage',
  'accountEnabled',
] as const satisfies readonly (keyof UserView)[];

/** Live users of a directory, by object id in lower case. */
export function liveUsers(directory: Directory): ReadonlyMap<string, Snapshot> {
  const found = new Map<string, Snapshot>();
  for (let ordinal = 0; ordinal < directory.objectCount(); ordinal += 1) {
    const snapshot = directory.snapshot(ordinal);
    if (snapshot?.state === 'live') found.set(snapshot.fields.id.toLowerCase(), snapshot);
  }
  return found;
}

const text = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

/** The name a person is shown under, made from the directory's own fields. */
const shownName = (fields: UserFields) =>
  displayNameOf({ displayName: text(fields.displayName), mail: text(fields.mail), userPrincipalName: text(fields.userPrincipalName) });

function managerDiffers(live: ReadonlyMap<string, Snapshot>, expected: Snapshot, stored: UserView): boolean {
  const shown = stored.managerId?.split('_')[1]?.toLowerCase() ?? null;
  const { manager } = expected;
  if (manager === null) return shown !== null;
  // A contact or a departed manager may or may not be told by the directory; neither answer is wrong.
  return live.has(manager.id.toLowerCase()) && shown !== manager.id.toLowerCase();
}

/** What differs, one sentence each; empty when the list is exactly the directory. `stored` holds everybody who is not removed. */
export function differences(directory: Directory, stored: readonly UserView[]): readonly string[] {
  const live = liveUsers(directory);
  const found: string[] = [];
  const seen = new Set<string>();
  for (const user of stored) {
    const id = user.objectId.toLowerCase();
    const expected = live.get(id);
    if (seen.has(id)) found.push(`${id} is on the list twice.`);
    seen.add(id);
    if (!expected) {
      found.push(`${id} is on the list but not in the directory.`);
      continue;
    }
    if (user.displayName !== shownName(expected.fields)) found.push(`${id}: displayName differs.`);
    for (const field of comparedFields) {
      if ((user[field] ?? null) !== (expected.fields[field] ?? null)) found.push(`${id}: ${field} differs.`);
    }
    if (managerDiffers(live, expected, user)) found.push(`${id}: manager differs.`);
  }
  for (const id of live.keys()) if (!seen.has(id)) found.push(`${id} is in the directory but not on the list.`);
  return found;
}

/** Decisions that are not what they must be, one sentence each; everybody who came later must be pending. */
export function checkDecisions(
  directory: Directory,
  stored: readonly UserView[],
  approved: ReadonlySet<string>,
  denied: ReadonlySet<string>,
): readonly string[] {
  const live = liveUsers(directory);
  return stored.flatMap((user) => {
    const expected = approved.has(user.objectId) ? 'approved' : denied.has(user.objectId) ? 'denied' : 'pending';
    return live.has(user.objectId) && user.decision !== expected ? [`${user.objectId} is ${user.decision} and should be ${expected}.`] : [];
  });
}

/** How many of the active people somebody else reports to. */
export function expectedManagers(directory: Directory, active: ReadonlySet<string>): number {
  const managers = new Set<string>();
  for (const [id, { manager }] of liveUsers(directory))
    if (manager !== null && manager.id.toLowerCase() !== id) managers.add(manager.id.toLowerCase());
  return [...managers].filter((id) => active.has(id)).length;
}
