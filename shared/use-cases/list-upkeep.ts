// Keeps the sorted lists short: packs small additions together and drops lines that are no longer true.
import pLimit from 'p-limit';
import type { IndexEntry } from '../domain/packed-index.ts';
import { facetsOf, isTrueLine, listOrders, type ListName, mailKey, userStatuses } from '../domain/user-lists.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { readUsers } from '../storage/shard-writer.ts';
import type { Users, UserScope } from '../storage/users.ts';

const mostRuns = 4;
const mostLoose = 400;
/** Rounds that wrote less than this leave packing to a later one. */
const worthPacking = 50;
const parallelLists = 2;

type Line = { readonly list: ListName; readonly isTrue: (user: User, entry: IndexEntry) => boolean };

const lines: readonly Line[] = [
  ...userStatuses.flatMap((status) =>
    listOrders.map((order): Line => ({ list: `${status}-${order}`, isTrue: (user, entry) => isTrueLine(user, status, order, entry.key) })),
  ),
  { list: 'team', isTrue: (user, entry) => user.managerId === entry.key },
  { list: 'mail', isTrue: (user, entry) => mailKey(user.fields.mail) === entry.key },
];

/** Packs every list that needs it. An upkeep that fails costs speed, not people, so it is logged and tried again after the next round. */
export async function packLists(ports: Pick<Ports, 'index' | 'log'>, scope: UserScope, users: Users, rowsWritten: number): Promise<void> {
  if (rowsWritten < worthPacking) return;
  const limit = pLimit(parallelLists);
  const pack = async ({ list, isTrue }: Line) => {
    const index = ports.index(scope, list);
    await index.compact({
      mostRuns,
      mostLoose,
      keep: async (entries) => {
        const present = await readUsers(users, scope, [...new Set(entries.map((entry) => entry.id))]);
        return entries.flatMap((entry) => {
          const user = present.get(entry.id)?.user;
          // Facets are written anew from the live row, which repairs what a crash may have left outdated.
          return user !== undefined && isTrue(user, entry) ? [{ ...entry, facets: facetsOf(user, list) }] : [];
        });
      },
    });
  };
  await Promise.all(
    lines.map((line) =>
      limit(async () => {
        try {
          await pack(line);
        } catch (error) {
          ports.log('warning', 'A list could not be packed.', {
            companyId: scope.companyId,
            list: line.list,
            error: error instanceof Error ? error.name : 'unknown',
          });
        }
      }),
    ),
  );
}
