// A list on the page: paging, selection, and rows that leave or stay with a reason.
import { describe, expect, it } from 'vitest';
import { commandsFor, emptyList, type ListEvent, neighbourOf, nextList } from '../../portal/user-list.ts';
import { decisions, presences } from '../../shared/domain/user.ts';
import { makeUser } from './stub-company.ts';

const [ann, bo, cy] = [makeUser(1), makeUser(2), makeUser(3)];
const after = (...events: readonly ListEvent[]) => events.reduce(nextList, emptyList);
const read = (users: readonly (typeof ann)[], nextPage: string | null = null, again = false): ListEvent => ({
  kind: 'read',
  again,
  users,
  nextPage,
});
const idsOf = (list: { readonly users: readonly (typeof ann)[] }) => list.users.map(({ userId }) => userId);

describe('a list of users', () => {
  it('adds pages and never shows anybody twice', () => {
    const list = after(read([ann, bo], 'p2'), { kind: 'reading', again: false }, read([bo, cy]));
    expect(idsOf(list)).toEqual([ann.userId, bo.userId, cy.userId]);
    expect(list.nextPage).toBeNull();
  });

  it('starts over with other filters: nothing stays selected, and the new page replaces the rows', () => {
    const events: ListEvent[] = [read([ann, bo]), { kind: 'selected', userIds: [ann.userId] }, { kind: 'reading', again: true }];
    expect(after(...events).selected.size).toBe(0);
    expect(idsOf(after(...events, read([cy], null, true)))).toEqual([cy.userId]);
  });

  it('toggles one, and keeps a selection of users on pages that were not read', () => {
    const list = after(
      read([ann, bo], 'p2'),
      { kind: 'selected', userIds: [ann.userId, cy.userId] },
      { kind: 'toggled', userId: ann.userId },
    );
    expect([...list.selected]).toEqual([cy.userId]);
  });

  it('takes the decided away, out of the selection too', () => {
    const list = after(
      read([ann, bo, cy]),
      { kind: 'selected', userIds: [ann.userId, bo.userId] },
      { kind: 'left', userIds: [ann.userId] },
    );
    expect(idsOf(list)).toEqual([bo.userId, cy.userId]);
    expect([...list.selected]).toEqual([bo.userId]);
  });

  it('keeps a user somebody else decided, as they are now and with the reason', () => {
    const denied = { ...ann, decision: 'denied' as const, decidedBy: 'Bo', etag: '"1"' };
    const list = after(
      read([ann, bo]),
      { kind: 'deciding', userId: ann.userId },
      { kind: 'refused', user: denied, note: 'Already denied by Bo.' },
    );
    expect(list.users[0]).toEqual(denied);
    expect(list.notes.get(ann.userId)).toBe('Already denied by Bo.');
    expect(list.busy.size).toBe(0);
  });

  it('lets a row be tried again when the answer was lost', () => {
    const list = after(read([ann]), { kind: 'deciding', userId: ann.userId }, { kind: 'decidingFailed', userId: ann.userId });
    expect(list.busy.has(ann.userId)).toBe(false);
    expect(idsOf(list)).toEqual([ann.userId]);
  });

  it('keeps what it has when a page cannot be read', () => {
    const list = after(read([ann], 'p2'), { kind: 'reading', again: false }, { kind: 'readFailed' });
    expect(list).toMatchObject({ phase: 'failed', nextPage: 'p2' });
    expect(idsOf(list)).toEqual([ann.userId]);
  });

  it('moves on to the row below, at the end to the one above', () => {
    expect(neighbourOf([ann, bo, cy], bo.userId)).toBe(cy.userId);
    expect(neighbourOf([ann, bo, cy], cy.userId)).toBe(bo.userId);
    expect(neighbourOf([ann], ann.userId)).toBeNull();
  });
});

describe('buttons of a row', () => {
  it('offer what changes something', () => {
    expect(commandsFor({ decision: 'pending', presence: 'present' })).toEqual(['approve', 'deny']);
    expect(commandsFor({ decision: 'approved', presence: 'held' })).toEqual(['deny', 'reopen']);
    expect(commandsFor({ decision: 'denied', presence: 'present' })).toEqual(['approve', 'reopen']);
  });

  it('never offer to approve somebody who has left, nor to decide what is decided', () => {
    for (const decision of decisions) {
      expect(commandsFor({ decision, presence: 'removed' })).not.toContain('approve');
      const leadingNowhere = { pending: 'reopen', approved: 'approve', denied: 'deny' } as const;
      for (const presence of presences) expect(commandsFor({ decision, presence })).not.toContain(leadingNowhere[decision]);
    }
  });
});
