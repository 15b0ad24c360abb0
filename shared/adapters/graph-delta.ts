// Reads a page of `users/delta` from raw JSON: strict about the envelope, tolerant about each entry, exact about absent, null and value.
import * as z from 'zod';
import { fieldShapes, selectedFields } from '../domain/directory-fields.ts';
import type { DirectoryFields } from '../domain/user.ts';
import type { DeltaEntry, DeltaPage, ManagerStatement, NextStep } from '../ports/directory.ts';
import { parseJson, type Reading } from './graph-ask.ts';
import { linkProblem, versionPath } from './graph-link.ts';

/** First request of a round. Nothing but `$select`: delta ignores or refuses the rest (docs/graph.md §1.2). */
export const firstDeltaPath = `${versionPath}users/delta?$select=${[...selectedFields, 'manager'].join(',')}`;

/** Asks for a position alone: nobody, and a deltaLink for what changes from now on (docs/graph.md §9 item 17). */
export const latestDeltaPath = `${firstDeltaPath}&$deltatoken=latest`;

/** An Entra object id in the form Muster keeps: lower case, and safe in table keys and URLs. */
export const objectId = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/)
  .transform((id) => id.toLowerCase());

const page = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().nullish(),
  '@odata.deltaLink': z.string().nullish(),
});

/** `changed` is a soft delete; anything else than the documented reasons is read as the one that can be undone. */
const tombstone = z.object({ id: objectId, '@removed': z.object({ reason: z.unknown().optional() }) });

const schemaOf = {
  text: z.string().nullish(),
  flag: z.boolean().nullish(),
  texts: z.array(z.string()).nullish(),
  licences: z.array(z.object({ skuId: z.string() }).transform((licence) => licence.skuId)).nullish(),
} as const;

const fieldSchemas = Object.fromEntries(selectedFields.map((name) => [name, schemaOf[fieldShapes[name]]]));
/** The selected properties of an entry, wherever it was listed. */
export const fields = z.object(fieldSchemas);
const managerElement = z.object({ id: objectId, '@removed': z.unknown().optional() });
const identity = z.object({ id: objectId, 'manager@delta': z.array(managerElement).nullish() });

/**
 * Reads one page. Not JSON → `transient` (a cut or foreign body); neither link, both, or one that must not be followed → `broken`.
 * @param origin the host links must lead to
 */
export function readDeltaPage(origin: string, text: string): Reading<DeltaPage> {
  const body = parseJson(text);
  if (body === undefined) return { ok: false, kind: 'transient', sentence: 'Microsoft Graph sent something that is not JSON.' };
  const parsed = page.safeParse(body);
  if (!parsed.success) return { ok: false, kind: 'broken', sentence: 'Microsoft Graph sent a page without a list.' };
  const next = nextStep(parsed.data['@odata.nextLink'] ?? null, parsed.data['@odata.deltaLink'] ?? null);
  if (next === null) return { ok: false, kind: 'broken', sentence: 'Microsoft Graph sent a page without exactly one link.' };
  const problem = linkProblem(origin, next.link);
  if (problem !== null) return { ok: false, kind: 'broken', sentence: problem };
  return { ok: true, value: readLater(parsed.data.value, next) };
}

/** Reads the answer to `latestDeltaPath`. People in it would be told nowhere else, so it must have none. */
export function readLatest(origin: string, text: string): Reading<string> {
  const read = readDeltaPage(origin, text);
  if (!read.ok) return read;
  const { entries, next } = read.value;
  if (next.kind === 'deltaLink' && entries.length === 0) return { ok: true, value: next.link };
  return { ok: false, kind: 'broken', sentence: 'Microsoft Graph did not give a position alone.' };
}

/** Entries are read when they are looked at, so that a chain's next request can be on its way meanwhile. */
function readLater(raw: readonly unknown[], next: NextStep): DeltaPage {
  let read: readonly DeltaEntry[] | undefined;
  return {
    next,
    get entries() {
      read ??= raw.map(readEntry);
      return read;
    },
  };
}

function nextStep(nextLink: string | null, deltaLink: string | null): NextStep | null {
  if (nextLink !== null && deltaLink === null) return { kind: 'nextLink', link: nextLink };
  if (deltaLink !== null && nextLink === null) return { kind: 'deltaLink', link: deltaLink };
  return null;
}

function readEntry(raw: unknown, index: number): DeltaEntry {
  if (typeof raw === 'object' && raw !== null && '@removed' in raw) {
    const removed = tombstone.safeParse(raw);
    if (!removed.success) return unreadable(raw, index, removed.error);
    const final = removed.data['@removed'].reason === 'deleted';
    return { kind: 'tombstone', objectId: removed.data.id, reason: final ? 'final' : 'restorable' };
  }
  const known = identity.safeParse(raw);
  if (!known.success) return unreadable(raw, index, known.error);
  const stated = fields.safeParse(raw);
  if (!stated.success) return unreadable(raw, index, stated.error);
  const manager = managerStatement(known.data['manager@delta'] ?? []);
  const live = { kind: 'live', objectId: known.data.id, fields: stated.data as DirectoryFields } as const;
  return manager === null ? live : { ...live, manager };
}

/**
 * One element without `@removed` sets the manager wherever it stands in the list; a contact can be a manager too. An empty list says
 * nothing (docs/graph.md §2). Of several set elements the last counts.
 */
function managerStatement(elements: readonly z.infer<typeof managerElement>[]): ManagerStatement | null {
  const current = elements.findLast((element) => element['@removed'] === undefined);
  if (current !== undefined) return { kind: 'set', managerId: current.id };
  return elements.length === 0 ? null : { kind: 'removed', managerIds: elements.map((element) => element.id) };
}

/** Names the place and the property but never a value, which may be personal data. */
export function unreadable(raw: unknown, index: number, error: z.ZodError): { readonly kind: 'unreadable'; readonly reason: string } {
  const id = z.object({ id: objectId }).safeParse(raw);
  const who = id.success ? `entry ${id.data.id}` : `entry ${index + 1} of the page`;
  const properties = error.issues.map((issue) => issue.path.slice(0, 1).join('') || 'the entry itself');
  return { kind: 'unreadable', reason: `${who}: ${[...new Set(properties)].join(', ')} has an unexpected form` };
}
