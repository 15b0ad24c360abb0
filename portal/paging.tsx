// A list that is read page by page: what was read so far, and the button for more.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageQuery } from './api.ts';
import { useAction, type Action } from './resource.ts';

export interface Pages<T> {
  /** `null` until the first page was read. */
  readonly rows: readonly T[] | null;
  readonly nextPage: string | null;
  readonly action: Action;
  readonly more: () => void;
}

interface PageOf<T> {
  readonly rows: readonly T[];
  readonly nextPage: string | null;
}

const pageLimit = '10';

/** Starts over whenever `key` changes; what was there stays until the new first page is read. */
export function usePages<T>(key: string, read: (query: PageQuery) => Promise<PageOf<T>>): Pages<T> {
  const [held, setHeld] = useState<PageOf<T> | null>(null);
  const action = useAction();
  const turn = useRef(0);
  const load = (page: string | null, before: readonly T[]) => {
    turn.current += 1;
    const mine = turn.current;
    action.run(async () => {
      const found = await read({ limit: pageLimit, ...(page === null ? {} : { page }) });
      if (mine === turn.current) setHeld({ rows: [...before, ...found.rows], nextPage: found.nextPage });
    });
  };
  useEffect(() => load(null, []), [key]);
  return { rows: held?.rows ?? null, nextPage: held?.nextPage ?? null, action, more: () => load(held?.nextPage ?? null, held?.rows ?? []) };
}

export function MoreButton<T>({ pages }: { readonly pages: Pages<T> }) {
  if (pages.nextPage === null) return null;
  return (
    <div class="actions">
      <button type="button" disabled={pages.action.busy} onClick={pages.more}>
        Show more
      </button>
    </div>
  );
}
