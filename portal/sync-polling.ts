// Follows a company's sync: every second while a round runs, seldom otherwise, not at all while nobody looks.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { api } from './browser.ts';
import type { SyncProgress } from './api.ts';
import { useNotices } from './notices.tsx';
import { pollDelay } from './sync-words.ts';

/** `reload` asks at once, such as after Sync Now. A failure is told once, until an answer comes again. */
export function useProgress(companyId: string): { readonly progress: SyncProgress | null; readonly reload: () => Promise<void> } {
  const notices = useNotices();
  const [progress, setProgress] = useState<SyncProgress | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const shown = useRef(true);
  const failing = useRef(false);
  const reload = useCallback(async () => {
    clearTimeout(timer.current);
    let next: SyncProgress | null = null;
    try {
      next = document.hidden ? null : await api.progress(companyId);
      failing.current = false;
    } catch (error) {
      if (!failing.current && shown.current) notices.fail(error);
      failing.current = true;
    }
    if (!shown.current) return;
    if (next !== null) setProgress(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void reload(), pollDelay(next));
  }, [companyId]);
  useEffect(() => {
    shown.current = true;
    const lookAgain = () => {
      if (!document.hidden) void reload();
    };
    document.addEventListener('visibilitychange', lookAgain);
    void reload();
    return () => {
      shown.current = false;
      clearTimeout(timer.current);
      document.removeEventListener('visibilitychange', lookAgain);
    };
  }, [reload]);
  return { progress, reload };
}
