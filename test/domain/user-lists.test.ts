// Every user is found on the lists they belong to, and a line that is out of date is recognised.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptKey } from '../../shared/domain/packed-position.ts';
import {
  departmentFacet,
  isTrueLine,
  listEntriesOf,
  listOrders,
  mailKey,
  newListEntries,
  orderKey,
  statusOf,
  userStatuses,
} from '../../shared/domain/user-lists.ts';
import { decisions, presences, type User } from '../../shared/domain/user.ts';
import { buildUser, personFields } from '../builders.ts';

const anyUser: fc.Arbitrary<User> = fc
  .record({
    decision: fc.constantFrom(...decisions),
    presence: fc.constantFrom(...presences),
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

  it('are true for the user, and for no other status', () => {
    fc.assert(
      fc.property(anyUser, (user) => {
        for (const order of listOrders) {
          const line = listEntriesOf(user).find(({ list }) => list === `${statusOf(user)}-${order}`);
          for (const status of userStatuses) expect(isTrueLine(user, status, order, line?.key ?? '')).toBe(status === statusOf(user));
          expect(isTrueLine(user, statusOf(user), order, `${line?.key}x`)).toBe(false);
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
    ['a kind', { kind: 'guest' }, ['pending-name', 'pending-arrival']],
    ['a mail', { fields: personFields('Ada Lovelace', { mail: 'king@contoso.example' }) }, ['pending-name', 'pending-arrival', 'mail']],
    ['a city', { fields: personFields('Ada Lovelace', { city: 'London' }) }, []],
  ])('for %s are those it makes', (_what, change, lists) => {
    expect(newListEntries(buildUser(), buildUser(change)).map(({ list }) => list)).toEqual(lists);
  });

  it('together with those before hold every line of the user afterwards', () => {
    const lineOf = ({ list, key }: { readonly list: string; readonly key: string }) => `${list} ${key}`;
    fc.assert(
      fc.property(anyUser, anyUser, (before, after) => {
        const written = new Set([...listEntriesOf(before), ...newListEntries(before, after)].map(lineOf));
        return listEntriesOf(after).every((entry) => written.has(lineOf(entry)));
      }),
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
