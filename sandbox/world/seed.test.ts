// The seeded companies: the same for the same seed, complete in awkward cases however small, and cheap however large.
import { describe, expect, it } from 'vitest';
import { accountKinds } from '../../shared/domain/user.ts';
import { castRoles } from './awkward-cast.ts';
import type { Directory } from './directory.ts';
import type { Snapshot } from './directory-object.ts';
import { makePermutation } from './random.ts';
import { seedDirectory } from './seed.ts';
import { seedTenants } from './seed-tenants.ts';
import { allTenants, customerTenants } from './tenants.ts';

const options = { tenantId: 'tenant-1', domain: 'alpine.example', companyName: 'Alpine', users: 25, seed: 1 };

function snapshots(directory: Directory): readonly Snapshot[] {
  return Array.from({ length: directory.objectCount() }, (_, ordinal) => directory.snapshot(ordinal)).filter(
    (snapshot) => snapshot !== undefined,
  );
}

const live = (directory: Directory) => snapshots(directory).filter((snapshot) => snapshot.state === 'live');

describe('a seeded directory', () => {
  it.each([25, 400, 5_000])('has %i live users, with ids and principal names of their own', (users) => {
    const directory = seedDirectory({ ...options, users });
    const people = live(directory);
    expect([people.length, directory.liveCount()]).toEqual([users, users]);
    expect(new Set(people.map(({ fields }) => fields.id)).size).toBe(users);
    expect(new Set(people.map(({ fields }) => fields.userPrincipalName?.toLowerCase())).size).toBe(users);
    for (const [ordinal, { fields }] of snapshots(directory).entries()) expect(directory.ordinalOfId(fields.id)).toBe(ordinal);
  });

  it('is the same for the same seed and another for another', () => {
    const text = (seed: number) => JSON.stringify(snapshots(seedDirectory({ ...options, users: 200, seed })));
    expect(text(1)).toBe(text(1));
    expect(text(1)).not.toBe(text(2));
  });

  it('has every account kind, and every userPurpose Graph could tell, even with 25 users', () => {
    const people = live(seedDirectory(options));
    const kinds = new Set(people.map(({ truth }) => truth.kind));
    expect([...accountKinds].filter((kind) => kind !== 'unknown' && !kinds.has(kind))).toEqual([]);
    expect(new Set(people.map(({ truth }) => truth.purpose))).toEqual(new Set(['user', 'shared', 'room', 'equipment', 'none', 'hidden']));
  });

  it('has the awkward cases of real tenants, even with 25 users', () => {
    const directory = seedDirectory(options);
    const of = (role: number) => directory.snapshot(role)?.fields ?? { id: '' };
    const all = live(directory).map(({ fields }) => fields);
    const names = all.map((fields) => fields.userPrincipalName ?? '');
    expect(all.filter((fields) => fields.accountEnabled === false && fields['surname'] === 'Leaver')).toHaveLength(1);
    expect(of(castRoles.unlicensed)['assignedLicenses']).toEqual([]);
    expect([of(castRoles.sharedDisabled).accountEnabled, of(castRoles.sharedEnabled).accountEnabled]).toEqual([false, true]);
    expect(of(castRoles.resourceAccount)['department']).toBe('Microsoft Communication Application Instance');
    expect(of(castRoles.resourceAccount)['assignedLicenses']).not.toEqual([]);
    for (const beginning of ['Sync_', 'MSOL_', 'HealthMailbox', 'svc-'])
      expect(names.some((name) => name.startsWith(beginning))).toBe(true);
    expect([of(castRoles.guest).userType, of(castRoles.guestWithoutType).userType]).toEqual(['Guest', null]);
    expect(of(castRoles.guestWithoutType).userPrincipalName).toContain('#EXT#');
    expect(of(castRoles.twin)['employeeId']).toBe(of(castRoles.twinAdmin)['employeeId']);
    expect(of(castRoles.twinAdmin).mail).toBeNull();
    expect(of(castRoles.equalMail).mail).toBe(of(castRoles.otherEqualMail).mail);
    expect(of(castRoles.renamed).mail).not.toBe(of(castRoles.renamed).userPrincipalName);
    expect(of(castRoles.mailGivenUp).mail).toMatch(/[A-Z]/);
    expect(of(castRoles.mailTakenOver).mail).toBe(directory.snapshot(castRoles.mailGivenUp, 0)?.fields.mail);
    expect(of(castRoles.mailTakenOver).displayName).toContain('小龙');
    const sameName = snapshots(directory).filter(({ fields }) => fields.userPrincipalName === "siobhan.o'malley@alpine.example");
    expect(sameName.map(({ state }) => state)).toEqual(['purged', 'live']);
    expect(new Set(sameName.map(({ fields }) => fields.id)).size).toBe(2);
  });

  it('has managers in several levels, and nearly everybody has one', () => {
    const directory = seedDirectory({ ...options, users: 5_000 });
    const depth = (ordinal: number, seen = 0): number => {
      const manager = directory.manager(ordinal);
      const above = manager === null ? undefined : directory.ordinalOfId(manager.id);
      return above === undefined || seen > 20 ? seen : depth(above, seen + 1);
    };
    const people = Array.from({ length: 1_000 }, (_, index) => 4_000 + index).filter(
      (ordinal) => directory.snapshot(ordinal)?.truth.kind === 'person',
    );
    expect(Math.max(...people.map((ordinal) => depth(ordinal)))).toBeGreaterThanOrEqual(4);
    expect(people.filter((ordinal) => directory.manager(ordinal) !== null).length / people.length).toBeGreaterThan(0.95);
    for (const ordinal of people) {
      const above = directory.ordinalOfId(directory.manager(ordinal)?.id ?? '');
      if (above !== undefined) expect(directory.snapshot(above)?.truth.kind).toBe('person');
    }
  });

  it.each([
    [400, 3],
    [5_000, 4],
  ])('of %i users has managers at %i levels', (users, levels) => {
    const directory = seedDirectory({ ...options, users });
    const aboveOf = (ordinal: number) => directory.ordinalOfId(directory.manager(ordinal)?.id ?? '');
    const leads = new Set(Array.from({ length: users }, (_, ordinal) => aboveOf(ordinal)));
    const depth = (ordinal: number, seen: readonly number[] = []): number => {
      const above = aboveOf(ordinal);
      return above === undefined || seen.includes(above) ? seen.length : depth(above, [...seen, above]);
    };
    const managers = Array.from({ length: users }, (_, ordinal) => ordinal).filter(
      (ordinal) => ordinal >= Object.keys(castRoles).length && leads.has(ordinal),
    );
    expect(new Set(managers.map((ordinal) => depth(ordinal))).size).toBe(levels);
  });

  it('has one head, and no cycles but those of the awkward cast', () => {
    const directory = seedDirectory({ ...options, users: 1_000 });
    const cast = Object.keys(castRoles).length;
    for (let ordinal = cast; ordinal < 1_000; ordinal++) {
      const above = directory.ordinalOfId(directory.manager(ordinal)?.id ?? '');
      if (above !== undefined) expect(above).toBeLessThan(ordinal);
    }
    expect(directory.manager(cast)).toBeNull();
    expect(directory.manager(castRoles.disabled)).toEqual({ id: directory.idAt(cast), type: 'user' });
  });

  it('contains those who can sign in, under their own object ids', () => {
    const directories = seedTenants(allTenants, 1);
    expect(directories.map((directory) => directory.tenantId)).toEqual(customerTenants.map((tenant) => tenant.tenantId));
    for (const [index, tenant] of customerTenants.entries()) {
      const directory = directories[index];
      expect(directory?.liveCount()).toBe(tenant.users);
      for (const { objectId, displayName, userPrincipalName } of tenant.accounts) {
        const ordinal = directory?.ordinalOfId(objectId);
        expect(directory?.snapshot(ordinal ?? 99)?.fields).toMatchObject({ displayName, userPrincipalName });
      }
    }
  });

  it('says the same of a state and a manager as the whole snapshot does', () => {
    const directory = seedDirectory({ ...options, users: 600 });
    for (let ordinal = 0; ordinal < directory.objectCount(); ordinal++) {
      const snapshot = directory.snapshot(ordinal);
      expect([directory.state(ordinal), directory.manager(ordinal)]).toEqual([snapshot?.state, snapshot?.manager]);
    }
  });

  it('costs next to nothing at 300,000 users until they are read', () => {
    const before = process.memoryUsage().heapUsed;
    const directory = seedDirectory({ ...options, users: 300_000 });
    for (let ordinal = 0; ordinal < 300_000; ordinal += 100) {
      const id = directory.idAt(ordinal);
      expect(directory.ordinalOfId(id)).toBe(ordinal);
      expect(directory.snapshot(ordinal)?.fields.id).toBe(id);
    }
    expect(directory.liveCount()).toBe(300_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
  });
});

describe('a permutation', () => {
  it.each([1, 2, 3, 7, 64, 1_000])('of %i numbers is one to one, and its inverse undoes it', (size) => {
    const order = makePermutation(size, 42);
    const values = Array.from({ length: size }, (_, position) => order.at(position));
    expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, value) => value));
    values.forEach((value, position) => expect(order.positionOf(value)).toBe(position));
  });
});
