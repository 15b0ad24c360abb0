// The courses of every user, one row a user: a team's courses are a point read a member, and a bulk of 5,000 statements about 5,000 people
// a few hundred transactions.
import pLimit from 'p-limit';
import * as z from 'zod';
import type { Courses } from '../domain/assignment.ts';
import { shardOf } from '../domain/sync-round.ts';
import { type Properties, type Table, type Tables, transactionLimit, type Write } from '../ports/tables.ts';
import { decodeDocument, documentWrite, type Found } from './document.ts';

/**
 * Fixed, unlike the shards of the users, so that nothing moves: 16 partitions take 32,000 rows a second (docs/scaling.md), and 5,000
 * people fill their transactions.
 */
const partitions = 16;
const partitionOf = (companyId: string, objectId: string) => `${companyId}-${shardOf(objectId, partitions)}`;

/** Characters of a transaction: 4 MiB in bytes, with room for what JSON on the wire adds to any script. */
const mostCharacters = 600_000;
const parallelPartitions = 4;
const parallelReads = 16;
/** How often a transaction starts over because others wrote about the same people. */
const mostAttempts = 20;

const assignmentSchema = z.object({
  courseId: z.string(),
  title: z.string(),
  assignedOn: z.string(),
  dueOn: z.string().nullable(),
  progress: z.number(),
  completedAt: z.string().nullable(),
  link: z.string().nullable(),
});
/** A list and no object: a course may be named like anything, also like what every object has. */
const coursesSchema = z.array(z.object({ courseId: z.string(), version: z.number(), assignment: assignmentSchema.nullable() }));

const decodeCourses = (properties: Properties): Courses =>
  new Map(decodeDocument(coursesSchema, properties).map(({ courseId, version, assignment }) => [courseId, { version, assignment }]));
const encodeCourses = (courses: Courses): z.output<typeof coursesSchema> =>
  [...courses].map(([courseId, stored]) => ({ courseId, ...stored }));

const noCourses: Courses = new Map();

async function find(table: Table, companyId: string, objectId: string): Promise<Found<Courses> | undefined> {
  const row = await table.get({ partition: partitionOf(companyId, objectId), row: objectId });
  return row && { value: decodeCourses(row.properties), etag: row.etag };
}

/** Courses of several users; those without any are left out. */
export async function readCourses(
  { assignments: table }: Pick<Tables, 'assignments'>,
  companyId: string,
  objectIds: readonly string[],
): Promise<ReadonlyMap<string, Courses>> {
  const limit = pLimit(parallelReads);
  const read = async (objectId: string) => [objectId, (await find(table, companyId, objectId))?.value] as const;
  const found = await Promise.all(objectIds.map((objectId) => limit(read, objectId)));
  return new Map(found.flatMap(([objectId, courses]) => (courses === undefined ? [] : [[objectId, courses]])));
}

/** What one user's courses become; `null` when they stay as they are. May be asked several times: only the last answer counts. */
export type ChangeCourses = (objectId: string, courses: Courses) => Courses | null;

function chunksOf(objectIds: readonly string[]): readonly (readonly string[])[] {
  const chunks: string[][] = [];
  for (let start = 0; start < objectIds.length; start += transactionLimit) chunks.push(objectIds.slice(start, start + transactionLimit));
  return chunks;
}

/** Changes the courses of users of one partition, a transaction at a time, until nobody interfered. */
async function changePartition(table: Table, companyId: string, objectIds: readonly string[], change: ChangeCourses): Promise<void> {
  const [first] = objectIds;
  if (first === undefined) return;
  const partition = partitionOf(companyId, first);
  const limit = pLimit(parallelReads);
  let left = objectIds;
  for (let attempt = 0; left.length > 0; attempt += 1) {
    if (attempt === mostAttempts) throw new Error(`Courses in ${partition} were changed by others ${mostAttempts} times in a row.`);
    const found = await Promise.all(left.map((objectId) => limit(find, table, companyId, objectId)));
    const behind: string[] = [];
    const writes: Write[] = [];
    let characters = 0;
    for (const [index, objectId] of left.entries()) {
      if (characters >= mostCharacters) {
        behind.push(objectId);
        continue;
      }
      const stored = found[index];
      const next = change(objectId, stored?.value ?? noCourses);
      if (next === null) continue;
      const courses = encodeCourses(next);
      characters += JSON.stringify(courses).length;
      writes.push(stored ? documentWrite.replace(objectId, courses, stored.etag) : documentWrite.insert(objectId, courses));
    }
    const isDone = writes.length === 0 || (await table.write(partition, writes)).kind === 'done';
    if (!isDone) continue;
    // What did not fit is no conflict, so it is not counted as an attempt.
    attempt = -1;
    left = behind;
  }
}

/** Changes the courses of many users; those of one transaction all or none, the others independently. Repeating it is harmless when `change` says so. */
export async function changeCourses(
  { assignments: table }: Pick<Tables, 'assignments'>,
  companyId: string,
  objectIds: readonly string[],
  change: ChangeCourses,
): Promise<void> {
  const byPartition = Map.groupBy(objectIds, (objectId) => partitionOf(companyId, objectId));
  const limit = pLimit(parallelPartitions);
  await Promise.all(
    [...byPartition.values()].map((ids) =>
      limit(async () => {
        for (const chunk of chunksOf(ids)) await changePartition(table, companyId, chunk, change);
      }),
    ),
  );
}
