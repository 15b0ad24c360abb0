// Writes lines to the sorted lists. Lines are written before the users they speak of, so that no crash can hide a person.
import type { IndexStatement } from '../domain/packed-line.ts';
import type { ListEntry, ListName } from '../domain/user-lists.ts';
import type { Ports } from '../ports/ports.ts';
import type { Addition } from '../ports/user-index.ts';

/** So few lines of one list, unless of a load, are single rows whatever its size; for more, the list looks at its size first, which costs a call. */
const mostSurelyLoose = 400;

/** Adds lines, list by list, all at once. */
export async function addListEntries(
  { index }: Pick<Ports, 'index'>,
  company: { readonly companyId: string },
  entries: readonly ListEntry[],
  addition: Addition = {},
): Promise<void> {
  const byList = new Map<ListName, IndexStatement[]>();
  for (const { list, key, objectId: id, facets, version, gone = false } of entries) {
    const lines = byList.get(list);
    const line = { key, id, facets, version, gone };
    if (lines === undefined) byList.set(list, [line]);
    else lines.push(line);
  }
  await Promise.all(
    [...byList].map(async ([list, lines]) => {
      const target = index(company, list);
      const isFew = lines.length < mostSurelyLoose && addition.ofLoad !== true;
      await (isFew ? target.add(lines) : target.addMany(lines, addition));
    }),
  );
}
