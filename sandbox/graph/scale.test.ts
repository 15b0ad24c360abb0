// Large tenants and restarts: 100,000 users page by page, the same for the same seed, and links that outlive the process
// (docs/graph.md §9 item 58).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { seedDirectory } from '../world/seed.ts';
import { loadWorld, saveWorld } from '../world/world-file.ts';
import { entriesOf, errorCode, type GraphFixture, linkOf, readRound, startFixture, tenantA } from './graph-fixture.ts';
import { defaultSettings } from './settings.ts';

const fixtures: GraphFixture[] = [];
async function start(options: Parameters<typeof startFixture>[0]): Promise<GraphFixture> {
  const fixture = await startFixture(options);
  fixtures.push(fixture);
  return fixture;
}
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.stop();
});

it('58: serves 100,000 users, nobody missing, never more than 200 a page', async () => {
  const fixture = await start({ users: 100_000, settings: defaultSettings });
  const ids = new Set<string>();
  let largest = 0;
  for (let link: string | undefined = '/users/delta?$select=id'; link !== undefined; ) {
    const page = await fixture.get(link);
    const entries = entriesOf(page);
    largest = Math.max(largest, entries.length);
    for (const entry of entries) if (!('@removed' in entry)) ids.add(entry.id);
    link = linkOf(page, 'nextLink');
  }
  expect(ids.size).toBe(100_000);
  expect(largest).toBeLessThanOrEqual(200);
});

it('58: two stand-ins with the same seed give the same pages', async () => {
  const bodies = async () => {
    const fixture = await start({ users: 400, settings: defaultSettings });
    const { pages } = await readRound(fixture, '/users/delta?$select=displayName,manager');
    return pages.map((page) => page.text.replaceAll(fixture.graph.baseUrl, ''));
  };
  expect(await bodies()).toEqual(await bodies());
});

it('links survive a restart, and are refused by a directory that has another past', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'graph-'));
  const file = path.join(folder, 'world.json');
  const before = await start({ users: 400, settings: defaultSettings });
  const { deltaLink } = await readRound(before, '/users/delta?$select=displayName');
  const nextLink = linkOf(await before.get('/users/delta?$select=displayName'), 'nextLink') ?? '';
  const id = before.world.deeds(tenantA).hire({ displayName: 'Before the restart', alias: 'before' });
  await saveWorld(file, before.world);
  await before.graph.stop();

  const after = await start({ users: 400, settings: defaultSettings });
  const moved = (link: string) => link.replace(before.graph.baseUrl, after.graph.baseUrl);
  for (const directory of (await loadWorld(file)) ?? []) after.world.put(directory);
  await rm(folder, { recursive: true });
  expect((await readRound(after, moved(deltaLink))).entries).toEqual([{ id, displayName: 'Before the restart' }]);
  expect(entriesOf(await after.get(moved(nextLink))).length).toBeGreaterThan(100);
  after.world.put(seedDirectory({ tenantId: tenantA, domain: 'other.example', users: 30, seed: 9 }));
  expect(errorCode(await after.get(moved(deltaLink)))).toBe('Request_UnsupportedQuery');
});
