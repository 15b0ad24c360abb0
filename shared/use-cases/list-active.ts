// Everybody who is active, shard by shard: for programs that want all of them and no order, at a fraction of a sorted list's cost.
import { decodeSeen, encodeSeen, seenUpTo, startOfShard } from '../domain/shard-walk.ts';
import { isActive, type User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { openUsers } from './company-users.ts';

export interface ActivePage {
  readonly users: readonly User[];
  readonly cursor: string | null;
}

/** A page of active users; may be shorter than `limit` only at the end. A walk goes on where it was when the users have moved meanwhile. */
export async function listActive(
  ports: Pick<Ports, 'tables'>,
  companyId: string,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | null },
): Promise<ActivePage> {
  const opened = await openUsers(ports, companyId);
  if (!opened) return { users: [], cursor: null };
  const { scope, users } = opened;
  const seen = decodeSeen(cursor);
  const found: User[] = [];
  for (let shard = 0; shard < scope.shards; shard += 1) {
    const after = startOfShard(seen, shard);
    if (after === null) continue;
    for await (const { user } of users.readShard(shard, after)) {
      if (!isActive(user)) continue;
      found.push(user);
      if (found.length < limit) continue;
      const place = { shards: scope.shards, shard, after: user.objectId };
      return { users: found, cursor: encodeSeen(seenUpTo(seen, place)) };
    }
  }
  return { users: found, cursor: null };
}
