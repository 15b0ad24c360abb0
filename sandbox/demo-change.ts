// What happens in the tenant in the second half of the demo.
import type { UserView } from './api.ts';
import { liveUsers } from './demo-compare.ts';
import type { Sandbox } from './sandbox.ts';
import type { Directory } from './world/directory.ts';

export interface TenantChange {
  /** What happened, a sentence each. */
  readonly told: readonly string[];
  /** Object id, as Muster knows it, of the newcomer others now report to. */
  readonly newcomerId: string;
}

/** Those besides the renamed one who move to the newcomer. */
const moved = 3;

/** People nobody else reports to: whoever moves to the newcomer must not lead the newcomer's own manager. */
function followersIn(people: readonly UserView[]): readonly UserView[] {
  const leaders = new Set(people.map(({ managerId }) => managerId));
  return people.filter(({ userId }) => !leaders.has(userId));
}

/** Join, leave, rename, change of manager: whatever this directory has people for. */
export function changeTheTenant(sandbox: Sandbox, directory: Directory, approved: readonly UserView[]): TenantChange {
  const deeds = sandbox.world.deeds(directory.tenantId);
  const live = liveUsers(directory);
  // Muster knows ids in lower case; the directory wants its own spelling.
  const idOf = (user: UserView) => live.get(user.objectId)?.fields.id ?? user.objectId;
  const told: string[] = [];
  const alias = `nora.newcomer.${directory.version()}`;
  const joined = deeds.hire({ displayName: 'Nora Newcomer', alias, managerId: approved[0] ? idOf(approved[0]) : null });
  told.push('Nora Newcomer joins');
  const [first, second, third] = approved;
  if (second) {
    deeds.rename(idOf(second), { displayName: 'Robin Renamed' });
    told.push(`${second.displayName} is now called Robin Renamed`);
  }
  if (first && second) {
    const others = followersIn(approved)
      .filter((user) => user !== first && user !== second && user !== third)
      .slice(0, moved);
    for (const user of [second, ...others]) deeds.changeManager(idOf(user), joined);
    const team = ['Robin Renamed', ...others.map(({ displayName }) => displayName)];
    told.push(`${new Intl.ListFormat('en').format(team)} now report${team.length === 1 ? 's' : ''} to Nora Newcomer`);
  }
  if (third && approved.length > 3) {
    deeds.leave(idOf(third));
    told.push(`${third.displayName} leaves`);
  }
  return { told, newcomerId: joined.toLowerCase() };
}
