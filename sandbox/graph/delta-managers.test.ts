// Managers as users/delta tells them, and as it does not (docs/graph.md §9 items 35–40).
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
const live = (entries: readonly Entry[]) => entries.filter((entry) => !('@removed' in entry));
const user = (id: string) => ({ '@odata.type': '#microsoft.graph.user', id });
const formerUser = (id: string) => ({ ...user(id), '@removed': { reason: 'deleted' } });

describe('managers in users/delta', () => {
  it('35: come as manager@delta when selected, initially and when changed, and never as manager', async () => {
    const { deeds, directory } = await start();
    const first = await readRound(fixture, feed);
    const withManager = first.entries.filter((entry) => 'manager@delta' in entry);
    expect(withManager.length).toBeGreaterThan(200);
    expect(first.entries.some((entry) => 'manager' in entry)).toBe(false);
    expect((await readRound(fixture, '/users/delta?$select=displayName')).entries.some((entry) => 'manager@delta' in entry)).toBe(false);
    deeds.rename(directory.idAt(100), { displayName: 'Same Manager' });
    const [renamed] = (await readRound(fixture, first.deltaLink)).entries;
    expect(renamed).toMatchObject({ displayName: 'Same Manager' });
    expect(renamed).not.toHaveProperty('manager@delta');
  });

  it('36: a changed manager comes in one of three shapes, a removed one as removed only', async () => {
    const { deeds, directory } = await start();
    const first = await readRound(fixture, feed);
    const ordinals = Array.from({ length: 200 }, (_, index) => index + 50).filter((ordinal) => directory.manager(ordinal) !== null);
    const former = new Map(ordinals.map((ordinal) => [directory.idAt(ordinal), directory.manager(ordinal)?.id ?? '']));
    const successor = directory.idAt(299);
    for (const id of former.keys()) deeds.changeManager(id, successor);
    const second = await readRound(fixture, first.deltaLink);
    const shapes = new Set<string>();
    for (const entry of second.entries) {
      const old = former.get(entry.id) ?? '';
      const allowed = [[user(successor)], [formerUser(old), user(successor)], [user(successor), formerUser(old)]].map((shape) =>
        JSON.stringify(shape),
      );
      const shape = JSON.stringify(entry['manager@delta']);
      expect(allowed).toContain(shape);
      shapes.add(String(allowed.indexOf(shape)));
    }
    expect(shapes.size).toBe(3);
    const [id = ''] = former.keys();
    deeds.changeManager(id, null);
    expect((await readRound(fixture, second.deltaLink)).entries).toMatchObject([{ id, 'manager@delta': [formerUser(successor)] }]);
  });

  it('37: managers may come on a later entry of their own', async () => {
    await start({ separateManagerShare: 0.5 }, 400);
    const { entries } = await readRound(fixture, feed);
    const linkOnly = entries.filter((entry) => Object.keys(entry).toSorted().join() === 'id,manager@delta');
    expect(linkOnly.length).toBeGreaterThan(100);
    for (const entry of linkOnly) {
      const earlier = entries.find((other) => other.id === entry.id);
      expect(earlier).toHaveProperty('displayName');
      expect(earlier).not.toHaveProperty('manager@delta');
    }
  });

  it('38: some managers are never told by delta, yet direct read and expand show them', async () => {
    const { directory } = await start({ omittedManagerShare: 0.3 });
    const { entries } = await readRound(fixture, feed);
    const omitted = live(entries).filter((entry) => {
      const ordinal = directory.ordinalOfId(entry.id);
      return !('manager@delta' in entry) && ordinal !== undefined && directory.manager(ordinal)?.type === 'user';
    });
    expect(omitted.length).toBeGreaterThan(40);
    const id = omitted.find((entry) => (directory.ordinalOfId(entry.id) ?? 0) > 30)?.id ?? '';
    const expected = directory.manager(directory.ordinalOfId(id) ?? 0)?.id;
    expect((await fixture.get(`/users/${id}/manager?$select=id`)).json).toMatchObject({ id: expected });
    const listed = (await fixture.get('/users?$select=id&$expand=manager($select=id)&$top=999')).json['value'] as Entry[];
    expect(listed.find((entry) => entry.id === id)?.['manager']).toMatchObject({ id: expected });
  });

  it('39: a manager may be a guest, a contact, a deleted id, the user himself, or part of a cycle', async () => {
    const { directory } = await start({}, 25);
    const { entries } = await readRound(fixture, feed);
    const managers = new Map(
      entries.flatMap((entry) => {
        const [element] = (entry['manager@delta'] ?? []) as readonly { readonly id: string; readonly '@odata.type': string }[];
        return element === undefined ? [] : [[entry.id, element] as const];
      }),
    );
    const states = [...managers.values()].flatMap(({ id }) => {
      const ordinal = directory.ordinalOfId(id);
      return ordinal === undefined ? [] : [directory.snapshot(ordinal)];
    });
    expect([...managers.values()].some((manager) => manager['@odata.type'] === '#microsoft.graph.orgContact')).toBe(true);
    expect(states.some((snapshot) => snapshot?.truth.kind === 'guest')).toBe(true);
    expect(states.some((snapshot) => snapshot?.state === 'purged')).toBe(true);
    expect([...managers].some(([id, manager]) => manager.id === id)).toBe(true);
    expect([...managers].some(([id, manager]) => manager.id !== id && managers.get(manager.id)?.id === id)).toBe(true);
  });

  it('40: deleting a manager sends nothing about the reports', async () => {
    const { deeds, directory } = await start();
    const first = await readRound(fixture, feed);
    const manager = directory.manager(200)?.id ?? '';
    deeds.purge(manager);
    expect((await readRound(fixture, first.deltaLink)).entries).toEqual([{ id: manager, '@removed': { reason: 'deleted' } }]);
  });
});
