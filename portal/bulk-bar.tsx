// What to do with the selected users; also selects everybody who matches, not only those on the page.
import { useState } from 'preact/hooks';
import { type DecisionCommand, decisionCommands } from '../shared/domain/decision.ts';
import type { UserStatus } from '../shared/domain/user-lists.ts';
import { collectIds } from './bulk.ts';
import { api, format } from './browser.ts';
import { useCompany } from './company-context.ts';
import { type ListFilters, userQuery } from './list-query.ts';
import { useAction } from './resource.ts';
import { commandsFor, type UserList } from './user-list.ts';
import { commandWords } from './words.ts';

interface Props {
  readonly status: UserStatus;
  readonly filters: ListFilters;
  readonly list: UserList;
  readonly onSelect: (userIds: readonly string[]) => void;
  readonly onDecide: (command: DecisionCommand) => void;
}

const largestPage = 200;

/** What may be asked for everybody on a list; removed people are decided one by one, as their decisions differ. */
const commandsOf = (status: UserStatus) => (status === 'removed' ? [] : commandsFor({ decision: status, presence: 'present' }));

export function BulkBar({ status, filters, list, onSelect, onDecide }: Props) {
  const { companyId } = useCompany().company;
  const { busy, run } = useAction();
  const [found, setFound] = useState(0);
  if (list.selected.size === 0) return null;
  const shown = list.users.map(({ userId }) => userId);
  const readPage = async (page: string) => await api.users(companyId, userQuery(status, filters, page, largestPage));
  const selectAll = () => {
    setFound(shown.length);
    run(async () => onSelect([...shown, ...(await collectIds(readPage, list.nextPage, (count) => setFound(shown.length + count)))]));
  };
  const canSelectMore = list.nextPage !== null && shown.every((userId) => list.selected.has(userId)) && list.selected.size <= shown.length;
  return (
    <div class="bulk" role="group" aria-label="Selected users">
      <strong aria-live="polite">
        {busy ? `Selecting, ${format.number(found)} so far` : `${format.number(list.selected.size)} selected`}
      </strong>
      {canSelectMore ? (
        <button type="button" class="plain" disabled={busy} onClick={selectAll}>
          Select everybody who matches
        </button>
      ) : null}
      <button type="button" class="plain" disabled={busy} onClick={() => onSelect([])}>
        Clear selection
      </button>
      <div class="actions">
        {decisionCommands
          .filter((command) => commandsOf(status).includes(command))
          .map((command) => (
            <button key={command} type="button" class={command} disabled={busy} onClick={() => onDecide(command)}>
              {commandWords[command].act} {format.number(list.selected.size)}…
            </button>
          ))}
      </div>
    </div>
  );
}
