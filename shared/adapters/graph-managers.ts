// Reads everybody's manager from the plain user list, because the delta feed is known to leave managers out (docs/graph.md §0 fact 2).
import * as z from 'zod';
import type { ManagerPage } from '../ports/directory.ts';
import type { Reading } from './graph-ask.ts';
import { filterOption } from './graph-counts.ts';
import { objectId } from './graph-delta.ts';
import { versionPath } from './graph-link.ts';
import { readList } from './graph-list.ts';

/** First page for a prefix, `''` for everybody. 999 is the largest page; ids alone keep it fast (docs/graph.md §2). */
export function managersPath(prefix: string): string {
  const filter = prefix === '' ? '' : `&${filterOption(prefix)}`;
  return `${versionPath}users?$select=id&$expand=manager($select=id)&$top=999${filter}`;
}

const listed = z.object({ id: objectId, manager: z.object({ id: objectId }).nullish() });

/**
 * Reads one page. A user whose entry cannot be read is left out: nothing is then said about that user, which is not "has no manager".
 * @param origin the host the link must lead to
 */
export function readManagerPage(origin: string, text: string): Reading<ManagerPage> {
  const list = readList(origin, text);
  if (!list.ok) return list;
  const entries = list.value.entries.flatMap((raw) => {
    const user = listed.safeParse(raw);
    return user.success ? [{ objectId: user.data.id, managerId: user.data.manager?.id ?? null }] : [];
  });
  return { ok: true, value: { entries, nextLink: list.value.nextLink } };
}
