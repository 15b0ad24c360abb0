// Reads everybody's manager from the plain user list, because the delta feed is known to leave managers out (docs/graph.md §0 fact 2).
import * as z from 'zod';
import type { ManagerPage } from '../ports/directory.ts';
import { parseJson, type Reading } from './graph-ask.ts';
import { objectId } from './graph-delta.ts';
import { linkProblem, versionPath } from './graph-link.ts';

/** 999 is the largest page of `GET /users`; ids alone keep it fast (docs/graph.md §2). */
export const firstManagerPath = `${versionPath}users?$select=id&$expand=manager($select=id)&$top=999`;

const page = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().nullish() });
const listed = z.object({ id: objectId, manager: z.object({ id: objectId }).nullish() });

/**
 * Reads one page. A user whose entry cannot be read is left out: nothing is then said about that user, which is not "has no manager".
 * @param origin the host the link must lead to
 */
export function readManagerPage(origin: string, text: string): Reading<ManagerPage> {
  const body = parseJson(text);
  if (body === undefined) return { ok: false, kind: 'transient', sentence: 'Microsoft Graph sent something that is not JSON.' };
  const parsed = page.safeParse(body);
  if (!parsed.success) return { ok: false, kind: 'broken', sentence: 'Microsoft Graph sent a page without a list.' };
  const nextLink = parsed.data['@odata.nextLink'] ?? null;
  const problem = nextLink === null ? null : linkProblem(origin, nextLink);
  if (problem !== null) return { ok: false, kind: 'broken', sentence: problem };
  const entries = parsed.data.value.flatMap((raw) => {
    const user = listed.safeParse(raw);
    return user.success ? [{ objectId: user.data.id, managerId: user.data.manager?.id ?? null }] : [];
  });
  return { ok: true, value: { entries, nextLink } };
}
