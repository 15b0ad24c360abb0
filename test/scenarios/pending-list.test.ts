// The Pending for Approval list and what stands on it: sorted, filtered, searched, paged, with a suggestion and its reasons on every line.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountKind } from '../../shared/domain/user.ts';
import type { UserView } from '../../sandbox/api.ts';
import { openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
let company: StageCompany;
let everybody: readonly UserView[];

beforeAll(async () => {
  stage = await openStage();
  company = await stage.connectCompany({ name: 'Aspen', users: 320 });
  company.deeds.hire({ displayName: 'Älva Ångström', alias: 'alva.angstrom' });
  company.deeds.hire({ displayName: 'aaron Lower', alias: 'aaron.lower' });
  company.deeds.hire({ displayName: 'Zoë Zulu', alias: 'zoe.zulu' });
  await stage.syncNow(company);
  everybody = await company.admin.allUsers(company.companyId);
});
afterAll(async () => await stage?.stop());

const idsOf = (users: readonly UserView[]) => users.map((user) => user.userId).toSorted();
const list = async (query: Readonly<Record<string, string | number>>) => await company.admin.allUsers(company.companyId, query);

describe('S9 the pending list', () => {
  it('S9 shows everybody who waits, each once, by name without regard to case or accents', () => {
    expect(everybody).toHaveLength(323);
    expect(new Set(idsOf(everybody)).size).toBe(323);
    const names = everybody.map((user) => user.displayName);
    const plain = names.filter((name) => /^[A-Za-z .]+$/.test(name)).map((name) => name.toLowerCase());
    expect(plain.length).toBeGreaterThan(100);
    expect(plain).toEqual(plain.toSorted());
    const place = (name: string) => names.indexOf(name);
    expect(place('aaron Lower')).toBeLessThan(place('Älva Ångström'));
    expect(place('Älva Ångström')).toBeLessThan(place('Nadia After'));
    expect(place('Nadia After')).toBeLessThan(place('Zoë Zulu'));
  });

  it('S9 shows the newest first when asked to', async () => {
    const newest = await list({ sort: 'arrival' });
    expect(
      newest
        .slice(0, 3)
        .map((user) => user.displayName)
        .toSorted(),
    ).toEqual(['Zoë Zulu', 'aaron Lower', 'Älva Ångström']);
    expect(idsOf(newest)).toEqual(idsOf(everybody));
    const instants = newest.map((user) => user.arrivedAt);
    expect(instants).toEqual(instants.toSorted().toReversed());
  });

  it('S9 pages without losing or repeating anybody, whatever the size of a page', async () => {
    for (const limit of [40, 100]) {
      const paged = await list({ limit });
      expect(paged.map((user) => user.userId)).toEqual(everybody.map((user) => user.userId));
    }
  });

  it('S9 goes on where it was when people leave the list between two pages', async () => {
    const other = await stage.connectCompany({ name: 'Beech', users: 60 });
    const { admin, companyId } = other;
    const first = await admin.userPage(companyId, { limit: 20 });
    const all = await admin.allUsers(companyId);
    await admin.decideMany(
      companyId,
      'deny',
      first.users.map((user) => user.userId),
    );
    const rest = await admin.allUsers(companyId);
    const second = await admin.userPage(companyId, { limit: 20, page: first.nextPage ?? '' });
    expect(second.users.map((user) => user.userId)).toEqual(all.slice(20, 40).map((user) => user.userId));
    expect(idsOf(rest)).toEqual(idsOf(all.slice(20)));
  });

  it('S9 filters by kind, department and manager', async () => {
    for (const kind of ['room', 'guest', 'person'] satisfies readonly AccountKind[]) {
      expect(idsOf(await list({ kind }))).toEqual(idsOf(everybody.filter((user) => user.kind === kind)));
    }
    const department = everybody.find((user) => user.department !== null)?.department ?? '';
    expect(idsOf(await list({ department }))).toEqual(idsOf(everybody.filter((user) => user.department === department)));
    const manager = everybody.find((user) => user.managerId !== null)?.managerId ?? '';
    const team = everybody.filter((user) => user.managerId === manager);
    expect(team.length).toBeGreaterThan(0);
    expect(idsOf(await list({ manager }))).toEqual(idsOf(team));
    expect(idsOf(await list({ manager, kind: 'person', sort: 'arrival' }))).toEqual(idsOf(team.filter((user) => user.kind === 'person')));
  });

  it('S9 searches names and addresses, word by word, without regard to case or accents', async () => {
    const found = async (search: string) => (await list({ search })).map((user) => user.displayName);
    expect(await found('alva ANGSTROM')).toEqual(['Älva Ångström']);
    expect(await found('zulu zoe')).toEqual(['Zoë Zulu']);
    expect(await found('nadia.after@aspen')).toEqual(['Nadia After']);
    expect(await found('gina.guest@partner')).toEqual(['Gina Guest']);
    expect(await found('nobody at all')).toEqual([]);
  });

  it('S9 refuses a page token that belongs to another list', async () => {
    const { nextPage } = await company.admin.userPage(company.companyId, { limit: 5 });
    const elsewhere = company.admin.userPage(company.companyId, { limit: 5, status: 'denied', page: nextPage ?? '' });
    await expect(elsewhere).rejects.toMatchObject({ status: 400, code: 'invalid-page' });
  });
});

describe('S11 non-people', () => {
  const truthOf = (user: UserView) => company.directory.snapshot(company.directory.ordinalOfId(user.objectId) ?? -1)?.truth.kind;

  it('S11 suggests denial for what is no person, always with reasons, and never decides by itself', () => {
    const nonPeople = everybody.filter((user) => !['person', 'guest'].includes(truthOf(user) ?? ''));
    expect(nonPeople.length).toBeGreaterThan(20);
    for (const user of everybody) {
      expect(user.decision).toBe('pending');
      expect(user.kindReasons.length).toBeGreaterThan(0);
    }
    expect(nonPeople.filter((user) => user.suggestion === 'approve').map((user) => user.displayName)).toEqual([]);
    const denied = nonPeople.filter((user) => user.suggestion === 'deny');
    expect(denied.length / nonPeople.length).toBeGreaterThan(0.85);
  });

  it('S11 names the kind where the directory makes it plain', () => {
    const kindOf = (name: string) => everybody.find((user) => user.displayName === name)?.kind;
    expect(kindOf('Info')).toBe('sharedMailbox');
    expect(kindOf('Conf Room Matterhorn')).toBe('room');
    expect(kindOf('Projector')).toBe('equipment');
    expect(kindOf('Main Line Auto Attendant')).toBe('resourceAccount');
    expect(kindOf('On-Premises Directory Synchronization Service Account')).toBe('serviceAccount');
    expect(kindOf('svc-backup')).toBe('serviceAccount');
    expect(kindOf('Gina Guest')).toBe('guest');
    expect(kindOf('Nadia After')).toBe('person');
  });

  it('S11 suggests denial for no person', () => {
    const people = everybody.filter((user) => truthOf(user) === 'person');
    expect(people.length).toBeGreaterThan(200);
    expect(people.filter((user) => user.suggestion === 'deny').map((user) => user.displayName)).toEqual([]);
  });

  it('S11 counts the kinds without reading the list', async () => {
    const { pendingByKind } = await company.admin.counts(company.companyId);
    for (const kind of Object.keys(pendingByKind) as AccountKind[]) {
      expect([kind, pendingByKind[kind]]).toEqual([kind, everybody.filter((user) => user.kind === kind).length]);
    }
  });
});
