// The small pieces every screen is made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { format } from './browser.ts';
import { Trouble } from './notices.tsx';
import type { Action } from './resource.ts';
import type { Tone } from './words.ts';

interface WithChildren {
  readonly children: ComponentChildren;
}

export function Chip({ tone, title, children }: WithChildren & { readonly tone: Tone; readonly title?: string }) {
  return (
    <span class={`chip ${tone}`} {...(title === undefined ? {} : { title })}>
      {children}
    </span>
  );
}

/** An instant, or only its day, in the reader's time zone; the exact UTC instant is behind it. */
export function When({ at, dayOnly = false }: { readonly at: string | null; readonly dayOnly?: boolean }) {
  if (at === null) return <span class="muted">–</span>;
  return (
    <time dateTime={at} title={at}>
      {dayOnly ? format.day(at) : format.instant(at)}
    </time>
  );
}

/** A part of a page with its own heading. */
export function Card({ title, actions, children }: WithChildren & { readonly title: string; readonly actions?: ComponentChildren }) {
  const id = useId();
  return (
    <section class="card" aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>{title}</h2>
        {actions === undefined ? null : <div class="actions">{actions}</div>}
      </div>
      {children}
    </section>
  );
}

/** A wide table that scrolls by itself, also by keyboard. */
export function Scroll({ label, children }: WithChildren & { readonly label: string }) {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** A labelled form control; `children` gets the ids to use. */
export function Field(props: {
  readonly label: string;
  readonly hint?: string;
  readonly children: (ids: { readonly id: string; readonly 'aria-describedby'?: string }) => ComponentChildren;
}) {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children(props.hint === undefined ? { id } : { id, 'aria-describedby': hintId })}
      {props.hint === undefined ? null : (
        <p class="hint" id={hintId}>
          {props.hint}
        </p>
      )}
    </div>
  );
}

/** Shown while something is read; says nothing to those who see it for a blink only. */
export function Reading({ failed = false, onRetry }: { readonly failed?: boolean; readonly onRetry?: () => void }) {
  if (!failed) return <p class="reading muted">Reading…</p>;
  return (
    <p class="muted">
      This could not be read.{' '}
      {onRetry === undefined ? null : (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </p>
  );
}

/** A modal dialog, shown for as long as it is rendered. Escape closes it, unless work is under way. */
export function Dialog(
  props: WithChildren & { readonly title: string; readonly busy?: boolean; readonly wide?: boolean; readonly onClose: () => void },
) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    element.current?.showModal();
    return () => {
      // Once the dialog is gone, the reader goes on where it was opened, or at the top when that place is gone too.
      requestAnimationFrame(() => {
        const place = opener?.isConnected === true ? opener : document.querySelector('h1');
        if (place instanceof HTMLElement) place.focus();
      });
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={props.wide === true ? 'wide' : ''}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (props.busy !== true) props.onClose();
      }}
    >
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

/** Asks before something that matters. */
export function Confirm(
  props: WithChildren & {
    readonly title: string;
    readonly act: string;
    readonly cancel?: string;
    readonly action: Action;
    readonly danger?: boolean;
    readonly onConfirm: () => void;
    readonly onClose: () => void;
  },
) {
  const { busy, problem } = props.action;
  return (
    <Dialog title={props.title} busy={busy} onClose={props.onClose}>
      {props.children}
      <Trouble problem={problem} />
      <div class="actions end">
        <button type="button" onClick={props.onClose} disabled={busy}>
          {props.cancel ?? 'Cancel'}
        </button>
        <button type="button" class={props.danger === true ? 'danger' : 'main'} onClick={props.onConfirm} disabled={busy}>
          {props.act}
        </button>
      </div>
    </Dialog>
  );
}

/** The values of a form by name; untrimmed text, empty fields left out. */
export function valuesOf(form: HTMLFormElement): Readonly<Record<string, string>> {
  const entries = [...new FormData(form)].map(([name, value]) => [name, typeof value === 'string' ? value : ''] as const);
  return Object.fromEntries(entries.filter(([, value]) => value.trim() !== ''));
}
