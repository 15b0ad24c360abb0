// Decision jobs as data: whom one may decide, how many more than seen are too many, and the sentences it leaves.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decisionCommands } from '../../shared/domain/decision.ts';
import {
  addOutcomes,
  canLead,
  type DecisionJob,
  filterWords,
  jobOutcomes,
  jobSummary,
  matchedBy,
  mostFor,
  noTally,
  secondsLeft,
  standing,
} from '../../shared/domain/decision-job.ts';
import type { User } from '../../shared/domain/user.ts';
import { buildUser } from '../builders.ts';

const startedAt = '2026-03-02T09:00:00.000Z';
const earlier = '2026-03-01T09:00:00.000Z';
const later = '2026-03-02T09:00:01.000Z';

const job: DecisionJob = {
  jobId: '8227561600000abcdefg',
  companyId: 'company1',
  tenantId: 'tenant1',
  command: 'approve',
  filter: { status: 'pending', kind: null, department: null, managerId: null, search: null },
  managerName: null,
  reason: null,
  expectedCount: null,
  by: { tenantId: 'tenant1', objectId: 'admin-1', name: 'Avery Admin' },
  auditId: 'audit1',
  state: 'deciding',
  startedAt,
  collectedAt: startedAt,
  endedAt: null,
  cancelledBy: null,
  problem: null,
  setId: 'set1',
  collected: 10_000,
  slices: 4,
  nextSlice: 2,
  tally: { decided: 4_900, unchanged: 60, refused: 40, dropped: 0 },
};

describe('whom a job may decide', () => {
  it.each<readonly [string, Partial<User>, boolean, ReturnType<typeof standing>]>([
    ['waits as before', {}, true, 'matches'],
    ['was reopened long ago', { decidedAt: earlier, decidedBy: 'Blake' }, true, 'matches'],
    ['no longer fits the rest of the filter', {}, false, 'refused'],
    ['was approved meanwhile', { decision: 'approved', decidedAt: later }, true, 'unchanged'],
    ['was denied meanwhile', { decision: 'denied', decidedAt: later }, true, 'refused'],
    ['was denied and reopened meanwhile', { decidedAt: later }, true, 'refused'],
    ['left meanwhile', { presence: 'removed', removedAt: later }, true, 'refused'],
    ['was decided before the job began', { decision: 'denied', decidedAt: earlier }, true, 'dropped'],
    ['had left before the job began', { presence: 'removed', removedAt: earlier }, true, 'dropped'],
    ['arrived meanwhile', { arrivedAt: later }, true, 'dropped'],
  ])('somebody who %s', (_what, user, fits, expected) => {
    expect(standing(job, buildUser({ arrivedAt: earlier, ...user }), () => fits)).toBe(expected);
  });

  it('is nobody, when the command leads nowhere from their status', () => {
    const leading = decisionCommands.flatMap((command) =>
      (['pending', 'approved', 'denied'] as const).filter((status) => canLead(command, status)).map((status) => `${command} ${status}`),
    );
    expect(leading).toEqual(['approve pending', 'approve denied', 'deny pending', 'deny approved', 'reopen approved', 'reopen denied']);
  });
});

describe('how many may match', () => {
  it.each([
    [0, 0],
    [19, 19],
    [20, 21],
    [100, 105],
    [200, 210],
    [10_000, 10_010],
  ])('when %i were seen: %i', (seen, most) => expect(mostFor(seen)).toBe(most));

  it('is never over 5 % and never over 10 people more', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (seen) => {
        expect(mostFor(seen)).toBeLessThanOrEqual(Math.min(seen + 10, seen * 1.05));
        expect(mostFor(seen)).toBeGreaterThanOrEqual(seen);
      }),
    );
  });
});

describe('progress', () => {
  it('counts every outcome once', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...jobOutcomes)), (outcomes) => {
        const { decided, unchanged, refused, dropped } = addOutcomes(noTally, outcomes);
        const notReached = outcomes.filter((outcome) => outcome === 'notReached').length;
        expect(decided + unchanged + refused + dropped + notReached).toBe(outcomes.length);
        expect(matchedBy({ collected: outcomes.length, tally: addOutcomes(noTally, outcomes) })).toBe(outcomes.length - dropped);
      }),
    );
  });

  it('tells the time left from the pace so far', () => {
    expect(secondsLeft(job, new Date('2026-03-02T09:00:10.000Z'))).toBe(10);
    expect(secondsLeft(job, new Date(startedAt))).toBeNull();
    expect(secondsLeft({ ...job, tally: noTally }, new Date(later))).toBeNull();
    expect(secondsLeft({ ...job, state: 'collecting' }, new Date(later))).toBeNull();
    expect(secondsLeft({ ...job, state: 'done' }, new Date(later))).toBeNull();
  });
});

describe('words', () => {
  it('name every part of the filter', () => {
    expect(filterWords(job)).toBe('pending');
    const filter = { status: 'denied', kind: 'sharedMailbox', department: 'Sales', managerId: 'boss', search: 'ada' } as const;
    expect(filterWords({ filter, managerName: 'Bo Boss' })).toBe(
      'denied, kind shared mailbox, department "Sales", manager "Bo Boss", search "ada"',
    );
    expect(filterWords({ filter: { ...filter, kind: null, department: null, search: null }, managerName: null })).toBe(
      'denied, manager "boss"',
    );
  });

  it('cannot be made to say something else by what was filtered for', () => {
    const filter = { ...job.filter, department: 'Sales". Cancelled by "Blake', search: '\u202Eada\u200B' };
    expect(filterWords({ filter, managerName: null })).toBe(`pending, department "Sales'. Cancelled by 'Blake", search "ada"`);
  });

  it('say what a job did, however it ended', () => {
    const tally = { decided: 9_873, unchanged: 100, refused: 27, dropped: 0 };
    expect(jobSummary({ ...job, state: 'done', tally })).toBe('Approved 9,873 of 10,000 users who matched: pending.');
    expect(jobSummary({ ...job, command: 'deny', state: 'cancelled', cancelledBy: 'Blake' })).toBe(
      'Denied 4,900 of 10,000 users who matched: pending. Cancelled by Blake before the rest was decided.',
    );
    const nobody = { ...job, setId: null, collected: 0, tally: noTally };
    expect(jobSummary({ ...nobody, state: 'failed', problem: 'Storage is away.' })).toBe(
      'Approved 0 users who matched: pending. Stopped early: Storage is away.',
    );
  });
});
