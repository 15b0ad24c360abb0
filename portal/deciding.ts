// Deciding one user from its row: under the revision that was seen, with a way back, and the focus on the next row.
import type { Dispatch } from 'preact/hooks';
import type { DecisionCommand } from '../shared/domain/decision.ts';
import type { User } from './api.ts';
import { api } from './browser.ts';
import type { CompanyView } from './company-context.ts';
import type { Notices } from './notices.tsx';
import { problemOf } from './request.ts';
import { type ListEvent, neighbourOf, type UserList } from './user-list.ts';
import { rowFocus } from './user-row.tsx';
import { commandWords, undoOf } from './words.ts';

export interface Deciding {
  readonly view: CompanyView;
  readonly notices: Notices;
  readonly list: UserList;
  readonly dispatch: Dispatch<ListEvent>;
  readonly reload: () => void;
}

/** Shows who decided, with the row as it is now. */
async function showRefusal({ view, notices, dispatch }: Deciding, user: User, error: unknown): Promise<void> {
  const problem = problemOf(error);
  const note = problem.detail ?? problem.title;
  dispatch({ kind: 'refused', user: await api.user(view.company.companyId, user.userId), note });
  notices.tell(`${user.displayName}: ${note}`);
}

/** Decides; a refusal because somebody was faster (412) or the user left (409) is shown in the row. */
export async function decideOne(deciding: Deciding, user: User, command: DecisionCommand): Promise<void> {
  const { view, notices, list, dispatch, reload } = deciding;
  const { companyId } = view.company;
  const { userId, displayName } = user;
  dispatch({ kind: 'deciding', userId });
  try {
    const decided = await api.decide(companyId, user, command);
    const next = neighbourOf(list.users, userId);
    const held = document.activeElement?.closest('[data-user]')?.getAttribute('data-user') === userId;
    const undo = async () => {
      try {
        await api.decide(companyId, decided, undoOf[user.decision]);
        notices.tell(`${displayName} is back where they were.`);
      } catch (error) {
        notices.fail(error);
      }
      reload();
      void view.reloadCounts();
    };
    if (user.presence === 'removed') dispatch({ kind: 'refused', user: decided, note: `${commandWords[command].done}.` });
    else dispatch({ kind: 'left', userIds: [userId] });
    notices.tell(`${commandWords[command].done} ${displayName}.`, () => void undo());
    void view.reloadCounts();
    if (held && user.presence !== 'removed')
      requestAnimationFrame(() => (next === null ? document.querySelector<HTMLElement>('h1') : rowFocus(next))?.focus());
  } catch (error) {
    const { status } = problemOf(error);
    try {
      if (status !== 412 && status !== 409) throw error;
      await showRefusal(deciding, user, error);
    } catch (failure) {
      dispatch({ kind: 'decidingFailed', userId });
      notices.fail(failure);
    }
  }
}
