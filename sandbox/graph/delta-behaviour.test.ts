// How users/delta behaves over time: tombstones, repeats, replays, lag (docs/graph.md §9 items 23–34).
import { afterEach, describe, expect, it } from 'vitest';
import type { Deeds } from '../world/deeds.ts';
import type { Directory } from '../world/directory.ts';
import { type Entry, type GraphFixture, readRound, startFixture, tenantA } from './graph-fixture.ts';
import type { GraphSettings } from './settings.ts';

let fixture: GraphFixture;
afterEach(() => fixture.stop());

async function start(
  settings: Partial<GraphSettings> = {},
  users = 300,
): Promise<{ readonly deeds: Deeds; readonly directory: Directory }> {
  fixture = await startFixture({ users, settings });
  const directory = fixture.world.directory(tenantA);
  if (directory === undefined) throw new Error('The fixture has no directory.');
  return { deeds: fixture.world.deeds(tenantA), directory };
}

const feed = '/users/delta?$select=displayName,mail,assignedLicenses,manager';
const removed = (id: string, reason: string) => ({ id, '@removed': { reason } });
const live = (entries: readonly Entry[]) => entries.filter((entry) => !('@removed' in entry));

describe('users/delta over time', () => {
  it('23: a soft delete is a tombstone "changed", a purge one "deleted", both when polled between', async () => {
    const { deeds, directory } = await start();
    const id = directory.idAt(100);
    const first = await readRound(fixture, feed);
    deeds.leave(id);
    const second = await readRound(fixture, first.deltaLink);
    deeds.purge(id);
    const third = await readRound(fixture, second.deltaLink);
    expect(second.entries).toEqual([removed(id, 'changed')]);
    expect(third.entries).toEqual([removed(id, 'deleted')]);
  });

  it('24: the first round contains tombstones of unknown objects, as many as set', async () => {
    await start({ tombstoneShare: 0.95 }, 100);
    const { entries } = await readRound(fixture, feed);
    const tombstones = entries.length - live(entries).length;
    expect(tombstones / entries.length).toBeGreaterThan(0.9);
    expect(live(entries)).toHaveLength(100);
  });

  it('25: a restored user comes as a full entry; by switch only when a selected property changed', async () => {
    const { deeds, directory } = await start();
    const id = directory.idAt(100);
    const before = await readRound(fixture, feed);
    deeds.leave(id);
    const gone = await readRound(fixture, before.deltaLink);
    deeds.restore(id);
    const [entry] = (await readRound(fixture, gone.deltaLink)).entries;
    expect(entry).toMatchObject({ id, displayName: directory.snapshot(100)?.fields.displayName });
    expect(entry).not.toHaveProperty('@removed');
    fixture.graph.settings(tenantA).restoreNeedsChange = true;
    expect((await readRound(fixture, gone.deltaLink)).entries).toEqual([]);
  });

  it('26: users come twice in a round, and by default the newer entry comes last', async () => {
    const { deeds, directory } = await start({ repeatShare: 1, readAheadShare: 1, smallestPage: 20, largestPage: 40 }, 100);
    const entries: Entry[] = [];
    let link: string | undefined = feed;
    for (let page = 0; link !== undefined; page++) {
      const reply = await fixture.get(link);
      entries.push(...((reply.json['value'] ?? []) as Entry[]));
      for (let ordinal = 30; ordinal < 100; ordinal++) deeds.rename(directory.idAt(ordinal), { displayName: `Name ${1000 + page}` });
      link = reply.json['@odata.nextLink'] as string | undefined;
    }
    const seen = new Map<string, string[]>();
    for (const entry of live(entries)) seen.set(entry.id, [...(seen.get(entry.id) ?? []), String(entry['displayName'])]);
    const differing = [...seen.values()].filter((names) => new Set(names).size > 1);
    expect(differing.length).toBeGreaterThan(10);
    for (const names of differing.filter(([name]) => name?.startsWith('Name '))) expect(names).toEqual(names.toSorted());
  });

  it('26: by switch an older entry may come last, and the next round corrects it', async () => {
    const { deeds, directory } = await start(
      { repeatShare: 1, readAheadShare: 0.5, newestLast: false, smallestPage: 20, largestPage: 40 },
      100,
    );
    const page = await fixture.get(feed);
    for (let ordinal = 30; ordinal < 100; ordinal++) deeds.rename(directory.idAt(ordinal), { displayName: 'New Name' });
    const rest = await readRound(fixture, String(page.json['@odata.nextLink']));
    const last = new Map(live(rest.entries).map((entry) => [entry.id, entry['displayName']]));
    const newFirst = live(rest.entries).filter((entry) => entry['displayName'] === 'New Name' && last.get(entry.id) !== 'New Name');
    expect(newFirst.length).toBeGreaterThan(0);
    const next = await readRound(fixture, rest.deltaLink);
    expect(new Set(live(next.entries).map((entry) => entry['displayName']))).toEqual(new Set(['New Name']));
    expect(new Set(next.entries.map((entry) => entry.id)).size).toBe(70);
  });

  it('27: earlier changes are replayed in later rounds', async () => {
    const { deeds, directory } = await start({ replayShare: 1 });
    const first = await readRound(fixture, feed);
    deeds.rename(directory.idAt(100), { displayName: 'Replayed' });
    const second = await readRound(fixture, first.deltaLink);
    const third = await readRound(fixture, second.deltaLink);
    expect(third.entries.find((entry) => entry.id === directory.idAt(100))).toMatchObject({ displayName: 'Replayed' });
  });

  it('27: a replayed creation does not hide the tombstone of somebody already delivered', async () => {
    const { deeds } = await start({ replayShare: 1 });
    const first = await readRound(fixture, feed);
    const ids = Array.from({ length: 20 }, (_, index) => deeds.hire({ displayName: 'Known', alias: `known.${index}` }));
    const second = await readRound(fixture, first.deltaLink);
    for (const id of ids) deeds.leave(id);
    const { entries } = await readRound(fixture, second.deltaLink);
    for (const id of ids) expect(entries).toContainEqual(removed(id, 'changed'));
  });

  it('28: users come although nothing changed', async () => {
    const { directory } = await start({ falsePositiveShare: 0.1 });
    const first = await readRound(fixture, feed);
    const { entries } = await readRound(fixture, first.deltaLink);
    expect(entries).toHaveLength(Math.round(directory.objectCount() * 0.1));
    expect(entries.every((entry) => !('manager@delta' in entry))).toBe(true);
  });

  it('29: changes are withheld for some rounds, and none is lost', async () => {
    const { deeds, directory } = await start({ lagRounds: 2 });
    let { deltaLink } = await readRound(fixture, feed);
    for (let ordinal = 50; ordinal < 150; ordinal++) deeds.rename(directory.idAt(ordinal), { displayName: 'Late' });
    const counts: number[] = [];
    for (let round = 0; round < 4; round++) {
      const next = await readRound(fixture, deltaLink);
      counts.push(next.entries.length);
      ({ deltaLink } = next);
    }
    expect(counts.slice(0, 3).every((count) => count > 10)).toBe(true);
    expect([counts.slice(0, 3).reduce((sum, count) => sum + count), counts[3]]).toEqual([100, 0]);
  });

  it('29: by switch old and new state alternate', async () => {
    const { deeds, directory } = await start({ alternateOldAndNew: true });
    const id = directory.idAt(100);
    const old = directory.snapshot(100)?.fields.displayName;
    let { deltaLink } = await readRound(fixture, feed);
    deeds.rename(id, { displayName: 'Other' });
    const names: unknown[] = [];
    for (let round = 0; round < 4; round++) {
      const next = await readRound(fixture, deltaLink);
      names.push(...next.entries.map((entry) => entry['displayName']));
      ({ deltaLink } = next);
    }
    expect(names).toEqual(['Other', old, 'Other']);
  });

  it('30: of a user created and deleted between two rounds there is a tombstone or nothing', async () => {
    const { deeds } = await start();
    const first = await readRound(fixture, feed);
    const ids = Array.from({ length: 20 }, (_, index) => deeds.hire({ displayName: 'Short Stay', alias: `short.${index}` }));
    for (const id of ids) deeds.leave(id);
    const { entries } = await readRound(fixture, first.deltaLink);
    expect(live(entries)).toEqual([]);
    expect(entries.length).toBeGreaterThan(2);
    expect(entries.length).toBeLessThan(18);
  });

  it('31: a change during a round comes in this round or the next; by switch it is lost', async () => {
    const { deeds, directory } = await start({ readAheadShare: 0.5 }, 600);
    const during = async () => {
      const page = await fixture.get(feed);
      for (let ordinal = 0; ordinal < 600; ordinal += 3) {
        if (directory.snapshot(ordinal)?.state === 'live')
          deeds.rename(directory.idAt(ordinal), { displayName: `During ${directory.version()}` });
      }
      const rest = await readRound(fixture, String(page.json['@odata.nextLink']));
      return { seen: live(rest.entries).filter((entry) => String(entry['displayName']).startsWith('During')).length, rest };
    };
    const { seen, rest } = await during();
    expect(seen).toBeGreaterThan(10);
    expect(seen).toBeLessThan(190);
    expect(new Set((await readRound(fixture, rest.deltaLink)).entries.map((entry) => entry.id)).size).toBeGreaterThan(190);
    fixture.graph.settings(tenantA).loseChangesWhilePaging = true;
    const lost = await during();
    expect((await readRound(fixture, lost.rest.deltaLink)).entries).toEqual([]);
  });

  it('32: each round has its own order, and the same seed gives the same orders', async () => {
    await start({}, 100);
    const ids = async () => (await readRound(fixture, feed)).entries.map((entry) => entry.id);
    const [first, second] = [await ids(), await ids()];
    expect(first).not.toEqual(second);
    expect(first.toSorted()).toEqual(second.toSorted());
    await fixture.stop();
    await start({}, 100);
    expect([await ids(), await ids()]).toEqual([first, second]);
  });

  it('33: by switch a new user comes without mail and licences first', async () => {
    const { deeds } = await start({ lateProvisioning: true });
    const first = await readRound(fixture, feed);
    const id = deeds.hire({ displayName: 'Slow Mailbox', alias: 'slow.mailbox' });
    const second = await readRound(fixture, first.deltaLink);
    const third = await readRound(fixture, second.deltaLink);
    expect(second.entries).toEqual([{ id, displayName: 'Slow Mailbox', assignedLicenses: [] }]);
    expect(third.entries).toMatchObject([{ id, mail: 'slow.mailbox@alpine.example', assignedLicenses: [{ disabledPlans: [] }] }]);
    expect((await readRound(fixture, third.deltaLink)).entries).toEqual([]);
  });

  it('34: by switch $select=* gives everything on the first page and four properties later', async () => {
    await start({ starSelectShrinks: true });
    const { pages } = await readRound(fixture, '/users/delta?$select=*');
    const width = (page: number) => Math.max(...((pages[page]?.json['value'] ?? []) as Entry[]).map((entry) => Object.keys(entry).length));
    expect(width(0)).toBeGreaterThan(20);
    expect(width(1)).toBe(4);
  });
});
