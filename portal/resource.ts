// Reading something from the API for as long as a part of the page is shown.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useNotices } from './notices.tsx';
import { type Problem, problemOf } from './request.ts';

export interface Resource<T> {
  /** `null` until it was read. */
  readonly value: T | null;
  readonly failed: boolean;
  readonly reload: () => Promise<void>;
}

/** Reads when shown and whenever `key` changes; answers that come too late are dropped, failures are told. */
export function useResource<T>(key: string, read: () => Promise<T>): Resource<T> {
  const notices = useNotices();
  const [held, setHeld] = useState<{ readonly key: string; readonly value: T | null; readonly failed: boolean }>({
    key,
    value: null,
    failed: false,
  });
  const turn = useRef(0);
  const reload = useCallback(async () => {
    turn.current += 1;
    const mine = turn.current;
    try {
      const value = await read();
      if (mine === turn.current) setHeld({ key, value, failed: false });
    } catch (error) {
      if (mine !== turn.current) return;
      setHeld((last) => ({ key, value: last.key === key ? last.value : null, failed: true }));
      notices.fail(error);
    }
  }, [key]);
  useEffect(() => {
    void reload();
    return () => {
      turn.current += 1;
    };
  }, [reload]);
  const isCurrent = held.key === key;
  return { value: isCurrent ? held.value : null, failed: isCurrent && held.failed, reload };
}

export interface Action {
  readonly busy: boolean;
  readonly run: (work: () => Promise<void>) => void;
  /** Set for an action in a dialog, which covers the banner and so has to show it itself. */
  readonly problem: Problem | null;
}

/** Runs one action at a time and tells its failure in the banner or, for a dialog, in `problem`. */
export function useAction(where: 'banner' | 'dialog' = 'banner'): Action {
  const notices = useNotices();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      const found = problemOf(error);
      if (where === 'banner' || found.status === 401) notices.fail(error);
      else setProblem(found);
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, run: (work) => void run(work) };
}
