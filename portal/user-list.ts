// A list of users as the page holds it: rows, selection, what is being decided and what became of it. Pure; the screen only shows it.
import { type DecisionCommand, decisionCommands, decisionTransitions } from '../shared/domain/decision.ts';
import type { User } from './api.ts';

export interface UserList {
  readonly phase: 'reading' | 'ready' | 'failed';
  readonly users: readonly User[];
  readonly nextPage: string | null;
  /** May hold ids of users on pages that were not read. */
  readonly selected: ReadonlySet<string>;
  readonly busy: ReadonlySet<string>;
  /** Why a row is still here although somebody decided. */
  readonly notes: ReadonlyMap<string, string>;
}

export const emptyList: UserList = { phase: 'reading', users: [], nextPage: null, selected: new Set(), busy: new Set(), notes: new Map() };

export type ListEvent =
  /** `again`: from the first page, perhaps with other filters; rows stay until the new ones are there. Otherwise one more page. */
  | { readonly kind: 'reading'; readonly again: boolean }
  | { readonly kind: 'read'; readonly again: boolean; readonly users: readonly User[]; readonly nextPage: string | null }
  | { readonly kind: 'readFailed' }
  | { readonly kind: 'toggled'; readonly userId: string }
  | { readonly kind: 'selected'; readonly userIds: readonly string[] }
  | { readonly kind: 'deciding'; readonly userId: string }
  | { readonly kind: 'decidingFailed'; readonly userId: string }
  /** The row is shown as it is now, with the reason why the decision was refused. */
  | { readonly kind: 'refused'; readonly user: User; readonly note: string }
  | { readonly kind: 'left'; readonly userIds: readonly string[] }
  | { readonly kind: 'noted'; readonly notes: ReadonlyMap<string, string> };

const without = (set: ReadonlySet<string>, gone: ReadonlySet<string>) => new Set([...set].filter((each) => !gone.has(each)));

/** Users already shown are not shown twice: somebody may move between pages while they are read. */
function append(known: readonly User[], more: readonly User[]): readonly User[] {
  const ids = new Set(known.map((user) => user.userId));
  return [...known, ...more.filter((user) => !ids.has(user.userId))];
}

/** The list after an event. */
export function nextList(list: UserList, event: ListEvent): UserList {
  switch (event.kind) {
    case 'reading':
      return event.again ? { ...emptyList, users: list.users } : { ...list, phase: 'reading' };
    case 'read':
      return { ...list, phase: 'ready', users: append(event.again ? [] : list.users, event.users), nextPage: event.nextPage };
    case 'readFailed':
      return { ...list, phase: 'failed' };
    case 'toggled':
      return {
        ...list,
        selected: list.selected.has(event.userId)
          ? without(list.selected, new Set([event.userId]))
          : new Set([...list.selected, event.userId]),
      };
    case 'selected':
      return { ...list, selected: new Set(event.userIds) };
    case 'deciding':
      return { ...list, busy: new Set([...list.busy, event.userId]) };
    case 'decidingFailed':
      return { ...list, busy: without(list.busy, new Set([event.userId])) };
    case 'refused': {
      const { user, note } = event;
      const gone = new Set([user.userId]);
      const users = list.users.map((each) => (each.userId === user.userId ? user : each));
      return {
        ...list,
        users,
        busy: without(list.busy, gone),
        selected: without(list.selected, gone),
        notes: new Map([...list.notes, [user.userId, note]]),
      };
    }
    case 'left': {
      const gone = new Set(event.userIds);
      const users = list.users.filter((user) => !gone.has(user.userId));
      return { ...list, users, busy: without(list.busy, gone), selected: without(list.selected, gone) };
    }
    case 'noted':
      return { ...list, notes: new Map([...list.notes, ...event.notes]), selected: without(list.selected, new Set(event.notes.keys())) };
  }
}

/** What may be asked for a user: the same table that decides on the server. */
export function commandsFor({ decision, presence }: Pick<User, 'decision' | 'presence'>): readonly DecisionCommand[] {
  return decisionCommands.filter(
    (command) => decisionTransitions[decision][command] !== 'unchanged' && !(command === 'approve' && presence === 'removed'),
  );
}

/** The row to go to when one leaves: the one below it, or else the one above. */
export function neighbourOf(users: readonly User[], userId: string): string | null {
  const index = users.findIndex((user) => user.userId === userId);
  return (index < 0 ? undefined : (users[index + 1] ?? users[index - 1]))?.userId ?? null;
}
