// What the admin page shows of the world: a line for each tenant, and the users found by a word.
import type { Directory } from '../world/directory.ts';
import type { World } from '../world/world.ts';

export interface TenantSummary {
  readonly tenantId: string;
  readonly displayName: string;
  readonly domain: string;
  readonly users: number;
  /** How many changes there have been. */
  readonly version: number;
}

export interface UserSummary {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly state: string;
  readonly kind: string;
  readonly managerId: string | null;
}

const shownUsers = 50;

export function summaries(world: Pick<World, 'directories'>): readonly TenantSummary[] {
  return world.directories().map((directory) => ({
    tenantId: directory.tenantId,
    displayName: directory.displayName,
    domain: directory.domain,
    users: directory.liveCount(),
    version: directory.version(),
  }));
}

/** Up to 50 users whose id, name or principal name contains the word; the newest objects first. Deleted ones are shown, too. */
export function searchUsers(directory: Directory, word: string): readonly UserSummary[] {
  const wanted = word.toLowerCase();
  const found: UserSummary[] = [];
  for (let ordinal = directory.objectCount() - 1; ordinal >= 0 && found.length < shownUsers; ordinal--) {
    const snapshot = directory.snapshot(ordinal);
    if (snapshot === undefined) continue;
    const { id, displayName, userPrincipalName } = snapshot.fields;
    if (!`${id} ${displayName ?? ''} ${userPrincipalName ?? ''}`.toLowerCase().includes(wanted)) continue;
    found.push({
      id,
      displayName: displayName ?? '',
      userPrincipalName: userPrincipalName ?? '',
      state: snapshot.state,
      kind: snapshot.truth.kind,
      managerId: snapshot.manager?.id ?? null,
    });
  }
  return found;
}
