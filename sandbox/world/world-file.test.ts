// A saved world comes back as it was, and goes on from there.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Directory } from './directory.ts';
import { loadExport } from './load-export.ts';
import { seedDirectory } from './seed.ts';
import { makeWorld } from './world.ts';
import { loadWorld, saveWorld } from './world-file.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'world-'));
  file = path.join(folder, 'world.json');
});
afterEach(() => rm(folder, { recursive: true }));

const clock = { now: () => Date.UTC(2026, 0, 5) };
const seeded = () => seedDirectory({ tenantId: 'tenant-1', domain: 'alpine.example', companyName: 'Alpine', users: 5_000, seed: 'x' });
const loaded = () =>
  loadExport(
    JSON.stringify([
      { id: 'a', displayName: 'Ada', jobTitle: null },
      { id: 'b', '@removed': { reason: 'changed' } },
    ]),
    { tenantId: 'tenant-2', domain: 'loaded.example' },
  );

function contents(directory: Directory): unknown {
  const objects = Array.from({ length: directory.objectCount() }, (_, ordinal) => directory.snapshot(ordinal));
  return {
    ...directory,
    objects,
    commits: directory.commits(),
    generation: directory.generation,
    live: directory.liveCount(),
    ...functionsRemoved,
  };
}
const functionsRemoved = Object.fromEntries(
  Object.entries(seeded()).flatMap(([name, value]) => (typeof value === 'function' && name !== 'commits' ? [[name, undefined]] : [])),
);

describe('a saved world', () => {
  it('comes back with its people, its history and its generation', async () => {
    const world = makeWorld({ clock, directories: [seeded(), loaded()] });
    const deeds = world.deeds('tenant-1');
    const id = deeds.hire({ displayName: 'Nina New', alias: 'nina.new' });
    deeds.leave(id);
    world.deeds('tenant-2').rename('a', { displayName: 'Ada Two' });
    await saveWorld(file, world);
    const restored = await loadWorld(file);
    expect(restored?.map(contents)).toEqual(world.directories().map(contents));
  });

  it('goes on where it was: new objects get new ids and versions', async () => {
    const world = makeWorld({ clock, directories: [seeded()] });
    const first = world.deeds('tenant-1').hire({ displayName: 'One', alias: 'one' });
    await saveWorld(file, world);
    const again = makeWorld({ clock, directories: (await loadWorld(file)) ?? [] });
    const version = again.directory('tenant-1')?.version() ?? 0;
    const second = again.deeds('tenant-1').hire({ displayName: 'Two', alias: 'two' });
    expect(second).not.toBe(first);
    expect(again.directory('tenant-1')?.version()).toBe(version + 1);
    expect(version).toBe(world.directory('tenant-1')?.version());
  });

  it('writes of a seeded tenant only what happened since, readable by its owner alone', async () => {
    await saveWorld(file, makeWorld({ clock, directories: [seeded()] }));
    expect((await readFile(file, 'utf8')).length).toBeLessThan(20_000);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  it('is undefined when there is no file, and an error when the file is something else', async () => {
    expect(await loadWorld(file)).toBeUndefined();
    await writeFile(file, '{"format": 2}');
    await expect(loadWorld(file)).rejects.toThrow(/is not a saved world/);
    await writeFile(file, 'half a fi');
    await expect(loadWorld(file)).rejects.toThrow(/is not JSON; delete it/);
  });
});
