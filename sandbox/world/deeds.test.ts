// Deeds: what changes, what the log says of it, and what is refused.
import { beforeEach, describe, expect, it } from 'vitest';
import { DeedRefused, type Deeds, deedsOf } from './deeds.ts';
import type { Directory } from './directory.ts';
import { seedDirectory } from './seed.ts';

let directory: Directory;
let deeds: Deeds;
let start: number;
const now = Date.UTC(2026, 0, 5, 12);

beforeEach(() => {
  directory = seedDirectory({ tenantId: 'tenant-1', domain: 'alpine.example', users: 40, seed: 1 });
  deeds = deedsOf(directory, () => now);
  start = directory.version();
});

const present = (id: string) => directory.snapshot(directory.ordinalOfId(id) ?? -1);
const news = () => directory.changes(start, directory.version()).map(({ kind, properties }) => [kind, ...properties]);

describe('deeds', () => {
  it('hiring makes an enabled, licensed member with a mailbox', () => {
    const boss = directory.idAt(0);
    const id = deeds.hire({ displayName: 'Nina New', alias: 'nina.new', managerId: boss, fields: { jobTitle: 'Baker' } });
    expect(present(id)).toMatchObject({
      state: 'live',
      manager: { id: boss, type: 'user' },
      fields: {
        id,
        displayName: 'Nina New',
        givenName: 'Nina',
        surname: 'New',
        jobTitle: 'Baker',
        mail: 'nina.new@alpine.example',
        createdDateTime: '2026-01-05T12:00:00Z',
      },
    });
    expect(directory.liveCount()).toBe(41);
    expect(directory.changes(start, start + 1)).toMatchObject([{ kind: 'created', at: now, version: start + 1 }]);
  });

  it('leaving, restoring and purging go through the states and are logged as such', () => {
    const id = directory.idAt(30);
    deeds.leave(id);
    deeds.restore(id);
    deeds.leave(id);
    deeds.purge(id);
    expect(news()).toEqual([['deleted'], ['restored'], ['deleted'], ['purged']]);
    expect(directory.liveCount()).toBe(39);
  });

  it('changes log the properties that changed, and nothing when nothing does', () => {
    const id = deeds.hire({ displayName: 'Cara Changes', alias: 'cara.changes', fields: { jobTitle: 'Baker', businessPhones: ['+41 1'] } });
    start = directory.version();
    deeds.rename(id, { displayName: 'Re Named', userPrincipalName: 're.named@alpine.example' });
    deeds.rename(id, { displayName: 'Re Named' });
    deeds.change(id, { jobTitle: null, businessPhones: [] });
    deeds.changeManager(id, directory.idAt(31));
    deeds.changeManager(id, { id: 'contact-1', type: 'orgContact' });
    deeds.changeManager(id, null);
    deeds.disable(id);
    deeds.disable(id);
    deeds.enable(id);
    const manager = ['changed', 'manager'];
    const enabled = ['changed', 'accountEnabled'];
    expect(news()).toEqual([
      ['changed', 'displayName', 'userPrincipalName'],
      ['changed', 'businessPhones', 'jobTitle'],
      manager,
      manager,
      manager,
      enabled,
      enabled,
    ]);
    expect(present(id)?.fields['jobTitle']).toBeNull();
  });

  it('rehiring makes a new object with the old names', () => {
    const id = directory.idAt(30);
    deeds.leave(id);
    const again = deeds.rehire(id);
    expect(again).not.toBe(id);
    expect(present(again)?.fields.userPrincipalName).toBe(present(id)?.fields.userPrincipalName);
    expect(directory.ordinalOfId(again)).toBe(directory.objectCount() - 1);
  });

  it('the past stays readable', () => {
    const id = directory.idAt(30);
    const before = directory.snapshot(30);
    deeds.rename(id, { displayName: 'Later' });
    deeds.leave(id);
    expect(directory.snapshot(30, start)).toEqual(before);
    expect(directory.snapshot(30, start + 1)).toMatchObject({ state: 'live', fields: { displayName: 'Later' } });
    expect(directory.history(30, start, start + 2)).toHaveLength(3);
    const hired = deeds.hire({ displayName: 'Not Yet', alias: 'not.yet' });
    expect(directory.snapshot(directory.ordinalOfId(hired) ?? 0, start)).toBeUndefined();
    expect(directory.objectCount(start)).toBe(directory.objectCount() - 1);
    expect([directory.versionAt(now - 1), directory.versionAt(now)]).toEqual([start, start + 3]);
  });

  it('what is not possible is refused in words', () => {
    const id = directory.idAt(30);
    expect(() => deeds.leave('nobody')).toThrow(/no user nobody/);
    expect(() => deeds.restore(id)).toThrow(/is live; it would have to be deleted/);
    expect(() => deeds.rehire(id)).toThrow(/has not left/);
    deeds.leave(id);
    expect(() => deeds.leave(id)).toThrow(DeedRefused);
    expect(() => deeds.change(id, { jobTitle: 'x' })).toThrow(/restore it first/);
    deeds.purge(id);
    expect(() => deeds.restore(id)).toThrow(DeedRefused);
  });
});
