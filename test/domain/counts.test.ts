// The counts kept up change by change always equal a recount of the users themselves.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addUser,
  decodeCounts,
  emptyCounts,
  encodeCounts,
  moveUser,
  removeUser,
  sumCounts,
  summarise,
} from '../../shared/domain/counts.ts';
import type { Counts } from '../../shared/domain/counts.ts';
import { accountKinds, decisions, isActive, presences } from '../../shared/domain/user.ts';
import type { User } from '../../shared/domain/user.ts';

type Counted = Pick<User, 'decision' | 'presence' | 'kind'>;

const anyUser: fc.Arbitrary<Counted> = fc.record({
  decision: fc.constantFrom(...decisions),
  presence: fc.constantFrom(...presences),
  kind: fc.constantFrom(...accountKinds),
});
const anyUsers = fc.array(anyUser, { maxLength: 60 });
const recount = (users: readonly Counted[]): Counts => users.reduce(addUser, emptyCounts);
const person: Counted = { decision: 'pending', presence: 'present', kind: 'person' };

describe('summarise', () => {
  it('shows everybody in exactly one status', () => {
    const users: readonly Counted[] = [
      person,
      person,
      { ...person, kind: 'room' },
      { ...person, presence: 'missing' },
      { ...person, decision: 'approved' },
      { ...person, decision: 'approved', presence: 'held' },
      { ...person, decision: 'approved', presence: 'missing' },
      { ...person, decision: 'approved', presence: 'removed' },
      { ...person, decision: 'denied', kind: 'room' },
      { ...person, decision: 'pending', presence: 'removed', kind: 'guest' },
    ];
    const none = { person: 0, sharedMailbox: 0, room: 0, equipment: 0, serviceAccount: 0, resourceAccount: 0, guest: 0, unknown: 0 };
    expect(summarise(recount(users))).toEqual({
      pending: 4,
      approved: 3,
      denied: 1,
      removed: 2,
      active: 2,
      held: 1,
      found: 8,
      byKind: { ...none, person: 6, room: 2 },
      pendingByKind: { ...none, person: 3, room: 1 },
    });
  });

  it('agrees with counting the users one by one', () => {
    fc.assert(
      fc.property(anyUsers, (users) => {
        const found = users.filter((user) => user.presence !== 'removed');
        const pending = found.filter((user) => user.decision === 'pending');
        const kindsOf = (list: readonly Counted[]): Record<string, number> =>
          Object.fromEntries(accountKinds.map((kind) => [kind, list.filter((user) => user.kind === kind).length]));
        expect(summarise(recount(users))).toEqual({
          pending: pending.length,
          approved: found.filter((user) => user.decision === 'approved').length,
          denied: found.filter((user) => user.decision === 'denied').length,
          removed: users.length - found.length,
          active: users.filter(isActive).length,
          held: users.filter((user) => user.presence === 'held').length,
          found: found.length,
          byKind: kindsOf(found),
          pendingByKind: kindsOf(pending),
        });
      }),
    );
  });
});

describe('keeping counts up', () => {
  it('equals a recount after any history of arrivals, changes and departures', () => {
    const anyStep = fc.oneof(
      fc.record({ kind: fc.constant('arrive' as const), user: anyUser }),
      fc.record({ kind: fc.constant('change' as const), user: anyUser, which: fc.nat() }),
      fc.record({ kind: fc.constant('leave' as const), which: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 80 }), (steps) => {
        const users: Counted[] = [];
        let counts = emptyCounts;
        for (const step of steps) {
          if (step.kind === 'arrive') {
            users.push(step.user);
            counts = addUser(counts, step.user);
            continue;
          }
          const index = users.length === 0 ? 0 : step.which % users.length;
          const before = users[index];
          if (before === undefined) continue;
          if (step.kind === 'change') {
            users[index] = step.user;
            counts = moveUser(counts, before, step.user);
          } else {
            users.splice(index, 1);
            counts = removeUser(counts, before);
          }
        }
        expect(counts).toEqual(recount(users));
      }),
    );
  });

  it('leaves nothing behind when the last user goes', () => {
    expect(removeUser(addUser(emptyCounts, person), person)).toEqual(emptyCounts);
  });

  it('hands back the same record when a change does not concern it', () => {
    const counts = recount([person]);
    expect(moveUser(counts, person, { ...person })).toBe(counts);
  });

  it('refuses to count below zero and names what is missing', () => {
    expect(() => removeUser(emptyCounts, person)).toThrow('No user is counted as "pending.present.person"');
    expect(() => moveUser(emptyCounts, person, { ...person, decision: 'approved' })).toThrow(RangeError);
  });

  it('does not change the record it was given', () => {
    const counts = recount([person]);
    addUser(counts, person);
    removeUser(counts, person);
    expect(counts).toEqual(recount([person]));
  });
});

describe('sumCounts', () => {
  it('of parts equals the count of the whole, however the users are divided', () => {
    fc.assert(
      fc.property(fc.array(anyUsers, { maxLength: 8 }), (parts) => {
        expect(sumCounts(parts.map(recount))).toEqual(recount(parts.flat()));
      }),
    );
  });

  it('of nothing is empty', () => {
    expect(sumCounts([])).toEqual(emptyCounts);
  });
});

describe('storing counts', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(anyUsers, (users) => {
        expect(decodeCounts(encodeCounts(recount(users)))).toEqual(recount(users));
      }),
    );
  });

  it('writes equal counts as equal text, whatever the order of arrival', () => {
    fc.assert(
      fc.property(anyUsers, (users) => {
        expect(encodeCounts(recount(users.toReversed()))).toBe(encodeCounts(recount(users)));
      }),
    );
  });

  it('writes only what there is', () => {
    expect(encodeCounts(recount([person, person]))).toBe('{"pending.present.person":2}');
  });

  it('leaves out kinds and statuses of another version', () => {
    const text = '{"pending.present.person":2,"pending.present.robot":7,"version":"3","toString":1}';
    expect(decodeCounts(text)).toEqual(recount([person, person]));
  });

  it.each(['', 'null', '[]', '7', '{"pending.present.person":-1}', '{"pending.present.person":1.5}', '{"pending.present.person":"2"}'])(
    'refuses %s',
    (text) => {
      expect(() => decodeCounts(text)).toThrow(RangeError);
    },
  );
});
