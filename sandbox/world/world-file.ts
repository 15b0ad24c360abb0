// Keeps the sandbox's world in a file, so that a restart finds the same people, and the links given to clients stay good.
import { readFile, rename, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Commit, Directory } from './directory.ts';
import { changeKinds, type Snapshot } from './directory-object.ts';
import { directoryOfObjects } from './load-export.ts';
import { seedDirectory } from './seed.ts';
import type { World } from './world.ts';

const snapshotSchema = z.custom<Snapshot>(
  (value) => z.object({ fields: z.looseObject({ id: z.string() }), state: z.string() }).safeParse(value).success,
);

const commitSchema = z.object({
  version: z.number(),
  ordinal: z.number(),
  at: z.number(),
  kind: z.enum(changeKinds),
  properties: z.array(z.string()),
  snapshot: snapshotSchema,
});

const seedSchema = z.object({
  tenantId: z.string(),
  domain: z.string(),
  companyName: z.string().exactOptional(),
  users: z.number().int().nonnegative(),
  seed: z.union([z.number(), z.string()]),
  accounts: z.array(z.object({ objectId: z.string(), userPrincipalName: z.string(), displayName: z.string() })).exactOptional(),
});

const worldSchema = z.object({
  format: z.literal(1),
  tenants: z.array(
    z.object({
      tenantId: z.string(),
      domain: z.string(),
      displayName: z.string(),
      source: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('seed'), options: seedSchema }),
        z.object({ kind: z.literal('objects'), objects: z.array(snapshotSchema) }),
      ]),
      commits: z.array(commitSchema),
    }),
  ),
});

/** Writes all directories: for seeded ones the seed and what happened since, for loaded ones everything. */
export async function saveWorld(file: string, world: Pick<World, 'directories'>): Promise<void> {
  const tenants = world
    .directories()
    .map(({ tenantId, domain, displayName, source, commits }) => ({ tenantId, domain, displayName, source, commits: commits() }));
  const unfinished = `${file}.new`;
  await writeFile(unfinished, JSON.stringify({ format: 1, tenants }), { mode: 0o600 });
  await rename(unfinished, file);
}

/** Reads the directories back. @returns undefined when there is no file. @throws Error when it is not a world of this format. */
export async function loadWorld(file: string): Promise<readonly Directory[] | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const parsed = worldSchema.safeParse(parseJson(text, file));
  if (!parsed.success) throw new Error(`${file} is not a saved world: ${z.prettifyError(parsed.error)}`);
  return parsed.data.tenants.map(({ source, commits, ...identity }) => {
    const restored: readonly Commit[] = commits;
    if (source.kind === 'seed') return seedDirectory(source.options, restored);
    return directoryOfObjects({ ...identity, objects: source.objects, commits: restored });
  });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file} is not JSON; delete it to start with a fresh world.`, { cause });
  }
}
