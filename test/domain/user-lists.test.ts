// Every user is found on the lists they belong to, and a line that is out of date is recognised.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addUser, emptyCounts } from '../../shared/domain/counts.ts';
import { decide, decisionCommands } from '../../shared/domain/decision.ts';
import { compareStatements, isHere } from '../../shared/domain/packed-line.ts';
import { keptKey } from '../../shared/domain/packed-position.ts';
import { movePresence, presenceEvents } from '../../shared/domain/presence.ts';
import {
  departmentFacet,
  isTrueLine,
  kindPrefix,
  leftListEntries,
  type ListEntry,
  listEntriesOf,
  listNames,
  mailKey,
  mostOnList,
  newListEntries,
  orderKey,
  statusOf,
} from '../../shared/domain/user-lists.ts';
import { accountKinds, decisions, presences, type User } from '../../shared/domain/user.ts';
import { buildUser, personFields } from '../builders.ts';
import { lineOf } from './packed-arbitraries.ts';

const anyUser: fc.Arbitrary<User> = fc
  .record({
    decision: fc.constantFrom(...decisions),
    presence: fc.constantFrom(...presences),
    kind: fc.constantFrom(...accountKinds),
    managerId: fc.option(fc.constantFrom('m1', 'm2')),
    displayName: fc.option(fc.string({ unit: 'binary', maxLength: 200 })),
    mail: fc.option(fc.string({ unit: 'grapheme', maxLength: 200 })),
    department: fc.option(fc.string({ maxLength: 60 })),
    arrivedAt: fc.integer({ min: 0, max: 4e12 }).map((time) => new Date(time).toISOString()),
  })
  .map(({ displayName, mail, department, ...user }) =>
    buildUser({ ...user, fields: personFields('Ada Lovelace', { displayName, mail, department }) }),
  );

describe('the status shown', () => {
  it('is removed for whoever left, whatever was decided, and else the decision', () => {
    for (const decision of decisions) {
      for (const presence of presences) expect(statusOf({ decision, presence })).toBe(presence === 'removed' ? 'removed' : decision);
    }
  });
});

describe('the lines of a user', () => {
  it('are two for the status, and one each for manager and mail', () => {
    const user = buildUser({ managerId: 'm1', fields: personFields('Ada Lovelace', { department: 'Engines' }) });
    expect(listEntriesOf(user).map(({ list, key }) => [list, key])).toEqual([
      ['pending-name', orderKey(user, 'name')],
      ['pending-arrival', orderKey(user, 'arrival')],
      ['team', 'm1'],
      ['mail', 'ada.lovelace@contoso.example'],
    ]);
    const [first] = listEntriesOf(user);
    expect(first?.facets).toMatchObject({ kind: 'person', department: 'engines', manager: 'm1' });
    expect(first?.facets.text).toContain('lovelace');
    expect(listEntriesOf(buildUser({ fields: {} })).map(({ list }) => list)).toEqual(['pending-name', 'pending-arrival']);
  });

  it('are two more for whoever is no person, by kind first', () => {
    const room = buildUser({ kind: 'room', fields: personFields('Room 7') });
    const lines = listEntriesOf(room).map(({ list, key }) => [list, key]);
    expect(lines).toContainEqual(['pending-name', orderKey(room, 'name')]);
    expect(lines).toContainEqual(['pending-name-kinds', `room ${orderKey(room, 'name')}`]);
    expect(lines).toContainEqual(['pending-arrival-kinds', `room ${orderKey(room, 'arrival')}`]);
    for (const kind of accountKinds) {
      const others = accountKinds.filter((other) => other !== kind);
      expect(others.some((other) => kindPrefix(other).startsWith(kindPrefix(kind)))).toBe(false);
    }
  });

  it('are true for the user on exactly the lists they are on', () => {
    fc.assert(
      fc.property(anyUser, (user) => {
        const lines = new Map(listEntriesOf(user).map(({ list, key }) => [list, key]));
        for (const list of listNames) {
          const key = lines.get(list);
          if (key !== undefined) expect(isTrueLine(user, list, key)).toBe(true);
          expect(isTrueLine(user, list, `${key ?? orderKey(user, 'name')}x`)).toBe(false);
          if (key === undefined) for (const other of lines.values()) expect(isTrueLine(user, list, other)).toBe(false);
        }
      }),
    );
  });

  it('are never more on a list than the counts allow', () => {
    fc.assert(
      fc.property(fc.array(anyUser, { maxLength: 30 }), (users) => {
        const counts = users.reduce((sum, user) => addUser(sum, user), emptyCounts);
        for (const list of listNames) {
          const lines = users.flatMap(listEntriesOf).filter((entry) => entry.list === list).length;
          if (list === 'team' || list === 'mail') expect(mostOnList(counts, list)).toBe(users.length);
          else expect(mostOnList(counts, list)).toBe(lines);
        }
      }),
    );
  });

  it('have keys that a list keeps whole', () => {
    fc.assert(fc.property(anyUser, (user) => listEntriesOf(user).every(({ key }) => keptKey(key) === key)));
  });

  it('order arrivals newest first', () => {
    const key = (arrivedAt: string) => orderKey(buildUser({ arrivedAt }), 'arrival');
    expect(key('2026-03-02T08:00:00.001Z') < key('2026-03-02T08:00:00.000Z')).toBe(true);
    expect(key('2026-03-02T08:00:00.000Z') < key('1999-03-02T08:00:00.000Z')).toBe(true);
  });
});

describe('the lines written before a change', () => {
  it('are all of a new user, and none when nothing changed', () => {
    const user = buildUser({ managerId: 'm1' });
    expect(newListEntries(undefined, user)).toEqual(listEntriesOf(user));
    expect(newListEntries(user, buildUser({ managerId: 'm1' }))).toEqual([]);
  });

  it.each<[string, Partial<User>, readonly string[]]>([
    ['a decision', { decision: 'approved' }, ['approved-name', 'approved-arrival']],
    ['a removal', { presence: 'removed' }, ['removed-name', 'removed-arrival']],
    ['a hold', { presence: 'held' }, []],
    ['a manager', { managerId: 'm1' }, ['pending-name', 'pending-arrival', 'team']],
    ['a kind', { kind: 'guest' }, ['pending-name', 'pending-name-kinds', 'pending-arrival', 'pending-arrival-kinds']],
    ['a mail', { fields: personFields('Ada Lovelace', { mail: 'king@contoso.example' }) }, ['pending-name', 'pending-arrival', 'mail']],
    ['a city', { fields: personFields('Ada Lovelace', { city: 'London' }) }, []],
  ])('for %s are those it makes', (_what, change, lists) => {
    expect(newListEntries(buildUser(), buildUser(change)).map(({ list }) => list)).toEqual(lists);
  });

  it('together with those before hold every line of the user afterwards', () => {
    const placeOf = ({ list, key }: { readonly list: string; readonly key: string }) => `${list} ${key}`;
    fc.assert(
      fc.property(anyUser, anyUser, (before, after) => {
        const written = new Set([...listEntriesOf(before), ...newListEntries(before, after)].map(placeOf));
        return listEntriesOf(after).every((entry) => written.has(placeOf(entry)));
      }),
    );
  });
});

describe('the lines that say somebody has gone', () => {
  it('are those of the status before, and only for a decision that counts', () => {
    const pending = buildUser({ kind: 'guest' });
    const approved = buildUser({ kind: 'guest', decision: 'approved', decisionRevision: 1 });
    expect(leftListEntries(pending, approved).map(({ list, version, gone }) => [list, version, gone])).toEqual(
      ['pending-name', 'pending-name-kinds', 'pending-arrival', 'pending-arrival-kinds'].map((list) => [list, 1, true]),
    );
    expect(leftListEntries(undefined, approved)).toEqual([]);
    expect(leftListEntries(pending, buildUser({ kind: 'person', fields: personFields('New Name') }))).toEqual([]);
    expect(leftListEntries(pending, buildUser({ presence: 'removed' }))).toEqual([]);
    expect(leftListEntries(buildUser({ presence: 'removed' }), buildUser({ presence: 'removed', decision: 'denied' }))).toEqual([]);
  });

  it('never hide a line that is true, whatever happens to somebody and however late they come', () => {
    const names = ['Ada', 'Bea'];
    const change = fc.oneof(
      fc.constantFrom(...decisionCommands).map((command) => (user: User) => {
        const outcome = decide(user, command, { by: 'Avery', at: '2026-03-02T09:00:00.000Z' });
        return outcome.kind === 'decided' ? outcome.user : user;
      }),
      fc.constantFrom(...presenceEvents).map((event) => (user: User) => movePresence(user, event, '2026-03-02T10:00:00.000Z')),
      fc.constantFrom(...names).map((name) => (user: User) => ({ ...user, fields: personFields(name) })),
      fc.constantFrom(...accountKinds.slice(0, 3)).map((kind) => (user: User) => ({ ...user, kind })),
    );
    const lineFor = ({ key, objectId, ...entry }: ListEntry) => lineOf({ ...entry, key, id: objectId }, 1);
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        let user = buildUser();
        // All that was ever written, as if the lines of gone people had come after everything else.
        const lines = [...listEntriesOf(user)];
        const gone: ListEntry[] = [];
        for (const next of changes) {
          const after = next(user);
          lines.push(...newListEntries(user, after));
          gone.push(...leftListEntries(user, after));
          user = after;
          for (const entry of listEntriesOf(user)) {
            const said = [...lines, ...gone].filter(({ list, key }) => list === entry.list && key === entry.key).map(lineFor);
            const counts = said.toSorted(compareStatements).at(-1);
            expect(counts !== undefined && isHere(counts)).toBe(true);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('keys', () => {
  it('of mails compare without case and marks; nobody shares the empty one', () => {
    expect(mailKey('Ädä@Contoso.EXAMPLE')).toBe(mailKey('ada@contoso.example'));
    expect([mailKey(null), mailKey(undefined), mailKey('')]).toEqual(['', '', '']);
  });

  it('of departments are folded and short', () => {
    expect(departmentFacet('  Forschung & Entwicklung')).toBe(departmentFacet('forschung & entwicklung'));
    expect(departmentFacet('x'.repeat(100)).length).toBe(40);
    expect(departmentFacet(null)).toBe('');
  });
});
