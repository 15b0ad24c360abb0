// Everybody who is active, shard by shard: for programs that want all of them and no order, at a fraction of a sorted list's cost.
import { isActive, type User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { openUsers } from './company-users.ts';

export interface ActivePage {
  readonly users: readonly User[];
  readonly cursor: string | null;
}

/** `{shard}~{object id of the last user looked at}` */
function placeOf(cursor: string | null): { readonly shard: number; readonly after: string } {
  const [shard = '0', after = ''] = (cursor ?? '0~').split('~');
  return { shard: Number(shard), after };
}

/** A page of active users; may be shorter than `limit` only at the end. */
export async function listActive(
  ports: Pick<Ports, 'tables'>,
  companyId: string,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | null },
): Promise<ActivePage> {
  const opened = await openUsers(ports, companyId);
  if (!opened) return { users: [], cursor: null };
  const { scope, users } = opened;
  const start = placeOf(cursor);
  const found: User[] = [];
  for (let { shard } = start; shard < scope.shards; shard += 1) {
    const after = shard === start.shard ? start.after : '';
    for await (const { user } of users.readShard(shard, after)) {
      if (!isActive(user)) continue;
      found.push(user);
      if (found.length === limit) return { users: found, cursor: `${shard}~${user.objectId}` };
    }
  }
  return { users: found, cursor: null };
}
