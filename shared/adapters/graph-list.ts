// The envelope of a page of `GET /users`, whatever the entries are read for.
import * as z from 'zod';
import { parseJson, type Reading } from './graph-ask.ts';
import { linkProblem } from './graph-link.ts';

const page = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().nullish() });

/** Reads one page; entries are left as they came. @param origin the host the link must lead to */
export function readList(
  origin: string,
  text: string,
): Reading<{ readonly entries: readonly unknown[]; readonly nextLink: string | null }> {
  const body = parseJson(text);
  if (body === undefined) return { ok: false, kind: 'transient', sentence: 'Microsoft Graph sent something that is not JSON.' };
  const parsed = page.safeParse(body);
  if (!parsed.success) return { ok: false, kind: 'broken', sentence: 'Microsoft Graph sent a page without a list.' };
  const nextLink = parsed.data['@odata.nextLink'] ?? null;
  const problem = nextLink === null ? null : linkProblem(origin, nextLink);
  if (problem !== null) return { ok: false, kind: 'broken', sentence: problem };
  return { ok: true, value: { entries: parsed.data.value, nextLink } };
}
