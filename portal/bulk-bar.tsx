// What to do with the selected users; everybody who matches can be selected as well, without reading all of them.
import { useState } from 'preact/hooks';
import { type DecisionCommand, decisionCommands } from '../shared/domain/decision.ts';
import type { UserStatus } from '../shared/domain/user-lists.ts';
import { collectIds } from './bulk.ts';
import { api, format } from './browser.ts';
import { useCompany } from './company-context.ts';
import { countOf } from './decision-job.ts';
import { counted } from './format.ts';
import { type ListFilters, userQuery } from './list-query.ts';
import { useAction } from './resource.ts';
import { commandsFor, type UserList } from './user-list.ts';
import { commandWords } from './words.ts';

interface Props {
  readonly status: UserStatus;
  readonly filters: ListFilters;
  readonly list: UserList;
  /** How many match, once everybody who matches is selected. */
  readonly everybody: number | null;
  readonly onEverybody: (count: number) => void;
  readonly onSelect: (userIds: readonly string[]) => void;
  readonly onDecide: (command: DecisionCommand) => void;
}

const largestPage = 200;

/** What may be asked for everybody on a list; removed people are decided one by one, as their decisions differ. */
const commandsOf = (status: UserStatus) => (status === 'removed' ? [] : commandsFor({ decision: status, presence: 'present' }));

export function BulkBar({ status, filters, list, everybody, onEverybody, onSelect, onDecide }: Props) {
  const { company, counts } = useCompany();
  const { busy, run } = useAction();
  const [found, setFound] = useState(0);
  if (list.selected.size === 0) return null;
  const shown = list.users.map(({ userId }) => userId);
  const known = countOf(status, filters, counts);
  const readPage = async (page: string) => await api.users(company.companyId, userQuery(status, filters, page, largestPage));
  const selectAll = () => {
    if (known !== null) return onEverybody(known);
    setFound(shown.length);
    const tell = (count: number) => setFound(shown.length + count);
    run(async () => onEverybody(new Set([...shown, ...(await collectIds(readPage, list.nextPage, tell))]).size));
  };
  const canSelectMore =
    everybody === null &&
    status !== 'removed' &&
    list.nextPage !== null &&
    shown.every((userId) => list.selected.has(userId)) &&
    list.selected.size <= shown.length;
  return (
    <div class="bulk" role="group" aria-label="Selected users">
      <strong aria-live="polite">
        {busy
          ? `Counting, ${format.number(found)} so far`
          : everybody === null
            ? `${format.number(list.selected.size)} selected`
            : `All ${counted(format, everybody, 'user')} who match selected`}
      </strong>
      {canSelectMore ? (
        <button type="button" class="plain" disabled={busy} onClick={selectAll}>
          {known === null ? 'Select everybody who matches' : `Select all ${format.number(known)} who match`}
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
              {commandWords[command].act} {format.number(everybody ?? list.selected.size)}…
            </button>
          ))}
      </div>
    </div>
  );
}
