// Writes lines to the sorted lists. Lines are written before the users they speak of, so that no crash can hide a person.
import type { IndexStatement } from '../domain/packed-line.ts';
import { isLoad } from '../domain/packed-upkeep.ts';
import type { ListEntry, ListName } from '../domain/user-lists.ts';
import type { Ports } from '../ports/ports.ts';

/** So few lines of one list, unless of a load, are single rows whatever its size; for more, the list looks at its size first, which costs a call. */
const mostSurelyLoose = 400;

/**
 * Adds lines, list by list, all at once.
 * @param first these are likely to be the company's first lines
 */
export async function addListEntries(
  { index }: Pick<Ports, 'index'>,
  company: { readonly companyId: string },
  entries: readonly ListEntry[],
  first = false,
): Promise<void> {
  const byList = new Map<ListName, IndexStatement[]>();
  for (const { list, key, objectId: id, facets, version, gone = false } of entries) {
    const lines = byList.get(list);
    const line = { key, id, facets, version, gone };
    if (lines === undefined) byList.set(list, [line]);
    else lines.push(line);
  }
  const ofLoad = isLoad(entries.length);
  await Promise.all(
    [...byList].map(async ([list, lines]) => {
      const target = index(company, list);
      await (lines.length < mostSurelyLoose && !ofLoad ? target.add(lines) : target.addMany(lines, { first, ofLoad }));
    }),
  );
}
