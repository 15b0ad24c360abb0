// The made-up courses: every state there is, valid to the platform's contract, and the same on the same day.
import { describe, expect, it } from 'vitest';
import { statement } from '../../shared/contracts/assignments.ts';
import { assignmentStatus } from '../../shared/domain/assignment.ts';
import { defaultSettings } from '../../shared/domain/company.ts';
import { catalogue, coursesOf } from './courses.ts';

const today = '2026-03-02';
const rule = { today, soonDays: defaultSettings.dueSoonDays };
const people = Array.from({ length: 400 }, (_, person) => coursesOf(person, today));

describe('the courses of the made-up training platform', () => {
  it('are thirty, each under an id and a title of its own, and all are given to somebody', () => {
    expect([catalogue.length, new Set(catalogue.map(({ title }) => title)).size]).toEqual([30, 30]);
    expect(new Set(people.flat().map(({ courseId }) => courseId)).size).toBe(30);
  });

  it('are overdue, due soon, open, done and without a due day', () => {
    const statuses = people.flat().map((course) => (course.dueOn === null ? 'withoutDueDay' : assignmentStatus(course, rule)));
    expect(new Set(statuses)).toEqual(new Set(['overdue', 'dueSoon', 'open', 'done', 'withoutDueDay']));
  });

  it('are what the platform may state, and no course twice for one person', () => {
    for (const courses of people) {
      expect(new Set(courses.map(({ courseId }) => courseId)).size).toBe(courses.length);
      for (const { courseId: _, ...course } of courses) expect(statement.safeParse({ ...course, version: 1 }).error).toBeUndefined();
    }
  });

  it('give any three people in a row something to be reminded of', () => {
    const isDue = people.map((courses) => courses.some((course) => /overdue|dueSoon/.test(assignmentStatus(course, rule))));
    for (let first = 0; first + 2 < isDue.length; first += 1) expect(isDue.slice(first, first + 3)).toContain(true);
  });

  it('are the same for the same person and day, and move with the day', () => {
    expect(coursesOf(7, today)).toEqual(coursesOf(7, today));
    expect(coursesOf(7, '2027-03-02').map(({ dueOn }) => dueOn)).not.toEqual(coursesOf(7, today).map(({ dueOn }) => dueOn));
  });
});
