// Writes lines to the sorted lists. Lines are written before the users they speak of, so that no crash can hide a person.
import type { IndexEntry } from '../domain/packed-index.ts';
import type { ListEntry, ListName } from '../domain/user-lists.ts';
import type { Ports } from '../ports/ports.ts';

/** From this many lines of one list on, packed leaves are cheaper than single rows. */
const packFrom = 300;

/** Adds lines, list by list, all at once. */
export async function addListEntries(
  { index }: Pick<Ports, 'index'>,
  company: { readonly companyId: string; readonly generation: number },
  entries: readonly ListEntry[],
): Promise<void> {
  const byList = new Map<ListName, IndexEntry[]>();
  for (const { list, key, objectId, facets } of entries) {
    const lines = byList.get(list) ?? [];
    lines.push({ key, id: objectId, facets });
    byList.set(list, lines);
  }
  await Promise.all(
    [...byList].map(async ([list, lines]) => {
      const target = index(company, list);
      await (lines.length >= packFrom ? target.addMany(lines) : target.add(lines));
    }),
  );
}
