// Whom a manager's reminder reaches.
import { describe, expect, it } from 'vitest';
import { noAssignments } from '../../shared/domain/assignment.ts';
import {
  explainRefusal,
  type MemberFacts,
  reminderRefusals,
  type ReminderRefusal,
  whyNotReminded,
} from '../../shared/domain/team-reminder.ts';
import { buildUser } from '../builders.ts';

const user = buildUser({ decision: 'approved', managerId: 'boss' });
const member: MemberFacts = { user, addressRefused: false, counts: { ...noAssignments, overdue: 1 }, remindedAt: [] };
const now = new Date('2026-03-02T22:30:00Z');
const rule = { isLinked: true, managerId: 'boss', perDay: 1, timeZone: 'Europe/Berlin', now };

describe('a member', () => {
  it.each<[string, ReminderRefusal | null, Partial<MemberFacts>]>([
    ['with something overdue', null, {}],
    ['with something due soon', null, { counts: { ...noAssignments, dueSoon: 2 } }],
    ['of another team', 'notInTeam', { user: { ...user, managerId: 'other' } }],
    ['of no team', 'notInTeam', { user: { ...user, managerId: null } }],
    ['who is pending', 'notApproved', { user: { ...user, decision: 'pending' } }],
    ['who was denied', 'notApproved', { user: { ...user, decision: 'denied' } }],
    ['who is missing', 'notPresent', { user: { ...user, presence: 'missing' } }],
    ['who is done', 'nothingDue', { counts: { ...noAssignments, done: 4, open: 1 } }],
    ['without an address', 'noAddress', { user: { ...user, fields: { ...user.fields, mail: '' } } }],
    ['whose mail comes back', 'addressRefused', { addressRefused: true }],
    ['who was reminded this morning', 'remindedToday', { remindedAt: [new Date('2026-03-02T07:00:00Z')] }],
    // 23:30 in Berlin: the day is not over there, and it was another one yesterday at this time.
    ['who was reminded yesterday', null, { remindedAt: [new Date('2026-03-01T22:59:59Z')] }],
    ['who was reminded just after midnight', 'remindedToday', { remindedAt: [new Date('2026-03-01T23:00:00Z')] }],
  ])('%s', (_, refusal, change) => {
    expect(whyNotReminded({ ...member, ...change }, rule)).toBe(refusal);
  });

  it('may be reminded as often a day as the company allows', () => {
    const twice = [new Date('2026-03-02T07:00:00Z'), new Date('2026-03-02T08:00:00Z')];
    expect(whyNotReminded({ ...member, remindedAt: twice.slice(0, 1) }, { ...rule, perDay: 2 })).toBeNull();
    expect(whyNotReminded({ ...member, remindedAt: twice }, { ...rule, perDay: 2 })).toBe('remindedToday');
  });

  it('is not reminded where the company allows none, and a stranger learns nothing of that', () => {
    const none = { ...rule, perDay: 0 };
    expect(whyNotReminded(member, none)).toBe('switchedOff');
    expect(whyNotReminded({ ...member, counts: noAssignments }, none)).toBe('switchedOff');
    expect(whyNotReminded(member, { ...none, managerId: 'other' })).toBe('notInTeam');
    expect(explainRefusal('switchedOff')).toBe('Your company does not allow reminders of the team.');
  });

  it('is not reminded while the company does not follow its directory', () => {
    expect(whyNotReminded(member, { ...rule, isLinked: false })).toBe('disconnected');
  });

  it('who is not reminded is told of in words', () => {
    for (const refusal of reminderRefusals) expect(explainRefusal(refusal)).toMatch(/^[A-Z].+\.$/);
  });
});
