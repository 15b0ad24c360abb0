// What the page has to say: problems in a banner, results in a live region that screen readers speak.
import { type ComponentChildren, createContext } from 'preact';
import { useContext, useMemo, useState } from 'preact/hooks';
import { type Problem, problemOf } from './request.ts';

interface Message {
  readonly text: string;
  readonly undo: (() => void) | null;
}

export interface Notices {
  /** Tells a result; with `undo` it offers to take it back. */
  readonly tell: (text: string, undo?: () => void) => void;
  /** Shows what went wrong; an ended session leads to the sign-in page instead. */
  readonly fail: (error: unknown) => void;
  readonly clear: () => void;
}

const NoticesContext = createContext<Notices>({ tell: () => {}, fail: () => {}, clear: () => {} });
export const useNotices = () => useContext(NoticesContext);

/** What went wrong, as the API words it. */
export function Trouble({ problem, onDismiss }: { readonly problem: Problem | null; readonly onDismiss?: () => void }) {
  if (problem === null) return null;
  return (
    <div class="banner" role="alert">
      <div>
        <strong>{problem.title}</strong>
        {problem.detail === null ? null : <p>{problem.detail}</p>}
        {problem.traceId === null || problem.status < 500 ? null : <p class="muted">Trace id {problem.traceId}</p>}
      </div>
      {onDismiss === undefined ? null : (
        <button type="button" class="plain" aria-label="Dismiss" onClick={onDismiss}>
          ✕
        </button>
      )}
    </div>
  );
}

/** Holds the notices for everything inside. `onSignedOut` is called when the API does not know the session. */
export function NoticesProvider({ onSignedOut, children }: { readonly onSignedOut: () => void; readonly children: ComponentChildren }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [message, setMessage] = useState<Message | null>(null);
  const notices = useMemo<Notices>(
    () => ({
      tell: (text, undo) => setMessage({ text, undo: undo ?? null }),
      fail: (error) => {
        const found = problemOf(error);
        if (found.status === 401) onSignedOut();
        else setProblem(found);
        setMessage(null);
      },
      clear: () => {
        setProblem(null);
        setMessage(null);
      },
    }),
    [onSignedOut],
  );
  const dismiss = () => setMessage(null);
  return (
    <NoticesContext.Provider value={notices}>
      <Trouble problem={problem} onDismiss={() => setProblem(null)} />
      {children}
      <div class="messages">
        <div role="status" aria-live="polite">
          {message === null ? null : (
            <div class="message">
              <span>{message.text}</span>
              {message.undo === null ? null : (
                <button
                  type="button"
                  class="plain"
                  onClick={() => {
                    message.undo?.();
                    dismiss();
                  }}
                >
                  Undo
                </button>
              )}
              <button type="button" class="plain" aria-label="Dismiss" onClick={dismiss}>
                ✕
              </button>
            </div>
          )}
        </div>
      </div>
    </NoticesContext.Provider>
  );
}
