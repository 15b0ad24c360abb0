// One user on a list: who it is, what kind of account and why, and the decisions that can be made.
import type { TargetedKeyboardEvent } from 'preact';
import type { DecisionCommand } from '../shared/domain/decision.ts';
import type { User } from './api.ts';
import { Chip, When } from './parts.tsx';
import { commandsFor } from './user-list.ts';
import { commandWords, kindWords, presenceWords, suggestionWords } from './words.ts';

export interface RowActions {
  readonly onToggle: (user: User) => void;
  readonly onOpen: (user: User) => void;
  readonly onDecide: (user: User, command: DecisionCommand) => void;
}

interface Props {
  readonly user: User;
  readonly isPending: boolean;
  readonly managerName: string | null | undefined;
  readonly selected: boolean;
  readonly busy: boolean;
  readonly note: string | undefined;
  readonly mayChange: boolean;
  readonly actions: RowActions;
}

const keys: Readonly<Record<string, DecisionCommand>> = { a: 'approve', d: 'deny' };

/** The control of a row that keys and focus go to. */
export const rowFocus = (userId: string) => document.querySelector<HTMLElement>(`[data-user="${CSS.escape(userId)}"] [data-first]`);

/** Arrow keys walk through the rows. */
function walk(event: TargetedKeyboardEvent<HTMLElement>): void {
  const row = event.currentTarget;
  const next = event.key === 'ArrowDown' ? row.nextElementSibling : event.key === 'ArrowUp' ? row.previousElementSibling : null;
  const control = next?.querySelector<HTMLElement>('[data-first]');
  if (!control) return;
  event.preventDefault();
  control.focus();
}

function Kind({ user }: { readonly user: User }) {
  return (
    <details>
      <summary>{kindWords[user.kind]}</summary>
      <ul>
        {user.kindReasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </details>
  );
}

function Marks({ user }: { readonly user: User }) {
  const presence = presenceWords[user.presence];
  return (
    <>
      {presence === null || user.presence === 'removed' ? null : (
        <Chip tone="warn" title={presence.meaning}>
          {presence.text}
        </Chip>
      )}
      {user.recreatedFrom === null ? null : (
        <Chip tone="warn" title="Somebody else of this company had this mail address before: a new object, to be decided anew.">
          Re-created
        </Chip>
      )}
      {user.accountEnabled === false ? <Chip tone="quiet">Sign-in blocked</Chip> : null}
    </>
  );
}

/** What an admin decided, or what we suggest while nobody did. */
function Standing({ user, isPending }: Pick<Props, 'user' | 'isPending'>) {
  const { text, tone } = suggestionWords[user.suggestion];
  if (isPending) return <Chip tone={tone}>{text}</Chip>;
  if (user.decidedBy === null) return <span class="muted">Not decided</span>;
  return (
    <>
      {user.presence === 'removed'
        ? `${commandWords[user.decision === 'denied' ? 'deny' : user.decision === 'approved' ? 'approve' : 'reopen'].done} by `
        : ''}
      {user.decidedBy}
      {user.decisionReason === null ? null : <div class="muted">“{user.decisionReason}”</div>}
    </>
  );
}

export function UserRow({ user, isPending, managerName, selected, busy, note, mayChange, actions }: Props) {
  const commands = mayChange ? commandsFor(user) : [];
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTableRowElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const command = keys[event.key];
    if (command !== undefined && commands.includes(command) && !busy) actions.onDecide(user, command);
    else walk(event);
  };
  // The roles keep it a table for screen readers when narrow screens lay the rows out as cards.
  return (
    <tr role="row" data-user={user.userId} class={selected ? 'selected' : ''} aria-busy={busy} onKeyDown={onKeyDown}>
      {mayChange ? (
        <td role="cell" class="pick">
          <input
            type="checkbox"
            data-first
            aria-label={`Select ${user.displayName}`}
            checked={selected}
            onChange={() => actions.onToggle(user)}
          />
        </td>
      ) : null}
      <th role="rowheader" scope="row" class="who">
        <button type="button" class="link" {...(mayChange ? {} : { 'data-first': true })} onClick={() => actions.onOpen(user)}>
          {user.displayName}
        </button>
        <div class="muted mail">{user.mail ?? user.userPrincipalName ?? 'no mail'}</div>
        <Marks user={user} />
        {note === undefined ? null : <div class="note">{note}</div>}
      </th>
      <td role="cell" data-label="Kind">
        <Kind user={user} />
      </td>
      <td role="cell" data-label="Department">
        {user.department ?? <span class="muted">–</span>}
      </td>
      <td role="cell" data-label="Manager">
        {user.managerId === null ? (
          <span class="muted">–</span>
        ) : (
          (managerName ?? <span class="muted">{managerName === null ? 'not on the list' : '…'}</span>)
        )}
      </td>
      <td role="cell" data-label={isPending ? 'Suggestion' : 'Decided'}>
        <Standing user={user} isPending={isPending} />
      </td>
      <td role="cell" data-label={isPending ? 'Arrived' : 'When'}>
        <When dayOnly at={isPending ? user.arrivedAt : (user.removedAt ?? user.decidedAt)} />
      </td>
      {mayChange ? (
        <td role="cell" class="decide">
          {commands.map((command) => (
            <button
              key={command}
              type="button"
              class={command}
              disabled={busy}
              aria-label={`${commandWords[command].act} ${user.displayName}`}
              onClick={() => actions.onDecide(user, command)}
            >
              {commandWords[command].act}
            </button>
          ))}
        </td>
      ) : null}
    </tr>
  );
}
