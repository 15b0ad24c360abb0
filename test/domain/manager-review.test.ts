// Whom a change concerns, and what a look at somebody leads to.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountStates } from '../../shared/domain/manager-account.ts';
import { explainEnd, type ReviewFacts, reviewOutcome, subjectsOf } from '../../shared/domain/manager-review.ts';
import { decisions, presences, type User } from '../../shared/domain/user.ts';

type Person = Pick<User, 'objectId' | 'decision' | 'presence' | 'managerId' | 'fields' | 'kind'>;
const person = (change: Partial<Person> = {}): Person => ({
  objectId: 'ada',
  decision: 'approved',
  presence: 'present',
  managerId: 'mona',
  kind: 'person',
  fields: { mail: 'ada@contoso.example' },
  ...change,
});

describe('a change concerns', () => {
  const own = (gained: boolean) => ({ managerId: 'ada', reportId: null, gained });
  const joins = (managerId: string) => ({ managerId, reportId: 'ada', gained: true });
  const leaves = (managerId: string) => ({ managerId, reportId: 'ada', gained: false });

  it.each([
    ['the manager of somebody who arrives pending', undefined, person({ decision: 'pending' }), [joins('mona')]],
    ['nobody when somebody without a manager arrives', undefined, person({ decision: 'pending', managerId: null }), []],
    ['the person who is approved', person({ decision: 'pending' }), person(), [own(true)]],
    ['the person who is denied', person(), person({ decision: 'denied' }), [own(false)]],
    ['nobody when a pending person is denied', person({ decision: 'pending' }), person({ decision: 'denied' }), []],
    ['both managers of a move', person(), person({ managerId: 'gus' }), [leaves('mona'), joins('gus')]],
    ['the former manager', person(), person({ managerId: null }), [leaves('mona')]],
    ['the person who left and the manager', person(), person({ presence: 'removed' }), [own(false), leaves('mona')]],
    [
      'the manager whose report is not seen any more',
      person({ decision: 'pending' }),
      person({ decision: 'pending', presence: 'missing' }),
      [leaves('mona')],
    ],
    [
      'the manager whose report was not seen and has left for good',
      person({ decision: 'pending', presence: 'missing' }),
      person({ decision: 'pending', presence: 'removed' }),
      [leaves('mona')],
    ],
    [
      'both managers of somebody who was held and is seen with another one',
      person({ decision: 'pending', presence: 'held' }),
      person({ decision: 'pending', managerId: 'gus' }),
      [leaves('mona'), joins('gus')],
    ],
    [
      'the manager of somebody who is seen again, as no newcomer',
      person({ decision: 'pending', presence: 'missing' }),
      person({ decision: 'pending' }),
      [leaves('mona')],
    ],
    [
      'nobody when somebody who left is said to have had another manager',
      person({ decision: 'pending', presence: 'removed' }),
      person({ decision: 'pending', presence: 'removed', managerId: 'gus' }),
      [],
    ],
    ['the person who is seen again, as no newcomer', person({ presence: 'held' }), person(), [own(false), leaves('mona')]],
    ['the person who came back and the manager', person({ presence: 'removed' }), person(), [own(true), joins('mona')]],
    ['the person whose address changed', person(), person({ fields: { mail: 'a.b@contoso.example' } }), [own(false)]],
    ['the person who is made a guest', person(), person({ kind: 'guest' }), [own(false)]],
    ['nobody when a pending person’s address changed', person({ decision: 'pending' }), person({ decision: 'pending', fields: {} }), []],
    ['nobody when only the title changed', person(), person({ fields: { mail: 'ada@contoso.example', jobTitle: 'Boss' } }), []],
    ['nobody when somebody reports to themselves', person({ managerId: null }), person({ managerId: 'ada' }), []],
  ])('%s', (_, before, after, subjects) => {
    expect(subjectsOf(before, after)).toEqual(subjects);
  });
});

const present = (objectId: string) => ({ objectId, presence: 'present' }) as const;
const facts = (change: Partial<ReviewFacts> = {}): ReviewFacts => ({
  user: person({ objectId: 'mona', managerId: null }),
  reports: { present: 2, unsure: 0 },
  state: 'none',
  people: [present('ada'), present('bo')],
  gained: new Set(),
  isNew: false,
  managersApproval: true,
  wasRevoked: false,
  ...change,
});
const noTeam = { reports: { present: 0, unsure: 0 }, people: [] } as const;

describe('a look at somebody', () => {
  it.each([
    ['suspends who lost all reports', { state: 'active', ...noTeam }, 'suspended'],
    ['suspends who was denied', { state: 'active', user: person({ decision: 'denied' }) }, 'suspended'],
    ['ends the invitation of who left', { state: 'invited', user: person({ presence: 'removed' }) }, 'invitationEnded'],
    ['ends nothing over silence', { state: 'active', user: person({ presence: 'missing' }) }, null],
    [
      'ends nothing while a report is held',
      { state: 'active', people: [{ objectId: 'ada', presence: 'held' }], reports: { present: 0, unsure: 1 } },
      null,
    ],
    ['restores who leads again', { state: 'suspended' }, 'restored'],
    ['leaves a disabled account closed', { state: 'disabled' }, null],
    ['invites who was approved', { isNew: true }, 'invite'],
    ['invites who leads the first people now', { gained: new Set(['ada', 'bo']) }, 'invite'],
    ['invites nobody who has led others all along', { gained: new Set(['bo']) }, null],
    ['invites nobody without the setting', { isNew: true, managersApproval: false }, null],
    ['invites nobody whose invitation an admin took back', { isNew: true, wasRevoked: true }, null],
    ['invites nobody without a team', { isNew: true, ...noTeam }, null],
    ['invites nobody twice', { isNew: true, state: 'invited' }, null],
    ['invites no pending person', { isNew: true, user: person({ decision: 'pending' }) }, null],
  ] as const)('%s', (_, change, outcome) => {
    expect(reviewOutcome(facts(change))).toBe(outcome);
  });

  it('never gives access to anybody who is not an approved, present manager', () => {
    const anyFacts = fc.record({
      decision: fc.constantFrom(...decisions),
      presence: fc.constantFrom(...presences),
      reporting: fc.nat(3),
      unsure: fc.nat(2),
      state: fc.constantFrom(...accountStates),
      isNew: fc.boolean(),
      managersApproval: fc.boolean(),
      wasRevoked: fc.boolean(),
    });
    fc.assert(
      fc.property(anyFacts, ({ decision, presence, reporting, unsure, ...rest }) => {
        const people = Array.from({ length: reporting }, (_, number) => present(`r${number}`));
        const reports = { present: reporting, unsure };
        const outcome = reviewOutcome(facts({ ...rest, user: person({ decision, presence }), reports, people }));
        if (outcome === 'restored' || outcome === 'invite')
          expect([decision, presence, reporting > 0]).toEqual(['approved', 'present', true]);
        if (outcome === 'suspended' || outcome === 'invitationEnded')
          expect(decision !== 'approved' || presence === 'removed' || reporting + unsure === 0).toBe(true);
      }),
    );
  });
});

describe('the end of an access', () => {
  it('is explained', () => {
    expect(explainEnd(person({ presence: 'removed' }))).toMatch(/left/);
    expect(explainEnd(person({ decision: 'denied' }))).toMatch(/not approved/);
    expect(explainEnd(person())).toMatch(/Nobody reports/);
    expect(explainEnd(person({ kind: 'guest' }))).toMatch(/Guests/);
  });
});
