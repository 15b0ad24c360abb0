// What happens in the tenant in the second half of the demo.
import type { UserView } from './api.ts';
import { liveUsers } from './demo-compare.ts';
import type { Sandbox } from './sandbox.ts';
import type { Directory } from './world/directory.ts';

/** Join, leave, rename, change of manager: whatever this directory has people for. */
export function changeTheTenant(sandbox: Sandbox, directory: Directory, approved: readonly UserView[]): readonly string[] {
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
    deeds.changeManager(idOf(second), joined);
    told.push('Robin Renamed now reports to Nora Newcomer');
  }
  if (third && approved.length > 3) {
    deeds.leave(idOf(third));
    told.push(`${third.displayName} leaves`);
  }
  return told;
}
