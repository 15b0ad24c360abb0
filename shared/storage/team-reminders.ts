// When members of teams were reminded of their courses: one row a person, stored together with the mail it is about.
import pLimit from 'p-limit';
import * as z from 'zod';
import type { Tables } from '../ports/tables.ts';
import { documentWrite, type Found, readDocument } from './document.ts';
import { type Effect, effectWrite } from './outbox.ts';

export interface MemberReminders {
  /** UTC instants, newest last; only as many as a day's limit may ask for. */
  readonly at: readonly string[];
  /** Who asked for the last one. */
  readonly by: string;
}

const schema: z.ZodType<MemberReminders> = z.object({ at: z.array(z.string()), by: z.string() });

/** Most that are kept: as many as a company may allow a day. */
const kept = 10;
const parallelReads = 16;

/** Where these rows and the effects stored beside them are. */
export const reminderPlace = (companyId: string) => ({ table: 'managers', partition: `${companyId}~reminded` }) as const;

export async function readReminded(
  tables: Pick<Tables, 'managers'>,
  companyId: string,
  objectId: string,
): Promise<Found<MemberReminders> | undefined> {
  return await readDocument(tables.managers, { partition: reminderPlace(companyId).partition, row: objectId }, schema);
}

/** When each of these was last reminded; those who never were are left out. */
export async function readLastReminded(
  tables: Pick<Tables, 'managers'>,
  companyId: string,
  objectIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const limit = pLimit(parallelReads);
  const read = async (objectId: string) => [objectId, (await readReminded(tables, companyId, objectId))?.value.at.at(-1)] as const;
  const found = await Promise.all(objectIds.map((objectId) => limit(read, objectId)));
  return new Map(found.flatMap(([objectId, at]) => (at === undefined ? [] : [[objectId, at]])));
}

export interface NewReminder {
  readonly objectId: string;
  readonly at: string;
  readonly by: string;
  readonly before: Found<MemberReminders> | undefined;
  readonly effects: readonly Effect[];
}

/** Notes a reminder together with its mail, unless somebody else was faster. */
export async function writeReminder(
  tables: Pick<Tables, 'managers'>,
  companyId: string,
  { objectId, at, by, before, effects }: NewReminder,
): Promise<'done' | 'changed'> {
  const next: MemberReminders = { at: [...(before?.value.at ?? []), at].slice(-kept), by };
  const write = before ? documentWrite.replace(objectId, next, before.etag) : documentWrite.insert(objectId, next);
  const outcome = await tables.managers.write(reminderPlace(companyId).partition, [write, ...effects.map(effectWrite)]);
  return outcome.kind === 'done' ? 'done' : 'changed';
}
