// Reads a list of users page by page into its state, for the filters of the address.
import { type Dispatch, useEffect, useReducer, useRef } from 'preact/hooks';
import type { UserStatus } from '../shared/domain/user-lists.ts';
import { api } from './browser.ts';
import { type ListFilters, userQuery, writeFilters } from './list-query.ts';
import { useNotices } from './notices.tsx';
import { emptyList, type ListEvent, nextList, type UserList } from './user-list.ts';

export interface UserPages {
  readonly list: UserList;
  readonly dispatch: Dispatch<ListEvent>;
  /** Starts over at the first page. */
  readonly reload: () => void;
  readonly more: () => void;
}

/** A page may be empty and still have a next one; so many are read on before the admin is asked to go on. */
const mostEmptyPages = 10;

export function useUserPages(companyId: string, status: UserStatus, filters: ListFilters): UserPages {
  const notices = useNotices();
  const [list, dispatch] = useReducer(nextList, emptyList);
  const turn = useRef(0);
  const read = async (from: string | null) => {
    turn.current += 1;
    const mine = turn.current;
    dispatch({ kind: 'reading', again: from === null });
    let page = from;
    try {
      for (let empty = 0; empty < mostEmptyPages; empty += 1) {
        const { users, nextPage } = await api.users(companyId, userQuery(status, filters, page));
        if (mine !== turn.current) return;
        dispatch({ kind: 'read', again: page === null, users, nextPage });
        if (users.length > 0 || nextPage === null) return;
        page = nextPage;
      }
    } catch (error) {
      if (mine !== turn.current) return;
      dispatch({ kind: 'readFailed' });
      notices.fail(error);
    }
  };
  useEffect(() => {
    void read(null);
    return () => {
      turn.current += 1;
    };
  }, [companyId, status, writeFilters(filters)]);
  useEffect(() => {
    // Everybody shown was decided: the next ones come by themselves.
    if (list.phase === 'ready' && list.users.length === 0 && list.nextPage !== null) void read(list.nextPage);
  }, [list.users.length]);
  return { list, dispatch, reload: () => void read(null), more: () => void read(list.nextPage) };
}
