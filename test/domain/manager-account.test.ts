// Invitations and accounts of managers: every state with every event, and why somebody cannot be invited.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountEvents,
  type AccountState,
  accountStates,
  type Candidate,
  invitationEnd,
  isManager,
  nextAccountState,
  reviewAccess,
  whyNotInvited,
} from '../../shared/domain/manager-account.ts';
import { buildUser } from '../builders.ts';

describe('an account', () => {
  it.each<[AccountState, string]>([
    ['none', 'invited refused refused refused none none refused refused'],
    ['invited', 'refused invited none active none invited refused refused'],
    ['active', 'refused refused refused refused suspended active disabled refused'],
    ['suspended', 'refused refused refused refused suspended active disabled refused'],
    ['disabled', 'refused refused refused refused disabled disabled disabled suspended'],
  ])('that is %s', (state, expected) => {
    expect(accountEvents.map((event) => nextAccountState(state, event)).join(' ')).toBe(expected);
  });

  it('is opened by nothing but accepting an invitation, and a closed one only by an admin', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...accountEvents)), (events) => {
        let state: AccountState = 'none';
        let accepted = false;
        let closed = false;
        for (const event of events) {
          const next = nextAccountState(state, event);
          if (next === 'refused') continue;
          accepted ||= event === 'accept';
          if (event === 'disable') closed = true;
          if (event === 'enable') closed = false;
          state = next;
          if (state === 'active') expect([accepted, closed]).toEqual([true, false]);
        }
        expect(accountStates).toContain(state);
      }),
    );
  });
});

describe('who may be invited', () => {
  const manager: Candidate = {
    user: buildUser({ decision: 'approved' }),
    reports: { present: 2, unsure: 0 },
    state: 'none',
    hasExpired: false,
    addressRefused: false,
    isLinked: true,
  };
  const { user } = manager;
  it.each<[string | null, Partial<Candidate>]>([
    [null, {}],
    ['disconnected', { isLinked: false }],
    ['pending', { user: { ...user, decision: 'pending' } }],
    ['denied', { user: { ...user, decision: 'denied' } }],
    ['notPresent', { user: { ...user, presence: 'held' } }],
    ['notPresent', { user: { ...user, presence: 'missing' } }],
    ['notPresent', { user: { ...user, presence: 'removed' } }],
    ['guest', { user: { ...user, kind: 'guest' } }],
    ['guest', { user: { ...user, fields: { ...user.fields, userType: 'Guest' } } }],
    ['noAddress', { user: { ...user, fields: { ...user.fields, mail: null } } }],
    ['addressRefused', { addressRefused: true }],
    ['addressRefused', { addressRefused: true, state: 'invited' }],
    ['alreadyActive', { addressRefused: true, state: 'active' }],
    ['noTeam', { reports: { present: 0, unsure: 3 } }],
    ['alreadyActive', { state: 'active' }],
    ['alreadyActive', { state: 'suspended' }],
    ['disabled', { state: 'disabled' }],
    ['invitationOpen', { state: 'invited' }],
    [null, { state: 'invited', hasExpired: true }],
  ])('%s', (refusal, change) => {
    expect(whyNotInvited({ ...manager, ...change })).toBe(refusal);
  });
});

describe('the directory', () => {
  const approved = { decision: 'approved', presence: 'present' } as const;
  it.each([
    ['accessRegained', approved, { present: 1, unsure: 0 }],
    ['accessEnded', approved, { present: 0, unsure: 0 }],
    // Nobody has said that these reports are gone.
    [null, approved, { present: 0, unsure: 1 }],
    [null, { ...approved, presence: 'missing' }, { present: 3, unsure: 0 }],
    [null, { ...approved, presence: 'held' }, { present: 3, unsure: 0 }],
    ['accessEnded', { ...approved, presence: 'removed' }, { present: 3, unsure: 0 }],
    ['accessEnded', { ...approved, decision: 'denied' }, { present: 3, unsure: 0 }],
    ['accessEnded', { ...approved, decision: 'pending' }, { present: 3, unsure: 0 }],
  ] as const)('says %s of %o with %o', (event, user, reports) => {
    expect(reviewAccess(buildUser(user), reports)).toBe(event);
    expect(reviewAccess(buildUser({ ...user, kind: 'guest' }), reports)).toBe('accessEnded');
    expect(isManager(user, reports)).toBe(event === 'accessRegained');
  });
});

it('an invitation runs out after as many days as the company wants', () => {
  expect(invitationEnd(new Date('2026-03-02T08:00:00Z'), 14).toISOString()).toBe('2026-03-16T08:00:00.000Z');
});
