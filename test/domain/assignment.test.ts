// What an assignment is today, and which of several statements about it counts.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyStatement,
  type Assignment,
  countStatuses,
  isStored,
  assignmentStatus,
  type StoredAssignment,
} from '../../shared/domain/assignment.ts';

describe('an assignment', () => {
  const today = '2026-03-02';
  it.each([
    ['overdue', '2026-03-01', null],
    ['dueSoon', '2026-03-02', null],
    ['dueSoon', '2026-03-09', null],
    ['open', '2026-03-10', null],
    ['open', null, null],
    ['done', '2026-03-01', '2026-03-01T10:00:00Z'],
    ['done', null, '2026-03-01T10:00:00Z'],
    ['overdue', '2000-01-01', null],
    ['open', '2199-12-31', null],
  ] as const)('is %s when due on %s and completed at %s', (status, dueOn, completedAt) => {
    expect(assignmentStatus({ dueOn, completedAt }, { today, soonDays: 7 })).toBe(status);
  });

  it('is due soon on its due day alone when nobody wants to be told before', () => {
    expect(assignmentStatus({ dueOn: '2026-03-03', completedAt: null }, { today, soonDays: 0 })).toBe('open');
    expect(assignmentStatus({ dueOn: today, completedAt: null }, { today, soonDays: 0 })).toBe('dueSoon');
  });

  it('is counted by what it is', () => {
    expect(countStatuses(['overdue', 'done', 'overdue', 'open'])).toEqual({ overdue: 2, dueSoon: 0, open: 1, done: 1 });
    expect(countStatuses([])).toEqual({ overdue: 0, dueSoon: 0, open: 0, done: 0 });
  });
});

const course: Assignment = {
  courseId: 'phishing-1',
  title: 'Phishing',
  assignedOn: '2026-02-01',
  dueOn: '2026-03-02',
  progress: 0,
  completedAt: null,
  link: null,
};

describe('a statement', () => {
  const stored: StoredAssignment = { assignment: course, version: 5 };
  it.each([
    ['created', undefined, { assignment: course, version: 0 }],
    ['removed', undefined, { assignment: null, version: 0 }],
    ['updated', stored, { assignment: { ...course, progress: 50 }, version: 6 }],
    ['updated', stored, { assignment: course, version: 6 }],
    ['unchanged', stored, stored],
    ['conflict', stored, { assignment: { ...course, progress: 50 }, version: 5 }],
    ['conflict', stored, { assignment: null, version: 5 }],
    ['outdated', stored, { assignment: { ...course, progress: 50 }, version: 4 }],
    ['outdated', { assignment: null, version: 5 }, { assignment: course, version: 4 }],
    ['created', { assignment: null, version: 5 }, { assignment: course, version: 6 }],
    ['removed', stored, { assignment: null, version: 6 }],
  ] as const)('is %s', (outcome, before, statement) => {
    expect(applyStatement(before, statement)).toBe(outcome);
  });

  it('of the highest version counts, in whatever order and however often they come', () => {
    const statements = fc.uniqueArray(fc.nat({ max: 20 }), { minLength: 1 }).chain((versions) =>
      fc.tuple(
        fc.constant(Math.max(...versions)),
        fc
          .shuffledSubarray([...versions, ...versions], { minLength: versions.length })
          .filter((sent) => sent.includes(Math.max(...versions))),
      ),
    );
    fc.assert(
      fc.property(statements, ([newest, sent]) => {
        let kept: StoredAssignment | undefined;
        for (const version of sent) {
          const statement = { assignment: { ...course, progress: version }, version };
          if (isStored(applyStatement(kept, statement))) kept = statement;
        }
        expect(kept?.assignment?.progress).toBe(newest);
      }),
    );
  });
});
