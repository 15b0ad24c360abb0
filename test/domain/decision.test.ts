// Approve, deny, reopen: what changes, what the audit log gets, and what the admin who came too late reads.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, decisionCommands, standingDecision } from '../../shared/domain/decision.ts';
import type { DecisionCommand } from '../../shared/domain/decision.ts';
import { decisions, presences } from '../../shared/domain/user.ts';
import type { Decision, User } from '../../shared/domain/user.ts';

const pendingUser: User = {
  tenantId: 'tenant-1',
  objectId: 'object-1',
  fields: { displayName: 'Ada Lovelace' },
  managerId: 'object-2',
  decision: 'pending',
  presence: 'present',
  kind: 'person',
  kindReasons: ['Given name and surname are filled in.'],
  decisionRevision: 0,
  decidedAt: null,
  decidedBy: null,
  decisionReason: null,
  arrivedAt: '2026-03-01T00:00:00Z',
  recreatedFrom: null,
  removedAt: null,
};
const details = { by: 'Grace', at: '2026-03-02T09:15:30Z' };
const anyUser = fc
  .record({
    decision: fc.constantFrom(...decisions),
    presence: fc.constantFrom(...presences),
    decisionRevision: fc.nat(1000),
    decidedBy: fc.option(fc.constantFrom('Ada', 'Bo')),
  })
  .map((part): User => ({ ...pendingUser, ...part }));
const anyCommand = fc.constantFrom(...decisionCommands);

describe('decide', () => {
  it.each<{ from: Decision; command: DecisionCommand; to: Decision | 'unchanged' }>([
    { from: 'pending', command: 'approve', to: 'approved' },
    { from: 'pending', command: 'deny', to: 'denied' },
    { from: 'pending', command: 'reopen', to: 'unchanged' },
    { from: 'approved', command: 'approve', to: 'unchanged' },
    { from: 'approved', command: 'deny', to: 'denied' },
    { from: 'approved', command: 'reopen', to: 'pending' },
    { from: 'denied', command: 'approve', to: 'approved' },
    { from: 'denied', command: 'deny', to: 'unchanged' },
    { from: 'denied', command: 'reopen', to: 'pending' },
  ])('$command on $from leads to $to', ({ from, command, to }) => {
    const outcome = decide({ ...pendingUser, decision: from }, command, details);
    expect(outcome.kind === 'decided' ? outcome.user.decision : outcome.kind).toBe(to);
  });

  it('stores who, when and why, and tells the audit log the same', () => {
    expect(decide(pendingUser, 'deny', { ...details, reason: '  Scanner in the copy room ' })).toEqual({
      kind: 'decided',
      user: {
        ...pendingUser,
        decision: 'denied',
        decisionRevision: 1,
        decidedAt: '2026-03-02T09:15:30Z',
        decidedBy: 'Grace',
        decisionReason: 'Scanner in the copy room',
      },
      audit: {
        action: 'usersDenied',
        tenantId: 'tenant-1',
        objectId: 'object-1',
        from: 'pending',
        to: 'denied',
        by: 'Grace',
        at: '2026-03-02T09:15:30Z',
        reason: 'Scanner in the copy room',
        decisionRevision: 1,
      },
    });
  });

  it('drops the reason of the decision before', () => {
    const denied: User = { ...pendingUser, decision: 'denied', decisionReason: 'Left' };
    expect(decide(denied, 'approve', { ...details, reason: ' ' })).toMatchObject({
      user: { decisionReason: null },
      audit: { reason: null },
    });
  });

  it('refuses to approve a removed user, whatever was decided before, but denies one', () => {
    for (const decision of decisions) {
      const removed: User = { ...pendingUser, decision, presence: 'removed' };
      expect(decide(removed, 'approve', details)).toMatchObject({ kind: 'refused', code: 'user-removed' });
    }
    expect(decide({ ...pendingUser, presence: 'removed' }, 'deny', details)).toMatchObject({
      kind: 'decided',
      user: { presence: 'removed' },
    });
  });

  it('tells the loser of a race who was faster', () => {
    const seen = pendingUser.decisionRevision;
    const first = decide(pendingUser, 'deny', { by: 'Ada', at: '2026-03-02T09:15:30Z', expectedRevision: seen });
    if (first.kind !== 'decided') throw new Error('The first decision should count.');
    expect(decide(first.user, 'approve', { by: 'Bo', at: '2026-03-02T09:15:31Z', expectedRevision: seen })).toEqual({
      kind: 'refused',
      code: 'already-decided',
      sentence: 'Already denied by Ada at 2026-03-02 09:15 UTC.',
    });
  });

  it('takes a repeated request as done, even though its revision is outdated', () => {
    const first = decide(pendingUser, 'approve', { ...details, expectedRevision: 0 });
    if (first.kind !== 'decided') throw new Error('The first decision should count.');
    expect(decide(first.user, 'approve', { ...details, expectedRevision: 0 })).toEqual({
      kind: 'unchanged',
      sentence: 'Already approved by Grace at 2026-03-02 09:15 UTC.',
    });
  });

  it('raises the revision by one with each change, and touches nothing but the decision', () => {
    fc.assert(
      fc.property(anyUser, anyCommand, (user, command) => {
        const outcome = decide(user, command, details);
        if (outcome.kind !== 'decided') return;
        const { decision, decisionRevision, decidedAt, decidedBy, decisionReason } = user;
        expect({ ...outcome.user, decision, decisionRevision, decidedAt, decidedBy, decisionReason }).toEqual(user);
        expect(outcome.user.decision).not.toBe(decision);
        expect(outcome.user.decisionRevision).toBe(decisionRevision + 1);
        expect(outcome.audit).toMatchObject({ from: decision, to: outcome.user.decision, decisionRevision: decisionRevision + 1 });
      }),
    );
  });

  it('refuses exactly those with an outdated revision that would have changed something', () => {
    fc.assert(
      fc.property(anyUser, anyCommand, (user, command) => {
        const outdated = decide(user, command, { ...details, expectedRevision: user.decisionRevision + 1 });
        const current = decide(user, command, { ...details, expectedRevision: user.decisionRevision });
        expect(current).toEqual(decide(user, command, details));
        if (current.kind === 'decided') expect(outdated).toMatchObject({ kind: 'refused', code: 'already-decided' });
        else expect(outdated).toEqual(current);
      }),
    );
  });

  it('never makes a removed user approved', () => {
    fc.assert(
      fc.property(anyUser, fc.array(anyCommand), (start, commands) => {
        const removed: User = { ...start, presence: 'removed', decision: 'pending' };
        const end = commands.reduce<User>((user, command) => {
          const outcome = decide(user, command, details);
          return outcome.kind === 'decided' ? outcome.user : user;
        }, removed);
        expect(end.decision).not.toBe('approved');
      }),
    );
  });
});

describe('standingDecision', () => {
  it.each([
    { decision: 'pending', decidedBy: null, decidedAt: null, sentence: 'Still pending.' },
    {
      decision: 'pending',
      decidedBy: 'Ada',
      decidedAt: '2026-03-02T09:15:30.123Z',
      sentence: 'Already reopened by Ada at 2026-03-02 09:15 UTC.',
    },
    {
      decision: 'approved',
      decidedBy: 'Ada',
      decidedAt: '2026-03-02T09:15:30Z',
      sentence: 'Already approved by Ada at 2026-03-02 09:15 UTC.',
    },
    { decision: 'denied', decidedBy: null, decidedAt: '2026-03-02T09:15:30Z', sentence: 'Already denied at 2026-03-02 09:15 UTC.' },
  ] as const)('says "$sentence"', ({ sentence, ...user }) => {
    expect(standingDecision(user)).toBe(sentence);
  });
});
