// Keeps the sorted lists short: takes decided people off them, packs small additions together and drops lines that are no longer true.
import pLimit from 'p-limit';
import type { IndexEntry } from '../domain/packed-line.ts';
import { changesBetweenUpkeeps, isLoad, mostLinesFor } from '../domain/packed-upkeep.ts';
import { facetsOf, isTrueLine, leftListEntries, type ListName, listNames, mostOnList } from '../domain/user-lists.ts';
import type { Ports } from '../ports/ports.ts';
import { readListChanges, writeListChanges } from '../storage/list-changes.ts';
import { addListEntries } from '../storage/list-entries.ts';
import { readUsers } from '../storage/shard-writer.ts';
import type { UserChange, Users, UserScope } from '../storage/users.ts';

const mostRuns = 1;
const mostLoose = 400;
const parallelLists = 4;
/** Each go packs 20,000 loose lines; more than a few goes in a row would keep a round from ending. */
const mostGoes = 5;

type UpkeepPorts = Pick<Ports, 'index' | 'log' | 'tables'>;

/** Work that costs speed and no people when it fails: it is logged, and left to the next time. */
async function attempt<T>({ log }: UpkeepPorts, scope: UserScope, what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    log('warning', what, { companyId: scope.companyId, error: error instanceof Error ? error.name : 'unknown' });
    return undefined;
  }
}

/**
 * Takes people off the lists that their stored decisions took them from, so that pages need not look at them again. To be called
 * with the changes that {@link writeUsers} has made. Failing is harmless: lines are left that every reader checks.
 */
export async function leaveLists(ports: UpkeepPorts, scope: UserScope, changes: readonly UserChange[]): Promise<void> {
  const left = changes.flatMap(({ before, after }) => leftListEntries(before?.user, after.user));
  if (left.length === 0) return;
  await attempt(ports, scope, 'Decided people could not be taken off a list.', async () => {
    const count = async () => {
      const { changed, longest } = await readListChanges(ports.tables.lists, scope);
      await writeListChanges(ports.tables.lists, scope, { changed: changed + changes.length, longest });
    };
    await Promise.all([addListEntries(ports, scope, left, { ofLoad: isLoad(changes.length) }), count()]);
  });
}

/**
 * Packs every list that needs it. Without changes it costs no storage call, and two until enough has changed for a look at the
 * lists (see {@link changesBetweenUpkeeps}).
 *
 * @param changed users changed since the last call; those of {@link leaveLists} may be counted again
 */
export async function packLists(ports: UpkeepPorts, scope: UserScope, users: Users, changed: number): Promise<void> {
  if (changed <= 0) return;
  await attempt(ports, scope, 'The lists could not be looked after.', async () => {
    const known = await readListChanges(ports.tables.lists, scope);
    const sum = known.changed + changed;
    const isDue = sum >= changesBetweenUpkeeps(known.longest);
    const longest = isDue ? await packAll(ports, scope, users) : known.longest;
    await writeListChanges(ports.tables.lists, scope, { changed: isDue ? 0 : sum, longest });
  });
}

/** @returns the lines of the longest list */
async function packAll(ports: UpkeepPorts, scope: UserScope, users: Users): Promise<number> {
  const counts = await users.totals();
  const limit = pLimit(parallelLists);
  const lengths = await Promise.all(
    listNames.map((list) =>
      limit(async () => {
        const mostLines = mostLinesFor(mostOnList(counts, list));
        const lines = await attempt(ports, scope, `The list ${list} could not be packed.`, async () =>
          packList(ports, { scope, users, list, mostLines }),
        );
        return lines ?? 0;
      }),
    ),
  );
  return Math.max(...lengths);
}

interface PackWish {
  readonly scope: UserScope;
  readonly users: Users;
  readonly list: ListName;
  readonly mostLines: number;
}

async function packList(ports: UpkeepPorts, { scope, users, list, mostLines }: PackWish): Promise<number> {
  const keep = async (entries: readonly IndexEntry[]) => {
    const present = await readUsers(users, scope, [...new Set(entries.map((entry) => entry.id))]);
    return entries.flatMap((entry) => {
      const user = present.get(entry.id)?.user;
      // Facets are written anew from the live row, which repairs what a crash may have left outdated.
      return user !== undefined && isTrueLine(user, list, entry.key) ? [{ ...entry, facets: facetsOf(user, list) }] : [];
    });
  };
  const index = ports.index(scope, list);
  for (let go = 1; ; go += 1) {
    const done = await index.compact({ mostRuns, mostLoose, mostLines, keep });
    // Somebody else is at it.
    if (done.outcome === 'superseded') return 0;
    if (done.outcome === 'notNeeded' || !done.looseLeft || go === mostGoes) return done.lines;
  }
}
